"""The spider: sends what the frontier hands out, and gives every answer to the handler of its task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from archive.model.capture import Exchange
from crawler.engine.crawl import Crawl, Progress
from crawler.engine.scrapy_exchange import exchange_of, request_of
from crawler.frontier.task import Item, Task
from crawler.http.failures import classify, of_status
from crawler.jobs.free_space import DiskFull, check_disk
from crawler.jobs.host_leases import HostLeases

log = structlog.get_logger()

Seeds = Callable[[], Awaitable[None]]
"""Offers the first tasks of a crawl, or begins the work that will."""

LOOK_AT_DISK = 50
"""Requests from one look at the free space to the next: at most some hundred MB at the usual limits."""


class NewsSpider(Spider):
    """One spider for all sources of a crawl, so that sources that share a host share its delay."""

    name = "news"

    def __init__(
        self,
        crawl: Crawl,
        seeds: Seeds,
        worker: int | None = None,
        progress: Progress | None = None,
        **kwargs: Any,
    ) -> None:
        """`worker`: the key for which hosts are claimed; None where the frontier does not share them."""
        super().__init__(**kwargs)
        self.crawl = crawl
        self._seeds = seeds
        self._worker = worker
        self._progress = progress

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:
        """Make the spider as Scrapy does, and have it told how items end."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.look_done, signals.item_scraped)
        crawler.signals.connect(spider.look_failed, signals.item_error)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Give out requests as the frontier lets them go, until nothing is queued, in flight or being recorded."""
        crawl = self.crawl
        host_leases = None if self._worker is None else HostLeases(crawl, self._worker)
        if host_leases is not None:
            crawl.background.accompany(host_leases.run())
        if self._progress:
            crawl.background.accompany(self._watch(self._progress))
        try:
            await self._seeds()
            async for request in self._requests():
                yield request
            for source_id in crawl.sites.waiting():
                await crawl.learn(source_id)
        finally:
            await crawl.background.end()
            await crawl.browser.close()
        if host_leases is not None and not crawl.writer.lost and crawl.writer.failed is None:
            await host_leases.note()

    async def _requests(self) -> AsyncIterator[Request]:
        while (task := await self.crawl.frontier.next()) is not None:
            if not await self.crawl.may_go_out(task):
                self.crawl.frontier.release(task)
                self.crawl.frontier.finish(task)
                continue
            self.crawl.report.requests += 1
            if self.crawl.report.requests % LOOK_AT_DISK == 0:
                self._look_at_disk()
            yield request_of(task, callback=self.answered, errback=self.unanswered, requested_at=self.crawl.clock())

    def _look_at_disk(self) -> None:
        try:
            check_disk(self.crawl.settings)
        except DiskFull as error:
            log.error("disk_full", error=error.message, hint=error.hint)
            self.crawl.report.halted = error.message
            self.crawl.frontier.close()  # what is on its way is still recorded

    async def _watch(self, progress: Progress) -> None:
        while True:
            progress(self.crawl.report, self.crawl.frontier.waiting, self.crawl.frontier.in_flight)
            await asyncio.sleep(0.25)

    async def answered(self, response: Response) -> AsyncIterator[Item]:
        """Take in a response of any status."""
        task: Task = response.meta["task"]
        requested_at: datetime = response.meta["requested_at"]
        exchange = exchange_of(response, requested_at, self.crawl.clock())
        self.crawl.report.bytes += len(exchange.body)
        self.crawl.heard_at = asyncio.get_running_loop().time()
        self.crawl.frontier.release(task)
        self.crawl.answered(task, exchange.status)
        handed_on = False
        try:
            if (item := await self._take(task, exchange)) is not None:
                handed_on = True
                yield item
        except Exception as error:  # noqa: BLE001  # a fault in one answer must not end the crawl; it is reported
            self.crawl.fault(task, error)
        finally:
            if not handed_on:
                self.crawl.frontier.finish(task)

    async def _take(self, task: Task, exchange: Exchange) -> Item | None:
        if exchange.is_redirect:
            await self.crawl.follow(task, exchange)
            return None
        failure = of_status(exchange.status)
        if failure is not None and not task.handler.takes_failures:
            await self.crawl.retry(task, failure, exchange)
            return None
        return await task.handler.answered(task, exchange)

    async def unanswered(self, failure: TwistedFailure) -> None:
        """Take note that there is no response: the connection failed, timed out, or was cut by a limit."""
        assert failure.value is not None, "a failure holds its exception"
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        task: Task = request.meta["task"]
        self.crawl.frontier.release(task)
        try:
            await self.crawl.retry(task, classify(failure.value, request.url))
        except Exception as error:  # noqa: BLE001  # as above
            self.crawl.fault(task, error)
        finally:
            self.crawl.frontier.finish(task)

    def look_done(self, item: Item) -> None:
        """Take note that an item has gone through the pipelines."""
        self.crawl.frontier.finish(item.task)

    def look_failed(self, item: Item, failure: TwistedFailure) -> None:
        """Take note that a pipeline raised."""
        assert failure.value is not None, "a failure holds its exception"
        self.crawl.fault(item.task, failure.value)
        self.crawl.frontier.finish(item.task)
