"""WARC files as other tools read them, and repair after a crash."""

from __future__ import annotations

import codecs
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastwarc import ArchiveIterator, WarcRecordType
from sqlalchemy import select
from warcio.archiveiterator import WARCIterator

from archive.ingest.record import record_look
from archive.model.capture import Capture, digest
from archive.storage.engine import open_engine
from archive.storage.schema import upgrade
from archive.storage.session import Archive
from archive.tables import CaptureRow
from archive.testing import START, Desk, a_capture, an_article, desk
from archive.verify import verify
from archive.warc.reader import WarcError, read_response
from archive.warc.recover import recover
from archive.warc.writer import WarcFolder, folder_name

URL = "https://www.harbour-times.example/news/pact"


@pytest.fixture
def sqlite_archive(tmp_path: Path) -> Archive:
    engine = open_engine(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    upgrade(engine, now=START)
    return Archive(engine)


def fill(ready: Desk) -> None:
    """A redirect, an article, a 304 and identical bytes."""
    hop = a_capture("http://harbour-times.example/pact", b"moved", status=301, headers=(("Location", URL),)).answer
    body = "<p>Bộ trưởng, 장관, وزير</p>".encode()
    recorded = ready.record(capture=a_capture(URL, body, redirects=(hop,), asked="http://harbour-times.example/pact"))
    ready.now += timedelta(hours=1)
    for status, again in ((304, b""), (200, body)):
        capture = a_capture(URL, again, status=status, at=ready.now)
        ready.do(lambda tx, c=capture: record_look(tx, recorded.article_pk, "same", capture=c))


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.warc.gz"))


def test_records_are_what_the_standard_asks_for(sqlite_archive: Archive, tmp_path: Path) -> None:
    with desk(sqlite_archive, tmp_path / "warc") as ready:
        fill(ready)
    (file,) = files(tmp_path / "warc")
    with file.open("rb") as stream:
        records = []
        for record in WARCIterator(stream, check_digests="raise"):
            head = record.rec_headers
            records.append((record.rec_type, head))
            record.content_stream().read()  # checks the digests
    assert [kind for kind, _ in records] == [
        "warcinfo", "request", "response", "request", "response", "request", "revisit", "request", "revisit"
    ]  # fmt: skip
    assert all(head.protocol == "WARC/1.1" for _, head in records)
    ids = [head.get_header("WARC-Record-ID") for _, head in records]
    assert len(set(ids)) == len(ids)
    assert records[3][1].get_header("WARC-Concurrent-To") == ids[4]
    assert records[4][1].get_header("WARC-Date") == "2026-11-02T09:00:00.000000Z"
    assert records[4][1].get_header("WARC-IP-Address") == "192.0.2.1"
    not_modified, identical = records[6][1], records[8][1]
    assert not_modified.get_header("WARC-Profile").endswith("/1.1/revisit/server-not-modified")
    assert identical.get_header("WARC-Profile").endswith("/1.1/revisit/identical-payload-digest")
    assert identical.get_header("WARC-Payload-Digest") == records[4][1].get_header("WARC-Payload-Digest")
    for head in (not_modified, identical):
        assert head.get_header("WARC-Refers-To") == ids[4]
        assert head.get_header("WARC-Refers-To-Target-URI") == URL
        assert head.get_header("WARC-Refers-To-Date") == "2026-11-02T09:00:00.000000Z"


def test_another_reader_agrees(sqlite_archive: Archive, tmp_path: Path) -> None:
    with desk(sqlite_archive, tmp_path / "warc") as ready:
        fill(ready)
    (file,) = files(tmp_path / "warc")
    seen = 0
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=True):
            seen += 1
            if record.record_type == WarcRecordType.response and record.http_headers.status_code == 200:
                assert record.reader.read().decode() == "<p>Bộ trưởng, 장관, وزير</p>"
    assert seen == 9


def test_the_warcio_tool_finds_no_fault(sqlite_archive: Archive, tmp_path: Path) -> None:
    with desk(sqlite_archive, tmp_path / "warc") as ready:
        fill(ready)
    (file,) = files(tmp_path / "warc")
    checked = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "warcio.cli", "check", "-v", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "digest pass" in checked.stdout


