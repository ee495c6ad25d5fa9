"""The extraction pool: processes that read pages, so that no page can block or crash the crawl.

Signals do not stop C code: a page over its deadline is stopped by killing its process, and only that page fails.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Overdue
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

import structlog
from pebble import ProcessExpired, ProcessPool

if TYPE_CHECKING:
    from crawler.reading import Page, Reading

log = structlog.get_logger()
T = TypeVar("T")

_PR_SET_PDEATHSIG = 1  # prctl(2)
_TRIES = 3
"""How often a page is handed in that a pool broke down with before anybody read it."""
_PAGES_PER_PROCESS = 2_000
"""A process is replaced after so many pages: parsers fragment memory over weeks."""


class ExtractionFailed(Exception):
    """A page could not be read: `timeout after 20 s`, `crashed`, or the error's name and message."""


class ExtractionPool:
    """`processes` readers; a page that takes more than `timeout` seconds fails. Start it before there are many threads."""

    def __init__(self, processes: int, timeout: float) -> None:
        self._timeout = timeout
        self._processes = processes
        self._closed = False
        self._warm = False
        self._pool = self._new()

    def _new(self) -> ProcessPool:
        context = get_context("forkserver")
        context.set_forkserver_preload(["crawler.preload"])
        return ProcessPool(
            max_workers=self._processes,
            max_tasks=_PAGES_PER_PROCESS,
            initializer=_begin,
            initargs=(os.getpid(),),
            context=context,
        )

    def warm(self) -> None:
        """Start the processes, if they are not: loading what they read with takes seconds, in which a crawl asks for pages."""
        if not self._warm:
            self._warm = True
            for _ in range(self._processes):
                self._schedule(os.getpid, (), None)

    def submit(self, page: Page) -> Future[Reading]:
        """Schedule a page. The future's errors are pebble's: turn them into ours with `outcome`."""
        return self._schedule(_read, (page,), self._timeout)

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


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _read(page: Page) -> Reading:
    from crawler.reading import read

    return read(page)


def _begin(parent: int) -> None:
    """In a new process: leave Ctrl-C to the parent, die with it, load what reading needs (the fork server has done so, if it
    could)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with(parent)
    import crawler.preload  # noqa: F401

    # Modules and models stay: the collector need not look at them again and again, nor write to pages that all share.
    gc.freeze()


def _die_with(parent: int) -> None:
    """End this process when `parent` is gone, however it went.

    Processes of a fork server are children of that server, which lives as long as somebody holds its pipe; so Linux's
    parent-death signal covers only the server's death, and a thread watches for the parent itself.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent, os._exit), name="parent-watch", daemon=True).start()


def _watch(parent: int, leave: Callable[[int], None]) -> None:
    wait = threading.Event()
    while not wait.wait(1.0):
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            leave(1)
        except PermissionError:  # the number belongs to somebody else by now
            leave(1)
