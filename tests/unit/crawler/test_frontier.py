from __future__ import annotations

import asyncio

from archive.testing import a_source
from crawler.frontier import Frontier
from crawler.tasks import Purpose, Task


def task(url: str, purpose: Purpose = "article") -> Task:
    return Task(purpose, a_source(), url)


def a_frontier(in_flight: int = 100, connections: int = 1) -> Frontier:
    return Frontier(connections_per_host=connections, in_flight=in_flight)


async def take(frontier: Frontier) -> Task:
    got = await asyncio.wait_for(frontier.next(), 5)
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
    second = await asyncio.wait_for(waiting, 5)
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
    third = await asyncio.wait_for(waiting, 5)
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
    frontier.add(task("https://a.example/feed", "feed"))
    frontier.add(task("https://a.example/robots.txt", "robots"))
    order = []
    for _ in range(3):
        got = await take(frontier)
        order.append(got.purpose)
        frontier.release(got)
    assert order == ["robots", "feed", "article"]


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
    assert await asyncio.wait_for(waiting, 5) is not None


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
