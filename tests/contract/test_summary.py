"""The daemon's summary: what came about in an hour, and since it began, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from structlog.testing import capture_logs

from archive.frontier.channels import record_failed_poll, record_poll
from archive.model.frontier import ChannelMemory
from archive.model.job import Order, Priority
from archive.query import Activity
from archive.queue.jobs import enqueue
from archive.testing import START, Desk, an_article
from scheduler.monitoring.summary import EVERY, Summary, facts, is_over

FEED = "feed:https://www.harbour-times.example/rss"
SOURCE = "harbour-times"
MINUTE = timedelta(minutes=1)


def poll(desk: Desk, *, ok: bool = True) -> None:
    if ok:
        desk.do(lambda tx: record_poll(tx, SOURCE, FEED, memory=ChannelMemory(), polled_at=desk.now, outcome="ok"))
    else:
        desk.do(lambda tx: record_failed_poll(tx, SOURCE, FEED, polled_at=desk.now, reason="HTTP 500"))


def test_an_hour_is_told_once_it_is_over_and_the_next_counts_anew(news_desk: Desk) -> None:
    desk = news_desk
    poll(desk)
    desk.record(an_article(title="before the daemon"))
    summary = Summary.begin(desk.archive, START)
    poll(desk)
    poll(desk, ok=False)
    desk.record(an_article(title="edited"))
    with desk.archive.writing() as session:
        enqueue(session, [Order(SOURCE, "poll", FEED, START, "due", Priority.poll)], START)
    with capture_logs() as said:
        assert not summary.tell_hour(desk.archive, START + EVERY - MINUTE)
        assert summary.tell_hour(desk.archive, START + EVERY + MINUTE)
        poll(desk)
        assert not summary.tell_hour(desk.archive, START + EVERY + 2 * MINUTE)
        assert summary.tell_hour(desk.archive, START + 3 * EVERY)
        summary.tell_all(desk.archive, START + 3 * EVERY + MINUTE)
    first, second, all_of_it = said
    assert first == {
        "event": "hourly_summary", "log_level": "info",
        "since": f"{START:%Y-%m-%dT%H:%M:%SZ}", "until": f"{START + EVERY + MINUTE:%Y-%m-%dT%H:%M:%SZ}",
        "polls": 2, "failed_polls": 1, "articles": 0, "revisions": 1, "waiting_jobs": 1, "failing_sources": 1,
    }  # fmt: skip
    assert (second["polls"], second["failed_polls"], second["revisions"], second["failing_sources"]) == (1, 0, 0, 0)
    assert second["since"] == first["until"]
    assert all_of_it["event"] == "final_summary"
    assert (all_of_it["polls"], all_of_it["failed_polls"], all_of_it["revisions"]) == (3, 1, 1)
    assert (all_of_it["since"], all_of_it["waiting_jobs"]) == (first["since"], 1)


def test_a_clock_that_is_put_back_begins_the_hour_anew(news_desk: Desk) -> None:
    summary = Summary.begin(news_desk.archive, START)
    with capture_logs() as said:
        assert not summary.tell_hour(news_desk.archive, START - timedelta(days=1))
        assert summary.tell_hour(news_desk.archive, START - timedelta(days=1) + EVERY)
    assert len(said) == 1


def test_stretches_add_up() -> None:
    one = Activity(polls=10, failed_polls=2, articles=3, revisions=1, waiting_jobs=9, failing_sources=2)
    both = one.joined_with(replace(one, waiting_jobs=4, failing_sources=1))
    assert both == Activity(20, 4, 6, 2, waiting_jobs=4, failing_sources=1)


def test_the_fields_name_the_stretch_of_time() -> None:
    assert is_over(START, START + EVERY)
    assert not is_over(START, START + EVERY - MINUTE)
    told = facts(Activity(polls=1), START, START + EVERY)
    assert list(told)[:3] == ["since", "until", "polls"]
