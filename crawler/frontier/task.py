"""A task: one thing to fetch, and who gets the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from archive.model.capture import Exchange
from archive.model.frontier import KnownArticle, PendingLink
from archive.model.job import CrawlJob, Priority
from archive.model.link import Hints
from archive.model.source import RENDERED_KINDS, Source
from archive.model.walk import WalkPage
from crawler.frontier.unavailable import Ending
from crawler.frontier.walk import Walk

Purpose = Literal["robots", "tdm", "list", "article", "handler"]


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

    async def permitted(self) -> bool:
        """The rules allow the request. Whether it is to be sent: some only want to know."""

    async def answered(self, task: Task, exchange: Exchange) -> None:
        """An answer of any status that is neither a redirect nor a failure."""

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        """There will be no answer in this job."""

    def faulted(self, reason: str) -> None:
        """A fault of ours, while the answer was taken in."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to fetch. `url` is what to ask now, `first_url` what was asked before any redirect.

    `walk`: the walk over a channel that it belongs to; `page`: for a list, the request of that walk.
    """

    purpose: Purpose
    source: Source
    url: str
    first_url: str = ""
    walk: Walk | None = None
    page: WalkPage | None = None
    link: PendingLink | None = None
    known: KnownArticle | None = None
    hints: Hints = field(default_factory=Hints)
    filed: int = 0
    """How many answers of its source's channels those hints were taken from; further ones may say more."""
    redirects: tuple[Exchange, ...] = ()
    attempt: int = 0
    job: int | None = None
    """Key of the job (`jobs.pk`) that it belongs to."""
    priority: int = Priority.poll
    handler: ResponseHandler | None = None
    """Who sent for it, if it is neither a list nor an article."""
    take_as_is: bool = False
    """Read the page under the URL asked for even if it names another as canonical: the other one could not be had."""

    @property
    def renders(self) -> bool:
        """Whether the answer is to be read as the browser shows it."""
        listed = self.purpose == "list" and self.walk is not None and self.walk.channel.kind in RENDERED_KINDS
        return self.source.render and (self.purpose == "article" or listed)

    @property
    def asked(self) -> str:
        return self.first_url or self.url

    @property
    def method(self) -> Literal["GET", "POST"]:
        """A form is sent again where a redirect says so (307 and 308; RFC 9110, 15.4); all others ask by GET."""
        if self.page is None or any(hop.status not in (307, 308) for hop in self.redirects):
            return "GET"
        return self.page.method

    def again(self) -> Task:
        """The same task, to be tried once more from its beginning."""
        return replace(self, url=self.asked, redirects=(), attempt=self.attempt + 1)

    def redirected(self, hop: Exchange, url: str) -> Task:
        return replace(self, url=url, first_url=self.asked, redirects=(*self.redirects, hop))


def page_task(walk: Walk, page: WalkPage) -> Task:
    """The task of one list request of a walk."""
    return Task("list", walk.source, page.url, walk=walk, page=page, job=walk.job, priority=walk.priority)


def article_task(source: Source, link: PendingLink, cause: Task | CrawlJob, filed: int = 0) -> Task:
    """The task of fetching a link of `source`, on behalf of the job or the task that led to it. `filed`: see `Task`."""
    return Task(
        "article",
        source,
        link.url,
        link=link,
        hints=link.hints,
        filed=filed,
        take_as_is=link.take_as_is,
        walk=None if isinstance(cause, CrawlJob) else cause.walk,
        job=cause.pk if isinstance(cause, CrawlJob) else cause.job,
        priority=cause.priority,
    )


def revisit_task(source: Source, known: KnownArticle, job: int | None, priority: int) -> Task:
    """The task of looking at a known article again. Its hints are those of the first look, so that looks compare."""
    return Task("article", source, known.url, known=known, hints=known.hints, job=job, priority=priority)
