"""What the daemon does again and again, on both databases: facts in, rows and jobs out. Time stands until it is moved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from archive.errors import UsageError
from archive.frontier import links
from archive.frontier.channels import load_channels, record_failed_poll, record_poll
from archive.frontier.origins import record_pause
from archive.ingest.record import record_look
from archive.model.failure import ONE_FAILURE
from archive.model.frontier import AnswerFacts, ChannelMemory
from archive.model.history import Habit
from archive.model.job import Order, Priority
from archive.model.link import Hints, Link
from archive.model.source import Channel, Source
from archive.planning import polls, revisits
from archive.queue import host_slots, jobs, workers
from archive.sources.state import POLLED_KINDS
from archive.tables import ArticleRow, ChannelRow, JobRow, LinkRow, SourceRow
from archive.testing import START, Desk, a_capture, a_source, a_time, an_article
from scheduler import ticks
from scheduler.policy.polling import Limits

LIMITS = Limits(timedelta(minutes=5), timedelta(hours=24))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def a_feed(source_id: str, number: int = 1) -> Channel:
    return Channel("feed", f"https://www.{source_id}.example/{number}.xml")


def with_feeds(source_id: str = "harbour-times", feeds: int = 1, **fields: Any) -> Source:
    return a_source(source_id, discover=tuple(a_feed(source_id, n + 1) for n in range(feeds)), **fields)


class Planner:
    """The scheduler's desk over the archive of a test, with what a worker would do between two ticks."""

    def __init__(self, news: Desk, *sources: Source, host_budget: int = 5000) -> None:
        self.news = news
        self.archive = news.archive
        self.desk = ticks.TickContext(news.archive, LIMITS, host_budget)
        with self.archive.reading() as session:
            known = set(session.scalars(select(SourceRow.id)))
        for source in sources:
            if source.id not in known:
                news.add_source(source)
        self.follow(*sources)
        with self.archive.writing() as session:
            self.worker = workers.enlist(session, "machine:1")

    def follow(self, *sources: Source) -> None:
        with self.archive.writing() as session:
            polls.sync_channels(session, sources, POLLED_KINDS, self.news.now)
            polls.replan(session, [source.id for source in sources])
        self.desk.follow(sources, POLLED_KINDS)

    def polls(self, at: datetime | None = None) -> list[tuple[str, str, int]]:
        """The poll jobs that a tick makes; they are carried out at once."""
        self.news.now = at or self.news.now
        ticks.plan_polls(self.desk, self.news.now)
        return [(job.source_id, job.key, job.priority) for job in self.work()]

    def work(self) -> list[Any]:
        with self.archive.writing() as session:
            leased = jobs.lease(session, self.worker, limit=1000)
            jobs.complete(session, self.worker, [job.pk for job in leased], self.news.now)
        return leased

    def answer(self, source_id: str, key: str, shown: AnswerFacts | None = None, outcome: str = "ok") -> None:
        now = self.news.now
        self.news.do(
            lambda tx: record_poll(
                tx, source_id, key, memory=ChannelMemory('"v1"'), polled_at=now, outcome=outcome, shown=shown
            )
        )

    def revisits(self, at: datetime | None = None) -> list[Order]:
        self.news.now = at or self.news.now
        ticks.plan_revisits(self.desk, self.news.now)
        with self.archive.reading() as session:
            return [row for row in jobs.open_jobs(session) if row.kind == "revisit"]  # type: ignore[misc]

    def row(self, source_id: str, key: str) -> ChannelRow:
        with self.archive.reading() as session:
            return session.get_one(ChannelRow, (source_id, key))


ONE = "harbour-times"
KEY = a_feed(ONE).key


# --- polls


