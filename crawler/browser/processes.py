"""The processes of Chromium, as Linux lists them. On other systems none are found, and Playwright alone ends them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def browsers_below(pid: int) -> list[int]:
    """Find the processes of Chromium among the descendants of a process."""
    return [child for child in _below(pid) if _name(child).startswith("chrom")]


def _below(pid: int) -> list[int]:
    found: list[int] = []
    for task in _PROC.glob(f"{pid}/task/*/children"):
        with suppress(OSError):  # it ended while we looked
            for child in map(int, task.read_text().split()):
                found += [child, *_below(child)]
    return found


def _name(pid: int) -> str:
    with suppress(OSError):
        return (_PROC / f"{pid}/comm").read_text().strip().lower()
    return ""


def memory(pids: Iterable[int]) -> int:
    """The memory that the processes do not share, in bytes. Pages that belong to files are not counted."""
    page, held = os.sysconf("SC_PAGE_SIZE"), 0
    for pid in pids:
        with suppress(OSError):
            _, resident, shared, *_ = (_PROC / f"{pid}/statm").read_text().split()
            held += (int(resident) - int(shared)) * page
    return held


def kill(pids: Iterable[int]) -> None:
    """End those of the processes that still exist and still belong to Chromium. The system uses process ids again."""
    for pid in pids:
        if _name(pid).startswith("chrom"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
