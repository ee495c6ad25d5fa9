"""The spider of `dateline sources check`: the poll spider, whose channels are judged instead of filed."""

from __future__ import annotations

from archive.model.capture import Exchange
from crawler.check import CheckCrawl
from crawler.failures import of_status
from crawler.spiders.poll import PollSpider
from crawler.tasks import Look, Task


class CheckSpider(PollSpider):
    """Asks the channels of its jobs, each as little as shows whether it is alive."""

    name = "check"
    crawl: CheckCrawl

    async def orders(self) -> None:
        for job in self._jobs:
            for channel in job.channels:
                await self.crawl.ask(job.source, channel)

    async def _take(self, task: Task, exchange: Exchange) -> Look | None:
        redirected = exchange.status in (301, 302, 303, 307, 308) and exchange.header("location")
        if task.purpose != "list" or redirected:
            return await super()._take(task, exchange)
        if (failure := of_status(exchange.status)) is not None:
            await self.crawl.retry(task, failure, exchange)
        else:
            await self.crawl.take_list(task, exchange)
        return None
