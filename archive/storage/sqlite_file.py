"""How a SQLite file is opened where it may only be read, and where its path is longer than SQLite takes."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import sys
from functools import cache
from pathlib import Path
from urllib.parse import quote

_LONGEST = 500
"""Bytes of a path that SQLite takes: 512 (MAX_PATHNAME in its os_unix.c) with the name of the journal."""


def connect(path: str) -> sqlite3.Connection:
    """A connection by the driver alone.

    Raises:
        OperationalError: The file cannot be opened (sqlite3's).
    """
    name, is_uri = name_for(path)
    return sqlite3.connect(name, uri=is_uri)


def name_for(path: str) -> tuple[str, bool]:
    """The name by which SQLite is to open the database at `path`, and whether it is a URI.

    A database in a folder without write access is opened for reading. While a process writes it, or after one was killed, a log
    of recent changes is beside it and is read as well. Otherwise SQLite would make such a log for itself, and fail. So it is
    told that nothing will change the file (https://www.sqlite.org/uri.html#uriimmutable).
    """
    if path in ("", ":memory:"):
        return path, False
    log = Path(f"{path}-wal")
    reachable = _shortened(path) if len(os.fsencode(path)) > _LONGEST else path
    if not Path(path).exists() or (
        os.access(path, os.W_OK) and (log.exists() or os.access(Path(path).parent, os.W_OK))
    ):
        return reachable, False
    has_log = log.exists() and log.stat().st_size > 0
    return f"file:{quote(reachable)}?{'mode=ro' if has_log else 'immutable=1'}", True


def _shortened(path: str) -> str:
    """A short name of the same file: by way of its folder, which this process holds open. Only Linux has such names."""
    if sys.platform != "linux" or not _takes_links_as_they_are():
        return path
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100  # a link must not be resolved
    return f"/proc/self/fd/{_held(folder)}/{name}"


@cache
def _held(folder: str) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3 (https://www.sqlite.org/c3ref/vfs.html)."""

    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        ("methods", ctypes.c_void_p * 13),
        ("xSetSystemCall", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)),
        ("xGetSystemCall", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)),
    )


@cache
def _takes_links_as_they_are() -> bool:
    """Have SQLite look at what a link points to, not at the link: it would replace each link in a path by what it points to, and
    so make a short name long again. Whether that can be done: it is asked of the library that Python's own module has loaded."""
    try:
        import _sqlite3

        find = ctypes.CDLL(_sqlite3.__file__).sqlite3_vfs_find
    except (ImportError, OSError, AttributeError):
        return False
    find.restype, find.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    address = find(None)
    vfs = _Vfs.from_address(address)
    if vfs.iVersion < 3 or vfs.zName != b"unix":
        return False
    return bool(vfs.xSetSystemCall(address, b"lstat", vfs.xGetSystemCall(address, b"stat")) == 0)
