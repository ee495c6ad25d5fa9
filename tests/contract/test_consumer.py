"""From a job in the queue to tasks and back to a job that is done, and the hosts that go with it; on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from support.room import FEEDS, HOST, SOURCE, Room
from support.waiting import ENOUGH, until

from archive.config import Settings
from archive.frontier import origins
from archive.model.job import CrawlJob, Order, Priority
from archive.model.source import Channel
from archive.queue import host_slots, workers
from archive.registry import Registry
from archive.tables import HostSlotRow, JobRow, LinkRow
from archive.testing import START, Desk, a_source
from crawler.engine.article_handler import ArticleHandler
from crawler.engine.crawl import Crawl
from crawler.frontier.task import Task
from crawler.jobs import consumer as consumer_module
from crawler.jobs import host_leases as host_leases_module
from crawler.jobs.consumer import JobConsumer
from crawler.jobs.free_space import DiskFull
from crawler.jobs.host_leases import HostLeases
from crawler.jobs.seeds import offer_jobs


@pytest.fixture
def room(news_desk: Desk, tmp_path: Path) -> Room:
    return Room(news_desk, tmp_path, SOURCE)


def poll(channel: Channel | None = FEEDS[0], **fields: Any) -> Order:
    given: dict[str, Any] = {"due_at": START, "why": "due", "priority": Priority.poll}
    return Order(SOURCE.id, "poll", channel.key if channel else "", **given | fields)


async def run(consumer: JobConsumer, true: Any) -> None:
    """Let the consumer work until something is true."""
    working = asyncio.create_task(consumer.run())
    try:
        await until(lambda: true() or working.done())
        assert true(), "it ended before"
    finally:
        consumer.crawl.frontier.close()
        await asyncio.wait_for(working, ENOUGH)


async def test_a_job_is_done_when_none_of_its_tasks_is_in_hand(room: Room) -> None:
    room.order(poll(), poll(FEEDS[1]))
    room.frontier.grant(HOST, 0.0)
    working = asyncio.create_task(room.consumer.run())
    first = await room.next()
    assert (first.handler.name, first.url, first.job) == ("list", FEEDS[0].url, 1)
    assert room.states() == ["leased", "leased"]
    room.finish(first)
    second = await room.next()
    await until(lambda: room.states() == ["done", "leased"])
    room.finish(second)
    await until(lambda: room.states() == ["done", "done"])
    room.frontier.close()
    await asyncio.wait_for(working, ENOUGH)


async def test_what_is_in_hand_is_not_offered_twice(room: Room) -> None:
    pks = room.file("a", "b")
    first = CrawlJob(SOURCE, "poll", (FEEDS[0],), pk=1)
    second = CrawlJob(SOURCE, "poll", (FEEDS[1],), pk=2)
    await offer_jobs(room.crawl, [first])
    assert room.frontier.waiting == 3
    await offer_jobs(room.crawl, [second])
    assert room.frontier.waiting == 4  # its feed only
    assert all(room.frontier.tasks_in_flight.has_link(pk) for pk in pks)
    assert room.finished == []


async def test_a_job_whose_tasks_are_all_refused_at_once_is_done_once(room: Room) -> None:
    room.file("a", "b")
    room.crawl.politeness.learn_robots(f"https://{HOST}", 200, b"User-agent: *\nDisallow: /\n", START)
    room.order(poll())
    await run(room.consumer, lambda: room.states() == ["done"])
    assert room.finished == []
    assert room.frontier.waiting == 0


async def test_a_job_is_not_done_between_its_feeds_and_its_pages(room: Room) -> None:
    """Its feed is put off at once; its page is not."""
    room.file("a")
    elsewhere = Channel("feed", "https://feeds.harbour-times.example/a.xml")
    room.crawl.politeness.paused("https://feeds.harbour-times.example/", START + timedelta(hours=1), "HTTP 503")
    await offer_jobs(room.crawl, [CrawlJob(SOURCE, "poll", (elsewhere,), pk=5)])
    assert room.finished == []
    assert room.frontier.waiting == 1


async def test_jobs_of_unknown_sources_and_channels_fail_with_the_reason(room: Room) -> None:
    gone = room.desk.add_source(a_source("gone-news"))
    room.order(
        poll(),
        Order(gone.id, "poll", "feed:x", START, "due", Priority.poll),
        poll(Channel("feed", "https://x.example/")),
    )
    await run(room.consumer, lambda: "leased" in room.states() and room.states().count("failed") == 2)
    with room.archive.reading() as session:
        reasons = {row.outcome for row in session.scalars(select(JobRow)) if row.state == "failed"}
    assert reasons == {"the source is not in the registry", "the channel is not in the registry"}


async def test_a_channel_that_came_to_the_registry_meanwhile_is_found(room: Room) -> None:
    new = Channel("feed", f"https://{HOST}/new.xml")
    room.consumer.read_registry()
    room.registry = Registry({SOURCE.id: a_source(discover=(*FEEDS, new), delay=0.0)})
    room.order(poll(new))
    await run(room.consumer, lambda: room.frontier.queued(HOST) == 1)
    assert room.states() == ["leased"]


async def test_jobs_taken_while_the_database_goes_away_are_offered_when_it_is_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [OperationalError("SELECT", {}, Exception("server closed the connection"))]

    async def fail_first(crawl: Crawl, orders: Any) -> None:
        if away:
            raise away.pop()
        await offer_jobs(crawl, orders)

    monkeypatch.setattr(consumer_module, "offer_jobs", fail_first)
    room.order(poll())
    await run(room.consumer, lambda: room.frontier.queued(HOST) == 1)
    assert room.states() == ["leased"]
    assert away == []


async def test_a_full_disk_pauses_fetching_and_nothing_else(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    full, looks = [True], [0]

    def check(_settings: Settings) -> None:
        looks[0] += 1
        if full:
            raise DiskFull(Path("/archive"), 3 << 20, 1 << 30)

    monkeypatch.setattr(consumer_module, "check_disk", check)
    monkeypatch.setattr(consumer_module, "LOOK_AT_DISK", 0.0)
    room.order(poll())
    room.frontier.grant(HOST, 0.0)
    working = asyncio.create_task(room.consumer.run())
    await until(lambda: looks[0] == 4)  # it went round three times
    assert room.frontier.suspended
    assert room.states() == ["ready"]
    full.clear()
    await until(lambda: room.frontier.queued(HOST))
    assert not room.frontier.suspended
    room.frontier.close()
    await asyncio.wait_for(working, ENOUGH)


async def test_a_worn_out_process_takes_nothing_more_and_ends(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = [0]

    def check(_settings: Settings) -> None:
        looks[0] += 1

    monkeypatch.setattr(consumer_module, "check_disk", check)
    monkeypatch.setattr(consumer_module, "LOOK_AT_DISK", 0.0)
    monkeypatch.setattr(consumer_module, "MOST_JOBS", 1)
    room.order(poll())
    room.frontier.grant(HOST, 0.0)
    working = asyncio.create_task(room.consumer.run())
    task = await room.next()
    await until(lambda: room.consumer.recycled)
    room.order(poll(FEEDS[1]))
    before = looks[0]
    await until(lambda: looks[0] > before + 2)  # it went round twice since
    assert not room.frontier.closed  # what it has it brings to its end
    room.finish(task)
    await asyncio.wait_for(working, ENOUGH)
    assert room.consumer.recycled == "1 jobs"
    room.consumer.finish(room.desk.writer)
    assert room.states() == ["done", "ready"]


async def test_a_backfill_that_polls_went_before_is_left_to_another_day(room: Room) -> None:
    room.frontier.grant(HOST, 0.0)
    room.crawl.limits.host_budget = 2
    past = [f"https://{HOST}/past-{n}" for n in range(2)]
    for url in past:
        room.frontier.add(Task(ArticleHandler(room.crawl), SOURCE, url, priority=Priority.backfill, job=9))
    for n in range(2):  # they come after the backfill took its places
        room.frontier.add(Task(ArticleHandler(room.crawl), SOURCE, f"https://{HOST}/fresh-{n}"))
    allowed = []
    for _ in range(3):
        task = await room.next()
        allowed.append((task.url.rpartition("/")[2], await room.crawl.may_go_out(task)))
        room.finish(task)
    assert allowed == [("fresh-0", True), ("fresh-1", True), ("past-0", False)]
    assert (room.frontier.waiting, room.finished) == (0, [9])
    assert room.crawl.report[SOURCE.id].postponed == {"host budget spent": 2}


# --- hosts


async def test_hosts_are_claimed_noted_and_given_up(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_leases_module, "IDLE", 0.0)
    holding = HostLeases(room.crawl, room.worker)
    room.frontier.require_delay(HOST, 3000.0)
    room.frontier.add(Task(ArticleHandler(room.crawl), SOURCE, FEEDS[0].url))
    await holding._claim(0.0)
    task = await room.next()
    room.crawl.failing[HOST] = "soft"
    await holding.note()

    def slot() -> HostSlotRow:
        with room.archive.reading() as session:
            return session.get_one(HostSlotRow, HOST)

    assert (slot().worker_pk, slot().requests, slot().delay, slot().failures) == (room.worker, 1, 3000.0, 0.5)
    assert room.crawl.limits.spent[HOST] == 1
    room.finish(task)
    await holding.note()
    assert slot().worker_pk is None
    owed = slot().next_at
    assert owed is not None
    assert START + timedelta(seconds=2000) < owed <= START + timedelta(seconds=3000)


async def test_a_host_that_another_process_holds_is_asked_for_later(room: Room) -> None:
    with room.archive.writing() as session:
        other = workers.enlist(session, "machine:2")
        host_slots.claim(session, other, [HOST], START)
    holding = HostLeases(room.crawl, room.worker)
    room.frontier.add(Task(ArticleHandler(room.crawl), SOURCE, FEEDS[0].url))
    await holding._claim(0.0)
    await room.nothing_comes()
    with room.archive.writing() as session:
        host_slots.release(session, other, {HOST: 0.0}, {HOST: 7}, START)
    await holding._claim(host_leases_module.REFUSED / 2)
    assert room.frontier.wanted == {HOST}
    await holding._claim(host_leases_module.REFUSED + 0.1)
    await room.next()
    assert room.crawl.limits.spent[HOST] == 7


async def test_what_other_processes_learnt_of_a_host_is_taken_over(room: Room) -> None:
    until = START + timedelta(seconds=90)
    room.desk.do(lambda tx: origins.record_pause(tx, f"https://{HOST}", until=until, reason="HTTP 429"))
    room.frontier.add(Task(ArticleHandler(room.crawl), SOURCE, FEEDS[0].url))
    await HostLeases(room.crawl, room.worker)._claim(0.0)
    assert room.crawl.politeness.pause(FEEDS[0].url, START) == (90.0, "HTTP 429")
    await room.nothing_comes()


async def test_holding_goes_on_after_the_database_was_away(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    away = [OperationalError("SELECT", {}, Exception("server closed the connection"))]
    recall = origins.load_origins

    def fail_first(session: Any, names: Any = None) -> Any:
        if away:
            raise away.pop()
        return recall(session, names)

    monkeypatch.setattr(host_leases_module, "load_origins", fail_first)
    monkeypatch.setattr(host_leases_module, "AWAY", 0.05)
    room.frontier.add(Task(ArticleHandler(room.crawl), SOURCE, FEEDS[0].url))
    running = asyncio.create_task(HostLeases(room.crawl, room.worker).run())
    await until(lambda: HOST not in room.frontier.wanted)
    assert away == []
    await room.next()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


AWAY = OperationalError("SELECT 1", {}, Exception("the server closed the connection"))


async def test_what_comes_while_the_database_is_away_is_left_to_the_next_crawl(room: Room) -> None:
    """Neither a failed attempt nor a failed poll is noted: the publisher did nothing wrong, and nor did the page."""
    room.file("story")
    room.order(poll(FEEDS[0]))
    room.frontier.grant(HOST, 0.0)
    working = asyncio.create_task(room.consumer.run())
    left = set()
    for _ in range(2):
        task = await room.next()
        left.add(task.handler.name)
        room.crawl.fault(task, AWAY)
        room.finish(task)
    await room.crawl.background.settled()
    report = room.crawl.report[SOURCE.id]
    assert left == {"article", "list"}
    assert (dict(report.failed), report.polls_failed, report.polls) == ({}, 0, 0)
    assert dict(report.postponed) == {"the database was away": 2}
    with room.archive.reading() as session:
        assert session.execute(select(LinkRow.state, LinkRow.attempts)).all() == [("pending", 0)]
    working.cancel()


async def test_what_waits_for_the_rules_of_an_origin_is_left_with_them(room: Room) -> None:
    room.frontier.grant(HOST, 0.0)
    room.crawl.politeness.forget_robots(f"https://{HOST}/")
    await room.crawl.offer(Task(ArticleHandler(room.crawl), SOURCE, f"https://{HOST}/story"))
    rules = await room.next()
    assert rules.handler.name == "robots"
    room.crawl.fault(rules, AWAY)
    room.finish(rules)
    await room.crawl.background.settled()
    assert dict(room.crawl.report[SOURCE.id].postponed) == {"the database was away": 1}
    assert room.frontier.waiting == 0
