"""The extraction pool: processes that read pages and lists, so that none of them can block or crash the crawl.

Signals do not stop C code: a page over its deadline is stopped by killing its process, and only that page fails. The same
holds for a list (`ListTask`), which is always read by itself.

    submit(page) ─> waiting ─> batch (one page, several where many wait) ─> process ─> reading
                                 └ over the deadline, crashed ─> each of its pages by itself
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Overdue
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

import structlog
from pebble import ProcessExpired, ProcessPool

from crawler.extraction_pool import fork_server, worker
from crawler.extraction_pool.list_task import ListTask
from crawler.extraction_pool.shared_memory import SharedPage, SharedPages

if TYPE_CHECKING:
    from crawler.reading.page import Page, Reading

log = structlog.get_logger()
T = TypeVar("T")

_BATCH = 4
"""Pages that a process is given at a time where so many wait: what passes between the processes, and whom it wakes, costs as much
for one page as for four. All four together have a page's time; if that is too short, they are read again, each by itself."""
_AHEAD = 2
"""Batches for each process that are under way: one to be read and one to be read next."""
_TRIES = 3
"""How often a page is handed in that a pool broke down with before anybody read it."""
_LIST_PATIENCE = 3
"""A list may take so many times the time of a page: a sitemap may have 50 MB."""
_LOOK = 2.0
"""Seconds after which somebody who waits looks whether the pool has broken down: of a page that pebble took up at that moment it
tells nobody."""
_BATCHES_PER_PROCESS = 500
"""A process is replaced after so many, 2,000 pages at most: parsers fragment memory over weeks."""


class ExtractionFailed(Exception):
    """The error of a page or a list that could not be read: `timeout after 20 s`, `crashed`, or an error's name and
    message."""


