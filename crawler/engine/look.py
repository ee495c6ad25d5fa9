"""A look: one answer to a task, on its way through the item pipelines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from archive.model.article import Article
from archive.model.capture import Capture, Rights
from archive.model.link import Hints
from archive.model.site_memory import Memory
from crawler.frontier.task import Task
from crawler.reading.page import Page, Reading

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
