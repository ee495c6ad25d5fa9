"""The writer without room for its files: the kernel itself refuses to let them grow (RLIMIT_FSIZE), as a full disk does."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.writing import a_look, a_writer, rows

from archive.outage import StorageFailed
from archive.storage.session import Archive
from archive.warc.reader import read_response
from archive.warc.writer import FOLDER, Place, folder_name
from archive.writer.writer import Transaction


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """For this process; the hard limit stays, so that it can be raised again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_does_not_fit_is_wholly_undone_and_nothing_more_is_tried(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    with a_writer(archive, folder) as writer:
        places = [writer.submit(a_look).result(60)]
        full = (folder / places[0].file).stat().st_size
        # A record begins and does not end.
        with files_no_larger_than(full + 100), pytest.raises(StorageFailed) as caught:
            writer.submit(a_look).result(60)
        assert caught.value.full
        assert "ulimit -f" in (caught.value.hint or "")
        assert writer.failed is caught.value
        with pytest.raises(StorageFailed):  # there is room again, but the crawl has been told that it is over
            writer.submit(a_look).result(60)
    assert rows(archive) == 1
    assert (folder / places[0].file).stat().st_size == full
    with a_writer(archive, folder) as writer:
        places.append(writer.submit(a_look).result(60))
    assert rows(archive) == 2
    assert [read_response(folder / place.file, place.offset).status for place in places] == [200, 200]


def test_a_writer_with_patience_goes_on_once_there_is_room(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    with a_writer(archive, folder, patience_for_room=120.0) as writer:
        first = writer.submit(a_look).result(60)
        with files_no_larger_than((folder / first.file).stat().st_size + 100):
            look = Counted()
            tried = writer.submit(look)
            look.wait_for(2)
        place = tried.result(60)
        assert read_response(folder / place.file, place.offset).status == 200
    assert rows(archive) == 2


class Counted:
    """A look that counts how often it was tried."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._tries = 0

    def __call__(self, tx: Transaction) -> Place:
        with self._condition:
            self._tries += 1
            self._condition.notify_all()
        return a_look(tx)

    def wait_for(self, tries: int) -> None:
        with self._condition:
            assert self._condition.wait_for(lambda: self._tries >= tries, 60)


def test_a_file_whose_first_record_does_not_fit_is_not_left_behind(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    folder_name(folder)
    with a_writer(archive, folder) as writer, files_no_larger_than(40), pytest.raises(StorageFailed):
        writer.submit(a_look).result(60)
    assert list(folder.glob("*.warc.gz")) == []


def test_a_folder_gets_its_name_whole_or_not_at_all(tmp_path: Path) -> None:
    with files_no_larger_than(3), pytest.raises(OSError, match="File too large"):
        folder_name(tmp_path)
    assert list(tmp_path.iterdir()) == []
    name = folder_name(tmp_path)
    assert (len(name), folder_name(tmp_path)) == (6, name)


def test_an_empty_name_that_a_crash_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / FOLDER).touch()
    name = folder_name(tmp_path)
    assert len(name) == 6
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]
