"""Whether a link may lie in a window."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from archive.model.link import Hints, Link
from archive.model.period import Period
from crawler.discover.parsing.window import outside, published_day

MARCH = Period(date(2024, 3, 1), date(2024, 3, 31))


@pytest.mark.parametrize(
    ("url", "hints", "reason"),
    [
        ("/a", Hints(), None),
        ("/a", Hints(published_at=datetime(2024, 3, 15, tzinfo=UTC)), None),
        ("/a", Hints(published_at=datetime(2024, 2, 29, 23, tzinfo=UTC)), None),
        ("/a", Hints(published_at=datetime(2024, 2, 28, tzinfo=UTC)), "before: 2024-02-28"),
        ("/a", Hints(published_at=datetime(2024, 4, 2, tzinfo=UTC)), "after: 2024-04-02"),
        ("/a", Hints(published="15 tháng 1, 2024"), "before: 2024-01-15"),
        ("/a", Hints(published="2024.05.07"), "after: 2024-05-07"),
        ("/a", Hints(published="yesterday"), None),
        ("/2024/01/15/a", Hints(), "before: 2024-01-15"),
        ("/2024/01/15/a", Hints(published_at=datetime(2024, 3, 15, tzinfo=UTC)), None),
        ("/a", Hints(updated="2024-01-15"), "before: 2024-01-15"),
        ("/a", Hints(updated_at=datetime(2026, 1, 1, tzinfo=UTC)), None),
        ("/2024/03/15/a", Hints(updated_at=datetime(2020, 1, 1, tzinfo=UTC)), None),
    ],
)
def test_what_a_channel_says_decides_and_doubt_lets_pass(url: str, hints: Hints, reason: str | None) -> None:
    assert outside(Link(f"https://x.example{url}", hints), MARCH, ("vi",)) == reason


def test_a_date_that_can_be_read_two_ways_is_none() -> None:
    assert published_day(Link("https://x.example/a", Hints(published="05/04/2024"))) is None
    assert published_day(Link("https://x.example/a", Hints(published="05/04/2024")), ("vi",)) == date(2024, 4, 5)
