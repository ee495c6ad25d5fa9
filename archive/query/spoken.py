"""Dates and times as people type them. Pure: what `today` means depends on the `now` that is passed in."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.errors import UsageError

Bound = date | datetime
"""A date (the whole day), or a time (naive: in the source's zone)."""

FORMS = "2026-11-03, 2026-11, 2026, today, yesterday, 7d, 24h, 2026-11-03T09:30 or 2026-11-03T09:30Z"
DAY_FORMS = "2026-11-03, 2026-11, 2026, today, yesterday or 7d"

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")
_AGO = re.compile(r"(\d+)\s?(h|hours?|d|days?|w|weeks?)(?:\s+ago)?")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_EARLIEST, _LATEST = 1000, 9000
"""Years between which every zone can reckon."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that was named, both ends included. `relative` says that it was counted back from now."""

    first: Bound
    last: Bound
    relative: bool = False


def parse_span(text: str, now: datetime) -> Span:
    """The stretch of time that a text names.

    `2026-11-03` is a day, `2026-11` a month, `2026` a year; `today` and `yesterday` are days. `7d`, `24h` and `2w` are the
    instant so long before `now`. `2026-11-03T09:30` is an instant. `today` is the day of `now` in the zone that `now` carries.

    Raises:
        UsageError: The text names no time.
    """
    said = text.strip()
    try:
        span = _named(said.lower(), now) or _written(said)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{said!r} is not a date or time", hint=f"Write for example {FORMS}.") from error
    for bound in (span.first, span.last):
        if not _EARLIEST <= bound.year <= _LATEST:
            raise UsageError(
                f"the year {bound.year} of {said!r} is out of range",
                hint=f"Years from {_EARLIEST} to {_LATEST} can be searched. Leave the option out for an open end.",
            )
    return span


def parse_since(text: str, now: datetime) -> Bound:
    """The beginning of the stretch of time that `text` names.

    Raises:
        UsageError: The text names no time.
    """
    return parse_span(text, now).first


def parse_until(text: str, now: datetime) -> Bound:
    """The end of the stretch of time that `text` names: the last day of a month, for instance.

    Raises:
        UsageError: The text names no time.
    """
    return parse_span(text, now).last


def parse_days(text: str, now: datetime) -> tuple[date, date]:
    """The first and the last day of the stretch of time that `text` names. A time that was counted back from now gives its day.

    Raises:
        UsageError: The text names no time, or a time of day.
    """
    span = parse_span(text, now)
    if isinstance(span.first, datetime) and not span.relative:
        raise UsageError(f"{text.strip()!r} is not a day but a time", hint=f"Write for example {DAY_FORMS}.")
    return _day(span.first), _day(span.last)


def _day(bound: Bound) -> date:
    return bound.date() if isinstance(bound, datetime) else bound


def _named(said: str, now: datetime) -> Span | None:
    if said in ("today", "yesterday"):
        day = now.date() - timedelta(days=said == "yesterday")
        return Span(day, day)
    if said == "now":
        return Span(now, now, relative=True)
    if ago := _AGO.fullmatch(said):
        at = now - int(ago[1]) * _UNITS[ago[2][0]]
        return Span(at, at, relative=True)
    return None


def _written(said: str) -> Span:
    """Raises ValueError."""
    if month := _MONTH.fullmatch(said):
        first = date(int(month[1]), int(month[2]), 1)
        return Span(first, first.replace(day=monthrange(first.year, first.month)[1]))
    if _YEAR.fullmatch(said):
        return Span(date(int(said), 1, 1), date(int(said), 12, 31))
    try:
        day = date.fromisoformat(said)  # also 20261103 and 2026-W45-2
    except ValueError:
        at = datetime.fromisoformat(said)
        return Span(at, at)
    return Span(day, day)
