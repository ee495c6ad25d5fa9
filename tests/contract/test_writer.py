from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session
from support.waiting import ENOUGH
from support.writing import a_row, a_writer, rows

from archive.storage.session import Archive
from archive.testing import a_capture
from archive.writer import writer as writer_module
from archive.writer.writer import GROUP, Transaction


def test_many_works_share_a_commit_and_done_means_committed(archive: Archive, tmp_path: Path) -> None:
    commits, begin = [], threading.Event()
    event.listen(archive.engine, "commit", lambda _connection: commits.append(1))
    with a_writer(archive, tmp_path / "warc") as writer:
        futures: list[Future[Any]] = [
            writer.submit(lambda _tx: begin.wait(ENOUGH)),
            *(writer.submit(a_row) for _ in range(200)),
        ]
        begin.set()
        futures[-1].result(ENOUGH)
        assert rows(archive) == 200
        wait(futures, ENOUGH)
    assert len(commits) <= 200 / GROUP + 3  # a group or two before all were there, and the question for the rows


def test_leaving_carries_out_what_was_submitted(archive: Archive, tmp_path: Path) -> None:
    with a_writer(archive, tmp_path / "warc") as writer:
        futures = [writer.submit(a_row) for _ in range(120)]
    assert all(future.done() for future in futures)
    assert rows(archive) == 120
    with pytest.raises(RuntimeError, match="closed"):
        writer.submit(a_row)


def test_a_single_work_does_not_wait_for_others(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "LONGEST_WAIT", 3600.0)
    with a_writer(archive, tmp_path / "warc") as writer:
        writer.submit(a_row).result(ENOUGH)
        writer.submit(a_row).result(ENOUGH)


def test_a_commit_that_fails_fails_everybody_who_waits(archive: Archive, tmp_path: Path) -> None:
    def refuse(_session: Session) -> None:
        raise OSError("disk full")

    written: list[int] = []

    def work(tx: Transaction) -> None:
        event.listen(tx.session, "before_commit", refuse)
        a_row(tx)
        written.append(tx.warc.write(a_capture()).offset)

    with a_writer(archive, tmp_path / "warc") as writer:
        first = writer.submit(work)
        with pytest.raises(OSError, match="disk full"):
            first.result(ENOUGH)
        assert rows(archive) == 0
        writer.submit(a_row).result(ENOUGH)  # the next group goes on
    assert rows(archive) == 1


def test_works_of_several_threads_are_all_done(archive: Archive, tmp_path: Path) -> None:
    with a_writer(archive, tmp_path / "warc") as writer:

        def submit() -> None:
            for _ in range(50):
                writer.submit(a_row).result(ENOUGH)

        threads = [threading.Thread(target=submit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert rows(archive) == 200
