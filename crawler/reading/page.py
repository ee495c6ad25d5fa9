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
    """A response to be read."""

    html: bytes
    """The body after content decoding, or the DOM that a browser made of it."""
    url: str
    """Where the body was served in the end."""
    headers: Headers = ()
    hints: Hints = Hints()  # noqa: RUF009  # immutable
    source: Source | None = None
    memory: Memory | None = None
    """What was learnt of the site."""
    later: Later | None = None
    """The page as it looks now: `html` is then read to be compared with it (see `crawler.reading.read`)."""
    served: bytes | None = None
    """The body itself, where `html` is what a browser made of it. Otherwise None."""


@dataclass(frozen=True, slots=True)
class Later:
    """The same article's page at a later time, and how it was laid out."""

    page: Page
    layout: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page turned out to be."""

    kind: Kind
    reason: str | None
    rights: Rights
    article: Article | None = None
    """Set for the kinds `article` and `paywalled`, of which the latter is an excerpt. None for all others."""
    fit: str | None = None
    """What did not fit the site's template, or empty if everything did. None where the site has none."""
    evidence: Evidence | None = None
    """What the page teaches of its site. None where nobody asked for it."""
