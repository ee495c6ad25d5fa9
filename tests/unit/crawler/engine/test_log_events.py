"""What a crawl says in the log of polls and looks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from archive.ingest.record import Recorded
from archive.testing import an_article
from crawler.engine.log_events import Events, name_of

FEED, OTHER = "feed:https://a.example/rss", "sitemap:https://a.example/sitemap.xml"


def test_a_poll_that_brought_something_and_one_that_did_not() -> None:
    events = Events(service=True)
    with capture_logs() as said:
        events.poll_ended("a", FEED, "ok", links=3)
        events.poll_ended("a", FEED, "ok")
        events.poll_ended("a", FEED, "not-modified")
        events.poll_ended("a", FEED, "same-body")
    assert said[0] == {"event": "poll_found_links", "source": "a", "channel": FEED, "links": 3, "log_level": "info"}
    assert [(e["event"], e["log_level"]) for e in said[1:]] == [("poll_found_nothing", "debug")] * 3


def test_a_source_in_trouble_says_so_once() -> None:
    events = Events(service=True)
    with capture_logs() as said:
        for _ in range(3):
            events.poll_ended("a", FEED, "failed", reason="HTTP 503")
            events.poll_ended("a", OTHER, "failed", reason="HTTP 503")
        events.poll_ended("a", FEED, "failed", reason="timeout: 30 s")  # another reason
        events.poll_ended("b", FEED, "failed", reason="HTTP 503")  # another source
    told = [(e["source"], e["reason"]) for e in said if e["log_level"] == "warning"]
    assert told == [("a", "HTTP 503"), ("a", "timeout: 30 s"), ("b", "HTTP 503")]
    assert [e["log_level"] for e in said].count("debug") == 5  # with -v each is there


def test_the_end_of_a_trouble_is_said_when_all_channels_answer() -> None:
    events = Events(service=True)
    with capture_logs() as said:
        events.poll_ended("a", FEED, "failed", reason="HTTP 503")
        events.poll_ended("a", OTHER, "failed", reason="HTTP 503")
        events.poll_ended("a", FEED, "ok", links=1)
        assert "source_answers_again" not in [e["event"] for e in said]
        events.poll_ended("a", OTHER, "not-modified")
        events.poll_ended("a", OTHER, "failed", reason="HTTP 503")
    names = [(e["event"], e["log_level"]) for e in said if e["event"] != "poll_found_nothing"]
    assert names[-2:] == [("source_answers_again", "info"), ("poll_failed", "warning")]  # a new trouble is told


def test_a_poll_in_parts_says_what_it_brought_and_what_failed() -> None:
    events = Events(service=True)
    reason = "1 of 3 requests failed: https://a.example/2: HTTP 500"
    with capture_logs() as said:
        events.poll_ended("a", FEED, "unfinished", links=2, reason=reason)
        events.poll_ended("a", FEED, "unfinished", reason=reason.replace("1 of 3", "2 of 3"))
    assert [(e["event"], e["log_level"]) for e in said] == [
        ("poll_found_links", "info"), ("poll_unfinished", "warning"), ("poll_unfinished", "debug")
    ]  # fmt: skip


def test_where_somebody_waits_failures_stand_in_the_report() -> None:
    with capture_logs() as said:
        Events().poll_ended("a", FEED, "failed", reason="HTTP 503")
    assert said[0]["log_level"] == "info"


@pytest.mark.parametrize(
    ("recorded", "event", "level"),
    [
        (Recorded("new", 1, 1, "abc"), "article_new", "info"),
        (Recorded("revised", 1, 2, "abc", ("title", "body")), "article_revised", "info"),
        (Recorded("flapping", 1, 1, "abc", ("title",)), "article_as_before", "info"),
        (Recorded("gone", 1, 1, "abc"), "article_gone", "info"),
        (Recorded("withheld", 1, None, "abc", first=True), "article_new", "info"),
        (Recorded("withheld", 1, None, "abc"), "article_looked_at", "debug"),
        (Recorded("unchanged", 1, 1, "abc"), "article_looked_at", "debug"),
        (Recorded("missing", 1, 1, "abc"), "article_looked_at", "debug"),
    ],
)
def test_looks(recorded: Recorded, event: str, level: str) -> None:
    article = an_article()
    with capture_logs() as said:
        Events().looked_at("a", article, "https://a.example/asked", recorded)
    (line,) = said
    assert (line["event"], line["log_level"], line["article"], line["source"]) == (event, level, "abc", "a")
    assert line["url"] == article.canonical_url
    if recorded.kind == "revised":
        assert (line["revision"], line["changes"]) == (2, ["title", "body"])
    if event == "article_new":
        assert line.get("title") == (
            article.title if recorded.kind == "new" else None
        )  # nothing of what may not be kept


def test_a_pause_says_until_when() -> None:
    with capture_logs() as said:
        Events().host_paused("a.example", datetime(2026, 11, 29, 12, tzinfo=UTC), 60.0, "HTTP 503")
    assert said == [
        {"event": "host_paused", "host": "a.example", "seconds": 60.0, "until": "2026-11-29T12:00:00Z",
         "reason": "HTTP 503", "log_level": "debug"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("HTTP 503", "HTTP 503"),
        ("timeout: no answer in 30 s", "timeout"),
        ("2 of 3 requests failed: https://a.example/2: HTTP 500", "HTTP 500"),
        ("2 of 3 requests failed: https://a.example/2: left for later: limit", "left for later"),
    ],
)
def test_the_name_of_a_reason(reason: str, name: str) -> None:
    assert name_of(reason) == name
