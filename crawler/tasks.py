"""What passes through a crawl: tasks on their way out, looks on their way in."""

from __future__ import annotations

from asyncio import Future
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from archive.known import KnownArticle
from archive.links import PendingLink
from archive.model.article import Article
from archive.model.capture import Capture, Exchange, Rights
from archive.model.job import Priority
from archive.model.link import Hints
from archive.model.source import Source
from archive.model.walk import WalkPage
from crawler.reading import Reading
from crawler.walk import Walk

Purpose = Literal["robots", "tdm", "list", "article", "survey"]


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
    redirects: tuple[Exchange, ...] = ()
    attempt: int = 0
    job: int | None = None
    """Key of the job (`jobs.pk`) that it belongs to."""
    priority: int = Priority.poll
    take_as_is: bool = False
    """Read the page under the URL asked for even if it names another as canonical: the other one could not be had."""
    answer: Future[Exchange | str] | None = None
    """Of a `survey`: whoever looks around a site waits for it. An exchange of any status below 500, or why there is none."""

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

    def settle(self, outcome: Exchange | str) -> None:
        """Tell whoever waits for the answer."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(outcome)

    def redirected(self, hop: Exchange, url: str) -> Task:
        return replace(self, url=url, first_url=self.asked, redirects=(*self.redirects, hop))


VerdictKind = Literal[
    "read",  # an article: record it
    "alias",  # the page of an article that lives under another URL
    "look",  # a look that shows no new text: see `outcome`
    "excluded",  # not an article, or not allowed: see `reason`
    "failed",  # see `reason`
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a response means, decided by the gate. `outcome` is set for `look`."""

    kind: VerdictKind
    reason: str | None = None
    outcome: Literal["same", "missing", "gone", "blocked", "soft-404", "moved"] | None = None


@dataclass(slots=True)
class Look:
    """The item that runs through the pipelines: one look at one URL, filled in step by step."""

    task: Task
    capture: Capture
    verdict: Verdict | None = None
    reading: Reading | None = None
    article: Article | None = None
    baseline: Article | None = None
    """The last kept capture read with today's extractor, where the stored state was read with another."""
    file_rights: Rights = field(default_factory=Rights)
    """What the host's TDM file says about this URL."""

    @property
    def same_bytes(self) -> bool:
        """Whether the page is, to the byte, what the last look at this article showed."""
        known = self.task.known
        return known is not None and not known.withheld and known.content_digest == self.capture.content_digest


def page_task(walk: Walk, page: WalkPage) -> Task:
    """The task of one list request of a walk."""
    return Task("list", walk.source, page.url, walk=walk, page=page, job=walk.job, priority=walk.priority)


def origin_of(url: str) -> str:
    """`scheme://host[:port]`: the unit for which a robots.txt speaks (RFC 9309, 2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
