"""What a process that shares hosts with others owes them: delays noted, and no request once it lost touch."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from support.handlers import a_handler
from support.waiting import ENOUGH

from archive.model.job import CrawlJob, LeasedJob, Priority
from archive.registry import Registry
from archive.testing import a_source
from crawler.frontier.frontier import Frontier
from crawler.frontier.task import Task
from crawler.jobs import consumer as intake_module
from crawler.jobs.consumer import MOST_OPEN, JobConsumer
from crawler.jobs.free_space import DiskFull

HOST = "a.example"


def a_task(url: str = f"https://{HOST}/1") -> Task:
    return Task(a_handler(), a_source(), url)


def shared() -> Frontier:
    return Frontier(connections_per_host=1, in_flight=10, shared=True, endless=True)


async def test_the_delay_of_a_host_is_known_before_it_is_held() -> None:
    frontier = shared()
    frontier.require_delay(HOST, 30.0)
    frontier.add(a_task())
    assert frontier.wanted == {HOST}
    assert frontier.delays(frontier.wanted) == {HOST: 30.0}
    assert frontier.slower == set(), "it is noted with the claim"


async def test_a_delay_that_grows_while_the_host_is_held_is_to_be_noted() -> None:
    frontier = shared()
    frontier.require_delay(HOST, 5.0)
    frontier.add(a_task())
    frontier.grant(HOST, 0.0)
    frontier.require_delay(HOST, 5.0)
    assert frontier.slower == set()
    frontier.require_delay(HOST, 20.0)
    assert frontier.slower == {HOST}
    assert frontier.delays(frontier.slower) == {HOST: 20.0}


async def test_no_request_goes_out_once_the_lease_may_be_over() -> None:
    loop = asyncio.get_running_loop()
    frontier = shared()
    frontier.add(a_task())
    frontier.grant(HOST, 0.0)
    frontier.held_until = loop.time() - 0.001
    waiting = asyncio.create_task(frontier.next())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    frontier.held_until = loop.time() + 3600.0  # renewed
    got = await asyncio.wait_for(waiting, ENOUGH)
    assert got is not None
    assert got.url == f"https://{HOST}/1"


def an_intake(frontier: Any) -> JobConsumer:
    no_room_for_more = SimpleNamespace(jobs=range(MOST_OPEN))
    crawl: Any = SimpleNamespace(
        frontier=frontier, settings=SimpleNamespace(warc_path=Path(), min_free=0), tasks_in_flight=no_room_for_more
    )
    return JobConsumer(crawl, 1, Registry, [])


async def test_jobs_whose_start_met_an_outage_are_started_later(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[list[int | None]] = []

    async def offer_jobs(crawl: object, jobs: list[CrawlJob]) -> None:
        del crawl
        offered.append([job.pk for job in jobs])
        if len(offered) == 1:
            raise OperationalError("SELECT 1", {}, Exception("the server restarts"))

    monkeypatch.setattr(intake_module, "offer_jobs", offer_jobs)
    consumer = an_intake(shared())
    source = a_source()
    consumer._sources, consumer._outdated = {source.id: source}, False
    consumer._leased = [LeasedJob(7, source.id, "poll", "", Priority.poll)]
    with pytest.raises(OperationalError):
        await consumer._take()
    await consumer._take()
    await consumer._take()
    assert offered == [[7], [7]], "once more, and then no more"


def test_a_full_disk_makes_it_rest_until_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    frontier = SimpleNamespace(suspended=False)
    consumer = an_intake(frontier)
    full = True

    def check_disk(settings: object) -> None:
        del settings
        if full:
            raise DiskFull(Path(), 1, 2)

    monkeypatch.setattr(intake_module, "check_disk", check_disk)
    consumer.look_at_disk()
    assert frontier.suspended
    full = False
    consumer.look_at_disk()
    assert not frontier.suspended
