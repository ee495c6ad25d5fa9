"""The archive's one writer while a crawl runs: a thread that carries out works in groups, one commit for each group.

    submit(work) ─> queue ─> group (up to 50 works, or what came within the time) ─> its works in a savepoint
                                   ─> WARC fsync ─> COMMIT ─> futures resolved: done means durable

The works of a group share their questions to the database (`Needs`) and their inserts (`Inserts`). If one of them
raises, the group's savepoint is rolled back (its rows; its WARC records are cut off) and each work is carried out again in a
savepoint of its own: so only the one that fails is undone. Where the database or the disk itself fails (away, full, locked),
the whole group is carried out again once it is back; the number that a worker's row carries tells whether the COMMIT had come
about after all.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archive.failpoint import reach
from archive.outage import StorageFailed, explain, is_outage, is_storage
from archive.queue.workers import LeaseLost, last_committed, renew
from archive.storage.session import begin_writing
from archive.tables import ArticleRow, CaptureRow
from archive.warc.writer import WarcFolder
from archive.writer.aliases import Aliases
from archive.writer.inserts import Inserts

log = structlog.get_logger()
T = TypeVar("T")

GROUP = 50
LONGEST_WAIT = 0.5
"""Seconds for which the first work of a group waits for others at most."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between two tries while the database is away."""
QUIET = 0.02
"""Seconds without a further work after which a group is closed: a crawl of one slow source must not wait for every page."""
HURRIED = 8
"""Works in a group from which on its WARC records are compressed fast rather than small. Works pile up where the CPU is what a
crawl waits for; one that keeps delays towards its hosts brings them one by one, and has the time."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a work may use: a session in a savepoint, the rows and aliases that it adds, the WARC folder, and the time.

    `now` is the time (UTC) that counts as the present.
    """

    session: Session
    rows: Inserts
    aliases: Aliases
    warc: WarcFolder
    now: datetime


@dataclass(frozen=True, slots=True)
class Needs:
    """What a work will look up, so that the database is asked once for all works of a group.

    It is a hint: what is not named here is read when it is needed.
    """

    source_id: str
    keys: tuple[str, ...] = ()
    """`url_key` of the addresses."""
    link: int | None = None
    article: int | None = None


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Transaction], T]
    needs: Needs | None
    future: Future[T]
    result: T | None = None


