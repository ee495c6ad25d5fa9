from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from support.handlers import Kind, a_handler
from support.waiting import ENOUGH

from archive.model.job import Priority
from archive.testing import a_source
from crawler.frontier.callbacks import ResponseFuture
from crawler.frontier.frontier import RENDERED, UNDER_WAY, Frontier
from crawler.frontier.task import Task


def task(url: str, kind: Kind = "article") -> Task:
    return Task(a_handler(kind), a_source(), url)


def a_frontier(in_flight: int = 100, connections: int = 1) -> Frontier:
    return Frontier(connections_per_host=connections, in_flight=in_flight)


async def take(frontier: Frontier) -> Task:
    got = await asyncio.wait_for(frontier.next(), ENOUGH)
    assert got is not None
    return got


async def test_ends_when_nothing_is_left() -> None:
    frontier = a_frontier()
    assert await frontier.next() is None
    frontier.add(task("https://a.example/1"))
    got = await take(frontier)
    frontier.release(got)
    frontier.finish(got)
    assert await frontier.next() is None


async def test_waits_while_a_task_in_flight_may_bring_more() -> None:
    frontier = a_frontier()
    frontier.add(task("https://a.example/1"))
    first = await take(frontier)
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    frontier.add(task("https://a.example/2"))
    frontier.release(first)
    second = await asyncio.wait_for(waiting, ENOUGH)
    assert second is not None
    assert second.url.endswith("/2")


async def test_one_connection_for_each_host() -> None:
    frontier = a_frontier()
    for url in ("https://a.example/1", "https://a.example/2", "https://b.example/1"):
        frontier.add(task(url))
    taken = {(await take(frontier)).url, (await take(frontier)).url}
    assert taken == {"https://a.example/1", "https://b.example/1"}
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    frontier.release(task("https://a.example/1"))
    third = await asyncio.wait_for(waiting, ENOUGH)
    assert third is not None
    assert third.url == "https://a.example/2"


async def test_the_delay_lies_between_the_end_of_one_request_and_the_next() -> None:
    frontier = a_frontier()
    frontier.require_delay("a.example", 0.15)
    frontier.require_delay("a.example", 0.01)  # the longest holds
    frontier.add(task("https://a.example/1"))
    frontier.add(task("https://a.example/2"))
    first = await take(frontier)
    await asyncio.sleep(0.1)
    frontier.release(first)
    released = asyncio.get_running_loop().time()
    await take(frontier)
    assert asyncio.get_running_loop().time() - released >= 0.149


async def test_a_pause_holds_for_tasks_that_were_queued_before() -> None:
    frontier = a_frontier()
    frontier.add(task("https://a.example/1"))
    frontier.pause("a.example", 0.15)
    begun = asyncio.get_running_loop().time()
    await take(frontier)
    assert asyncio.get_running_loop().time() - begun >= 0.149


async def test_robots_and_feeds_go_first() -> None:
    frontier = a_frontier()
    frontier.add(task("https://a.example/article"))
    frontier.add(task("https://a.example/feed", "list"))
    frontier.add(task("https://a.example/robots.txt", "robots"))
    order = []
    for _ in range(3):
        got = await take(frontier)
        order.append(got.handler.name)
        frontier.release(got)
    assert order == ["robots", "list", "article"]


async def test_no_more_in_flight_than_allowed() -> None:
    frontier = a_frontier(in_flight=1)
    frontier.add(task("https://a.example/1"))
    frontier.add(task("https://b.example/1"))
    first = await take(frontier)
    frontier.release(first)
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()  # fetched, but not recorded yet
    frontier.finish(first)
    assert await asyncio.wait_for(waiting, ENOUGH) is not None


async def test_drain_takes_back_one_host() -> None:
    frontier = a_frontier()
    for url in ("https://a.example/1", "https://a.example/2", "https://b.example/1"):
        frontier.add(task(url))
    assert [t.url for t in frontier.drain("a.example")] == ["https://a.example/1", "https://a.example/2"]
    assert frontier.waiting == 1
    assert (await take(frontier)).url == "https://b.example/1"


async def test_closed_hands_out_nothing() -> None:
    frontier = a_frontier()
    frontier.add(task("https://a.example/1"))
    frontier.close()
    assert await frontier.next() is None
    assert frontier.waiting == 1


# --- shared hosts, long-lived processes


def a_shared_frontier(speed: float = 1.0) -> Frontier:
    return Frontier(
        connections_per_host=1, in_flight=100, shared=True, endless=True, real=lambda seconds: seconds / speed
    )


async def nothing_comes(frontier: Frontier, seconds: float = 0.05) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(frontier.next(), seconds)


async def test_a_shared_host_is_asked_only_once_it_is_granted() -> None:
    frontier = a_shared_frontier()
    frontier.add(task("https://a.example/1"))
    frontier.add(task("https://b.example/1"))
    assert frontier.wanted == {"a.example", "b.example"}
    await nothing_comes(frontier)
    frontier.grant("b.example", 0.0)
    assert frontier.wanted == {"a.example"}
    assert (await take(frontier)).url == "https://b.example/1"
    await nothing_comes(frontier)


