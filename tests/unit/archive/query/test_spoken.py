from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from archive.errors import UsageError
from archive.query.spoken import Span, parse_days, parse_since, parse_span, parse_until

SEOUL = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 3, 2, 30, tzinfo=SEOUL)
"""In UTC it is still the second of November."""


def a_day(*parts: int) -> Span:
    return Span(date(*parts), date(*parts))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        (" 2026-11-03 ", a_day(2026, 11, 3)),
        ("20261103", a_day(2026, 11, 3)),
        ("2026-W45-2", a_day(2026, 11, 3)),
        ("today", a_day(2026, 11, 3)),
        ("Yesterday", a_day(2026, 11, 2)),
        ("2026-11", Span(date(2026, 11, 1), date(2026, 11, 30))),
        ("2024-02", Span(date(2024, 2, 1), date(2024, 2, 29))),
        ("2024", Span(date(2024, 1, 1), date(2024, 12, 31))),
    ],
)
def test_days_months_and_years(text: str, span: Span) -> None:
    assert parse_span(text, NOW) == span
    assert (parse_since(text, NOW), parse_until(text, NOW)) == (span.first, span.last)
    assert parse_days(text, NOW) == (span.first, span.last)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("7d", timedelta(days=7)),
        ("7 days", timedelta(days=7)),
        ("1 day ago", timedelta(days=1)),
        ("24h", timedelta(hours=24)),
        ("2w", timedelta(weeks=2)),
        ("now", timedelta()),
    ],
)
def test_spans_back_from_now(text: str, back: timedelta) -> None:
    assert parse_since(text, NOW) == parse_until(text, NOW) == NOW - back
    assert parse_days(text, NOW)[0] == (NOW - back).date()


def test_times() -> None:
    naive = datetime(2026, 11, 3, 9, 30)  # noqa: DTZ001
    assert parse_since("2026-11-03T09:30", NOW) == naive
    assert parse_since("2026-11-03 09:30", NOW) == naive
    assert parse_until("2026-11-03T09:30:00+09:00", NOW) == datetime(2026, 11, 3, 0, 30, tzinfo=UTC)
    assert parse_since("2026-11-03T09:30Z", NOW) == datetime(2026, 11, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2026-02-30", "03.11.2026", "2026-13", "2026-11-03T25:00", "7m", "-7d", "9" * 12 + "d", "7"],
)
def test_what_is_no_date_is_refused_with_the_right_forms(text: str) -> None:
    with pytest.raises(UsageError, match="is not a date or time") as refused:
        parse_span(text, NOW)
    assert "yesterday, 7d" in (refused.value.hint or "")


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "0999", "9999-12-31T23:59:59Z"])
def test_years_that_no_zone_can_reckon_with_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="out of range"):
        parse_span(text, NOW)


def test_a_time_of_day_is_no_day() -> None:
    with pytest.raises(UsageError, match="is not a day but a time") as refused:
        parse_days("2026-11-03T09:30", NOW)
    assert "T09" not in (refused.value.hint or "")
