"""How tasks end: what their handlers write down, and what they leave alone; on both databases."""

from __future__ import annotations

import errno
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from support.room import FEEDS, HOST, SOURCE, Room

from archive.frontier import links, walks
from archive.model.job import Priority
from archive.model.period import Period
from archive.model.walk import WalkGoal, WalkPage
from archive.tables import LinkRow, WalkPageRow
from archive.testing import Desk
from crawler.channels.list_handler import page_task
from crawler.engine.article_handler import walk_task
from crawler.frontier.task import Task
from crawler.frontier.walk import Walk
from crawler.http.failures import Failure

TIMEOUT = Failure("timeout", again=True)
AWAY = Failure("connection-refused", again=True, host=True)
FULL = OSError(errno.ENOSPC, "No space left on device")
DAY = date(2026, 3, 2)


@pytest.fixture
def room(news_desk: Desk, tmp_path: Path) -> Room:
    return Room(news_desk, tmp_path, SOURCE)


def tasks(room: Room) -> list[Task]:
    """A list request of a backfill, and an article that the list showed."""
    page = WalkPage("first", FEEDS[0].url, chain="first")
    window = Period(DAY, DAY)
    row = room.desk.do(lambda tx: walks.begin(tx.session, SOURCE.id, FEEDS[0].key, window, tx.now))
    (page,) = room.desk.do(lambda tx: walks.add_pages(tx.session, row.pk, [page]))
    walk = Walk(SOURCE, FEEDS[0], WalkGoal(window), None, Priority.backfill, row=row)
    room.file("story")
    with room.archive.reading() as session:
        (link,) = links.pending(session, [SOURCE.id], room.desk.now)
    return [page_task(room.crawl, walk, page), walk_task(room.crawl, walk, link)]


def attempts(room: Room) -> tuple[int, int]:
    """Attempts that count against the list request and against the link."""
    room.desk.do(lambda _tx: None)  # what was written before is committed now
    with room.archive.reading() as session:
        pages = session.scalars(select(WalkPageRow.attempts)).one()
        return pages, session.scalars(select(LinkRow.attempts)).one()


async def test_an_address_that_fails_by_itself_is_counted(room: Room) -> None:
    for task in tasks(room):
        await room.crawl.give_up(task, TIMEOUT)
    assert attempts(room) == (1, 1)
    assert dict(room.crawl.report[SOURCE.id].failed) == {"timeout": 2}


async def test_a_host_that_is_away_counts_against_none_of_its_addresses(room: Room) -> None:
    for task in tasks(room):
        await room.crawl.give_up(task, AWAY)
    assert attempts(room) == (0, 0)
    assert dict(room.crawl.report[SOURCE.id].failed) == {"connection-refused": 2}


async def test_a_robots_file_that_is_not_to_be_had_counts_against_no_address(room: Room) -> None:
    room.crawl.politeness.learn_robots(f"https://{HOST}", 503, b"", room.desk.now)
    for task in tasks(room):
        await room.crawl.offer(task)
    assert attempts(room) == (0, 0)
    assert dict(room.crawl.report[SOURCE.id].failed) == {"robots-unreachable": 2}
    assert room.frontier.waiting == 0


async def test_what_robots_rules_forbid_is_settled(room: Room) -> None:
    room.crawl.politeness.learn_robots(f"https://{HOST}", 200, b"User-agent: *\nDisallow: /\n", room.desk.now)
    for task in tasks(room):
        await room.crawl.offer(task)
    report = room.crawl.report[SOURCE.id]
    assert (dict(report.failed), dict(report.excluded)) == ({"robots": 1}, {"robots": 1})
    with room.archive.reading() as session:
        assert session.scalars(select(WalkPageRow.state)).one() == "failed"
        assert session.execute(select(LinkRow.state, LinkRow.reason)).all() == [("excluded", "robots")]


async def test_a_fault_is_counted_once_for_what_it_struck(room: Room) -> None:
    for task in tasks(room):
        room.crawl.fault(task, RuntimeError("a fault of ours"))
    assert attempts(room) == (1, 1)
    assert dict(room.crawl.report[SOURCE.id].failed) == {"internal-error": 2}


async def test_what_only_waited_for_an_answer_with_a_fault_is_reported_and_not_counted(room: Room) -> None:
    room.frontier.grant(HOST, 0.0)
    room.crawl.politeness.forget_robots(f"https://{HOST}/")
    for task in tasks(room):
        await room.crawl.offer(task)
    robots = await room.next()
    assert robots.handler.name == "robots"
    room.crawl.fault(robots, RuntimeError("a fault of ours"))
    room.finish(robots)
    assert attempts(room) == (0, 0)
    assert dict(room.crawl.report[SOURCE.id].failed) == {"internal-error": 3}
    assert (room.frontier.waiting, room.frontier.in_flight) == (0, 0)


async def test_a_crawl_that_is_halted_writes_nothing(room: Room) -> None:
    for task in tasks(room):
        room.crawl.fault(task, FULL)
    assert attempts(room) == (0, 0)
    report = room.crawl.report
    assert (dict(report[SOURCE.id].failed), dict(report[SOURCE.id].postponed)) == ({}, {"stopped": 2})
    assert report.halted is not None
    assert room.frontier.closed


async def test_pages_of_a_host_whose_robots_file_asks_for_long_pauses_can_be_refused(room: Room) -> None:
    rules = b"User-agent: *\nCrawl-delay: 300\n"
    room.crawl.politeness.learn_robots(f"https://{HOST}", 200, rules, room.desk.now)
    room.crawl.longest_delay = 120.0
    _, article = tasks(room)
    await room.crawl.offer(article)
    assert dict(room.crawl.report[SOURCE.id].postponed) == {"long crawl-delay": 1}
    assert room.frontier.waiting == 0