class _NotBegun(ExtractionFailed):
    """The pool broke down before it was this page's turn."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    page: Page | ListTask[Any]
    future: Future[Any]

    @property
    def alone(self) -> bool:
        """Whether it is read by itself: pages do not wait for a list, nor are they read twice because of one."""
        return isinstance(self.page, ListTask)


class ExtractionPool:
    """A pool of `processes` that read pages and lists.

    A page that takes more than `timeout` seconds fails, and a list that takes three times as long.
    """

    def __init__(self, processes: int, timeout: float) -> None:
        self._timeout = timeout
        self._processes = processes
        self._closed = False
        self._started: Future[None] | None = None
        self._lock = threading.RLock()  # pages come from the crawl's thread, readings from pebble's
        self._waiting: deque[_Waiting] = deque()
        self._under_way: set[Future[Any]] = set()
        self._most = _AHEAD * processes
        self._handover = SharedPages(_BATCH * self._most)
        self._pool = self._new()

    def _new(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._processes,
            max_tasks=_BATCHES_PER_PROCESS,
            initializer=worker.begin,
            initargs=(os.getpid(), self._handover),
            context=fork_server.context(),
        )

    def warm(self) -> Future[None]:
        """Begin to start the processes, if nobody has. The future is done when they are there.

        Loading what they read with takes seconds, in which a crawl files links and asks for pages. A thread starts
        them, because pebble returns only when they are there.
        """
        if self._started is None:
            self._started = Future()
            threading.Thread(target=self._start, args=(self._started,), name="pool-start", daemon=True).start()
        return self._started

    def _start(self, started: Future[None]) -> None:
        try:
            self._schedule(os.getpid, (), None)
        except Exception as error:  # noqa: BLE001  # nobody waits for a result here; each page that is handed in tries again
            log.warning("extraction_pool_not_started", error=repr(error))
        finally:
            started.set_result(None)

    @overload
    def submit(self, page: Page) -> Future[Reading]: ...

    @overload
    def submit(self, page: ListTask[T]) -> Future[T]: ...

    def submit(self, page: Page | ListTask[Any]) -> Future[Any]:
        """Have a page or a list read. The future is cancelled where the pool is closed before its turn.

        Raises:
            ExtractionFailed: It could not be read. It is the future's error, and is not raised here.
        """
        waiting = _Waiting(page, Future())
        with self._lock:
            if self._closed:
                raise RuntimeError("the extraction pool is closed")
            self._waiting.append(waiting)
            self._hand_in()
        return waiting.future

    def _hand_in(self) -> None:
        """Give the processes what they can take. With the lock held."""
        if len(self._under_way) >= self._most and not self._pool.active:
            self._replace(self._pool)
        while self._waiting and len(self._under_way) < self._most:
            if batch := [one for one in self._next_batch() if one.future.set_running_or_notify_cancel()]:
                self._give(batch)

    def _next_batch(self) -> list[_Waiting]:
        batch = [self._waiting.popleft()]
        while not batch[0].alone and len(batch) < _BATCH and self._waiting and not self._waiting[0].alone:
            batch.append(self._waiting.popleft())
        return batch

    def _time_for(self, batch: list[_Waiting]) -> float:
        """Seconds."""
        return self._timeout * (_LIST_PATIENCE if batch[0].alone else 1)

    def _give(self, batch: list[_Waiting]) -> None:
        parcels = [SharedPage(one.page.html, self._handover) for one in batch]
        pages = [(replace(one.page, html=b""), parcel) for one, parcel in zip(batch, parcels, strict=True)]
        try:
            future = self._schedule(worker.read, (pages,), self._time_for(batch))
        except Exception as error:  # noqa: BLE001  # no process could be started; it is told to whoever waits
            _tell(batch, _failure(error, self._time_for(batch)))
            return
        self._under_way.add(future)
        future.add_done_callback(partial(self._returned, batch, parcels))

    def _returned(self, batch: list[_Waiting], parcels: list[SharedPage], future: Future[list[Any]]) -> None:
        """A batch was read, or came to grief. In a thread of pebble's."""
        for parcel in parcels:
            parcel.delivered()
        with self._lock:
            of_this_pool = future in self._under_way
            self._under_way.discard(future)
            error = future.exception()
            if error is not None and not of_this_pool:
                # pebble names whatever goes wrong where it writes into a pipe that is closed under it: a TypeError as well.
                error = BrokenProcessPool("its pool has been replaced")
            if error is not None and len(batch) > 1 and not isinstance(error, BrokenProcessPool):
                for one in batch:  # it was one of them
                    self._give([one])
            else:
                _tell(batch, future.result() if error is None else _failure(error, self._time_for(batch)))
            if not self._closed:
                self._hand_in()

    def _schedule(self, work: Callable[..., T], args: tuple[object, ...], timeout: float | None) -> Future[T]:
        pool = self._pool
        try:
            future: Future[T] = pool.schedule(work, args=args, timeout=timeout)
        except RuntimeError:
            if self._closed:
                raise
            self._replace(pool)
            future = self._pool.schedule(work, args=args, timeout=timeout)
        return future

    def _replace(self, broken: ProcessPool) -> None:
        """pebble gives a pool up for good when one of its processes is killed while none has work (by the system, for lack of
        memory)."""
        with self._lock:
            if self._pool is not broken:  # another thread was quicker
                return
            log.warning("extraction_pool_replaced")
            self._pool = self._new()
            lost, self._under_way = self._under_way, set()
        threading.Thread(target=_end, args=(broken, lost), name="broken-pool", daemon=True).start()

    @overload
    async def read(self, page: Page) -> Reading: ...

    @overload
    async def read(self, page: ListTask[T]) -> T: ...

    async def read(self, page: Page | ListTask[Any]) -> Any:
        """Read a page or a list in one of the processes.

        Raises:
            ExtractionFailed: It could not be read.
        """
        if not (started := self.warm()).done():
            await asyncio.wait([asyncio.wrap_future(started)])  # whoever is cancelled meanwhile cancels not the start
        for left in reversed(range(_TRIES)):
            future = self.submit(page)
            try:
                waiting = asyncio.wrap_future(future)
                while not (await asyncio.wait([waiting], timeout=_LOOK))[0]:
                    self._look()
                return waiting.result()
            except asyncio.CancelledError:
                waiting.cancel()
                if not future.done() or future.cancelled():
                    future.cancel()
                    raise
                return self.outcome(future)
            except _NotBegun:
                if not left:
                    raise
                await asyncio.sleep(0.1)  # pebble tells those who wait before it tells those who come
        raise AssertionError("the last try returns or raises")

    def outcome(self, future: Future[T]) -> T:
        """Wait for the result of a submitted page.

        Raises:
            ExtractionFailed: The page could not be read.
        """
        while True:
            try:
                return future.result(_LOOK)
            except Overdue:
                self._look()
            except CancelledError as error:
                raise _failure(error, self._timeout) from error

    def _look(self) -> None:
        """Replace a pool that has broken down."""
        with self._lock:
            if not self._closed and self._under_way and not self._pool.active:
                self._replace(self._pool)

    def process_ids(self) -> list[int]:
        """The ids of the processes that read at the moment."""
        workers = self._pool._pool_manager.worker_manager.workers
        return [process.pid for process in workers.values() if process.pid is not None]

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        with self._lock:
            self._closed = True
            for one in self._waiting:
                one.future.cancel()
            self._waiting.clear()
        _end(self._pool, self._under_way)
        self._handover.close()


def _failure(error: BaseException, timeout: float) -> ExtractionFailed:
    """pebble's errors as ours. `timeout`: the seconds that there were."""
    if isinstance(error, Overdue):
        return ExtractionFailed(f"timeout after {timeout:g} s")
    if isinstance(error, BrokenProcessPool):
        return _NotBegun("crashed")
    if isinstance(error, ProcessExpired):
        return ExtractionFailed("crashed")
    return ExtractionFailed(worker.error_text(error))


def _tell(batch: list[_Waiting], results: ExtractionFailed | list[Any]) -> None:
    """Everybody who waits for a page of the batch how that went."""
    if isinstance(results, ExtractionFailed):
        for one in batch:
            one.future.set_exception(results)
        return
    for one, result in zip(batch, results, strict=True):
        if isinstance(result, worker.Unread):
            one.future.set_exception(ExtractionFailed(result))
        else:
            one.future.set_result(result)


def _end(pool: ProcessPool, under_way: set[Future[Any]]) -> None:
    """End a pool's processes, and whatever is under way there: of that pebble tells nobody."""
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
    for future in list(under_way):
        if not future.done():
            future.set_exception(BrokenProcessPool("the pool has ended"))
