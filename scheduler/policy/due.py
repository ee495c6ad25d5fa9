"""A due time and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Due:
    """The time at which something is due, and the reason in a few words for people.

    The time is aware and in UTC. A time in the past means that it is overdue.
    """

    at: datetime
    why: str


def in_words(length: timedelta) -> str:
    """A length of time in the unit that fits, such as `45 s`, `20 min`, `6 h` or `3 d`."""
    seconds = length.total_seconds()
    for unit, size, until in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 48 * 3600)):
        if seconds < until:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"
