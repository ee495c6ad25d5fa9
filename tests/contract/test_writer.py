from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from archive.session import Archive
from archive.tables import RunRow
from archive.testing import START, a_capture
from archive.warc.writer import WarcFolder
from archive.writer import Transaction, Writer


def insert(tx: Transaction) -> None:
    tx.session.add(RunRow(kind="test", started_at=tx.now))


def rows(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(RunRow)) or 0


@contextmanager
def a_writer(archive: Archive, tmp_path: Path) -> Iterator[Writer]:
    warc = WarcFolder(tmp_path / "warc", archive_id="abc", max_size=1 << 30, clock=lambda: START, info={})
    with warc, Writer(archive.engine, warc, clock=lambda: START) as writer:
        yield writer


def test_many_works_share_a_commit_and_done_means_committed(archive: Archive, tmp_path: Path) -> None:
    commits = []
    event.listen(archive.engine, "commit", lambda _connection: commits.append(1))
    with a_writer(archive, tmp_path) as writer:
        futures = [writer.submit(insert) for _ in range(200)]
        futures[-1].result(30)
        assert rows(archive) == 200
        wait(futures, 30)
    assert len(commits) <= 20


def test_leaving_carries_out_what_was_submitted(archive: Archive, tmp_path: Path) -> None:
    with a_writer(archive, tmp_path) as writer:
        futures = [writer.submit(insert) for _ in range(120)]
    assert all(future.done() for future in futures)
    assert rows(archive) == 120
    with pytest.raises(RuntimeError, match="closed"):
        writer.submit(insert)


def test_a_single_work_does_not_wait_for_others(archive: Archive, tmp_path: Path) -> None:
    with a_writer(archive, tmp_path) as writer:
        writer.submit(insert).result(30)
        begun = time.monotonic()
        writer.submit(insert).result(30)
        assert time.monotonic() - begun < 5  # no more than a hint: the group's longest wait is half a second


def test_a_commit_that_fails_fails_everybody_who_waits(archive: Archive, tmp_path: Path) -> None:
    def refuse(_session: Session) -> None:
        raise OSError("disk full")

    written: list[int] = []

    def work(tx: Transaction) -> None:
        event.listen(tx.session, "before_commit", refuse)
        insert(tx)
        written.append(tx.warc.write(a_capture()).offset)

    with a_writer(archive, tmp_path) as writer:
        first = writer.submit(work)
        with pytest.raises(OSError, match="disk full"):
            first.result(30)
        assert rows(archive) == 0
        writer.submit(insert).result(30)  # the next group goes on
    assert rows(archive) == 1


def test_works_of_several_threads_are_all_done(archive: Archive, tmp_path: Path) -> None:
    with a_writer(archive, tmp_path) as writer:

        def submit() -> None:
            for _ in range(50):
                writer.submit(insert).result(30)

        threads = [threading.Thread(target=submit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert rows(archive) == 200
