"""The target of a command's output: standard output, or the file that `-o` names."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep
from typing import Any, BinaryIO

from archive.errors import DatelineError, UsageError

PATIENCE = 5.0
"""Seconds for which a named pipe may have no reader: one that is started at the same time comes in time."""
_DIRECT = ("/dev/", "/proc/")
"""Places whose names stand for something open already, which must not be replaced even where it is a regular file."""


class OutputLost(DatelineError):
    """Standard output takes no more, because its disk is full or its device fails."""


@contextmanager
def target(name: str | None) -> Iterator[BinaryIO]:
    """A stream to the file that `name` names. None and `-` mean standard output.

    A regular file takes its new content whole or not at all, and only once that is on the disk. A symbolic link stays, and what
    it points to is replaced. Devices and pipes are written to as they are.

    Raises:
        UsageError: It cannot be a file.
        DatelineError: It cannot be written.
    """
    if name is None or name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if not name:
        raise UsageError("the name of the file to write is empty", hint="Give a name to -o, or leave -o out.")
    if "\0" in name:
        raise UsageError("the name of the file to write holds a null character")
    try:
        with _open(name) as stream:
            yield stream
    except OSError as error:
        raise DatelineError(f"{name} cannot be written: {error.strerror or error}", hint=_hint(name, error)) from error


def _open(name: str) -> Any:
    try:
        found = Path(name).stat()
    except FileNotFoundError:
        found = None
    if (found is not None and stat.S_ISDIR(found.st_mode)) or name.endswith("/"):
        raise UsageError(f"{name} is a folder", hint="Give the name of a file in it.")
    direct = str(Path(name).absolute()).startswith(_DIRECT)
    if found is not None and stat.S_ISFIFO(found.st_mode) and not direct:
        return _pipe(name)
    if found is not None and (direct or not stat.S_ISREG(found.st_mode)):
        return os.fdopen(os.open(name, os.O_WRONLY), "wb")
    return _whole(Path(os.path.realpath(name)), found)


def _pipe(name: str) -> BinaryIO:
    """A named pipe that somebody reads. Opened as usual, it would let the command wait for ever where nobody does."""
    until = monotonic() + PATIENCE
    while True:
        try:
            pipe = os.open(name, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or monotonic() > until:
                raise
            sleep(0.05)
            continue
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) & ~os.O_NONBLOCK)
        return os.fdopen(pipe, "wb")


@contextmanager
def _whole(path: Path, there: os.stat_result | None) -> Iterator[BinaryIO]:
    """A new file that takes the name once it is complete; the mode of the one that it replaces stays."""
    if there is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is there, and may not be written")
    part = path.with_name(f".{os.getpid()}-{token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            if there is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(there.st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _hint(name: str, error: OSError) -> str | None:
    match error.errno:
        case errno.ENOENT:
            return f"The folder {Path(os.path.realpath(name)).parent} does not exist. Make it first."
        case errno.ENAMETOOLONG:
            return "Choose a shorter name."
        case errno.ENXIO:
            return "No program reads from this pipe. Start the one that does, then give the command again."
        case errno.EPIPE:
            return "The program that read from the other end has ended."
        case errno.ENOSPC | errno.EDQUOT:
            return "Make room, or write to another disk. A file of this name that was there before is unchanged."
        case errno.ELOOP:
            return "The name is a symbolic link that leads back to itself."
    return None


class _Told(io.FileIO):
    """Standard output whose errors are told as such. A closed pipe is none: its reader has had enough."""

    def write(self, data: Any) -> Any:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            discard_stdout()
            raise OutputLost(
                f"standard output cannot be written: {error.strerror or error}",
                hint="What was written so far is not complete.",
            ) from error


def tell_of_lost_output() -> None:
    """Let whatever writes to standard output raise OutputLost if that fails. BrokenPipeError stays as it is."""
    stream = sys.stdout
    try:
        number = stream.fileno()
    except (AttributeError, OSError, ValueError):  # a test's, or none at all
        return
    stream.flush()
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Told(number, "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        newline="\n",
        line_buffering=stream.isatty(),
    )


def discard_stdout() -> None:
    """Discard what is still to be written to standard output, so that nothing fails once more when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
