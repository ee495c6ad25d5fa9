"""The source of time. Everything that waits or dates asks a clock, so that a month can be played in minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A clock. Calling it gives the present time, aware and in UTC."""

    def __call__(self) -> datetime: ...

    def real(self, seconds: float) -> float:
        """The number of real seconds that pass while `seconds` pass by this clock."""
        ...


class SystemClock:
    """The machine's clock."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)

    def real(self, seconds: float) -> float:
        """The same number of seconds."""
        return seconds


LONGEST_PAUSE = timedelta(days=30)
"""No host is left alone for longer than this because of one answer, however long it asks for. A time further ahead that the
archive holds was written by a clock that was wrong, and says nothing."""
