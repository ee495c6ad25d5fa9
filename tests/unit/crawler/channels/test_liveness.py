"""Telling a live channel from one that only answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.model.link import Link
from crawler.channels.liveness import assess_channel, assess_failure, stale_after
from crawler.discover.feeds.feed import Feed

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def feed(*ages: timedelta, undated: int = 0, skipped: int = 0) -> Feed:
    links = tuple(Link(f"https://www.example.org/{number}") for number in range(len(ages) + undated))
    return Feed("rss", "News", "en", links, tuple(NOW - age for age in ages), undated, skipped)


def test_a_live_feed() -> None:
    verdict = assess_channel(feed(timedelta(hours=3), timedelta(days=400)), NOW, wanted=2)
    assert (verdict.outcome, verdict.alive, verdict.items, verdict.detail) == ("live", True, 2, None)
    assert verdict.newest_at == NOW - timedelta(hours=3)


def test_a_feed_that_stopped_years_ago() -> None:
    verdict = assess_channel(feed(timedelta(days=3_000)), NOW, wanted=1)
    assert (verdict.outcome, verdict.alive) == ("stale", False)
    assert verdict.detail == "nothing for 3000 days, expected within 30"


@pytest.mark.parametrize(("expected", "days"), [(None, 30), ((0, 5), 30), ((1, 5), 10), ((5, 200), 3), ((100, 200), 3)])
def test_how_long_a_channel_may_be_silent(expected: tuple[int, int] | None, days: int) -> None:
    assert stale_after(expected) == timedelta(days=days)
    at_the_limit = feed(timedelta(days=days))
    beyond = feed(timedelta(days=days, seconds=1))
    assert assess_channel(at_the_limit, NOW, wanted=1, expect_per_day=expected).outcome == "live"
    assert assess_channel(beyond, NOW, wanted=1, expect_per_day=expected).outcome == "stale"


def test_items_without_dates_are_a_sign_of_life() -> None:
    verdict = assess_channel(feed(undated=50), NOW, wanted=50)
    assert (verdict.outcome, verdict.alive, verdict.without_date, verdict.newest_at) == ("undated", True, 50, None)


def test_announced_events_do_not_keep_a_dead_feed_alive() -> None:
    verdict = assess_channel(feed(timedelta(days=-90), timedelta(days=400)), NOW, wanted=2)
    assert verdict.outcome == "stale"
    assert verdict.newest_at == NOW - timedelta(days=400)
    assert "1 dates in the future" in (verdict.detail or "")
    assert assess_channel(feed(timedelta(hours=-9)), NOW, wanted=1).outcome == "live"  # a zone that was left out


def test_an_empty_feed() -> None:
    assert assess_channel(feed(), NOW, wanted=0).outcome == "empty"
    verdict = assess_channel(feed(skipped=3), NOW, wanted=0)
    assert (verdict.outcome, verdict.detail) == ("empty", "3 items without an address to fetch")


def test_a_feed_that_answers_another_question() -> None:
    assert assess_channel(feed(timedelta(hours=1)), NOW, wanted=0).outcome == "off-site"
    some = assess_channel(feed(timedelta(hours=1), timedelta(hours=2)), NOW, wanted=1)
    assert (some.outcome, some.detail) == ("live", "1 of 2 links are not articles of this source")


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        ("not-a-feed: HTML page", "html-instead-of-feed"),
        ("not-a-feed: empty", "not-a-feed"),
        ("not-a-feed: <urlset>", "not-a-feed"),
        ("broken-xml: mismatched tag", "broken"),
        ("broken-json: line 1", "broken"),
        ("forbidden-entities", "broken"),
    ],
)
def test_what_is_no_feed(problem: str, outcome: str) -> None:
    verdict = assess_channel(Feed(problem=problem), NOW, wanted=0)
    assert (verdict.outcome, verdict.alive, verdict.detail) == (outcome, False, problem)


@pytest.mark.parametrize(
    ("reason", "outcome", "detail"),
    [
        ("robots", "refused-by-robots", "robots.txt forbids this address"),
        ("HTTP 404", "dead", "HTTP 404"),
        ("HTTP 410", "dead", "HTTP 410"),
        ("host-not-found", "dead", "host-not-found"),
        ("HTTP 403", "blocked", "HTTP 403"),
        ("HTTP 451", "blocked", "HTTP 451"),
        ("HTTP 503", "failing", "HTTP 503"),
        ("timeout", "failing", "timeout"),
        ("tls-failure: certificate expired", "failing", "tls-failure: certificate expired"),
        (
            "address-refused: 10.0.0.1 is not a public address",
            "failing",
            "address-refused: 10.0.0.1 is not a public address",
        ),
        ("robots-unreachable", "failing", "robots-unreachable"),
        ("robots-unreachable: host-not-found", "dead", "robots.txt: host-not-found"),
        ("robots-unreachable: HTTP 503", "failing", "robots.txt: HTTP 503"),
        ("robots-unreachable: tls-failure: expired", "failing", "robots.txt: tls-failure: expired"),
    ],
)
def test_why_there_was_no_answer(reason: str, outcome: str, detail: str) -> None:
    verdict = assess_failure(reason)
    assert (verdict.outcome, verdict.detail, verdict.alive) == (outcome, detail, False)
