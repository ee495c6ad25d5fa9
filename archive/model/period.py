"""Periods: whole days in a source's own time zone, both ends included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both ends included."""

    first: date
    last: date

    def meets(self, other: Period) -> bool:
        """Return whether the two periods have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def days(self) -> Iterator[str]:
        """The days of the period, each as YYYY-MM-DD."""
        return ((self.first + timedelta(days=n)).isoformat() for n in range((self.last - self.first).days + 1))

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def stored_period(period: Period | None) -> list[str] | None:
    """The form in which a period is stored in a row. None is stored as None."""
    return None if period is None else [period.first.isoformat(), period.last.isoformat()]


def period_of(stored: list[str] | None) -> Period | None:
    """A period from its stored form. None means that none is stored."""
    return None if stored is None else Period(date.fromisoformat(stored[0]), date.fromisoformat(stored[1]))
