"""Upkeep as the daemon calls it, on both databases: from polls and looks to ledger rows and alarms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from archive.frontier.channels import record_failed_poll, record_poll
from archive.frontier.links import record_links
from archive.model.frontier import AnswerFacts, ChannelMemory
from archive.model.link import Link
from archive.model.source import Channel, Source
from archive.registry import Registry
from archive.sources.state import set_enabled
from archive.tables import AlarmRow, ChannelRow, CoverageRow, JobRow, SourceRow
from archive.testing import START, Desk, a_capture, a_source, an_article
from scheduler.monitoring import upkeep as upkeep_module
from scheduler.monitoring.upkeep import UpkeepReport, upkeep

SITE = "https://www.harbour-times.example"
FEED = Channel("feed", f"{SITE}/rss")
HOUR = timedelta(hours=1)


def expected(rhythm: Mapping[str, Any], start: datetime, end: datetime) -> float:
    return float(rhythm["per_hour"] * ((end - start) / HOUR))


def usual_gap(rhythm: Mapping[str, Any]) -> timedelta | None:
    return HOUR / rhythm["per_hour"] if rhythm["per_hour"] else None


def keep(desk: Desk, *sources: Source) -> UpkeepReport:
    wanted = sources or (a_source(discover=(FEED,)),)
    registry = Registry({source.id: source for source in wanted})
    return upkeep(desk.archive, registry, desk.now, expected=expected, usual_gap=usual_gap)


def poll(desk: Desk, *names: str) -> None:
    """A poll of the feed that shows these links."""

    def work(tx: Any) -> None:
        filed = record_links(tx, "harbour-times", FEED.key, [Link(f"{SITE}/{name}") for name in names])
        shown = AnswerFacts(len(names), len(filed.new), known=filed.known)
        record_poll(
            tx, "harbour-times", FEED.key, memory=ChannelMemory(), polled_at=desk.now, outcome="ok", shown=shown
        )  # fmt: skip

    desk.do(work)


def learn(desk: Desk, per_hour: float) -> None:
    with desk.archive.writing() as session:
        session.execute(update(ChannelRow).values(rhythm={"per_hour": per_hour}))


def kinds(desk: Desk) -> list[str]:
    with desk.archive.reading() as session:
        return list(session.scalars(select(AlarmRow.kind).where(AlarmRow.closed_at.is_(None)).order_by(AlarmRow.kind)))


def test_the_ledger_follows_what_happens(news_desk: Desk) -> None:
    poll(news_desk, "a", "b")
    learn(news_desk, 0.5)
    news_desk.now += 2 * HOUR
    report = keep(news_desk)
    assert (report.sources, report.counted, report.opened) == (1, 2, ())
    with news_desk.archive.reading() as session:
        row = session.get_one(CoverageRow, ("harbour-times", "2026-11-02"))
    assert (row.found, row.pending, row.polls_ok, row.expected, row.counted_at) == (2, 2, 1, 1.0, news_desk.now)
    news_desk.now += timedelta(minutes=5)
    assert keep(news_desk).counted == 0  # nothing happened
    news_desk.now += timedelta(minutes=5)
    news_desk.record(an_article(f"{SITE}/a"), a_capture(f"{SITE}/a", at=news_desk.now), link=1)
    assert keep(news_desk).counted == 2
    with news_desk.archive.reading() as session:
        row = session.get_one(CoverageRow, ("harbour-times", "2026-11-02"))
    assert (row.captured, row.pending, row.polls_ok) == (1, 1, 1)


def test_a_source_falls_silent_and_speaks_again(news_desk: Desk) -> None:
    poll(news_desk, "a", "b")
    learn(news_desk, 1.0)
    news_desk.now += 5 * HOUR
    poll(news_desk, "a", "b")
    assert keep(news_desk).opened == ()
    news_desk.now += 2 * HOUR
    poll(news_desk, "a", "b")
    (opened,) = keep(news_desk).opened
    assert (opened.kind, opened.source_id) == ("silent", "harbour-times")
    assert "nothing new since 2026-11-02 09:00 UTC" in opened.detail
    news_desk.now += HOUR
    poll(news_desk, "a", "b", "c")
    (closed,) = keep(news_desk).closed
    assert (closed.kind, closed.closed_at) == ("silent", news_desk.now)
    assert kinds(news_desk) == []


def test_a_daemon_that_was_down_raises_no_alarm(news_desk: Desk) -> None:
    poll(news_desk, "a")
    learn(news_desk, 1.0)
    news_desk.now += 72 * HOUR
    assert keep(news_desk).opened == ()


def test_polls_that_fail(news_desk: Desk) -> None:
    for _ in range(3):
        news_desk.do(
            lambda tx: record_failed_poll(tx, "harbour-times", FEED.key, polled_at=news_desk.now, reason="timeout")
        )
    (opened,) = keep(news_desk).opened
    assert (opened.kind, "3 polls failed in a row: timeout; never answered" in opened.detail) == ("failing", True)


def test_a_channel_that_left_the_registry_is_not_judged(news_desk: Desk) -> None:
    for _ in range(3):
        news_desk.do(
            lambda tx: record_failed_poll(tx, "harbour-times", "feed:old", polled_at=news_desk.now, reason="timeout")
        )
    assert keep(news_desk).opened == ()


@pytest.mark.parametrize("how", ["paused", "disabled", "gone"])
def test_who_is_not_polled_is_not_judged(news_desk: Desk, how: str) -> None:
    for _ in range(3):
        news_desk.do(
            lambda tx: record_failed_poll(tx, "harbour-times", FEED.key, polled_at=news_desk.now, reason="timeout")
        )
    assert len(keep(news_desk).opened) == 1
    with news_desk.archive.writing() as session:
        if how == "paused":
            session.get_one(SourceRow, "harbour-times").paused_at = news_desk.now
        elif how == "disabled":
            set_enabled(session, "harbour-times", False)
    news_desk.add_source(other := a_source("kabar", discover=(Channel("feed", "https://www.kabar.example/rss"),)))
    report = keep(news_desk, other) if how == "gone" else keep(news_desk)
    assert [each.kind for each in report.closed] == ["failing"]


def test_what_the_registry_expects_of_a_day(news_desk: Desk) -> None:
    source = a_source(discover=(FEED,), expect_per_day=(3, 200))
    poll(news_desk, "a", "b")
    news_desk.now += timedelta(days=1)
    keep(news_desk, source)
    assert kinds(news_desk) == ["silent"]
    with news_desk.archive.reading() as session:
        (detail,) = session.scalars(select(AlarmRow.detail))
    assert detail == "2 items on 2026-11-02; the registry expects at least 3 a day"


def test_texts_that_collapse(news_desk: Desk) -> None:
    for number in range(60):
        url = f"{SITE}/{number}"
        body = "A sentence of some length. " * 40 if number < 40 else "Cookies."
        news_desk.record(an_article(url, body=body, title=f"Number {number}"), a_capture(url, at=news_desk.now))
        news_desk.now += timedelta(minutes=1)
    keep(news_desk)
    assert kinds(news_desk) == ["short-bodies"]


def test_finished_jobs_are_forgotten_after_a_day(news_desk: Desk) -> None:
    def job(key: str, state: str, finished_at: datetime | None) -> JobRow:
        return JobRow(
            source_id="harbour-times", kind="poll", key=key, payload={}, priority=10, due_at=START, created_at=START,
            state=state, leases=1, finished_at=finished_at,
        )  # fmt: skip

    with news_desk.archive.writing() as session:
        session.add_all([job("old", "done", START), job("new", "done", START + 20 * HOUR), job("open", "ready", None)])
    news_desk.now = START + 25 * HOUR
    assert keep(news_desk).forgotten == 1
    with news_desk.archive.reading() as session:
        assert set(session.scalars(select(JobRow.key))) == {"new", "open"}


def test_many_sources_are_written_in_several_transactions(news_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep_module, "ROWS_AT_ONCE", 3)
    sources = [news_desk.add_source(a_source(f"source-{n}", discover=(FEED,))) for n in range(5)]
    assert keep(news_desk, *sources).counted == 10
    with news_desk.archive.reading() as session:
        assert len(session.scalars(select(CoverageRow)).all()) == 10
    assert keep(news_desk, *sources).counted == 0
