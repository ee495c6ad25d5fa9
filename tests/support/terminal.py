"""Commands as a person runs them: on a pseudo-terminal, with data to the terminal, to a file or to a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Literal

from support import forked

Target = Literal["file", "pipe", "terminal", "same terminal"]
TARGETS: tuple[Target, ...] = ("file", "pipe", "terminal", "same terminal")
"""Where stdout goes. `terminal`: one of its own, so that what was printed is known exactly; `same terminal`: that of stderr."""

_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-Z\\-_])")


@dataclass(frozen=True)
class Ran:
    """What a command left behind. Line ends are those that it wrote: a terminal's own are taken back."""

    status: int
    out: str
    """Where stdout has a place of its own; else all that stood on the terminal."""
    terminal: str
    """What stood on the terminal of stderr."""


class Screen:
    """A pseudo-terminal. All that is written to it is kept."""

    def __init__(self, columns: int) -> None:
        self._master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self._seen = bytearray()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # nobody holds the other end any more (Linux: EIO)
                return
            if not data:
                return
            self._seen += data

    def type(self, text: str) -> None:
        """What a person types; the terminal shows it."""
        os.write(self._master, text.encode())

    def text(self) -> str:
        """Everything that was written, once all who could write have ended and the slave is closed."""
        self._reader.join(60)
        assert not self._reader.is_alive(), "somebody still holds the terminal"
        os.close(self._master)
        return self._seen.decode("utf-8").replace("\r\n", "\n")


def without_codes(text: str) -> str:
    """A terminal's text without colours and movements of the cursor. What was overwritten stays in it."""
    return _CODES.sub("", text)


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    target: Target,
    *,
    columns: int = 100,
    quiet_errors: bool = False,
    typed: str = "n\n",
    seconds: float = 240,
    cwd: Path | None = None,
) -> Ran:
    """Run `dateline ARGUMENTS` with stdin and stderr on a terminal, and stdout where it is wanted.

    `typed` is what the person types ahead. `quiet_errors`: stderr and stdin are no terminal, as in a script: what the command then prints is what it always has to.
    """
    errors = Screen(columns)
    own = Screen(columns) if target == "terminal" else None
    errors.type(typed)
    environment = {k: v for k, v in environment.items() if k not in ("COLUMNS", "LINES")} | {"TERM": "xterm-256color"}
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
            env=environment,
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
