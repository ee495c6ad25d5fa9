"""A process of the extraction pool, from its begin to its end. It loads what reading needs, and no more."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from mmap import mmap
from typing import TYPE_CHECKING, Any

from crawler.extraction_pool.fork_server import PRELOADED
from crawler.extraction_pool.gc_tuning import collect_less
from crawler.extraction_pool.shared_memory import attach

if TYPE_CHECKING:
    from crawler.extraction_pool.list_task import ListTask
    from crawler.reading.page import Page

_PR_SET_PDEATHSIG = 1  # prctl(2)
_NICER = 5
"""The fetching process comes first where CPU is short: its hosts and its locks wait for nobody, and what is read is written while
the next pages are read (a twelfth more pages a second on two cores)."""


class Unread(str):
    """The reason why something cannot be read."""

    __slots__ = ()


def read(pages: Sequence[tuple[Page | ListTask[Any], bytes]]) -> list[Any]:
    """Read pages and lists, whose bytes come apart from them. One that cannot be read has its reason (`Unread`) in its
    place."""
    from crawler.reading.page import Page
    from crawler.reading.read import read as read_page

    results: list[Any] = []
    for page, html in pages:
        try:
            whole = replace(page, html=html)
            results.append(read_page(whole) if isinstance(whole, Page) else whole.result())
        except Exception as error:  # noqa: BLE001  # it is told to whoever waits for the page; the others are read
            results.append(Unread(error_text(error)))
    return results


def error_text(error: BaseException) -> str:
    """An error's name and message."""
    return f"{type(error).__name__}: {error}"[:300]


def begin(parent: int, pages: mmap | None) -> None:
    """Make a new process ready to read.

    It leaves Ctrl-C to its parent, dies with it, and loads what reading needs, unless the fork server could do so.
    `pages`: see `crawler.extraction_pool.shared_memory`.
    """
    attach(pages)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with(parent)
    os.nice(_NICER)
    import_module(PRELOADED)

    collect_less(first=False)


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
