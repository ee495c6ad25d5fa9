"""What goes into a reading, and what comes out of it. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from archive.model.article import Article
from archive.model.capture import Headers, Rights
from archive.model.link import Hints
from archive.model.site_memory import Evidence, Memory
from archive.model.source import Source
from crawler.extract.kind import Kind


@dataclass(frozen=True, slots=True)
class Page:
    """A response to be read. `html`: the body after content decoding, or the DOM that a browser made of it, and then `served`
    is that body; `url`: where it was served in the end."""

    html: bytes
    url: str
    headers: Headers = ()
    hints: Hints = Hints()  # noqa: RUF009  # immutable
    source: Source | None = None
    memory: Memory | None = None
    """What was learnt of the site."""
    later: Later | None = None
    """The page as it looks now: `html` is then read to be compared with it (see `crawler.reading.read`)."""
    served: bytes | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """The same article's page at a later time, and how it was laid out."""

    page: Page
    layout: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page turned out to be. `article` is set for the kinds `article` and `paywalled` (then an excerpt).

    `fit`: whether the site's template fitted: empty, or what did not; None where there is none. `evidence`: what the page
    teaches, where that was asked for.
    """

    kind: Kind
    reason: str | None
    rights: Rights
    article: Article | None = None
    fit: str | None = None
    evidence: Evidence | None = None
