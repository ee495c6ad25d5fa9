"""Dates and times as a reader gives them, and what they select.

A bare date is the whole day in the zone of each source, both ends included. A time without a zone is read in the zone of
the source, too; one given to the second includes that second. Sources whose zone is not known count as UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import Session

from archive.errors import UsageError
from archive.tables import RevisionRow, SourceRow
from archive.tables.base import UtcDateTime

Bound = date | datetime
"""A date (the whole day), or a time (naive: in the source's zone)."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_bound(text: str) -> Bound:
    """`2026-11-03`, `2026-11-03T09:30`, `2026-11-03T09:30:00+09:00`. Raises UsageError."""
    text = text.strip()
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is not a date or time", hint="Write 2026-11-03, 2026-11-03T09:30 or 2026-11-03T09:30:00Z."
        ) from error


def first_instant(bound: Bound, zone: str) -> datetime:
    """The first instant (UTC) that the bound includes."""
    if not isinstance(bound, datetime):
        bound = datetime.combine(bound, time(), ZoneInfo(zone))
    elif bound.tzinfo is None:
        bound = bound.replace(tzinfo=ZoneInfo(zone))
    return bound.astimezone(UTC)


def end_instant(bound: Bound, zone: str) -> datetime:
    """The first instant (UTC) that the bound does no longer include."""
    if not isinstance(bound, datetime):
        return first_instant(bound + timedelta(days=1), zone)
    return first_instant(bound, zone) + (timedelta(seconds=1) if bound.microsecond == 0 else timedelta.resolution)


def day(bound: Bound, zone: str) -> datetime:
    """The day of the bound in the zone, as times known only to the day are stored: 00:00 UTC of that day."""
    if isinstance(bound, datetime):
        bound = bound.date() if bound.tzinfo is None else bound.astimezone(ZoneInfo(zone)).date()
    return datetime.combine(bound, time(), UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time by what the publisher claims. A revision of unknown date is in no window but the open one."""

    since: Bound | None = None
    until: Bound | None = None

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def condition(self, session: Session) -> ColumnElement[bool]:
        """Whether `revisions.published_at` lies within; the statement must have joined `sources`."""
        by_zone = [and_(_zone() == zone, self._within(zone)) for zone in zones(session)]
        return or_(*by_zone) if by_zone else false()

    def _within(self, zone: str) -> ColumnElement[bool]:
        at = RevisionRow.published_at
        instants: list[ColumnElement[bool]] = [at.is_not(None)]
        days: list[ColumnElement[bool]] = [at.is_not(None)]
        if self.since is not None:
            instants.append(at >= first_instant(self.since, zone))
            days.append(at >= day(self.since, zone))
        if self.until is not None:
            instants.append(at < end_instant(self.until, zone))
            days.append(at <= day(self.until, zone))
        only_day = RevisionRow.published["precision"].as_string() == "day"
        return case((only_day, and_(*days)), else_=and_(*instants))


def end_by_source(session: Session, bound: Bound) -> ColumnElement[datetime]:
    """`end_instant` for the source of each row; the statement must have joined `sources`."""
    ends = {zone: end_instant(bound, zone) for zone in zones(session)}
    if len(set(ends.values())) <= 1:
        return literal(next(iter(ends.values()), end_instant(bound, "UTC")), UtcDateTime())
    return case(
        *((_zone() == zone, literal(end, UtcDateTime())) for zone, end in ends.items()),
        else_=literal(end_instant(bound, "UTC"), UtcDateTime()),
    )


def zones(session: Session) -> list[str]:
    """The zones of the archive's sources."""
    return sorted(set(session.scalars(select(_zone()).distinct())))


def _zone() -> ColumnElement[str]:
    return func.coalesce(SourceRow.timezone, "UTC")


def rfc3339(at: datetime) -> str:
    """An instant of ours as exported: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