def test_a_new_source_is_polled_at_once_and_then_by_its_rhythm(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(feeds=2))
    assert planner.polls() == [(ONE, a_feed(ONE, 1).key, Priority.poll), (ONE, a_feed(ONE, 2).key, Priority.poll)]
    assert planner.row(ONE, KEY).fired_at == START
    planner.answer(ONE, KEY, AnswerFacts(20, 20, START, START - 20 * HOUR))
    planner.answer(ONE, a_feed(ONE, 2).key)
    assert planner.polls(START + timedelta(seconds=30)) == []
    due = planner.row(ONE, KEY).next_poll_at
    assert due is not None
    assert START + LIMITS.shortest <= due <= START + LIMITS.longest
    assert (ONE, KEY, Priority.poll) in planner.polls(due + timedelta(seconds=1))


def test_an_open_job_is_not_doubled_and_one_that_ended_without_a_poll_comes_again(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    for seconds in (0, 5, 70):
        ticks.plan_polls(planner.desk, START + timedelta(seconds=seconds))
    assert planner.row(ONE, KEY).fired_at == START  # it waited all the time
    assert len(planner.work()) == 1
    assert planner.polls(START + timedelta(seconds=75)) == [(ONE, KEY, Priority.poll)]
    assert planner.polls(START + timedelta(seconds=100)) == []  # it was ordered half a minute ago
    assert planner.polls(START + timedelta(seconds=140)) == [(ONE, KEY, Priority.poll)]


def test_two_planners_make_one_job(news_desk: Desk) -> None:
    sources = [with_feeds(f"source-{n}", 2) for n in range(8)]
    planner = Planner(news_desk, *sources)
    other = ticks.TickContext(news_desk.archive, LIMITS, 5000)
    other.follow(reversed(sources), POLLED_KINDS)
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda desk: ticks.plan_polls(desk, START), (planner.desk, other)))
    assert sum(made) == 16
    with news_desk.archive.reading() as session:
        assert jobs.count_jobs(session) == {"ready": 16}


