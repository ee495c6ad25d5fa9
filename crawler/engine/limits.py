"""What a crawl may still ask for: a host for so many requests in a day, and in the time that the crawl has; a source for so many
articles."""

from __future__ import annotations

from collections import Counter

from archive.model.job import BACKFILL_SHARE, Priority
from archive.model.text.urls import host_of
from crawler.frontier.frontier import Frontier
from crawler.frontier.task import Task

LONGEST_VISIT = 6 * 3600.0
"""Seconds: with its delay a host gets no more requests in one crawl than fit into this; the others wait for the next."""
SPENT = "host budget spent"
TOO_SLOW = "long crawl-delay"


class Limits:
    """The limits of one crawl. `host_budget`: requests to a host in a day."""

    def __init__(self, frontier: Frontier, host_budget: int) -> None:
        self.host_budget = host_budget
        self.spent: Counter[str] = Counter()
        """Requests of this day that were made before, by host."""
        self.articles: dict[str, int] = {}
        """Articles that may still be offered, by source. A source not named has no limit."""
        self._frontier = frontier

    def reached(self, task: Task, delay: float) -> str | None:
        """Return why a task with `delay` seconds before it has to wait for the next crawl. None where it need not."""
        host = host_of(task.url)
        before = self._frontier.queued(host, task.priority)
        if (delay > 0 and before >= max(1, LONGEST_VISIT / delay)) or not self.is_in_time(task, delay):
            return TOO_SLOW
        return SPENT if self._spent(host) + before >= self._budget(task) else None

    def is_in_time(self, task: Task, delay: float = 0.0) -> bool:
        """Return whether a task can go out before a crawl that ends by itself has to end."""
        return self._frontier.endless or self._frontier.fits(host_of(task.url), LONGEST_VISIT, delay)

    def overtaken(self, task: Task) -> list[Task] | None:
        """Return the tasks of backfills that have to be left to another day together with this one, which the frontier hands
        out.

        What came in after them went before them, and has spent their budget. None means that the task may go out.
        """
        host = host_of(task.url)
        if task.priority < Priority.backfill or self._spent(host) <= self._budget(task):
            return None
        self._frontier.requests[host] -= 1
        return self._frontier.drain(host, lowest=Priority.backfill)

    def admit(self, source_id: str) -> bool:
        """Return whether there is room for one more article of a source. Count it if so."""
        left = self.articles.get(source_id)
        if left is None:
            return True
        self.articles[source_id] = max(0, left - 1)
        return left > 0

    def _spent(self, host: str) -> int:
        """The number of requests to `host` on this day."""
        return self.spent[host] + self._frontier.requests[host]

    def _budget(self, task: Task) -> float:
        """The number of requests to a host in a day, up to which this task may be one of them."""
        return self.host_budget * (BACKFILL_SHARE if task.priority >= Priority.backfill else 1.0)