async def test_a_granted_host_waits_for_the_delay_that_is_owed() -> None:
    frontier = a_shared_frontier(speed=1_000)
    frontier.add(task("https://a.example/1"))
    frontier.grant("a.example", 150.0)
    begun = asyncio.get_running_loop().time()
    await take(frontier)
    assert asyncio.get_running_loop().time() - begun >= 0.149


async def test_delays_run_by_the_archives_clock() -> None:
    frontier = a_shared_frontier(speed=100)
    frontier.require_delay("a.example", 15.0)
    frontier.grant("a.example", 0.0)
    for number in range(3):
        frontier.add(task(f"https://a.example/{number}"))
    begun = asyncio.get_running_loop().time()
    for _ in range(3):
        frontier.release(await take(frontier))
    assert 0.299 <= asyncio.get_running_loop().time() - begun < 20.0  # by the loop's clock they were 30
    assert frontier.delays(["a.example", "b.example"]) == {"a.example": 15.0}


async def test_idle_hosts_are_given_up_with_the_delay_that_is_owed() -> None:
    frontier = a_shared_frontier(speed=100)
    frontier.require_delay("a.example", 12_000.0)
    frontier.add(task("https://a.example/1"))
    frontier.add(task("https://b.example/1"))
    frontier.grant("a.example", 0.0)
    frontier.grant("b.example", 0.0)
    first, second = await take(frontier), await take(frontier)
    assert frontier.idle(0.0) == {}  # both are being asked
    for got in (first, second):
        frontier.release(got)
        frontier.finish(got)
    assert frontier.idle(ENOUGH) == {}
    owed = frontier.idle(0.0)
    assert set(owed) == {"a.example", "b.example"}
    assert 1_000 < owed["a.example"] <= 12_000
    assert owed["b.example"] == 0
    assert frontier.delays(["a.example"]) == {}
    frontier.add(task("https://a.example/2"))  # it must be claimed anew
    assert frontier.wanted == {"a.example"}
    await nothing_comes(frontier)


async def test_a_host_with_tasks_is_not_given_up() -> None:
    frontier = a_shared_frontier()
    frontier.add(task("https://a.example/1"))
    frontier.grant("a.example", 30.0)
    assert frontier.idle(0.0) == {}
    frontier.drain("a.example")
    assert set(frontier.idle(0.0)) == {"a.example"}
    await nothing_comes(frontier)  # what was armed for it is forgotten


async def test_an_endless_frontier_waits_for_tasks_from_outside() -> None:
    frontier = a_shared_frontier()
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.03)
    assert not waiting.done()
    frontier.grant("a.example", 0.0)
    frontier.add(task("https://a.example/1"))
    assert (await asyncio.wait_for(waiting, ENOUGH)) is not None
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.03)
    frontier.close()
    assert await asyncio.wait_for(waiting, ENOUGH) is None


async def test_while_suspended_everything_is_kept() -> None:
    frontier = a_frontier()
    frontier.suspended = True
    frontier.add(task("https://a.example/1"))
    await nothing_comes(frontier)
    assert (frontier.waiting, frontier.in_flight) == (1, 0)
    frontier.suspended = False
    assert (await take(frontier)).url == "https://a.example/1"


async def test_fresh_polls_go_before_backfill_and_what_is_asked_for_before_all() -> None:
    frontier = a_frontier()
    for priority in (Priority.backfill, Priority.revisit, Priority.poll, Priority.asked):
        frontier.add(replace(task(f"https://a.example/{priority.name}"), priority=priority))
    frontier.add(replace(task("https://a.example/feed", "list"), priority=Priority.poll))
    order = []
    for _ in range(5):
        got = await take(frontier)
        order.append(got.url.rpartition("/")[2])
        frontier.release(got)
    assert order == ["feed", "asked", "poll", "revisit", "backfill"]


async def test_polls_leave_every_other_request_to_the_pages_that_they_brought() -> None:
    frontier = a_frontier()
    for number in (1, 2, 3):
        frontier.add(task(f"https://a.example/feed/{number}", "list"))
    frontier.add(replace(task("https://a.example/new"), priority=Priority.poll))
    frontier.add(replace(task("https://a.example/old"), priority=Priority.backfill))
    order = []
    for _ in range(5):
        got = await take(frontier)
        order.append(got.url.removeprefix("https://a.example/"))
        frontier.release(got)
    assert order == ["feed/1", "new", "feed/2", "feed/3", "old"]


async def test_the_lists_of_a_backfill_go_before_its_articles_and_behind_those_of_polls() -> None:
    frontier = a_frontier()
    frontier.add(replace(task("https://a.example/past"), priority=Priority.backfill))
    frontier.add(replace(task("https://a.example/map", "list"), priority=Priority.backfill))
    frontier.add(replace(task("https://a.example/news"), priority=Priority.poll))
    assert (frontier.queued("a.example"), frontier.queued("a.example", Priority.poll)) == (3, 1)
    order = []
    for _ in range(3):
        got = await take(frontier)
        order.append(got.url.rpartition("/")[2])
        frontier.release(got)
        frontier.finish(got)
    assert order == ["news", "map", "past"]
    assert frontier.queued("a.example", Priority.poll) == 0