def test_failures_back_off_and_keep_the_validators(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    planner.polls()
    planner.answer(ONE, KEY)
    pauses = []
    for _ in range(3):
        now = planner.news.now
        planner.news.do(lambda tx, now=now: record_failed_poll(tx, ONE, KEY, polled_at=now, reason="HTTP 404"))
        planner.polls()
        row = planner.row(ONE, KEY)
        assert row.next_poll_at is not None
        assert "HTTP 404" in (row.why or "")
        pauses.append(row.next_poll_at - now)
        planner.news.now = row.next_poll_at
    assert pauses == sorted(pauses)
    assert pauses[2] >= 4 * pauses[0]
    assert (row.failures, row.weight, row.etag) == (3, 3.0, '"v1"')
    planner.answer(ONE, KEY, outcome="not-modified")
    assert planner.row(ONE, KEY).weight == 0.0


def test_what_the_publisher_asks_for_is_kept(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    planner.polls()
    shown = AnswerFacts(9, 9, START, START - HOUR, timedelta(hours=2), frozenset({11, 12}), frozenset({6}))
    planner.answer(ONE, KEY, shown)
    planner.polls()
    row = planner.row(ONE, KEY)
    assert (row.at_least, row.skip_hours, row.skip_days) == (7200, [11, 12], [6])
    assert row.next_poll_at == datetime(2026, 11, 2, 13, 0, tzinfo=UTC)
    planner.answer(ONE, KEY, AnswerFacts(0, 0))  # the feed does not ask for it any more
    row = planner.row(ONE, KEY)
    assert (row.items, row.at_least, row.skip_hours, row.skip_days) == (0, None, None, None)


def test_an_answer_that_was_not_read_leaves_what_the_last_one_showed(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    planner.answer(ONE, KEY, AnswerFacts(30, 4, START, START - HOUR, timedelta(minutes=15)))
    planner.answer(ONE, KEY, None, "not-modified")
    row = planner.row(ONE, KEY)
    assert (row.items, row.fresh, row.newest_at, row.oldest_at, row.at_least) == (30, 4, START, START - HOUR, 900)
    with planner.archive.reading() as session:
        assert load_channels(session, [ONE]) == {(ONE, KEY): ChannelMemory('"v1"', ok_at=START)}


def test_the_rhythm_learns_each_link_once(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    planner.answer(ONE, KEY)
    planner.polls()
    watched = []
    for turn in range(3):
        planner.news.now += HOUR
        shown = [Link(f"https://www.harbour-times.example/{turn}/{n}") for n in range(4)]
        planner.news.do(lambda tx, shown=shown: links.record_links(tx, ONE, KEY, shown))
        planner.answer(ONE, KEY, AnswerFacts(20, 4))
        planner.polls()
        planner.follow(with_feeds())  # planned anew without a poll: nothing to learn
        planner.polls()
        rhythm = planner.row(ONE, KEY).rhythm
        assert rhythm is not None
        watched.append((round(sum(rhythm["hour_items"])), round(sum(rhythm["hour_watched"]))))
    assert watched == [(4, 1), (8, 2), (12, 3)]


def test_a_poll_that_comes_while_it_is_planned_is_planned_again(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    with planner.archive.reading() as session:
        (facts,) = polls.unplanned_channels(session, 10)
    planner.answer(ONE, KEY)
    with planner.archive.writing() as session:
        polls.plan_channel(session, polls.ChannelPlan(facts.history, START + HOUR, "old"))
    assert planner.row(ONE, KEY).next_poll_at is None


# --- fixed schedules


def test_a_fixed_schedule_is_caught_up_once_after_downtime(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(schedule="0 6 * * *", timezone="Asia/Seoul"))
    assert planner.polls() == []  # a cron line begins with its first time
    first = datetime(2026, 11, 2, 21, 0, tzinfo=UTC)
    assert planner.row(ONE, KEY).next_poll_at == first
    assert planner.polls(first) == [(ONE, KEY, Priority.poll)]
    planner.answer(ONE, KEY)
    assert planner.polls(first + MINUTE) == []
    # Three days without a daemon; a new one plans anew.
    back = first + timedelta(days=3, hours=5)
    planner.news.now = back
    planner.follow(with_feeds(schedule="0 6 * * *", timezone="Asia/Seoul"))
    assert planner.polls() == [(ONE, KEY, Priority.poll)]
    assert "caught up since" in (planner.row(ONE, KEY).why or "")
    planner.answer(ONE, KEY)
    assert planner.polls(back + 2 * MINUTE) == []
    assert planner.row(ONE, KEY).next_poll_at == first + timedelta(days=4)


def test_every_interval_runs_from_firing_to_firing(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(schedule="every 30m"))
    found = []
    for minutes in range(0, 125, 5):
        if planner.polls(START + minutes * MINUTE):
            found.append(minutes)
            planner.answer(ONE, KEY)
    assert found == [0, 30, 60, 90, 120]


def test_a_changed_registry_entry_is_planned_anew(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(schedule="every 12h"), with_feeds("coast-post"))
    planner.polls()
    planner.answer(ONE, KEY)
    planner.polls()
    assert planner.row(ONE, KEY).next_poll_at == START + 12 * HOUR
    planner.follow(with_feeds(feeds=2, schedule="every 10m"))  # and coast-post is gone
    planner.polls()
    assert planner.row(ONE, KEY).next_poll_at == START + 10 * MINUTE
    assert planner.row(ONE, a_feed(ONE, 2).key).next_poll_at == START
    later = {source_id for source_id, _, _ in planner.polls(START + timedelta(days=2))}
    assert later == {ONE}


# --- by hand


def test_a_paused_source_waits_and_goes_on(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(), with_feeds("coast-post"))
    with planner.archive.writing() as session:
        polls.pause(session, ONE, START)
    assert [source_id for source_id, _, _ in planner.polls()] == ["coast-post"]
    with planner.archive.reading() as session:
        assert {f.source_id: f.paused for f in polls.firings(session)} == {ONE: True, "coast-post": False}
        assert [f.source_id for f in polls.firings(session, ["coast-post"])] == ["coast-post"]
    with planner.archive.writing() as session:
        polls.resume(session, ONE)
    assert planner.polls() == [(ONE, KEY, Priority.poll)]


def test_a_run_that_was_asked_for_goes_first_once(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(feeds=2), with_feeds("coast-post"))
    planner.polls()
    planner.answer(ONE, KEY)
    planner.answer(ONE, a_feed(ONE, 2).key)
    later = START + 10 * timedelta(seconds=1)
    with planner.archive.writing() as session:
        polls.request_run(session, ONE, later)
    assert planner.polls(later) == [(ONE, KEY, Priority.asked), (ONE, a_feed(ONE, 2).key, Priority.asked)]
    assert planner.polls(later + timedelta(seconds=5)) == []


def test_what_cannot_be_asked_for_is_refused(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    with pytest.raises(UsageError, match="no such source"), planner.archive.writing() as session:
        polls.request_run(session, "nobody", START)
    with planner.archive.writing() as session:
        session.get_one(SourceRow, ONE).enabled = False
    with pytest.raises(UsageError, match="disabled"), planner.archive.writing() as session:
        polls.request_run(session, ONE, START)
    with planner.archive.writing() as session:
        session.get_one(SourceRow, ONE).enabled = True
        polls.request_run(session, ONE, START)
    planner.desk.follow((), POLLED_KINDS)  # nobody schedules it: nothing is ordered, and nothing kept for later
    assert planner.polls() == []
    with planner.archive.reading() as session:
        assert not polls.is_any_run_requested(session)


# --- hosts


def test_nothing_is_ordered_for_a_host_that_is_closed(news_desk: Desk) -> None:
    hosts = [f"www.{name}.example" for name in (ONE, "coast-post", "delta-news", "east-wire")]
    planner = Planner(
        news_desk, with_feeds(), *(with_feeds(n) for n in ("coast-post", "delta-news", "east-wire")), host_budget=100
    )
    news_desk.do(lambda tx: record_pause(tx, f"https://{hosts[0]}", until=START + HOUR, reason="HTTP 503"))
    with planner.archive.writing() as session:
        host_slots.claim(session, planner.worker, hosts, START)
        host_slots.record_answers(session, planner.worker, {hosts[1]: "hard"}, START - ONE_FAILURE)
        host_slots.record_answers(session, planner.worker, {hosts[1]: "hard"}, START)
        host_slots.renew(session, planner.worker, {}, {hosts[2]: 100, hosts[3]: 99}, START)
    assert [source_id for source_id, _, _ in planner.polls()] == ["east-wire"]
    planner.answer("east-wire", a_feed("east-wire").key)
    assert {i for i, _, _ in planner.polls(START + 61 * MINUTE)} >= {ONE, "coast-post"}
    tomorrow = START + timedelta(days=1)
    assert "delta-news" in {i for i, _, _ in planner.polls(tomorrow)}


# --- links that were left


def file(planner: Planner, *names: str) -> list[int]:
    shown = [Link(f"https://www.harbour-times.example/{name}") for name in names]
    return [new.pk for new in planner.news.do(lambda tx: links.record_links(tx, ONE, KEY, shown)).new]


def test_links_that_were_left_are_ordered_again_after_their_rest(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    planner.polls()
    planner.answer(ONE, KEY, AnswerFacts(1, 1, at_least=timedelta(hours=20)))
    (pk,) = file(planner, "a")
    pending = (ONE, "", Priority.pending)
    assert planner.polls(START + MINUTE) == [pending]
    assert planner.polls(START + 9 * MINUTE) == []  # a job had to leave it: the source rests
    assert planner.polls(START + 12 * MINUTE) == [pending]
    planner.news.do(lambda tx: links.record_failed_attempt(tx, pk, "timeout"))
    assert planner.polls(START + 24 * MINUTE) == []  # the link itself rests for a quarter of an hour
    assert planner.polls(START + 28 * MINUTE) == [pending]
    planner.news.do(lambda tx: links.record_failed_attempt(tx, pk, "timeout"))
    assert planner.polls(START + 45 * MINUTE) == []
    assert planner.polls(START + 59 * MINUTE) == [pending]


def test_a_poll_leaves_links_alone_that_rest(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    failed, fresh = file(planner, "a", "b")
    planner.news.do(lambda tx: links.record_failed_attempt(tx, failed, "timeout"))

    def found(at: datetime, after_backoff: bool) -> list[int]:
        with planner.archive.reading() as session:
            return [link.pk for link in links.pending(session, [ONE], at, after_backoff=after_backoff)]

    assert found(START + MINUTE, after_backoff=True) == [fresh]
    assert found(START + MINUTE, after_backoff=False) == [failed, fresh]
    assert found(START + 15 * MINUTE, after_backoff=True) == [failed, fresh]


def test_links_of_sources_that_wait_are_not_ordered(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    planner.polls()
    planner.answer(ONE, KEY, AnswerFacts(1, 1, at_least=timedelta(hours=20)))
    file(planner, "a")
    with planner.archive.writing() as session:
        polls.pause(session, ONE, START)
    assert planner.polls(START + HOUR) == []


# --- revisits


def publish(planner: Planner, count: int, source_id: str = ONE) -> list[int]:
    found = []
    for number in range(count):
        url = f"https://www.{source_id}.example/news/{number}"
        article = an_article(url, title=f"Pact {number}", published=a_time(planner.news.now))
        capture = a_capture(url, source_id=source_id, at=planner.news.now)
        found.append(planner.news.record(article, capture).article_pk)
    return found


def test_articles_are_looked_at_again_and_teach_the_source(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    pks = publish(planner, 3)
    assert planner.revisits() == []
    with planner.archive.reading() as session:
        due = {row.pk: row.next_look_at for row in session.scalars(select(ArticleRow))}
        assert revisits.next_look_at(session) == min(at for at in due.values() if at)
    latest = max(at for at in due.values() if at)
    (job,) = planner.revisits(latest)
    assert (job.priority, sorted(job.payload["articles"])) == (Priority.revisit, pks)  # type: ignore[attr-defined]
    assert len(planner.revisits(latest + HOUR)) == 1  # it is open still: no second one
    planner.work()
    planner.news.do(lambda tx: [record_look(tx, pk, "same") for pk in pks])
    planner.revisits()
    with planner.archive.reading() as session:
        habit = revisits.habits(session)[ONE]
        looks = {row.pk: (row.looks, row.next_look_at) for row in session.scalars(select(ArticleRow))}
    assert (habit.looks, habit.changes) == (3, 0)
    assert habit.exposure > 0
    assert all(count == 2 and at is not None and at > planner.news.now for count, at in looks.values())


def test_a_change_is_learnt_as_one(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    publish(planner, 1)
    planner.revisits()
    planner.news.now += HOUR
    planner.news.record(
        an_article("https://www.harbour-times.example/news/0", title="Another", body="All new.\nReally.")
    )
    planner.revisits()
    with planner.archive.reading() as session:
        assert revisits.habits(session)[ONE].changes == 1
        (row,) = session.scalars(select(ArticleRow))
    assert (row.changes, row.planned_changes) == (1, 1)
    planner.revisits()
    with planner.archive.reading() as session:
        assert revisits.habits(session)[ONE].looks == 1  # learnt once


def test_the_hosts_budget_bounds_revisits(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(), host_budget=24)
    publish(planner, 30)
    planner.revisits()
    noon = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
    total = 0
    for minutes in range(0, 12 * 60, 60):
        planner.revisits(noon + minutes * MINUTE)
        total += sum(len(job.articles) for job in planner.work() if job.kind == "revisit")
    assert 0 < total <= 24 * 0.8 + 1
    planner.revisits(noon + timedelta(days=1))
    assert sum(len(job.articles) for job in planner.work()) > 0


def test_no_looks_at_hosts_that_are_closed_or_sources_that_are_paused(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(), with_feeds("coast-post"))
    publish(planner, 2)
    publish(planner, 2, "coast-post")
    planner.revisits()
    news_desk.do(
        lambda tx: record_pause(tx, "https://www.harbour-times.example", until=START + 9 * HOUR, reason="HTTP 429")
    )
    with planner.archive.writing() as session:
        polls.pause(session, "coast-post", START)
    assert planner.revisits(START + 8 * HOUR) == []
    assert {job.source_id for job in planner.revisits(START + 10 * HOUR)} == {ONE}


def test_a_source_whose_host_is_closed_does_not_crowd_out_the_others(
    news_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = Planner(news_desk, with_feeds(), with_feeds("coast-post"))
    publish(planner, 8)
    planner.news.now += timedelta(seconds=1)
    publish(planner, 2, "coast-post")
    planner.revisits()
    news_desk.do(
        lambda tx: record_pause(tx, "https://www.harbour-times.example", until=START + 99 * HOUR, reason="HTTP 503")
    )
    monkeypatch.setattr(ticks, "MOST_DUE", 4)
    (job,) = planner.revisits(START + 30 * HOUR)
    assert job.source_id == "coast-post"
    assert len(job.payload["articles"]) == 2  # type: ignore[attr-defined]


def test_a_look_that_comes_while_it_is_planned_is_planned_again(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    (pk,) = publish(planner, 1)
    with planner.archive.reading() as session:
        (facts,) = revisits.unplanned_articles(session, 10)
    assert facts.before is None
    planner.news.now += HOUR
    planner.news.do(lambda tx: record_look(tx, pk, "same"))
    with planner.archive.writing() as session:
        revisits.plan_articles(session, [(facts.history, START, "old")])
    with planner.archive.reading() as session:
        assert session.get_one(ArticleRow, pk).look_unplanned


def test_habits_are_kept(news_desk: Desk) -> None:
    with news_desk.archive.writing() as session:
        revisits.record_habits(session, {ONE: Habit(10, 2.5, 1)})
    with news_desk.archive.reading() as session:
        assert revisits.habits(session) == {ONE: Habit(10, 2.5, 1)}


# --- processes, clocks


def test_jobs_of_a_dead_process_are_handed_back(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds())
    ticks.plan_polls(planner.desk, START)
    with planner.archive.writing() as session:
        dead = workers.enlist(session, "machine:dead", timedelta(seconds=-1))
        assert len(jobs.lease(session, dead, limit=5)) == 1
    ticks.reap(planner.desk, START)
    ticks.reap(planner.desk, START)
    assert len(planner.work()) == 1
    with planner.archive.reading() as session:
        assert [row.leases for row in session.scalars(select(JobRow))] == [2]


@pytest.mark.parametrize("scheduled", ["adaptive", "every 30m"])
def test_a_clock_that_was_ahead_does_not_silence_a_source(news_desk: Desk, scheduled: str) -> None:
    planner = Planner(news_desk, with_feeds(schedule=scheduled))
    planner.polls(START + timedelta(days=300))
    planner.answer(ONE, KEY, AnswerFacts(5, 5))
    planner.polls()
    planner.news.now = START  # put right
    planner.follow(with_feeds(schedule=scheduled))
    found = [planner.polls(START + minutes * MINUTE) for minutes in range(0, 24 * 60 + 60, 60)]
    assert [(ONE, KEY, Priority.poll)] in found


def test_links_are_dated_by_the_feed_but_never_in_the_future(news_desk: Desk) -> None:
    shown = [
        Link("https://www.harbour-times.example/a", Hints(published_at=START - HOUR)),
        Link("https://www.harbour-times.example/b", Hints(published_at=START + HOUR)),
        Link("https://www.harbour-times.example/c"),
    ]
    news_desk.do(lambda tx: links.record_links(tx, ONE, KEY, shown))
    with news_desk.archive.reading() as session:
        assert [row.dated_at for row in session.scalars(select(LinkRow).order_by(LinkRow.pk))] == [
            START - HOUR,
            START,
            START,
        ]


def test_a_channel_that_never_fires_by_itself_is_listed_as_such(news_desk: Desk) -> None:
    planner = Planner(news_desk, with_feeds(schedule="0 0 30 2 *"))
    assert planner.polls() == []
    with planner.archive.reading() as session:
        (firing,) = polls.firings(session)
    assert firing.at is None
    assert "never fires" in (firing.why or "")
    with planner.archive.writing() as session:
        session.execute(update(SourceRow).values(enabled=False))
    with planner.archive.reading() as session:
        assert polls.firings(session) == []