class Writer:
    """The thread that writes to the archive. As a context manager it carries out what was submitted and ends the thread at the
    end.

    `worker` is the key in `workers` whose lease every commit renews and needs. Once the lease is lost, every work fails with
    LeaseLost. For `patience` seconds a database that fails is tried again. Then the works fail with its error.
    `patience_for_room` is the same for a disk that is full. Then every work fails with StorageFailed, those to come as well.
    """

    def __init__(
        self,
        engine: Engine,
        warc: WarcFolder,
        *,
        clock: Callable[[], datetime],
        worker: int | None = None,
        patience: float = 0.0,
        patience_for_room: float = 0.0,
    ) -> None:
        self._engine = engine
        self._warc = warc
        self._clock = clock
        self._worker = worker
        self._patience = patience
        self._patience_for_room = patience_for_room
        self._group = 0
        self._lost: LeaseLost | None = None
        self._failed: StorageFailed | None = None
        self._queue: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="archive-writer")
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._queue.put(None)
        self._thread.join()

    @property
    def lost(self) -> bool:
        """Whether the worker's lease was lost, so that nothing can be written any more."""
        return self._lost is not None

    @property
    def failed(self) -> StorageFailed | None:
        """The error that keeps everything from being written: the disk had no room for longer than the patience. None means
        that there is none.
        """
        return self._failed

    def hurry(self, patience: float) -> None:
        """Wait no longer than `patience` seconds for a database or disk that fails, because the process is to end."""
        self._patience = min(self._patience, patience)
        self._patience_for_room = min(self._patience_for_room, patience)

    def submit(self, work: Callable[[Transaction], T], needs: Needs | None = None) -> Future[T]:
        """Carry out `work` soon. The future has its result once that is durable, or its exception.

        A work may be carried out again if the database failed, or another work of its group. So it must not change anything but
        through its transaction.
        """
        if self._closed.is_set():
            raise RuntimeError("the writer is closed")
        job: _Job[T] = _Job(work, needs, Future())
        self._queue.put(job)
        return job.future

    def _run(self) -> None:
        more = True
        while more:
            group, more = self._collect()
            if group := [job for job in group if job.future.set_running_or_notify_cancel()]:
                self._group += 1
                self._carry_through(group)

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

    def _carry_through(self, group: list[_Job[Any]]) -> None:
        """Commit the group, whatever the database does meanwhile, and tell everybody how it went."""
        began, pause = monotonic(), FIRST_PAUSE
        while True:
            try:
                done = self._commit(group)
                break
            except LeaseLost as error:
                self._lost = error
                _tell(group, error)
                return
            except StorageFailed as error:
                self._failed = error
                _tell(group, error)
                return
            except BaseException as error:  # noqa: BLE001  # handed to everybody who waits
                no_room = is_storage(error)
                patience = self._patience_for_room if no_room else self._patience
                if not is_outage(error) or monotonic() + pause > began + patience or self._closed.is_set():
                    if no_room:
                        self._failed = explain(error, self._warc.path)
                    _tell(group, self._failed or error)
                    return
                log.warning(
                    "no_room" if no_room else "database_away",
                    error=str(getattr(error, "orig", None) or error).strip()[:200],
                    seconds=pause,
                )
                self._closed.wait(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
        for job in done:
            job.future.set_result(job.result)
            reach("told")

    def _commit(self, group: list[_Job[Any]]) -> list[_Job[Any]]:
        """One try; returns the works that are durable now. The futures of those that failed by themselves are resolved."""
        if (over := self._lost or self._failed) is not None:
            raise over
        done: list[_Job[Any]] = []
        committing = False
        start: int | None = None
        try:
            self._warc.begin_group(hurried=len(group) >= HURRIED)
            start = self._warc.mark()
            with begin_writing(self._engine) as session, session.begin():
                if self._worker is not None:
                    renew(session, self._worker, self._group)
                done = self._carry_out([job for job in group if not job.future.done()], session)
                reach("rows-written")
                self._warc.sync()
                reach("warc-synced")
                committing = True
            reach("committed")
        except BaseException as error:
            # A COMMIT that failed may have come about all the same: then its rows need their bytes.
            if not committing:
                self._warc.rewind(start)
            elif self._worker is not None and is_outage(error):
                if self._came_about(error):
                    return done
                self._warc.rewind(start)
            raise
        return done

    def _came_about(self, error: BaseException) -> bool:
        """Return whether the COMMIT whose answer was lost happened. This asks until the database answers.

        Raises:
            Exception: `error`, if the database does not answer in time.
        """
        assert self._worker is not None, "only a worker's row tells"
        began = monotonic()
        while True:
            try:
                with Session(self._engine) as session:
                    return last_committed(session, self._worker) == self._group
            except DBAPIError:
                if monotonic() > began + self._patience or self._closed.wait(FIRST_PAUSE):
                    raise error from None

    def _carry_out(self, jobs: list[_Job[Any]], session: Session) -> list[_Job[Any]]:
        """Returns the works that are done; the futures of the others hold their errors."""
        rows = Inserts(session, len(jobs))
        aliases = Aliases(session, rows)
        held = _look_up([job.needs for job in jobs if job.needs is not None], session, aliases)

        def together(some: list[_Job[Any]]) -> BaseException | None:
            mark = self._warc.mark()
            try:
                with session.begin_nested():
                    for job in some:
                        job.result = job.work(Transaction(session, rows, aliases, self._warc, self._clock()))
                    rows.write()
                    session.flush()
            except BaseException as error:  # handed to the one who waits
                self._warc.rewind(mark)
                rows.forget()
                aliases.forget()
                if is_outage(error):
                    raise
                return error
            return None

        if together(jobs) is None:
            return jobs
        done = []
        for job in jobs:
            if (error := together([job])) is None:
                done.append(job)
            else:
                job.future.set_exception(error)
        del held
        return done


def _look_up(needs: Sequence[Needs], session: Session, aliases: Aliases) -> list[object]:
    """Ask the database for all of it. The session finds rows by their keys as long as somebody holds them: the caller does."""
    aliases.prefetch((need.source_id, key) for need in needs for key in need.keys)
    links = [need.link for need in needs if need.link is not None]
    articles = [need.article for need in needs if need.article is not None]
    held: list[object] = [*aliases.prefetch_links(links)]
    if articles:
        known = session.scalars(select(ArticleRow).where(ArticleRow.pk.in_(articles))).all()
        shown = [row.state_capture_pk for row in known if row.state_capture_pk is not None]
        held += [*known, *session.scalars(select(CaptureRow).where(CaptureRow.pk.in_(shown)))]
    return held


def _tell(group: list[_Job[Any]], error: BaseException) -> None:
    for job in group:
        if not job.future.done():
            job.future.set_exception(error)
