"""What is known of articles, on both databases."""

from __future__ import annotations

import pytest

from archive.frontier.known_articles import read_by_others
from archive.testing import EXTRACTOR, Desk, a_source, an_article


def test_sources_are_told_of_which_another_extractor_read_an_article(news_desk: Desk) -> None:
    news_desk.add_source(a_source("coast-post"))
    for number, extractor in enumerate((EXTRACTOR, "test-2", EXTRACTOR)):
        news_desk.record(an_article(f"https://www.harbour-times.example/{number}", extractor=extractor))
        today = {"harbour-times": EXTRACTOR, "coast-post": EXTRACTOR}
        with news_desk.archive.reading() as session:
            assert read_by_others(session, today) == ({"harbour-times"} if number else set())
            assert read_by_others(session, {}) == set()


@pytest.mark.parametrize("today", ["test-0", "test-2"])
def test_whether_the_name_of_the_other_comes_before_or_after(news_desk: Desk, today: str) -> None:
    news_desk.record(an_article("https://www.harbour-times.example/0"))
    with news_desk.archive.reading() as session:
        assert read_by_others(session, {"harbour-times": today}) == {"harbour-times"}
