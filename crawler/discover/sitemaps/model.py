"""What reading a sitemap gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.model.link import Link

SitemapKind = Literal["urlset", "index", "text", "feed"]


@dataclass(frozen=True, slots=True)
class ChildSitemap:
    """A sitemap that an index names. `lastmod` is as printed.

    `modified_at` is in UTC: a time without a zone is taken as UTC, and a day at its midnight. That is good enough to
    pass over what has long been the same.
    """

    url: str
    lastmod: str | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap as read. `kind` is None where it is none.

    `links` and `children` have each address once, in the file's order. `skipped` counts the entries without an address
    that can be fetched. `problem` may stand beside links: what came before a break is kept.
    """

    kind: SitemapKind | None = None
    links: tuple[Link, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    skipped: int = 0
    problem: str | None = None

    @property
    def newest_at(self) -> datetime | None:
        """The newest publication time that a news sitemap claims, in UTC. Times without a zone do not count. None if
        there is none."""
        return max((at for link in self.links if (at := link.hints.published_at)), default=None)
