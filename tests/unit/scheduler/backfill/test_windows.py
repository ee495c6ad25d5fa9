from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from archive.model.job import Priority
from archive.model.period import Period
from archive.model.source import Channel
from archive.testing import a_source
from scheduler.backfill.windows import DAYS, channels_for, orders, split

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SITEMAP = Channel("sitemap", "https://x.example/sitemap.xml")
LISTING = Channel("listing", "https://x.example/news")
DAILY = Channel("archive", "https://x.example/{date:%Y/%m/%d}/")
QUARTER = Period(date(2024, 1, 10), date(2024, 4, 8))
SOURCE = a_source("x", discover=(SITEMAP, LISTING, DAILY))


def archive(template: str) -> Channel:
    return Channel("archive", f"https://x.example/{template}/")


def texts(windows: list[Period]) -> list[str]:
    return [str(window) for window in windows]


@pytest.mark.parametrize("kind", ["feed", "sitemap", "listing", "json", "ids", "warc"])
def test_what_is_turned_from_the_front_is_walked_once(kind: str) -> None:
    assert split(Channel(kind, "https://x.example/list"), QUARTER) == [QUARTER]  # type: ignore[arg-type]


def test_a_page_a_day_makes_windows_of_two_weeks() -> None:
    windows = split(DAILY, QUARTER)
    assert len(windows) == 7  # 90 days
    assert texts(windows)[0] == "2024-01-10..2024-01-23"
    assert texts(windows)[-1] == "2024-04-03..2024-04-08"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{date:%G}/week-{date:%V}", ["2024-01-10..2024-02-04", "2024-02-05..2024-03-03", "2024-03-04..2024-03-31",
                                      "2024-04-01..2024-04-08"]),
        ("{date:%Y/%m}", ["2024-01-10..2024-01-31", "2024-02-01..2024-02-29", "2024-03-01..2024-03-31",
                          "2024-04-01..2024-04-08"]),
        ("{date:%Y}", ["2024-01-10..2024-04-08"]),
    ],
)  # fmt: skip
def test_no_page_of_an_archive_belongs_to_two_windows(template: str, expected: list[str]) -> None:
    assert texts(split(archive(template), QUARTER)) == expected


def test_years_are_cut_at_new_year() -> None:
    assert texts(split(archive("{date:%Y}"), Period(date(2022, 6, 1), date(2024, 2, 1)))) == [
        "2022-06-01..2022-12-31",
        "2023-01-01..2023-12-31",
        "2024-01-01..2024-02-01",
    ]


def test_a_web_archive_is_asked_by_month() -> None:
    assert len(split(Channel("wayback", "https://x.example/"), QUARTER)) == 4


@given(
    first=st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    days=st.integers(0, 1500),
    template=st.sampled_from(["{date:%Y/%m/%d}", "{date:%G/%V}", "{date:%Y-%m}", "{date:%Y}", "{date:%Y/%m/%d/%H}"]),
)
def test_windows_are_the_period_without_gap_or_overlap(first: date, days: int, template: str) -> None:
    period = Period(first, first + timedelta(days=days))
    windows = split(archive(template), period)
    covered = [w.first + timedelta(days=n) for w in windows for n in range((w.last - w.first).days + 1)]
    assert covered == [first + timedelta(days=n) for n in range(days + 1)]


def test_an_order_names_channel_and_window() -> None:
    made = orders(SOURCE, [DAILY], Period(date(2024, 3, 1), date(2024, 3, 2)), {}, NOW)
    assert [(o.key, o.channel, str(o.window), o.priority) for o in made] == [
        (f"{DAILY.key} 2024-03-01..2024-03-02", DAILY.key, "2024-03-01..2024-03-02", Priority.backfill)
    ]


def test_finished_windows_are_not_ordered_again() -> None:
    done = split(DAILY, QUARTER)[:6]
    left = orders(SOURCE, [SITEMAP, DAILY], QUARTER, {DAILY.key: done, SITEMAP.key: [QUARTER]}, NOW)
    assert [str(order.window) for order in left] == ["2024-04-03..2024-04-08"]


def test_a_finished_walk_covers_every_shorter_window() -> None:
    inside = Period(QUARTER.first + timedelta(days=DAYS), QUARTER.last)
    assert orders(SOURCE, [LISTING], inside, {LISTING.key: [QUARTER]}, NOW) == []
    wider = Period(QUARTER.first - timedelta(days=1), QUARTER.last)
    assert [o.window for o in orders(SOURCE, [LISTING], wider, {LISTING.key: [QUARTER]}, NOW)] == [wider]


@pytest.mark.parametrize(
    ("via", "expected"),
    [(None, (SITEMAP, LISTING, DAILY)), ("archive", (DAILY,)), (SITEMAP.key, (SITEMAP,)), (LISTING.url, (LISTING,))],
)
def test_via_is_a_kind_a_key_or_an_address(via: str | None, expected: tuple[Channel, ...]) -> None:
    assert channels_for(SOURCE, via) == expected


def test_a_channel_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="x has no channel wayback") as error:
        channels_for(SOURCE, "wayback")
    assert SITEMAP.key in (error.value.hint or "")
    with pytest.raises(UsageError, match="names no channel"):
        channels_for(a_source("y"), None)