async def test_the_articles_of_a_backfill_wait_until_its_last_list_has_been_read() -> None:
    """Its answer may name further lists, and say more of the articles. What a poll brings does not wait."""
    frontier = a_frontier()
    past = replace(task("https://a.example/past"), priority=Priority.backfill)
    frontier.add(replace(task("https://a.example/list", "list"), priority=Priority.backfill))
    frontier.add(past)
    read = await take(frontier)
    frontier.release(read)
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    frontier.add(task("https://a.example/new"))
    new = await asyncio.wait_for(waiting, ENOUGH)
    assert new is not None and new.url == "https://a.example/new"
    frontier.release(new)
    frontier.add(replace(task("https://a.example/list?page=2", "list"), priority=Priority.backfill))
    frontier.finish(read)
    further = await take(frontier)
    assert further.url == "https://a.example/list?page=2"
    frontier.release(further)
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    frontier.finish(further)
    assert await asyncio.wait_for(waiting, ENOUGH) == past


async def test_only_what_is_as_little_urgent_is_taken_back() -> None:
    frontier = a_frontier()
    frontier.add(replace(task("https://a.example/past"), priority=Priority.backfill))
    frontier.add(replace(task("https://a.example/news"), priority=Priority.poll))
    assert [t.url for t in frontier.drain("a.example", lowest=Priority.backfill)] == ["https://a.example/past"]
    assert (frontier.waiting, frontier.queued("a.example", Priority.poll)) == (1, 1)


async def test_requests_are_counted_by_host() -> None:
    frontier = a_frontier()
    for url in ("https://a.example/1", "https://a.example/2", "https://b.example/1"):
        frontier.add(task(url))
    for _ in range(3):
        got = await take(frontier)
        frontier.release(got)
    assert frontier.requests == {"a.example": 2, "b.example": 1}


async def test_of_a_backfill_only_some_tasks_of_a_host_are_under_way() -> None:
    """What was asked for and is not committed is asked for again after a crash. What is new does not wait for it."""
    frontier = a_frontier()
    for number in range(UNDER_WAY + 2):
        frontier.add(replace(task(f"https://a.example/{number}"), priority=Priority.backfill))
    taken = []
    for _ in range(UNDER_WAY):
        taken.append(await take(frontier))
        frontier.release(taken[-1])
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    frontier.add(task("https://a.example/new"))
    new = await asyncio.wait_for(waiting, ENOUGH)
    assert new is not None and new.url.endswith("/new")
    frontier.release(new)
    frontier.finish(new)
    assert frontier.idle(0.0) == {}
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    frontier.finish(taken[0])
    last = await asyncio.wait_for(waiting, ENOUGH)
    assert last is not None and last.priority == Priority.backfill


async def test_only_so_many_tasks_are_at_the_browser_and_what_their_pages_want_goes_first() -> None:
    frontier = a_frontier()
    drawn = replace(a_source(), render=True)
    for number in range(RENDERED + 2):
        frontier.add(Task(a_handler(), drawn, f"https://{number}.example/"))
    frontier.add(task("https://plain.example/"))
    taken = [await take(frontier) for _ in range(RENDERED + 1)]
    assert taken[-1].url == "https://plain.example/"  # others do not wait for the browser
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    frontier.add(Task(ResponseFuture(lane=0), drawn, "https://cdn.example/app.js"))
    part = await asyncio.wait_for(waiting, ENOUGH)
    assert part is not None
    assert part.handler.name == "handler"
    frontier.release(taken[0])
    frontier.finish(taken[0])
    assert (await take(frontier)).url == f"https://{RENDERED}.example/"


async def test_what_cannot_go_out_in_time_is_taken_back() -> None:
    frontier = a_frontier()
    frontier.require_delay("a.example", 100.0)
    for n in range(5):
        frontier.add(task(f"https://a.example/{n}"))
    assert frontier.beyond("a.example", 1_000.0) == []
    assert frontier.fits("a.example", 500.0)
    assert not frontier.fits("a.example", 499.0)
    assert [late.url[-1] for late in frontier.beyond("a.example", 250.0)] == ["3", "4"]
    assert frontier.queued("a.example") == 3
    frontier.pause("a.example", 300.0)
    assert [late.url[-1] for late in frontier.beyond("a.example", 250.0)] == ["0", "1", "2"]
    assert frontier.waiting == 0
    assert frontier.beyond("b.example", 0.0) == []


async def test_a_request_under_way_comes_before_the_next() -> None:
    frontier = a_frontier()
    frontier.require_delay("a.example", 100.0)
    frontier.add(task("https://a.example/1"))
    await take(frontier)
    assert not frontier.fits("a.example", 99.0)
    assert frontier.fits("a.example", 100.0)


async def test_a_delay_that_is_about_to_grow_is_counted() -> None:
    frontier = a_frontier()
    frontier.add(task("https://a.example/1"))
    assert frontier.fits("a.example", 60.0)
    assert not frontier.fits("a.example", 60.0, delay=100.0)
