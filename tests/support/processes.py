"""Daemons as processes that a test can kill, wholly or in part."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from support import forked
from support.fast import FastClock
from support.reader import Reader
from support.waiting import ENOUGH

ROOT = Path(__file__).parents[2]


def tree(pid: int) -> list[int]:
    """A process and all below it, parents first (Linux)."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it ended while we looked
            found += [p for child in task.read_text().split() for p in tree(int(child))]
    return found


def kill(*pids: int, number: signal.Signals = signal.SIGKILL) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def is_running(pid: int) -> bool:
    """Whether the process is there and more than a zombie that nobody waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(true: Callable[[], object], seconds: float = ENOUGH, *, what: str = "it") -> float:
    """Wait until it is so; returns the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"{what} did not come about within {seconds:g} s"
        time.sleep(0.1)
    return time.monotonic() - began


class Daemon:
    """A daemon in a session of its own, with its log in a file. Context manager: what is left at the end is killed."""

    def __init__(self, reader: Reader, log: Path, *command: str, **environment: str) -> None:
        self._command = [sys.executable, "-m", *command]
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        self._environment = reader.environment | {"PYTHONPATH": paths} | environment
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: set[int] = set()

    @classmethod
    def fast(cls, reader: Reader, clock: FastClock, log: Path, workers: int = 1) -> Daemon:
        return cls(reader, log, "support.fast", "daemon", clock.as_text(), str(workers))

    @classmethod
    def real(cls, reader: Reader, log: Path, **environment: str) -> Daemon:
        """The command as people run it."""
        return cls(reader, log, "dateline", "daemon", **environment)

    def __enter__(self) -> Daemon:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            kill(*tree(self._process.pid), *(pid for pid in self._seen if is_running(pid)))
            self._process.wait()

    def start(self) -> None:
        with self.log.open("ab") as errors:
            self._process = forked.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """Its exit status."""
        assert self._process is not None, "it was started"
        return self._process.wait(seconds)

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        kill(self.pid, number=signal.SIGTERM)
        return self.wait(ENOUGH)

    def kill(self) -> None:
        """SIGKILL the daemon alone."""
        self._seen.update(tree(self.pid))
        kill(self.pid)
        self.wait(ENOUGH)

    def kill_all(self) -> None:
        """SIGKILL the daemon and everything below it."""
        kill(*tree(self.pid))
        self.wait(ENOUGH)

    def workers(self) -> list[int]:
        """Its fetching processes."""
        return list(_children(self.pid)) if self.running else []

    def extractors(self) -> list[int]:
        """The extraction processes: children of the fork server, which is a child of a fetching process."""
        return [pid for worker in self.workers() for server in _children(worker) for pid in _children(server)]

    def events(self, *names: str) -> list[dict[str, Any]]:
        """What it and its fetching processes logged; with `names` only these events."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            with suppress(json.JSONDecodeError):  # a killed process may leave half a line
                event = json.loads(line)
                if isinstance(event, dict) and (not names or event.get("event") in names):
                    found.append(event)
        return found


def _children(pid: int) -> Sequence[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found
