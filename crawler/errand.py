"""Errands: requests whose answers go to whoever sent for them, instead of through a crawl's own ways for lists and articles.

They are sent with the same manners: robots, delay, budget, Retry-After, address guard, redirects, retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from archive.model.capture import Exchange

if TYPE_CHECKING:
    from crawler.crawl import Crawl
    from crawler.tasks import Task

Ending = Literal["refused", "failed", "put-off"]
"""`refused`: robots rules forbid it; `failed`: tried in vain; `put-off`: not tried now (budget, pause)."""


class Errand(Protocol):
    """Who sent for a request."""

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
        """An answer of any status but a redirect."""

    async def ended(self, crawl: Crawl, task: Task, how: Ending, reason: str) -> None:
        """There will be no answer in this job."""

    def faulted(self, crawl: Crawl, reason: str) -> None:
        """A fault of ours, while the answer was taken in."""
