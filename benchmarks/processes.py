"""What a tree of processes takes, as Linux's /proc tells it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all below it, parents first; those that have ended meanwhile are left out."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [p for child in task.read_text().split() for p in tree(int(child))]
        except OSError:
            continue
    return found


def pss(pid: int) -> int:
    """Proportional set size of one process, in bytes: its own memory, and its share of what it has in common with others.
    0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def threads(pid: int) -> dict[int, float]:
    """CPU seconds of each thread of a process that lives."""
    found = {}
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(stat.parent.name)] = (int(fields[11]) + int(fields[12])) / TICK
    return found


class Spent:
    """CPU time of processes, by a name for each thread. What has ended counts with what it was last seen to have used."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], tuple[str, float]] = {}

    def look(self, pids: Iterable[int], name: Callable[[int, int], str] = lambda pid, thread: "") -> None:
        """Take note of what these processes have used by now. `name`: of (process, thread); it may raise OSError for one that
        has ended."""
        for pid in pids:
            for thread, seconds in threads(pid).items():
                with suppress(OSError):
                    self._seen[pid, thread] = (name(pid, thread), seconds)

    def seconds(self) -> dict[str, float]:
        """CPU seconds by name."""
        found: dict[str, float] = {}
        for name, seconds in self._seen.values():
            found[name] = found.get(name, 0.0) + seconds
        return found

    @property
    def total(self) -> float:
        """CPU seconds of all."""
        return sum(self.seconds().values())
