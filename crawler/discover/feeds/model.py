"""What reading a feed gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from archive.model.link import Link

FeedKind = Literal["rss", "atom", "rdf", "json"]

TITLE_LIMIT = 1_000
SUMMARY_LIMIT = 5_000
"""Characters kept of what a feed claims."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The time between two polls that a feed wants: lower bounds, never a promise.

    `at_least` is the longest of RSS `ttl` and the syndication module's period. `skip_hours` are hours of GMT (0-23),
    `skip_days` days of GMT (Monday = 0) in which nothing new is to be expected.
    """

    at_least: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Paging:
    """The addresses of the other entries of a feed (RFC 5005; `next` in JSON Feed as well). They are absolute.

    `complete` means that this document is the whole feed: what it lacks has been taken out of it. `archive` means that
    it is an archive document, which does not change any more. The addresses are the publisher's claims: they may loop
    or leave the site.
    """

    next: str | None = None
    previous: str | None = None
    prev_archive: str | None = None
    next_archive: str | None = None
    current: str | None = None
    complete: bool = False
    archive: bool = False

    @property
    def older(self) -> str | None:
        """The address at which a backfill goes on: the archive before this document, else the next page. None at the
        end."""
        return self.prev_archive or (None if self.complete else self.next)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read. `kind` is None where it is none, and `problem` says why.

    `links` has each address once, in the feed's order. `times` are the entries' own times, newest claim of each, in
    UTC. Those without a zone are taken as UTC here, so they serve to tell a live channel from a stale one, no more.
    `without_date` counts the links that have no time at all, `skipped` the entries without an address that can be
    fetched. `odd_dates` is what stands in the place of a date and is none, such as `0000-00-00`, of each link that has
    no time because of it.
    """

    kind: FeedKind | None = None
    title: str | None = None
    language: str | None = None
    links: tuple[Link, ...] = ()
    times: tuple[datetime, ...] = ()
    without_date: int = 0
    skipped: int = 0
    problem: str | None = None
    rhythm: Rhythm = Rhythm()
    paging: Paging = Paging()
    odd_dates: tuple[str, ...] = ()

    @property
    def newest_at(self) -> datetime | None:
        return max(self.times, default=None)

    @property
    def at_least(self) -> timedelta | None:
        return self.rhythm.at_least

    @property
    def skip_hours(self) -> frozenset[int]:
        return self.rhythm.skip_hours

    @property
    def skip_days(self) -> frozenset[int]:
        return self.rhythm.skip_days


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed: its link and its newest time. The link is None if nothing in it can be fetched."""

    link: Link | None
    time: datetime | None

    @property
    def odd_date(self) -> str | None:
        """The text that stands in the place of a date and is none. None if there is no such text."""
        if self.link is None or self.time is not None:
            return None
        return self.link.hints.published or self.link.hints.updated


def assemble(
    kind: FeedKind,
    title: str | None,
    language: str | None,
    entries: list[Entry],
    rhythm: Rhythm = Rhythm(),
    paging: Paging = Paging(),
) -> Feed:
    """Make a feed of its entries. An address that comes again is left out."""
    seen: set[str] = set()
    links: list[Link] = []
    times: list[datetime] = []
    odd: list[str] = []
    skipped = without_date = 0
    for entry in entries:
        if entry.link is None:
            skipped += 1
        elif entry.link.url not in seen:
            seen.add(entry.link.url)
            links.append(entry.link)
            if entry.time is None:
                without_date += 1
                odd += [entry.odd_date] if entry.odd_date else []
            else:
                times.append(entry.time)
    return Feed(
        kind, title, language, tuple(links), tuple(times), without_date, skipped, None, rhythm, paging, tuple(odd)
    )
