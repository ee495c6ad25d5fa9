"""The spider of `dateline extract URL`: the poll spider, with one page to fetch and nothing to poll."""

from __future__ import annotations

from typing import Any

from crawler.engine.look import Look
from crawler.engine.single_page import PageCrawl
from crawler.frontier.task import Task
from crawler.spiders.news import NewsSpider


class PageSpider(NewsSpider):
    """Fetches one page, and what its hosts want to be asked for before."""

    name = "page"
    crawl: PageCrawl

    def __init__(self, crawl: PageCrawl, task: Task, **kwargs: Any) -> None:
        super().__init__(crawl, (), **kwargs)
        self._task = task

    async def orders(self) -> None:
        await self.crawl.offer(self._task)

    def look_done(self, item: Look) -> None:
        self.crawl.look = item
        super().look_done(item)
