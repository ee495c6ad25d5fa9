"""The archive's one writer while a crawl runs: a thread that carries out works in groups, one commit for each group.

    submit(work) ─> queue ─> group (up to 50 works, or what came within the time) ─> each work in a savepoint
                                   ─> WARC fsync ─> COMMIT ─> futures resolved: done means durable

A work that raises is rolled back alone (its rows by the savepoint, its WARC records by cutting them off); the others
of its group go on.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from archive.failpoint import reach
from archive.session import begin_writing
from archive.warc.writer import WarcFolder

T = TypeVar("T")

GROUP = 50
LONGEST_WAIT = 0.5
"""Seconds for which the first work of a group waits for others at most."""
QUIET = 0.02
"""Seconds without a further work after which a group is closed: a crawl of one slow source must not wait for every page."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a work may use: a session in its own savepoint, the WARC folder, and the time (UTC) that counts as now."""

    session: Session
    warc: WarcFolder
    now: datetime


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Transaction], T]
    future: Future[T]
    result: T | None = None


class Writer:
    """Context manager: leaving it carries out what was submitted, and ends the thread."""

    def __init__(self, engine: Engine, warc: WarcFolder, *, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._warc = warc
        self._clock = clock
        self._queue: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="archive-writer")
        self._closed = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Carry out `work` soon. The future resolves to its result once that is durable, or to its exception."""
        if self._closed:
            raise RuntimeError("the writer is closed")
        job: _Job[T] = _Job(work, Future())
        self._queue.put(job)
        return job.future

    def _run(self) -> None:
        more = True
        while more:
            group, more = self._collect()
            if group:
                self._commit(group)

    def _collect(self) -> tuple[list[_Job[Any]], bool]:
        """The next group, and whether more may come."""
        first = self._queue.get()
        if first is None:
            return [], False
        group = [first]
        deadline = monotonic() + LONGEST_WAIT
        while len(group) < GROUP and (left := deadline - monotonic()) > 0:
            try:
                job = self._queue.get(timeout=min(QUIET, left))
            except queue.Empty:
                break
            if job is None:
                return group, False
            group.append(job)
        return group, True

    def _commit(self, group: list[_Job[Any]]) -> None:
        done: list[_Job[Any]] = []
        start: int | None = None
        committing = False
        try:
            self._warc.begin_group()
            start = self._warc.mark()
            with begin_writing(self._engine) as session, session.begin():
                for job in group:
                    if job.future.set_running_or_notify_cancel() and self._carry_out(job, session):
                        done.append(job)
                reach("rows-written")
                self._warc.sync()
                reach("warc-synced")
                committing = True
            reach("committed")
        except BaseException as error:  # noqa: BLE001  # handed to everybody who waits
            if not committing:  # a COMMIT that failed may have come about all the same: then its rows need their bytes
                self._warc.rewind(start)
            for job in group:
                if not job.future.done():
                    job.future.set_exception(error)
            return
        for job in done:
            job.future.set_result(job.result)
            reach("told")

    def _carry_out(self, job: _Job[Any], session: Session) -> bool:
        mark = self._warc.mark()
        try:
            with session.begin_nested():
                job.result = job.work(Transaction(session, self._warc, self._clock()))
                session.flush()
        except BaseException as error:  # noqa: BLE001  # handed to the one who waits
            self._warc.rewind(mark)
            job.future.set_exception(error)
            return False
        return True
