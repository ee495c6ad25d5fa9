"""A task: one thing to fetch, and its handler, which is told what came of it.

permitted? ─> queued ─> answered   an answer came
                 │  └─> faulted    a fault of ours, while the answer was taken in
                 └────> ended      there will be no answer in this crawl

Whoever sends tasks out asks the handler for facts (how soon, with which headers, by which rules), never for its kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from archive.model.capture import Exchange
from archive.model.frontier import KnownArticle, PendingLink
from archive.model.job import Priority
from archive.model.link import Hints
from archive.model.source import Source
from crawler.frontier.unavailable import Ending, Fault
from crawler.frontier.walk import Walk


class Item(Protocol):
    """What an answer sends through the item pipelines (`crawler.engine.look.Look`)."""

    @property
    def task(self) -> Task: ...


class TaskHandler(ABC):
    """Whom a task is for. The attributes are facts about its requests, with the values that most handlers have."""

    name: str = "handler"
    """What is asked for, as the log calls it."""
    lane: int = 1
    """How soon its requests go: 0 at once, 1 with lists, 2 with articles."""
    is_list: bool = False
    """It reads a channel, so that its answers bring requests for pages."""
    rendered: bool = False
    """Its answers are pages that the browser is to render, where the source wants that."""
    obeys_rules: bool = True
    """robots.txt and the TDM file of a host come first. They do for all but these files."""
    takes_failures: bool = False
    """It is also given answers whose status is a failure of the server. Others are tried again instead."""
    also_ruled_by: str | None = None
    """Another address whose host must allow its requests by robots rules: the publisher's, where a copy of its page is asked
    for elsewhere. None where there is no other."""
    spacing: float = 0.0
    """Seconds for which the host is left alone after a request, whatever its delay."""

    def request_headers(self, task: Task) -> Mapping[str, str]:
        """Further header fields of a request."""
        del task
        return {}

    async def permitted(self) -> bool:
        """The rules allow a request. Return whether it is to be sent: some only want to know."""
        return True

    def queued(self, task: Task) -> None:
        """Take note that a task waits for its turn: a good time to get ready for its answer."""
        del task

    @abstractmethod
    async def answered(self, task: Task, exchange: Exchange) -> Item | None:
        """Take in an answer that is no redirect. Return what goes through the item pipelines; None where nothing does."""

    @abstractmethod
    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        """Take note that there will be no answer in this crawl."""

    @abstractmethod
    def faulted(self, task: Task, fault: Fault) -> None:
        """Take note of a fault of ours. The crawl has reported it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to fetch. `url` is what to ask now, `first_url` what was asked before any redirect.

    `link`, `known`, `hints`, `walk` and `take_as_is` are those of an article: the pending link or the known article that it
    is, what lists said of it, and the walk over a channel that led to it.
    """

    handler: TaskHandler
    source: Source
    url: str
    first_url: str = ""
    form: tuple[tuple[str, str], ...] | None = None
    """The fields of a request by POST. None for all others."""
    walk: Walk | None = None
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
    take_as_is: bool = False
    """Read the page under the URL asked for even if it names another as canonical: the other one could not be had."""

    @property
    def renders(self) -> bool:
        """Whether the answer is to be read as the browser shows it."""
        return self.source.render and self.handler.rendered

    @property
    def asked(self) -> str:
        """The address before any redirect."""
        return self.first_url or self.url

    @property
    def method(self) -> Literal["GET", "POST"]:
        """A form is sent again where a redirect says so (307 and 308; RFC 9110, 15.4); all others ask by GET."""
        if self.form is None or any(hop.status not in (307, 308) for hop in self.redirects):
            return "GET"
        return "POST"

    def again(self) -> Task:
        """Return the same task, to be tried once more from its beginning."""
        return replace(self, url=self.asked, redirects=(), attempt=self.attempt + 1)

    def redirected(self, hop: Exchange, url: str) -> Task:
        """Return the same task on its way to the address to which an answer redirects it."""
        return replace(self, url=url, first_url=self.asked, redirects=(*self.redirects, hop))
