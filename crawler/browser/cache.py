"""Answers to sub-requests that the next page would ask for again.

With them, the scripts of a site are fetched once and not for each page.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.model.capture import Headers

LARGEST = 64 << 20
"""The largest size of the whole cache, in bytes."""
LONGEST = timedelta(hours=24)
SCRIPT_AGE = timedelta(hours=1)
"""The time for which a script is fresh if its server names none (RFC 9111, 4.2.2)."""

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NEVER = re.compile(r"\bno-(?:store|cache)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """The answer that a page gets for a sub-request. `body` is decoded, and `size` counts the bytes as transferred."""

    status: int
    headers: Headers
    body: bytes
    size: int


def lifetime(part: Part, kind: str) -> timedelta:
    """The time for which the answer may be used again (RFC 9111, 5.2.2). Zero means not at all."""
    said = next((value for name, value in part.headers if name.lower() == "cache-control"), "")
    if part.status != 200 or _NEVER.search(said):
        return timedelta(0)
    if found := _MAX_AGE.search(said):
        return min(timedelta(seconds=int(found[1])), LONGEST)
    return SCRIPT_AGE if kind == "script" else timedelta(0)


class Cache:
    """The latest answers by address, as long as they are fresh and there is room for them."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._parts: OrderedDict[str, tuple[datetime, Part]] = OrderedDict()
        self._size = 0

    def get(self, url: str, now: datetime) -> Part | None:
        until, part = self._parts.get(url, (None, None))
        if until is None or until <= now:
            return None
        self._parts.move_to_end(url)
        return part

    def put(self, url: str, kind: str, part: Part, now: datetime) -> None:
        fresh = lifetime(part, kind)
        if not fresh or len(part.body) > self._largest // 4:
            return
        self._drop(url)
        self._parts[url] = (now + fresh, part)
        self._size += len(part.body)
        while self._size > self._largest:
            self._drop(next(iter(self._parts)))

    def _drop(self, url: str) -> None:
        if url in self._parts:
            self._size -= len(self._parts.pop(url)[1].body)
