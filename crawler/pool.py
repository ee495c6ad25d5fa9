"""The extraction pool: processes that read pages, so that no page can block or crash the crawl.

Signals do not stop C code: a page over its deadline is stopped by killing its process, and only that page fails.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Overdue
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import structlog
from pebble import ProcessExpired, ProcessPool

from crawler import forking, reader
from crawler.handover import Handover, Parcel

if TYPE_CHECKING:
    from crawler.reading import Page, Reading

log = structlog.get_logger()
T = TypeVar("T")

_TRIES = 3
"""How often a page is handed in that a pool broke down with before anybody read it."""
_PLACES = 8
"""Pages for each process that are handed over at the same time, those that it will read next."""
_PAGES_PER_PROCESS = 2_000
"""A process is replaced after so many pages: parsers fragment memory over weeks."""


class ExtractionFailed(Exception):
    """A page could not be read: `timeout after 20 s`, `crashed`, or the error's name and message."""


class ExtractionPool:
    """`processes` readers; a page that takes more than `timeout` seconds fails."""

    def __init__(self, processes: int, timeout: float) -> None:
        self._timeout = timeout
        self._processes = processes
        self._closed = False
        self._started: Future[None] | None = None
        self._handover = Handover(_PLACES * processes)
        self._pool = self._new()

    def _new(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._processes,
            max_tasks=_PAGES_PER_PROCESS,
            initializer=reader.begin,
            initargs=(os.getpid(), self._handover),
            context=forking.context(),
        )

    def warm(self) -> Future[None]:
        """Begin to start the processes, if nobody has: loading what they read with takes seconds, in which a crawl files links
        and asks for pages. Done in a thread, because pebble returns only when they are there; then the future is done."""
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

    def submit(self, page: Page) -> Future[Reading]:
        """Schedule a page. The future's errors are pebble's: turn them into ours with `outcome`."""
        parcel = Parcel(page.html, self._handover)
        future = self._schedule(reader.read, (replace(page, html=b""), parcel), self._timeout)
        future.add_done_callback(parcel.delivered)
        return future

    def _schedule(self, work: Callable[..., T], args: tuple[object, ...], timeout: float | None) -> Future[T]:
        """pebble gives a pool up for good when one of its processes is killed while none has work (by the system, for lack of
        memory): it is replaced."""
        try:
            future: Future[T] = self._pool.schedule(work, args=args, timeout=timeout)
        except RuntimeError:
            if self._closed:
                raise
            log.warning("extraction_pool_replaced")
            broken, self._pool = self._pool, self._new()
            threading.Thread(target=_end, args=(broken,), name="broken-pool", daemon=True).start()
            future = self._pool.schedule(work, args=args, timeout=timeout)
        return future

    async def read(self, page: Page) -> Reading:
        """Read a page in one of the processes. Raises ExtractionFailed."""
        if not (started := self.warm()).done():
            await asyncio.wait([asyncio.wrap_future(started)])  # whoever is cancelled meanwhile cancels not the start
        for left in reversed(range(_TRIES)):
            future = self.submit(page)
            try:
                return await asyncio.wrap_future(future)
            except asyncio.CancelledError:
                if not future.done() or future.cancelled():
                    future.cancel()
                    raise
                return self.outcome(future)
            except BrokenProcessPool as error:  # the page was not begun
                if not left:
                    raise self.failure(error) from error
                await asyncio.sleep(0.1)  # pebble tells those who wait before it tells those who come
            except Exception as error:
                raise self.failure(error) from error
        raise AssertionError("the last try returns or raises")

    def outcome(self, future: Future[Reading]) -> Reading:
        """The result of a submitted page, waited for. Raises ExtractionFailed."""
        try:
            return future.result()
        except (Exception, CancelledError) as error:
            raise self.failure(error) from error

    def failure(self, error: BaseException) -> ExtractionFailed:
        if isinstance(error, Overdue):
            return ExtractionFailed(f"timeout after {self._timeout:g} s")
        if isinstance(error, (ProcessExpired, BrokenProcessPool)):
            return ExtractionFailed("crashed")
        return ExtractionFailed(f"{type(error).__name__}: {error}"[:300])

    def process_ids(self) -> list[int]:
        """The processes that read at the moment."""
        workers = self._pool._pool_manager.worker_manager.workers
        return [process.pid for process in workers.values() if process.pid is not None]

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        self._closed = True
        _end(self._pool)
        self._handover.close()


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
