"""What reading a feed gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.model.link import Link

FeedKind = Literal["rss", "atom", "rdf", "json"]

TITLE_LIMIT = 1_000
SUMMARY_LIMIT = 5_000
"""Characters kept of what a feed claims."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read; `kind` is None where it is none, and `problem` says why.

    `links` has each address once, in the feed's order. `times` are the entries' own times, newest claim of each, UTC;
    those without a zone are taken as UTC here, so they serve to tell a live channel from a stale one, no more.
    `without_date` counts the links that have no time at all; `skipped` the entries without an address that can be fetched.
    """

    kind: FeedKind | None = None
    title: str | None = None
    language: str | None = None
    links: tuple[Link, ...] = ()
    times: tuple[datetime, ...] = ()
    without_date: int = 0
    skipped: int = 0
    problem: str | None = None

    @property
    def newest_at(self) -> datetime | None:
        return max(self.times, default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed: its link (None if nothing in it can be fetched) and its newest time."""

    link: Link | None
    time: datetime | None


def assemble(kind: FeedKind, title: str | None, language: str | None, entries: list[Entry]) -> Feed:
    """A feed of its entries; an address that comes again is left out."""
    seen: set[str] = set()
    links: list[Link] = []
    times: list[datetime] = []
    skipped = without_date = 0
    for entry in entries:
        if entry.link is None:
            skipped += 1
        elif entry.link.url not in seen:
            seen.add(entry.link.url)
            links.append(entry.link)
            if entry.time is None:
                without_date += 1
            else:
                times.append(entry.time)
    return Feed(kind, title, language, tuple(links), tuple(times), without_date, skipped)
