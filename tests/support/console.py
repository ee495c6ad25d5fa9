"""A command at a pseudo-terminal, as where a person sits, read line by line as it comes."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from time import monotonic
from types import TracebackType


class AtTerminal:
    """`dateline ARGUMENTS` with all three standard streams at a terminal. Context manager: it is killed in the end."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self.shown = ""
        """What it has printed so far."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dateline", *arguments],
            env={**environment, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "200", "LINES": "30"},
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> AtTerminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def wait_for(self, *wanted: str, seconds: float = 240.0) -> str:
        """Read until all of `wanted` stand in one line that was printed since the start; returns that line."""
        end = monotonic() + seconds  # for a machine that hangs; a busy one is waited for
        while (found := self.line_with(*wanted)) is None:
            assert monotonic() < end, f"{wanted} did not come: {self.shown[-3000:]}"
            assert self._read() or self.line_with(*wanted), f"it ended without {wanted}: {self.shown[-3000:]}"
        return found

    def line_with(self, *wanted: str) -> str | None:
        """The first whole line in which all of `wanted` stand."""
        lines = self.shown.split("\n")[:-1]
        return next((line.rstrip("\r") for line in lines if all(part in line for part in wanted)), None)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal, read to the end; returns the exit status."""
        self._process.send_signal(number)
        while self._read():
            pass
        return self._process.wait(60)

    def _read(self) -> bool:
        """Read what is there; False at the end."""
        if not select.select([self._ours], [], [], 1.0)[0]:
            return True
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # all that had it open are gone (Linux)
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)
