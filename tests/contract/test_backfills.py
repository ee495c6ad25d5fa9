"""Backfills on both databases: ordered, under way, resting, gone on with, finished; and what the ledger says of their days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from archive.frontier import links, walks
from archive.frontier.channels import record_poll
from archive.frontier.origins import record_pause
from archive.model.frontier import AnswerFacts, ChannelMemory
from archive.model.job import Order, Priority
from archive.model.link import Hints, Link
from archive.model.period import Period
from archive.model.walk import PageFacts, Walk, WalkPage
from archive.monitoring import coverage_ledger
from archive.monitoring.coverage_ledger import Followed
from archive.planning import backfills, polls
from archive.planning.backfills import LEFT, Window
from archive.queue import jobs, workers
from archive.storage.locks import Leadership, is_scheduled
from archive.storage.session import Archive
from archive.tables import CoverageRow, GapRow
from archive.testing import START, Desk, a_source, a_time, an_article
from scheduler import ticks
from scheduler.policy.backfill import order_for
from scheduler.policy.polling import Limits

SOURCE, SITE = "harbour-times", "https://www.harbour-times.example"
LIST, DAILY = f"listing:{SITE}/news", f"archive:{SITE}/{{date:%Y/%m/%d}}/"
MARCH = Period(date(2026, 3, 1), date(2026, 3, 3))
MINUTE = timedelta(minutes=1)


class Crew:
    """A worker that carries out the orders of a test, step by step."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.archive = desk, desk.archive
        self.worker = self.write(lambda s: workers.enlist(s, "machine:1"))
        self.ticks = ticks.TickContext(desk.archive, Limits(MINUTE, 60 * MINUTE), 1000)

    def write(self, work: Any) -> Any:
        with self.archive.writing() as session:
            return work(session)

    def order(self, channel: str = LIST, window: Period = MARCH) -> None:
        self.write(lambda s: jobs.enqueue(s, [order_for(SOURCE, channel, window, self.desk.now)], self.desk.now))

    def take(self) -> tuple[int, Walk]:
        """Lease the job and begin its walk, with one list to read."""
        (job,) = self.write(lambda s: jobs.lease(s, self.worker, limit=1, backfill_of=[SOURCE]))
        assert job.kind == "backfill" and job.channel is not None and job.window is not None
        walk = self.write(lambda s: walks.begin(s, SOURCE, job.channel, job.window, self.desk.now))
        self.write(lambda s: walks.add_pages(s, walk.pk, [WalkPage("1", f"{SITE}/news")]))
        return job.pk, walk

    def read(self, walk: Walk, *shown: Link, unwanted: tuple[tuple[Link, str], ...] = ()) -> list[int]:
        """Read its list, which shows these links; their keys."""

        def work(tx: Any) -> list[int]:
            (page,) = walks.waiting_pages(tx.session, walk.pk)
            assert page.pk is not None
            walks.page_read(tx.session, page.pk, PageFacts(page.key, len(shown), len(shown)), tx.now)
            return [link.pk for link in walks.record_links(tx, walk, shown, unwanted).new]

        found: list[int] = self.desk.do(work)
        return found

    def complete(self, job: int, outcome: str = "done") -> None:
        self.write(lambda s: jobs.complete(s, self.worker, [job], self.desk.now, outcome))

    def end(self, walk: Walk) -> None:
        self.write(lambda s: walks.end(s, walk.pk, "done", self.desk.now))

    def windows(self) -> list[Window]:
        with self.archive.reading() as session:
            return backfills.windows(session)

    @property
    def state(self) -> str:
        (window,) = self.windows()
        with self.archive.reading() as session:
            assert backfills.resting_windows(session) == ([window] if window.state == "resting" else [])
        return window.state

    def due(self) -> int:
        return ticks.plan_backfills(self.ticks, self.desk.now)

    def finished(self) -> Any:
        with self.archive.reading() as session:
            return backfills.finished(session, [SOURCE])

    def count(self, *days: str) -> list[CoverageRow]:
        followed = Followed(SOURCE, "America/New_York", frozenset())
        self.write(lambda s: coverage_ledger.count_days(s, followed, days, lambda *_: None, self.desk.now))
        with self.archive.reading() as session:
            return [session.get_one(CoverageRow, (SOURCE, day)) for day in days]


@pytest.fixture
def crew(news_desk: Desk) -> Crew:
    return Crew(news_desk)


def article(name: str, at: datetime | None = None) -> Link:
    return Link(f"{SITE}/{name}", Hints(published_at=at))