def test_a_day_goes_on_in_its_file_and_a_full_file_is_left(sqlite_archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "warc"

    def write(size: int, days: int = 0) -> None:
        at = START + timedelta(days=days)
        with WarcFolder(folder, archive_id="abc123", max_size=size, clock=lambda: at, info={}) as warc:
            warc.begin_group()
            warc.write(a_capture(URL, b"x" * 100, at=at))

    write(1 << 20)
    write(1 << 20)
    assert [f.name for f in files(folder)] == [f"dateline-abc123-{folder_name(folder)}-20261102-00001.warc.gz"]
    write(10)
    write(1 << 20, days=1)
    assert [f.name for f in files(folder)] == [
        f"dateline-abc123-{folder_name(folder)}-20261102-00001.warc.gz",
        f"dateline-abc123-{folder_name(folder)}-20261102-00002.warc.gz",
        f"dateline-abc123-{folder_name(folder)}-20261103-00001.warc.gz",
    ]


def test_two_writers_never_share_a_file(tmp_path: Path) -> None:
    def folder() -> WarcFolder:
        return WarcFolder(tmp_path, archive_id="abc123", max_size=1 << 20, clock=lambda: START, info={})

    with folder() as one, folder() as two:
        assert one.write(a_capture(URL)).file != two.write(a_capture(URL)).file


def test_what_no_row_refers_to_is_set_aside(sqlite_archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    with desk(sqlite_archive, folder) as ready:
        fill(ready)
    (file,) = files(folder)
    whole = file.read_bytes()
    with WarcFolder(
        folder, archive_id=file.name.split("-")[1], max_size=1 << 30, clock=lambda: START + timedelta(hours=2), info={}
    ) as warc:
        warc.write(a_capture(URL + "/orphan"))
    torn = file.read_bytes()[len(whole) :]
    assert torn
    assert recover(sqlite_archive, folder) == []
    assert file.read_bytes() == whole
    (orphan,) = (folder / "orphans").iterdir()
    assert orphan.read_bytes() == torn
    assert list(verify(sqlite_archive, folder)) == []


@pytest.mark.parametrize("cut", [1, 20, 300])
def test_a_torn_end_is_cut(sqlite_archive: Archive, tmp_path: Path, cut: int) -> None:
    folder = tmp_path / "warc"
    with desk(sqlite_archive, folder) as ready:
        ready.record()
    (file,) = files(folder)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:cut])
    recover(sqlite_archive, folder)
    assert file.read_bytes() == whole
    assert not (folder / "orphans").exists()


