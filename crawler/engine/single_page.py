"""The crawl of one page, of which nothing is kept."""

from __future__ import annotations

from typing import Any

from crawler.engine.crawl import LONGEST_WAIT, Crawl
from crawler.engine.look import Look
from crawler.frontier.task import Task
from crawler.http.failures import Failure


class PageCrawl(Crawl):
    """A crawl of one page, whose end is noted here instead of in an archive."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.look: Look | None = None
        self.problem: str | None = None

    async def offer(self, task: Task) -> None:
        """As any crawl does, but nobody waits long for one page."""
        await self.politeness.read_rules(task.url)
        delay = self.politeness.crawl_delay(task.url)
        known = self.politeness.missing(task.url, self.clock()) is None
        if known and delay > LONGEST_WAIT and self.politeness.refusal(task.url) is None:
            await self.postpone(task, f"long crawl-delay: robots.txt asks for {delay:g} s between two requests")
            return
        await super().offer(task)

    async def refuse(self, task: Task, reason: str) -> None:
        if task.purpose == "article":
            self.problem = reason
        else:
            await super().refuse(task, reason)

    async def postpone(self, task: Task, reason: str) -> None:
        if task.purpose == "article":
            self.problem = reason
        else:
            await super().postpone(task, reason)

    async def give_up(self, task: Task, failure: Failure) -> None:
        if task.purpose == "article":
            self.problem = failure.reason
        else:
            await super().give_up(task, failure)
