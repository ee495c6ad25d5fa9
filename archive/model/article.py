"""Articles: a piece at one source, as extraction and normalisation read it from one capture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from archive.model.text.urls import clean_url

Precision = Literal["second", "minute", "day"]
TextScope = Literal["full", "excerpt", "headline"]
AliasKind = Literal["canonical", "requested", "redirect", "amp", "moved"]
Relation = Literal["syndicated_from", "translation_of", "republished_from", "derived_from"]
ArticleStatus = Literal["live", "missing", "gone", "moved", "blocked", "paywalled", "withheld"]


@dataclass(frozen=True, slots=True)
class ClaimedTime:
    """A time that the publisher claims.

    `at` is aware and in UTC. With precision `day` only the calendar day as printed is known: `at` is then 00:00 UTC of
    that day and must be shown as `YYYY-MM-DD`, never as a time. `raw` is the string as found, `source` where it was found
    (`json-ld`, `meta:article:published_time`, `feed`, `visible`, `url`), `confidence` between 0 and 1.
    """

    at: datetime
    precision: Precision
    raw: str
    source: str
    confidence: float
    zone: str | None = None

    def isoformat(self) -> str:
        """The time as RFC 3339 in UTC, or the bare date where only the day is known."""
        if self.precision == "day":
            return self.at.date().isoformat()
        return self.at.isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Caption:
    """The text printed with a picture. The credit is apart, and is not part of the text."""

    text: str | None
    credit: str | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True)
class LineageClaim:
    """What the page itself says of the source that it was taken from.

    `url` need not be known to the archive. `evidence` has short, readable facts.
    """

    relation: Relation
    url: str | None
    evidence: tuple[str, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """The normalised reading of one capture. Text is NFC. What is unknown is None, with an entry in `reasons`.

    `body` has paragraphs joined by one newline. `provenance` maps a field to where its value came from (`json-ld`,
    `meta:og:title`, `trafilatura`, …). `extractor` is the version of everything that shaped the text: only articles with equal
    extractor may be compared. `layout` names how the page is laid out (see crawler/learn/layout.py).
    """

    url: str
    canonical_url: str
    title: str | None
    lead: str | None
    body: str | None
    authors: tuple[str, ...]
    language: str | None
    declared_language: str | None
    published: ClaimedTime | None
    modified: ClaimedTime | None
    extractor: str
    captions: tuple[Caption, ...] = ()
    original_url: str | None = None
    lineage: tuple[LineageClaim, ...] = ()
    amp_url: str | None = None
    text_scope: TextScope = "full"
    language_score: float | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    layout: str | None = None
    declared: bool = False
    """Whether the page's metadata call it an article."""

    @property
    def main_text(self) -> str | None:
        """What the page says: the body, or the standfirst of a page without one. None where it has neither."""
        return self.body or self.lead

    def under_its_own_address(self) -> Article:
        """Return the article with its page's address as the canonical one, because what the page names is another's."""
        return replace(self, canonical_url=clean_url(self.url) or self.url)