def test_a_window_from_its_order_to_its_end(crew: Crew) -> None:
    crew.order()
    crew.order()  # the same command once more
    assert crew.state == "ordered"
    job, walk = crew.take()
    (link,) = crew.read(walk, article("news/pact"))
    assert crew.state == "under way"
    crew.desk.record(an_article(f"{SITE}/news/pact"), link=link)
    crew.end(walk)
    crew.complete(job)
    (window,) = crew.windows()
    assert (window.key, window.state, window.reason) == ((SOURCE, LIST, MARCH), "finished", "done")
    assert crew.finished() == {SOURCE: {LIST: [MARCH]}}
    with crew.archive.reading() as session:
        assert backfills.count_outcomes(session, [window]).links == 1
        assert backfills.unaccounted_addresses(session, [window]) == []


def test_days_that_were_not_over_are_not_finished(crew: Crew) -> None:
    crew.order(window=Period(date(2026, 11, 1), date(2026, 11, 2)))  # it is 2 November
    job, walk = crew.take()
    crew.read(walk)
    crew.end(walk)
    crew.complete(job)
    assert (crew.state, crew.finished()) == ("finished", {})


def test_a_walk_with_a_list_that_failed_is_not_finished(crew: Crew) -> None:
    crew.order()
    job, walk = crew.take()
    with crew.archive.reading() as session:
        (page,) = walks.waiting_pages(session, walk.pk)
    assert page.pk is not None
    crew.write(lambda s: walks.page_failed(s, page.pk, "HTTP 404", crew.desk.now, again=False))
    crew.end(walk)
    crew.complete(job)
    assert (crew.state, crew.finished()) == ("finished", {})


def test_what_was_left_goes_on_after_a_rest_and_at_once_where_a_process_died(crew: Crew) -> None:
    crew.order()
    job, walk = crew.take()
    crew.read(walk, article("news/pact"))
    crew.complete(job)
    assert (crew.state, crew.due()) == ("resting", 0)
    crew.desk.now += polls.PENDING_REST
    assert (crew.due(), crew.due(), crew.state) == (1, 0, "ordered")
    (leased,) = crew.write(lambda s: jobs.lease(s, crew.worker, limit=1))
    crew.complete(leased.pk, LEFT)
    assert crew.due() == 1


def test_nothing_goes_on_for_a_source_or_a_host_that_rests(crew: Crew) -> None:
    crew.order()
    job, walk = crew.take()
    crew.read(walk, article("news/pact"))
    crew.complete(job, LEFT)
    crew.write(lambda s: polls.pause(s, SOURCE, crew.desk.now))
    assert crew.due() == 0
    crew.write(lambda s: polls.resume(s, SOURCE))
    until = crew.desk.now + 30 * MINUTE
    crew.desk.do(lambda tx: record_pause(tx, SITE, until=until, reason="HTTP 429"))
    assert crew.due() == 0
    crew.desk.now = until
    assert crew.due() == 1


def test_a_link_that_failed_is_waited_for(crew: Crew) -> None:
    crew.order()
    job, walk = crew.take()
    (link,) = crew.read(walk, article("news/pact"))
    crew.desk.do(lambda tx: links.record_failed_attempt(tx, link, "HTTP 404", answered=True))
    crew.complete(job, LEFT)
    with crew.archive.reading() as session:
        assert backfills.unaccounted_addresses(session, crew.windows()) == []  # it carries a reason
    assert crew.due() == 0
    crew.desk.now += links.FIRST_PAUSE
    assert crew.due() == 1


def test_a_job_that_cannot_be_carried_out_says_why(crew: Crew) -> None:
    crew.order()
    (job,) = crew.write(lambda s: jobs.lease(s, crew.worker, limit=1))
    crew.write(lambda s: jobs.fail(s, crew.worker, job.pk, crew.desk.now, "the channel is not in the registry"))
    (window,) = crew.windows()
    assert (window.state, window.reason) == ("refused", "the channel is not in the registry")
    crew.order()
    assert crew.state == "ordered"


def test_a_worker_of_backfills_takes_those_of_its_sources_only(crew: Crew) -> None:
    crew.desk.add_source(a_source("other"))
    now = crew.desk.now
    other = order_for("other", "listing:https://www.other.example/", MARCH, now)
    poll = Order(SOURCE, "poll", "feed:x", now, "due", Priority.poll)
    crew.order()
    crew.write(lambda s: jobs.enqueue(s, [other, poll], now))
    taken = crew.write(lambda s: jobs.lease(s, crew.worker, limit=9, backfill_of=[SOURCE]))
    assert [(job.source_id, job.kind) for job in taken] == [(SOURCE, "backfill")]
    with crew.archive.reading() as session:
        assert not jobs.is_any_ready(session, backfill_of=[SOURCE])
        assert jobs.is_any_ready(session, backfill_of=["other"])


