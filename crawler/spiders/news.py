"""The spider: sends what the frontier hands out, and gives every answer to whoever it is for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from archive.model.capture import Capture, Exchange
from archive.model.content_codings import ContentError
from archive.model.job import CrawlJob
from crawler.channels.background_survey import check_and_poll, search_again, search_and_poll
from crawler.channels.check import take_requested_checks
from crawler.channels.polling import take_list
from crawler.engine.crawl import Crawl, Progress
from crawler.engine.look import Look
from crawler.engine.rendering import Stopped, render
from crawler.engine.scrapy_exchange import exchange_of, request_of
from crawler.frontier.task import Task
from crawler.http.failures import Failure, classify, of_status
from crawler.jobs.free_space import DiskFull, check_disk
from crawler.jobs.host_leases import HostLeases
from crawler.jobs.seeds import offer_jobs

log = structlog.get_logger()

LOOK_AT_DISK = 50
"""Requests from one look at the free space to the next: at most some hundred MB at the usual limits."""


class NewsSpider(Spider):
    """One spider for all sources of a crawl, so that sources that share a host share its delay."""

    name = "news"

    def __init__(
        self,
        crawl: Crawl,
        jobs: Sequence[CrawlJob],
        worker: int | None = None,
        progress: Progress | None = None,
        **kwargs: Any,
    ) -> None:
        """`worker`: the key for which hosts are claimed; None where the frontier does not share them."""
        super().__init__(**kwargs)
        self.crawl = crawl
        self._worker = worker
        self._jobs = jobs
        self._progress = progress
        self._companions: set[asyncio.Task[None]] = set()
        crawl.search = lambda source: search_again(crawl, source)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.look_done, signals.item_scraped)
        crawler.signals.connect(spider.look_failed, signals.item_error)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Requests as the frontier lets them go; ends when nothing is queued, in flight or being recorded."""
        host_leases = None if self._worker is None else HostLeases(self.crawl, self._worker)
        if host_leases is not None:
            self.accompany(host_leases.run())
        if self._progress:
            self.accompany(self._watch(self._progress))
        try:
            await self.orders()
            async for request in self._requests():
                yield request
            for source_id in self.crawl.sites.waiting():
                await self.crawl.learn(source_id)
        finally:
            for companion in (*self._companions, *self.crawl.background):
                companion.cancel()
            await asyncio.gather(*self.crawl.background, return_exceptions=True)
            await self.crawl.browser.close()
        if host_leases is not None and not self.crawl.writer.lost and self.crawl.writer.failed is None:
            await host_leases.note()

    async def orders(self) -> None:
        """Bring in the first tasks."""
        if self._worker is not None:
            self.accompany(take_requested_checks(self.crawl, self._worker))
        for job in self._jobs:
            if job.kind == "poll" and job.unchecked:
                check_and_poll(self.crawl, job, self._offer)
            elif job.kind == "poll" and not job.source.discover:
                search_and_poll(self.crawl, job, self._offer)
        await offer_jobs(self.crawl, [job for job in self._jobs if not job.unchecked])

    async def _offer(self, job: CrawlJob) -> None:
        await offer_jobs(self.crawl, [job])

    def accompany(self, work: Coroutine[Any, Any, None]) -> None:
        """Let `work` go on beside the crawl. If it fails, the crawl ends, with what is on its way recorded."""
        task = asyncio.create_task(work)
        self._companions.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._companions.discard(task)
        if task.cancelled() or (error := task.exception()) is None or self.crawl.halted_by(error):
            return
        log.error("crawl_halted", error=repr(error), exc_info=error)
        self.crawl.report.halted = str(error)
        self.crawl.frontier.close()

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

    async def answered(self, response: Response) -> AsyncIterator[Look]:
        """A response of any status."""
        task: Task = response.meta["task"]
        requested_at: datetime = response.meta["requested_at"]
        exchange = exchange_of(response, requested_at, self.crawl.clock())
        self.crawl.report.bytes += len(exchange.body)
        self.crawl.heard_at = asyncio.get_running_loop().time()
        self.crawl.frontier.release(task)
        self.crawl.answered(task, exchange.status)
        handed_on = False
        try:
            if (look := await self._take(task, exchange)) is not None:
                handed_on = True
                yield look
        except Exception as error:  # noqa: BLE001  # a fault in one answer must not end the crawl; it is reported
            self.crawl.fault(task, error)
        finally:
            if not handed_on:
                self.crawl.frontier.finish(task)

    async def _take(self, task: Task, exchange: Exchange) -> Look | None:
        crawl = self.crawl
        if exchange.status in (301, 302, 303, 307, 308) and exchange.header("location"):
            await crawl.follow(task, exchange)
            return None
        if task.purpose in ("robots", "tdm"):
            failure = of_status(exchange.status)
            if failure is not None and failure.again and task.attempt < crawl.settings.retries:
                await crawl.retry(task, failure, exchange)
            else:
                await crawl.rules_answered(task, exchange)
            return None
        if task.purpose == "list":
            await take_list(crawl, task, exchange)
            return None
        if task.handler is not None:
            if (failure := of_status(exchange.status)) is not None:
                await crawl.retry(task, failure, exchange)
            else:
                await task.handler.answered(task, exchange)
            return None
        if (failure := of_status(exchange.status)) is not None:
            await crawl.retry(task, failure, exchange)
            return None
        try:
            payload = await crawl.decode(exchange)
        except ContentError as error:
            await crawl.give_up(task, Failure(error.reason))
            return None
        capture = Capture(task.source.id, task.asked, exchange, payload, task.redirects)
        look = Look(task, capture, file_rights=crawl.politeness.file_rights(exchange.url))
        return await self._rendered(look) if task.renders else look

    async def _rendered(self, look: Look) -> Look | None:
        """The look, with the page as the browser shows it."""
        try:
            rendered = await render(self.crawl, look.task, look.capture.answer, look.capture.payload)
        except Stopped:
            await self.crawl.postpone(look.task, "stopped")
            return None
        if isinstance(rendered, Failure):
            await self.crawl.give_up(look.task, rendered)
            return None
        if rendered is not None:
            look.capture = replace(look.capture, dom=rendered.dom)
            look.lacking = rendered.lacking
        return look

    async def unanswered(self, failure: TwistedFailure) -> None:
        """No response: the connection failed, timed out, or was cut by a limit."""
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

    def look_done(self, item: Look) -> None:
        self.crawl.frontier.finish(item.task)

    def look_failed(self, item: Look, failure: TwistedFailure) -> None:
        """A pipeline raised."""
        assert failure.value is not None, "a failure holds its exception"
        self.crawl.fault(item.task, failure.value)
        self.crawl.frontier.finish(item.task)
