"""The spider of `dateline sources check`: the poll spider, whose feeds are judged instead of filed."""

from __future__ import annotations

from archive.model.capture import Exchange
from crawler.check import CheckCrawl
from crawler.failures import of_status
from crawler.spiders.poll import PollSpider
from crawler.tasks import Look, Task


class CheckSpider(PollSpider):
    """Asks the channels of its jobs once each."""

    name = "check"
    crawl: CheckCrawl

    async def _take(self, task: Task, exchange: Exchange) -> Look | None:
        redirected = exchange.status in (301, 302, 303, 307, 308) and exchange.header("location")
        if task.purpose != "feed" or redirected:
            return await super()._take(task, exchange)
        if (failure := of_status(exchange.status)) is not None:
            await self.crawl.retry(task, failure, exchange)
        else:
            await self.crawl.take_feed(task, exchange)
        return None
