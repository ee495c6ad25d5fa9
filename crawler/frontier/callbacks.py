"""Handlers: requests whose answers go to whoever sent for them, instead of through a crawl's own ways for lists and articles.

They are sent under the same rules: robots, delay, budget, Retry-After, address guard, redirects, retries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from archive.model.capture import Exchange

if TYPE_CHECKING:
    from crawler.engine.crawl import Crawl
    from crawler.frontier.task import Task

Ending = Literal["refused", "failed", "unavailable", "away", "put-off"]
"""`refused`: robots rules forbid it; `failed`: tried in vain; `unavailable`: the same, for a reason that may pass; `away`: its
host as a whole does not answer; `put-off`: not tried now (budget, pause)."""
NOT_ITS_FAULT: frozenset[Ending] = frozenset({"away", "put-off"})
"""Endings that say nothing about the address."""


class ResponseHandler(Protocol):
    """Who sent for a request."""

    @property
    def lane(self) -> int:
        """How soon it goes: 0 at once, 1 with lists, 2 with articles."""

    @property
    def also_ruled_by(self) -> str | None:
        """Another address whose host must allow this by its robots rules: the publisher's, where a copy of its page is asked
        for elsewhere."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Further header fields of the request."""

    @property
    def spacing(self) -> float:
        """Seconds for which the host is left alone after this request, whatever its delay."""

    async def permitted(self, crawl: Crawl) -> bool:
        """The rules allow the request. Whether it is to be sent: some only want to know."""

    async def answered(self, crawl: Crawl, task: Task, exchange: Exchange) -> None:
        """An answer of any status that is neither a redirect nor a failure."""

    async def ended(self, crawl: Crawl, task: Task, how: Ending, reason: str) -> None:
        """There will be no answer in this job."""

    def faulted(self, crawl: Crawl, reason: str) -> None:
        """A fault of ours, while the answer was taken in."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why an handler got no answer."""

    how: Ending
    reason: str

    @property
    def passing(self) -> bool:
        """Whether it may be had another time."""
        return self.how in ("unavailable", *NOT_ITS_FAULT)


@dataclass(frozen=True, slots=True, eq=False)
class ResponseFuture:
    """The handler of somebody who waits for `answer`."""

    lane: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    also_ruled_by: str | None = None
    spacing: float = 0.0
    answer: asyncio.Future[Exchange | Unavailable] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def permitted(self, crawl: Crawl) -> bool:
        return True

    async def answered(self, crawl: Crawl, task: Task, exchange: Exchange) -> None:
        self._bring(exchange)

    async def ended(self, crawl: Crawl, task: Task, how: Ending, reason: str) -> None:
        self._bring(Unavailable(how, reason))

    def faulted(self, crawl: Crawl, reason: str) -> None:
        self._bring(Unavailable("unavailable", reason))

    def _bring(self, answer: Exchange | Unavailable) -> None:
        if not self.answer.done():  # nobody may wait any more
            self.answer.set_result(answer)
