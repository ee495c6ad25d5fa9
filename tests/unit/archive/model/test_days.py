"""Days of a source's own zone, across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.model.days import bounds, day_before, day_of, days_between, zone_of


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-10-25", "Europe/Berlin", 25),
        ("2026-11-01", "America/New_York", 25),
        ("2026-04-24", "Africa/Cairo", 23),  # clocks skip midnight
        ("2024-11-03", "America/Havana", 25),  # clocks show midnight twice
        ("2026-11-02", "Asia/Seoul", 24),
        ("2026-11-02", None, 24),
    ],
)
def test_days_follow_each_other_without_a_hole(day: str, zone: str | None, hours: int) -> None:
    start, end = bounds(day, zone)
    assert end - start == timedelta(hours=hours)
    assert start.tzinfo == end.tzinfo == UTC
    assert bounds(day_before(day), zone)[1] == start
    assert day_of(start, zone) == day_of(end - timedelta.resolution, zone) == day
    assert day_of(start - timedelta.resolution, zone) == day_before(day)


def test_the_day_is_the_one_of_the_zone() -> None:
    at = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
    assert day_of(at, "Asia/Seoul") == "2026-11-03"
    assert day_of(at, "America/New_York") == day_of(at, None) == "2026-11-02"


def test_an_unknown_zone_counts_as_utc() -> None:
    assert zone_of("Mars/Olympus") is zone_of(None) is zone_of("UTC")


def test_days_between() -> None:
    start = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)  # 23:00 in Seoul
    assert list(days_between(start, start + timedelta(hours=1), "Asia/Seoul")) == ["2026-11-02"]
    assert list(days_between(start, start + timedelta(hours=26), "Asia/Seoul")) == [
        "2026-11-02", "2026-11-03", "2026-11-04"
    ]  # fmt: skip
    assert list(days_between(start, start, "Asia/Seoul")) == []
