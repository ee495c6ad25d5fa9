"""Dates and times as a reader gives them, and what they select."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import Session

from archive.errors import UsageError
from archive.query.spoken import Bound
from archive.tables import RevisionRow, SourceRow
from archive.tables.base import UtcDateTime

ZONES_APART = timedelta(hours=14)
"""How far a zone lies from UTC at most (IANA: Pacific/Kiritimati)."""


def first_instant(bound: Bound, zone: str) -> datetime:
    """The first instant (UTC) that the bound includes."""
    if not isinstance(bound, datetime):
        bound = datetime.combine(bound, time(), ZoneInfo(zone))
    elif bound.tzinfo is None:
        bound = bound.replace(tzinfo=ZoneInfo(zone))
    return bound.astimezone(UTC)


def end_instant(bound: Bound, zone: str) -> datetime:
    """The first instant (UTC) that the bound no longer includes."""
    if not isinstance(bound, datetime):
        return first_instant(bound + timedelta(days=1), zone)
    return first_instant(bound, zone) + (timedelta(seconds=1) if bound.microsecond == 0 else timedelta.resolution)


def day(bound: Bound, zone: str) -> datetime:
    """The day of the bound in the zone, in the form in which times known only to the day are stored: 00:00 UTC of that day."""
    if isinstance(bound, datetime):
        bound = bound.date() if bound.tzinfo is None else bound.astimezone(ZoneInfo(zone)).date()
    return datetime.combine(bound, time(), UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time by what the publisher claims. A revision of unknown date is in no window but the open one.

    Raises:
        UsageError: `since` is after `until`.
    """

    since: Bound | None = None
    until: Bound | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and _is_after(self.since, self.until):
            raise UsageError(
                f"the time window ends before it begins: {self.since.isoformat()} is after {self.until.isoformat()}",
                hint="Give the earlier time with --since and the later one with --until.",
            )

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def condition(self, session: Session) -> ColumnElement[bool]:
        """The condition that `revisions.published_at` is inside. The statement must have joined `sources`."""
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


def _is_after(since: Bound, until: Bound) -> bool:
    """Return whether it is so in every zone. A day and an instant can be compared only to some hours."""
    same = isinstance(since, datetime) == isinstance(until, datetime) and _zoned(since) == _zoned(until)
    return first_instant(since, "UTC") - (timedelta() if same else ZONES_APART) >= end_instant(until, "UTC")


def _zoned(bound: Bound) -> bool:
    return isinstance(bound, datetime) and bound.tzinfo is not None


def end_by_source(session: Session, bound: Bound) -> ColumnElement[datetime]:
    """The `end_instant` for the source of each row. The statement must have joined `sources`."""
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
