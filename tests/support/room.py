"""A fetching process without Scrapy: the test does what the spider would."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import select

from archive.config import Settings
from archive.frontier import links
from archive.model.clock import SystemClock
from archive.model.job import Order
from archive.model.link import Link
from archive.model.source import Channel, Source
from archive.queue import jobs, workers
from archive.registry import Registry
from archive.tables import JobRow
from archive.testing import Desk, a_source
from crawler.engine.crawl import Crawl
from crawler.engine.report import CrawlReport
from crawler.frontier.frontier import Frontier
from crawler.frontier.in_flight import InFlight
from crawler.frontier.task import Task
from crawler.http.politeness import Politeness
from crawler.jobs.consumer import JobConsumer
from support.waiting import ENOUGH

HOST = "www.harbour-times.example"
FEEDS = tuple(Channel("feed", f"https://{HOST}/{name}.xml") for name in ("home", "world"))
SOURCE = a_source(discover=FEEDS, delay=0.0)


class StandingClock(SystemClock):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self) -> Any:
        return self._desk.now


class Room:
    """A fetching process of the archive of `desk`. The rules of its host are known and allow everything."""

    def __init__(self, desk: Desk, tmp_path: Path, *sources: Source) -> None:
        self.desk, self.archive = desk, desk.archive
        self.finished: list[int] = []
        clock = StandingClock(desk)
        self.frontier = Frontier(
            connections_per_host=1,
            in_flight=100,
            tasks_in_flight=InFlight(self.finished.append),
            shared=True,
            endless=True,
        )
        self.crawl = Crawl(
            settings=Settings(home=tmp_path),
            archive=self.archive,
            writer=desk.writer,
            pool=cast("Any", SimpleNamespace(warm=lambda: None)),  # nothing is read here
            frontier=self.frontier,
            politeness=Politeness({}, "dateline", desk.now),
            report=CrawlReport(()),
            channels={},
            clock=clock,
        )
        with self.archive.writing() as session:
            self.worker = workers.enlist(session, "machine:1")
        self.registry = Registry({source.id: source for source in sources})
        self.consumer = JobConsumer(self.crawl, self.worker, lambda: self.registry, self.finished)
        for scheme in ("https", "http"):
            self.crawl.politeness.learn_robots(f"{scheme}://{HOST}", 404, b"", desk.now)
            self.crawl.politeness.learn_tdm(f"{scheme}://{HOST}", None, desk.now)

    def order(self, *orders: Order) -> None:
        with self.archive.writing() as session:
            jobs.enqueue(session, orders, self.desk.now)

    def file(self, *names: str) -> list[int]:
        shown = [Link(f"https://{HOST}/{name}") for name in names]
        return [new.pk for new in self.desk.do(lambda tx: links.record_links(tx, SOURCE.id, FEEDS[0].key, shown)).new]

    def states(self) -> list[str]:
        with self.archive.reading() as session:
            return list(session.scalars(select(JobRow.state).order_by(JobRow.pk)))

    async def next(self) -> Task:
        """The next task that may go out."""
        task = await asyncio.wait_for(self.frontier.next(), ENOUGH)
        assert task is not None
        return task

    async def nothing_comes(self) -> None:
        """No task may go out now, nor within a moment."""
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.frontier.next(), 0.05)

    def finish(self, task: Task) -> None:
        self.frontier.release(task)
        self.frontier.finish(task)
