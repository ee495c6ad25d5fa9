"""A handler for whoever waits for an answer: a page in the browser, a survey, a check.

Its requests are sent under the same rules as all others: robots, delay, budget, Retry-After, address guard, redirects, retries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.model.capture import Exchange
from crawler.frontier.task import Task, TaskHandler
from crawler.frontier.unavailable import Ending, Fault, Unavailable


@dataclass(frozen=True, slots=True, eq=False)
class ResponseFuture(TaskHandler):
    """The handler of somebody who waits for `answer`."""

    lane: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: asyncio.Future[Exchange | Unavailable] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def request_headers(self, task: Task) -> Mapping[str, str]:
        del task
        return self.headers

    async def answered(self, task: Task, exchange: Exchange) -> None:
        del task
        self._bring(exchange)

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        del task
        self._bring(Unavailable(how, reason))

    def faulted(self, task: Task, fault: Fault) -> None:
        del task
        self._bring(Unavailable("unavailable", fault.reason))

    def _bring(self, answer: Exchange | Unavailable) -> None:
        if not self.answer.done():  # nobody may wait any more
            self.answer.set_result(answer)
