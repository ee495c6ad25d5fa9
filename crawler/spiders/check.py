"""The spider of `dateline sources check`: the poll spider, whose channels are judged instead of filed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.model.capture import Exchange
from archive.model.job import CrawlJob
from archive.model.source import Source
from crawler.check import CheckCrawl
from crawler.failures import of_status
from crawler.searching import search
from crawler.spiders.poll import PollSpider
from crawler.survey import Survey
from crawler.tasks import Look, Task


class CheckSpider(PollSpider):
    """Asks the channels of its jobs, each as little as shows whether it is alive."""

    name = "check"
    crawl: CheckCrawl

    def __init__(self, crawl: CheckCrawl, jobs: Sequence[CrawlJob], **kwargs: Any) -> None:
        super().__init__(crawl, jobs, **kwargs)
        crawl.search = self._look_around

    async def orders(self) -> None:
        for job in self._jobs:
            if not job.source.discover:
                self._look_around(job.source)
            for channel in job.channels:
                await self.crawl.ask(job.source, channel)

    def _look_around(self, source: Source) -> None:
        async def note(survey: Survey) -> None:
            self.crawl.surveys[source.id] = survey

        search(self.crawl, source, note)

    async def _take(self, task: Task, exchange: Exchange) -> Look | None:
        redirected = exchange.status in (301, 302, 303, 307, 308) and exchange.header("location")
        if task.purpose != "list" or redirected:
            return await super()._take(task, exchange)
        if (failure := of_status(exchange.status)) is not None:
            await self.crawl.retry(task, failure, exchange)
        else:
            await self.crawl.take_list(task, exchange)
        return None
