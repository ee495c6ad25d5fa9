from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from archive.errors import UsageError
from archive.query.when import Window, day, end_instant, first_instant, rfc3339


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    first, last = date(2026, 11, 3), date(2026, 11, 4)
    Window(first, last)
    Window(first, first)
    Window(datetime(2026, 11, 3, 1, tzinfo=UTC), datetime(2026, 11, 3, 1, tzinfo=UTC))
    for since, until in (
        (last, first),
        (datetime(2026, 11, 3, 2, tzinfo=UTC), datetime(2026, 11, 3, 1, tzinfo=UTC)),
        (datetime(2026, 11, 6, tzinfo=UTC), last),
        (last, datetime(2026, 11, 1, tzinfo=UTC)),
    ):
        with pytest.raises(UsageError, match="ends before it begins"):
            Window(since, until)


def test_a_day_and_an_instant_that_may_meet_in_some_zone_are_a_window() -> None:
    Window(datetime(2026, 11, 4, 9, tzinfo=UTC), date(2026, 11, 3))  # in Honolulu it is still the third


def test_a_day_is_that_of_the_zone() -> None:
    third = date(2026, 11, 3)
    assert first_instant(third, "Asia/Seoul") == datetime(2026, 11, 2, 15, tzinfo=UTC)
    assert end_instant(third, "Asia/Seoul") == datetime(2026, 11, 3, 15, tzinfo=UTC)


def test_days_of_23_and_25_hours() -> None:
    def length(on: date) -> timedelta:
        return end_instant(on, "Europe/Berlin") - first_instant(on, "Europe/Berlin")

    assert length(date(2026, 3, 29)) == timedelta(hours=23)
    assert length(date(2026, 10, 25)) == timedelta(hours=25)


def test_a_time_includes_its_second() -> None:
    at = datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert end_instant(at, "Asia/Seoul") == at + timedelta(seconds=1)
    assert end_instant(at.replace(microsecond=5), "UTC") == at.replace(microsecond=6)
    assert first_instant(at.replace(tzinfo=None), "Asia/Seoul") == at - timedelta(hours=9)


def test_times_known_to_the_day_compare_as_days() -> None:
    midnight = datetime(2026, 11, 3, tzinfo=UTC)
    assert day(date(2026, 11, 3), "Asia/Seoul") == midnight
    assert day(datetime(2026, 11, 2, 20, tzinfo=UTC), "Asia/Seoul") == midnight
    assert day(datetime(2026, 11, 3, 20), "Asia/Seoul") == midnight  # noqa: DTZ001


def test_a_window_is_open_or_not() -> None:
    assert not Window()
    assert Window(since=date(2026, 11, 3))
    assert Window(until=date(2026, 11, 3))


def test_times_of_ours_are_exported_to_the_second_in_utc() -> None:
    at = datetime(2026, 11, 3, 9, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=9)))
    assert rfc3339(at) == "2026-11-03T00:00:00Z"
