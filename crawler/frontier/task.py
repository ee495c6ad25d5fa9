"""What passes through a crawl: tasks on their way out, looks on their way in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from archive.frontier.known_articles import KnownArticle
from archive.frontier.links import PendingLink
from archive.model.article import Article
from archive.model.capture import Capture, Exchange, Rights
from archive.model.job import Priority
from archive.model.link import Hints
from archive.model.site_memory import Memory
from archive.model.source import Source
from archive.model.walk import WalkPage
from crawler.frontier.callbacks import ResponseHandler
from crawler.frontier.walk import Walk
from crawler.reading.reader import Page, Reading

Purpose = Literal["robots", "tdm", "list", "article", "handler"]

RENDERED_KINDS = ("listing", "archive")
"""Channels whose answers are pages."""


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
    memory: Memory | None = None
    """What was known of the site when the page was read; every reading that is compared with it is given the same."""
    baseline: Article | None = None
    """The last kept capture read with today's extractor, where the stored state was read with another, or the page is laid
    out otherwise now."""
    file_rights: Rights = field(default_factory=Rights)
    """What the host's TDM file says about this URL."""
    lacking: tuple[str, ...] = ()
    """What a rendered page asked for and did not get, for reasons that may pass: it may show less than it would."""

    def page(self, hints: Hints) -> Page:
        """The page that was answered, to be read with these hints."""
        capture, answer = self.capture, self.capture.answer
        served = capture.payload if capture.dom is not None else None
        return Page(
            capture.shown, answer.url, answer.response_headers, hints, self.task.source, self.memory, served=served
        )

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