def test_files_of_other_archives_and_files_in_use_are_left_alone(sqlite_archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    with WarcFolder(folder, archive_id="0ther", max_size=1 << 20, clock=lambda: START, info={}) as other:
        other.write(a_capture(URL))
    strange = files(folder)[0].read_bytes()
    with desk(sqlite_archive, folder) as ready:
        ready.record()
        ready.writer.submit(lambda tx: tx.warc.write(a_capture(URL))).result()
        mine = next(f for f in files(folder) if "0ther" not in f.name)
        size = mine.stat().st_size
        recover(sqlite_archive, folder)  # the desk holds the lock
        assert mine.stat().st_size == size
    assert next(f for f in files(folder) if "0ther" in f.name).read_bytes() == strange


def test_missing_bytes_are_named_and_the_file_is_not_gone_on_with(sqlite_archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    with desk(sqlite_archive, folder) as ready:
        ready.record()
    (file,) = files(folder)
    file.write_bytes(file.read_bytes()[:-30])
    damaged = recover(sqlite_archive, folder)
    assert damaged == [file.name]
    assert {problem.warc_file for problem in verify(sqlite_archive, folder)} == {file.name}
    name = file.name.split("-")[1]
    with WarcFolder(folder, archive_id=name, max_size=1 << 30, clock=lambda: START, info={}, avoid=damaged) as warc:
        assert warc.write(a_capture(URL)).file != file.name


def test_changed_bytes_are_found(sqlite_archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    with desk(sqlite_archive, folder) as ready:
        ready.record(an_article())
        ready.record(an_article(URL + "/2", title="Second"))
    (file,) = files(folder)
    data = bytearray(file.read_bytes())
    data[-12] ^= 0xFF  # inside the last record's compressed data
    file.write_bytes(bytes(data))
    assert {problem.url for problem in verify(sqlite_archive, folder) if problem.capture_pk} == {URL + "/2"}


@pytest.mark.parametrize("offset", [0, 5, 1 << 30])
def test_a_wrong_place_is_an_error(sqlite_archive: Archive, tmp_path: Path, offset: int) -> None:
    with desk(sqlite_archive, tmp_path / "warc") as ready:
        ready.record()
    with pytest.raises(WarcError, match=r"\.warc\.gz at "):
        read_response(files(tmp_path / "warc")[0], offset)
    with pytest.raises(WarcError, match="none"):
        read_response(tmp_path / "none.warc.gz", 0)


def test_folders_of_two_machines_share_no_file_name(tmp_path: Path) -> None:
    names = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        with WarcFolder(folder, archive_id="abc123", max_size=1 << 20, clock=lambda: START, info={}) as warc:
            warc.begin_group()
            names.append(warc.write(a_capture(URL, b"x")).file)
    assert len(set(names)) == 2


def test_two_processes_in_one_folder_have_a_file_each(tmp_path: Path) -> None:
    def a_folder() -> WarcFolder:
        return WarcFolder(tmp_path, archive_id="abc123", max_size=1 << 20, clock=lambda: START, info={})

    with a_folder() as one, a_folder() as two:
        places = [folder.write(a_capture(URL, b"x")) for folder in (one, two)]
    assert places[0].file != places[1].file


DOM = codecs.BOM_UTF8 + "<html><body><h1>Việt Nam</h1></body></html>".encode()


def rendered(at: datetime, shell: bytes = b"<div id=root></div>", dom: bytes = DOM) -> Capture:
    return replace(a_capture(URL, shell, at=at), dom=dom)


def test_what_a_browser_made_of_a_page_stands_behind_its_response(sqlite_archive: Archive, tmp_path: Path) -> None:
    with desk(sqlite_archive, tmp_path / "warc") as ready:
        recorded = ready.record(capture=rendered(ready.now))
        for shell in (
            b"<div id=root></div>",
            b"<div id=root nonce=2></div>",
        ):  # the shell may differ, the page is the same
            ready.now += timedelta(hours=1)
            again = rendered(ready.now, shell)
            ready.do(lambda tx, c=again: record_look(tx, recorded.article_pk, "same", capture=c))
    (file,) = files(tmp_path / "warc")
    with file.open("rb") as stream:
        records = [
            (r.rec_type, r.rec_headers, r.content_stream().read()) for r in WARCIterator(stream, check_digests="raise")
        ]
    assert [kind for kind, _, _ in records] == ["warcinfo", "request", "response", "conversion", "request", "revisit"]
    (_, response, body), (_, conversion, dom) = records[2:4]
    assert (body, dom) == (b"<div id=root></div>", DOM)
    assert conversion.get_header("WARC-Refers-To") == response.get_header("WARC-Record-ID")
    assert response.get_header("WARC-Concurrent-To") == conversion.get_header("WARC-Record-ID")
    with sqlite_archive.reading() as session:
        first, *_, last = session.scalars(select(CaptureRow).order_by(CaptureRow.pk)).all()
        assert (last.kept, last.warc_file) == ("digest", None)
        assert first.warc_offset is not None
        assert read_response(file, first.warc_offset).shown == DOM
        assert first.content_digest == digest(DOM)
    assert list(verify(sqlite_archive, file.parent)) == []


def test_a_dom_without_which_its_response_is_half_is_missed(sqlite_archive: Archive, tmp_path: Path) -> None:
    with desk(sqlite_archive, tmp_path / "warc") as ready:
        ready.record(capture=rendered(ready.now))
    (file,) = files(tmp_path / "warc")
    assert recover(sqlite_archive, file.parent) == []
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.truncate(size - 40)
    assert {problem.warc_file for problem in verify(sqlite_archive, file.parent)} == {file.name}
    assert recover(sqlite_archive, file.parent) == [file.name]
