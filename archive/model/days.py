"""Days of a source's own time zone. Pure. A day on which clocks are moved has 23 or 25 hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=512)
def zone_of(name: str | None) -> ZoneInfo:
    """The zone of an IANA name. Without a name, or with one that is no zone, it is UTC."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def day_of(at: datetime, zone: str | None) -> str:
    """The day (YYYY-MM-DD) that it is in the zone at an instant."""
    return at.astimezone(zone_of(zone)).date().isoformat()


@lru_cache(maxsize=4096)
def bounds(day: str, zone: str | None) -> tuple[datetime, datetime]:
    """The instants (UTC) at which a day of the zone begins and at which the next one does.

    Midnight is the first one where clocks show it twice, and the moment of the change where they skip it.
    """
    first = date.fromisoformat(day)
    start, end = (datetime.combine(d, time(), zone_of(zone)).astimezone(UTC) for d in (first, first + timedelta(1)))
    return start, end


def days_between(start: datetime, end: datetime, zone: str | None) -> Iterator[str]:
    """The days of the zone that [start, end) touches, first to last. An empty stretch touches none."""
    if start >= end:
        return
    day = start.astimezone(zone_of(zone)).date()
    last = (end - timedelta.resolution).astimezone(zone_of(zone)).date()
    while day <= last:
        yield day.isoformat()
        day += timedelta(days=1)


def day_before(day: str) -> str:
    """The day (YYYY-MM-DD) before this one."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