def test_a_link_that_two_channels_show_counts_once(crew: Crew) -> None:
    shown, secret = article("news/pact"), article("video/1")
    for channel in (LIST, DAILY):
        crew.order(channel)
        _, walk = crew.take()
        for link in crew.read(walk, shown, unwanted=((secret, "rule"),)):
            crew.desk.record(an_article(f"{SITE}/news/pact", published=None), link=link)
    with crew.archive.reading() as session:
        counted = backfills.count_outcomes(session, crew.windows())
    assert (counted.links, counted.undated, dict(counted.excluded), counted.pages["read"]) == (2, 1, {"rule": 1}, 2)


# --- the ledger


def test_a_day_that_was_walked_counts_as_looked_at(crew: Crew) -> None:
    noon = datetime(2026, 3, 2, 17, tzinfo=UTC)
    crew.write(
        lambda s: s.add(
            GapRow(source_id=SOURCE, channel="feed:x", since=noon - 99 * MINUTE, until=noon, reason="unattended",
                   noted_at=START)
        )
    )  # fmt: skip
    assert [(row.walks, row.gap_seconds) for row in crew.count("2026-03-02")] == [(0, 99 * 60)]
    crew.order(DAILY)
    job, walk = crew.take()
    (link,) = crew.read(walk, article("news/pact"))
    crew.desk.record(an_article(f"{SITE}/news/pact", published=a_time(noon)), link=link)
    crew.end(walk)
    crew.complete(job)
    rows = crew.count("2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04")
    assert [(row.walks, row.found, row.captured, row.gap_seconds) for row in rows] == [
        (1, 0, 0, 0),
        (1, 1, 1, 0),  # the list gave no date: the article's own counts
        (1, 0, 0, 0),
        (0, 0, 0, 0),
    ]
    with crew.archive.reading() as session:
        followed = {SOURCE: Followed(SOURCE, "America/New_York", frozenset())}
        wanted = coverage_ledger.days_to_count(session, followed, [SOURCE], crew.desk.now, crew.desk.now)
    assert {(SOURCE, day) for day in MARCH.days()} <= set(wanted)


def test_a_list_has_looked_at_no_day_before_the_oldest_that_it_showed(crew: Crew) -> None:
    crew.order(LIST)
    job, walk = crew.take()
    crew.read(walk, article("news/pact", datetime(2026, 3, 2, 17, tzinfo=UTC)))
    crew.end(walk)
    crew.complete(job)
    assert [row.walks for row in crew.count(*MARCH.days())] == [0, 1, 1]


def test_the_day_of_an_article_is_that_of_its_source(crew: Crew) -> None:
    """Where only the day is known it is no midnight UTC, which would be the day before in New York."""
    crew.order(DAILY)
    _, walk = crew.take()
    (link,) = crew.read(walk, article("news/pact"))
    printed = a_time(datetime(2026, 3, 2, tzinfo=UTC), precision="day")
    crew.desk.record(an_article(f"{SITE}/news/pact", published=printed), link=link)
    assert [row.found for row in crew.count(*MARCH.days())] == [0, 1, 0]


# --- who works


def test_whether_a_daemon_runs(archive: Archive, tmp_path: Any) -> None:
    assert not is_scheduled(archive.engine, tmp_path)
    leadership = Leadership(archive.engine, tmp_path)
    assert leadership.take()
    assert is_scheduled(archive.engine, tmp_path)
    leadership.give_up()
    assert not is_scheduled(archive.engine, tmp_path)


def test_backfills_are_no_part_of_a_channels_rhythm(crew: Crew) -> None:
    key = "feed:x"
    crew.order(key)
    _, walk = crew.take()
    crew.read(walk, article("news/old"))
    crew.desk.do(
        lambda tx: record_poll(
            tx, SOURCE, key, memory=ChannelMemory(), polled_at=tx.now, outcome="ok", shown=AnswerFacts(1, 1)
        )
    )
    with crew.archive.reading() as session:
        (facts,) = polls.unplanned_channels(session, 10)
    assert facts.arrivals == ()


def test_what_a_backfill_leaves_out_as_too_new_is_new_to_a_poll(crew: Crew) -> None:
    """A backfill reads the same feed, perhaps a moment before its poll."""
    crew.order("feed:x")
    _, walk = crew.take()
    today = article("news/today", crew.desk.now)
    assert crew.read(walk, unwanted=((today, "outside-window: after: 2026-11-02"),)) == []
    filed = crew.desk.do(lambda tx: links.record_links(tx, SOURCE, "feed:x", [today]))
    assert [link.url for link in filed.new] == [today.url]
