"""Pages on their way to the extraction pool: through memory that both sides share.

A pipe holds 64 KB, a page 300: it would be copied, waited for and woken up for in pieces. Here it is put into a place of the
shared memory while the message about it is written, and taken out of it while that is read. What finds no free place, or
is too large for one, travels with its message.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from mmap import PROT_READ, mmap
from multiprocessing import reduction
from typing import Any

_ROOM = 1 << 20
"""Bytes of a place: few pages have more."""

_shared: mmap | None = None
"""The places, in a process that takes pages out of them."""


class SharedPages:
    """Memory with `places` for pages that are handed over at the same time.

    Pickled for a new process, it is there to be `attach`ed. Needs Linux (memfd_create(2)). Elsewhere everything travels
    with its message.
    """

    def __init__(self, places: int) -> None:
        self._free: deque[int] = deque()
        if sys.platform == "linux":
            self._file = os.memfd_create("dateline-pages")
            os.ftruncate(self._file, places * _ROOM)
            self._memory = mmap(self._file, places * _ROOM)
            self._free.extend(range(places))

    def __reduce__(self) -> tuple[Any, ...]:
        return _opened, (reduction.DupFd(self._file) if sys.platform == "linux" else None,)

    def put(self, data: bytes) -> int | None:
        """Put `data` into a free place, and return the place. None means that there is none for it."""
        if len(data) > _ROOM:
            return None
        try:
            place = self._free.pop()
        except IndexError:
            return None
        self._memory[place * _ROOM : place * _ROOM + len(data)] = data
        return place

    def free(self, place: int) -> None:
        """Free a place out of which nobody will take anything any more."""
        self._free.append(place)

    def close(self) -> None:
        """Give the memory back. Processes that were given it keep what is theirs until they end."""
        if sys.platform == "linux" and not self._memory.closed:
            self._free.clear()
            self._memory.close()
            os.close(self._file)


class SharedPage:
    """Bytes to be handed over. On the other side they are `bytes`."""

    def __init__(self, data: bytes, handover: SharedPages) -> None:
        self._data = data
        self._handover = handover
        self._place: int | None = None
        self._over = False

    def __reduce__(self) -> tuple[Any, ...]:
        self._place = None if self._over else self._handover.put(self._data)
        if self._place is None:
            return bytes, (self._data,)
        return _taken, (self._place, len(self._data))

    def delivered(self) -> None:
        """Free the place of the bytes: whoever was to receive them has them, or never will."""
        self._over = True
        if self._place is not None:
            self._handover.free(self._place)
            self._place = None


def attach(opened: mmap | None) -> None:
    """Let a new process take pages out of this memory, which a pickled `SharedPages` turned into."""
    global _shared  # a process has one
    _shared = opened


def _opened(file: Any) -> mmap | None:
    if file is None:
        return None
    descriptor = file.detach()
    try:
        return mmap(descriptor, 0, prot=PROT_READ)
    finally:
        os.close(descriptor)


def _taken(place: int, length: int) -> bytes:
    assert _shared is not None, "a parcel arrives where its handover was attached"
    return _shared[place * _ROOM : place * _ROOM + length]
