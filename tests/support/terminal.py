"""Commands as a person runs them: on a pseudo-terminal.

`run` runs one to its end, with its data to the terminal, to a file or to a pipe. `screens` runs many, and says what each shows.
`AtTerminal` is one that goes on: it is read line by line while it runs, and keys are pressed.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Literal, Self

from support import forked
from support.waiting import ENOUGH

Target = Literal["file", "pipe", "terminal", "same terminal"]
TARGETS: tuple[Target, ...] = ("file", "pipe", "terminal", "same terminal")
"""Where stdout goes. `terminal`: one of its own, so that what was printed is known exactly; `same terminal`: that of stderr."""

CTRL_C = "\x03"

_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[@-Z\\-_])")
"""Control sequences of ECMA-48: colours and movements (CSI), links (OSC), character sets."""

_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "dateline", *sys.argv[1:]])
"""
"""Makes standard input the controlling terminal, so that Ctrl-C comes as a signal, and becomes the command."""


@dataclass(frozen=True)
class Ran:
    """What a command left behind. Line ends are those that it wrote: a terminal's own are taken back."""

    status: int
    out: str
    """Where stdout has a place of its own; else all that stood on the terminal."""
    terminal: str
    """What stood on the terminal of stderr."""


class Screen:
    """A pseudo-terminal. All that is written to it is read at once and kept, so that nobody who writes has to wait."""

    def __init__(self, columns: int, rows: int = 40) -> None:
        self._master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._seen = bytearray()
        self._ended = False
        self._news = Condition()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while data := self._read_more():
            with self._news:
                self._seen += data
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _read_more(self) -> bytes:
        try:
            return os.read(self._master, 1 << 16)
        except OSError:  # nobody holds the other end any more (Linux: EIO)
            return b""

    def type(self, text: str) -> None:
        """Type as a person does; the terminal shows it."""
        os.write(self._master, text.encode())

    @property
    def shown(self) -> str:
        """What was written so far."""
        with self._news:
            return self._seen.decode("utf-8", "replace").replace("\r\n", "\n")

    def wait_until(self, true: Callable[[], object], seconds: float) -> None:
        """Wait until it is so, which is looked at whenever something was written, or until nobody can write any more."""
        with self._news:
            self._news.wait_for(lambda: true() or self._ended, seconds)

    def close(self) -> None:
        """Take the terminal away, once all who could write have ended and the slave is closed."""
        self._reader.join(ENOUGH)
        assert not self._reader.is_alive(), "somebody still holds the terminal"
        os.close(self._master)

    def text(self) -> str:
        """Close the terminal, and return everything that was written."""
        self.close()
        return self._seen.decode("utf-8").replace("\r\n", "\n")


def without_codes(text: str) -> str:
    """Return a terminal's text without colours and movements of the cursor. What was overwritten stays in it."""
    return _CODES.sub("", text)


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    target: Target,
    *,
    columns: int = 100,
    rows: int = 40,
    quiet_errors: bool = False,
    typed: str = "n\n",
    seconds: float = 240,
    cwd: Path | None = None,
) -> Ran:
    """Run `dateline ARGUMENTS` with stdin and stderr on a terminal, and stdout where it is wanted.

    `typed` is what the person types ahead. `quiet_errors`: stderr and stdin are no terminal, as in a script: what the command then
    prints is what it always has to.
    """
    errors = Screen(columns, rows)
    own = Screen(columns, rows) if target == "terminal" else None
    errors.type(typed)
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as elsewhere:
        stdout = {
            "file": file.fileno(),
            "pipe": subprocess.PIPE,
            "terminal": own.slave if own else -1,
            "same terminal": errors.slave,
        }[target]
        process = forked.Popen(
            [sys.executable, "-m", "dateline", *arguments],
            stdin=subprocess.DEVNULL if quiet_errors else errors.slave,
            stdout=stdout,
            stderr=elsewhere.fileno() if quiet_errors else errors.slave,
            env=_of_terminal(environment) | {"TERM": "xterm-256color"},
            cwd=cwd,
        )
        for screen in (errors, own):
            if screen is not None:
                os.close(screen.slave)
        try:
            piped, _ = process.communicate(timeout=seconds)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        shown = errors.text()
        if own is not None:
            out = own.text()
        elif target == "same terminal":
            out = shown
        elif target == "file":
            file.seek(0)
            out = file.read().decode("utf-8")
        else:
            out = piped.decode("utf-8")
        if quiet_errors:
            elsewhere.seek(0)
            shown = elsewhere.read().decode("utf-8")
    return Ran(process.returncode, out, shown)


def screens(commands: Sequence[Sequence[str]], environment: Mapping[str, str], columns: int) -> list[tuple[int, str]]:
    """Return the exit status of each command and its text on a terminal of this width, without control sequences. The terminal
    is so high that nothing is left out."""
    ran = (run(words, environment, "same terminal", columns=columns, rows=500, typed="") for words in commands)
    return [(one.status, without_codes(one.out)) for one in ran]


class AtTerminal:
    """`dateline ARGUMENTS` with all three standard streams at a terminal of its own. Context manager: it is killed in the end.

    It is started from nothing and not forked, because the terminal's keys are signals only for a process whose terminal it is.
    """

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self._screen = Screen(columns=200, rows=30)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *arguments],
            stdin=self._screen.slave,
            stdout=self._screen.slave,
            stderr=self._screen.slave,
            env=_of_terminal(environment) | {"TERM": "xterm", "NO_COLOR": "1"},
            start_new_session=True,
        )
        os.close(self._screen.slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._screen.close()

    @property
    def shown(self) -> str:
        """What it has printed so far."""
        return self._screen.shown

    def wait_for(self, *wanted: str, seconds: float = 240.0) -> str:
        """Wait until all of `wanted` stand in one line that was printed since the start; returns that line."""
        self._screen.wait_until(
            lambda: self.line_with(*wanted), seconds
        )  # for a machine that hangs; a busy one is waited for
        line = self.line_with(*wanted)
        assert line is not None, f"{wanted} did not come: {self.shown[-3000:]}"
        return line

    def line_with(self, *wanted: str) -> str | None:
        """Return the first whole line in which all of `wanted` stand. None if there is none yet."""
        lines = self.shown.split("\n")[:-1]
        return next((line for line in lines if all(part in line for part in wanted)), None)

    def press(self, keys: str) -> None:
        """Press keys, such as `CTRL_C`."""
        self._screen.type(keys)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal to the command alone, and wait for its end. Returns the exit status."""
        self._process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end. Returns the exit status."""
        status = self._process.wait(ENOUGH)
        self._screen.wait_until(lambda: False, ENOUGH)  # until all that it printed is read
        return status


def _of_terminal(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the size that somebody else's terminal has."""
    return {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}
