"""The handler of one page, of which nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass

from archive.model.capture import Exchange
from crawler.engine.article_handler import look_at
from crawler.engine.crawl import Crawl
from crawler.engine.look import Look
from crawler.frontier.frontier import ARTICLES
from crawler.frontier.task import Task, TaskHandler
from crawler.frontier.unavailable import Ending, Fault


@dataclass(slots=True, eq=False)
class SinglePageHandler(TaskHandler):
    """Holds the look at the page, which the item pipelines complete, or the problem because of which there is none."""

    crawl: Crawl
    look: Look | None = None
    problem: str | None = None
    name = "article"
    lane = ARTICLES
    rendered = True

    async def answered(self, task: Task, exchange: Exchange) -> Look | None:
        self.look = await look_at(self.crawl, task, exchange)
        return self.look

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        del task, how
        self.problem = reason

    def faulted(self, task: Task, fault: Fault) -> None:
        del task
        self.look, self.problem = None, fault.reason
