"""Errors of the machine rather than of a program: a full disk, a folder that may only be read, a database that is away."""

from __future__ import annotations

import errno
import resource
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from archive.errors import DatelineError

_SQLITE_OUTAGES = ("locked", "full", "disk I/O error", "unable to open", "readonly")

_ROOM = "Make room on the disk and run the same command again. Nothing that was saved before is lost."
_READ_ONLY = (
    "Commands that only read (search, show, history, diff, export, status, verify) work on such an archive. "
    "To write, give this user write access to the archive's folder, or name another folder with --home."
)
_RIGHTS = "Give this user access to the file and its folder, or choose another place."
_FILES: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("there is no room left on the disk", _ROOM),
    errno.EDQUOT: ("this user's quota on the disk is used up", _ROOM),
    errno.EFBIG: (
        "a file has reached the largest size that this process may write",
        "`ulimit -f` shows the limit of the shell. Raise it and run the same command again.",
    ),
    errno.EROFS: ("the file system may only be read", _READ_ONLY),
    errno.EACCES: ("this user has no access to it", _RIGHTS),
    errno.EPERM: ("the operation is not permitted for this user", _RIGHTS),
    errno.EIO: ("the disk reports an error", "Look at the system's log. Then check the archive: dateline verify"),
    errno.EMFILE: ("this process has too many files open", "Raise the limit that `ulimit -n` shows."),
    errno.ENFILE: ("the machine has too many files open", "End other programs, or raise the system's limit."),
    errno.ENAMETOOLONG: ("the name is too long for the file system", "Choose a shorter path."),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "Choose another path."),
    errno.ESTALE: ("the network drive has lost the file", "Mount the drive again."),
}
"""What a program cannot mend about a file, by error number, in words."""
_MISSING_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Writing failed for now; the same may succeed later."""

_FULL = ("database or disk is full", "disk I/O error", "No space left on device")

_DATABASES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("database or disk is full", "No space left on device"),
        "there is no room left on the disk of the database",
        _ROOM,
    ),
    (
        ("disk I/O error",),
        "the database could not write to the disk or read from it",
        "Look whether the disk is full, broken, or a network drive that is away. Then run the same command again.",
    ),
    (("readonly database", "read-only transaction"), "this archive may only be read", _READ_ONLY),
    (
        ("unable to open database file",),
        "the database file cannot be opened",
        "Look whether its folder exists and this user may read it. A copy of an archive that was in use needs the files "
        "archive.sqlite-wal and archive.sqlite-shm as well.",
    ),
    (
        ("database is locked",),
        "another process holds the database for too long",
        "Wait until it is done. `dateline status` shows who is fetching.",
    ),
    (
        ("malformed", "not a database", "file is encrypted"),
        "the database file is damaged",
        "Restore it from a backup.",
    ),
)
"""What the drivers say, in words."""


class StorageFailed(DatelineError):
    """Something could not be written or read for a reason that is in the machine. `full` says that there is no room to write."""

    def __init__(self, message: str, *, hint: str | None = None, full: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.full = full


def is_outage(error: BaseException) -> bool:
    """Return whether the machine failed (connection lost, server restarting, database locked, disk full) rather than a work."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error.__cause__, sqlite3.Error):  # SQLite reports faulty statements by the same class
        return any(sign in str(error.__cause__) for sign in _SQLITE_OUTAGES)
    return isinstance(error, (OperationalError, InterfaceError, StorageFailed)) or is_storage(error)


def is_storage(error: BaseException) -> bool:
    """Return whether there was no room to write, on the disk or by a limit. Nobody makes room within seconds."""
    if isinstance(error, StorageFailed):
        return error.full
    if isinstance(error, OSError):
        return error.errno in _MISSING_ROOM
    said = str(getattr(error, "orig", None) or error) if isinstance(error, DBAPIError) else ""
    return any(sign in said for sign in _FULL)


def explain(error: BaseException, where: object = None) -> StorageFailed | None:
    """One sentence about an error of the machine, and what to do next. None means that it is a fault, not an outage.

    `where` is the file or address that was in use, for errors that do not name it themselves.
    """
    if isinstance(error, StorageFailed):
        return error
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _FILES:
            said, hint = _FILES[cause.errno]
            place = cause.filename if cause.filename is not None else where
            return StorageFailed(_at(place, said), hint=hint, full=cause.errno in _MISSING_ROOM)
        if isinstance(cause, DBAPIError):
            return _database(cause, where)
        if isinstance(cause, sqlite3.OperationalError | sqlite3.DatabaseError):
            return _sqlite(str(cause), where)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, each once."""
    seen: set[int] = set()
    while id(error) not in seen:
        yield error
        seen.add(id(error))
        if error.__cause__ is None:
            return
        error = error.__cause__


def _database(error: DBAPIError, where: object) -> StorageFailed | None:
    said = str(error.orig).strip()
    if (known := _sqlite(said, where)) is not None:
        return known
    if isinstance(error.orig, sqlite3.Error):
        return None  # a faulty statement
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
        return StorageFailed(
            _at(where, said if where is not None else f"the database failed: {said}"),
            hint="Look whether the server is running, and whether DATELINE_DATABASE_URL is right.",
        )
    return None


def _sqlite(said: str, where: object) -> StorageFailed | None:
    if "disk I/O error" in said and resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY:
        words, hint = _FILES[errno.EFBIG]  # SQLite does not tell it from other errors
        return StorageFailed(_at(where, words), hint=hint, full=True)
    for signs, words, hint in _DATABASES:
        if any(sign in said for sign in signs):
            return StorageFailed(_at(where, words), hint=hint, full=any(sign in said for sign in _FULL))
    return None


def _at(place: object, words: str) -> str:
    return words if place is None else f"{place}: {words}"
