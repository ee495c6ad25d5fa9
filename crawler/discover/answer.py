"""One answer of a channel, whatever its kind: bytes -> links, and where to go on. No network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from archive.model.link import Link
from archive.model.source import Channel, ChannelKind
from archive.model.walk import WalkPage
from crawler.discover.feeds.feed import Feed, parse_feed
from crawler.discover.lists.html_list import parse_listing
from crawler.discover.lists.json_list import parse_json_list
from crawler.discover.lists.model import Listing, NextPage
from crawler.discover.parsing.url_dates import date_in_url
from crawler.discover.parsing.window import changed_day, published_day
from crawler.discover.sitemaps.model import ChildSitemap, Sitemap
from crawler.discover.sitemaps.sitemap import parse_sitemap

LISTS: frozenset[ChannelKind] = frozenset({"feed", "listing", "archive", "json"})
"""The kinds whose pages carry on one another; a sitemap names others, ids have no list at all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of one answer.

    `children` are the sitemaps that an index names. `following` is the next page of the list. `times` are those that
    the links bear, in UTC; a day counts from its midnight. They serve to tell a live channel from a stale one, no more.
    `without_date` counts the links that have none, `skipped` the entries without an address. `problem` starts with a
    stable word. It may stand beside links, where what came before a break is kept. `at_least`, `skip_hours` and
    `skip_days` are what the channel asks of pollers.
    """

    links: tuple[Link, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    following: NextPage | None = None
    times: tuple[datetime, ...] = ()
    without_date: int = 0
    skipped: int = 0
    problem: str | None = None
    at_least: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    odd_dates: tuple[str, ...] = ()

    @property
    def unreadable(self) -> bool:
        return self.problem is not None and not self.links and not self.children


def read_answer(
    body: bytes,
    url: str,
    channel: Channel,
    page: WalkPage,
    *,
    content_type: str | None = None,
    list_url: str | None = None,
    languages: tuple[str, ...] = (),
) -> Answer:
    """Read the answer to `page` of `channel`, which was served at `url`. `list_url`: where the list begins. Never raises."""
    match channel.kind:
        case "feed":
            return _of_feed(parse_feed(body, url, content_type))
        case "sitemap":
            return _of_sitemap(parse_sitemap(body, url, content_type))
        case "json":
            listing = parse_json_list(
                body, url, channel, content_type=content_type, number=page.number, list_url=list_url
            )
            return _of_listing(listing, languages)
        case "listing" | "archive":
            listing = parse_listing(
                body,
                url,
                channel,
                content_type=content_type,
                number=page.number,
                list_url=list_url,
                languages=languages,
            )
            return _of_listing(listing, languages, date_in_url(page.url) if channel.kind == "archive" else None)
    raise ValueError(f"a channel of kind {channel.kind} has no list")


def _of_feed(feed: Feed) -> Answer:
    older = feed.paging.older
    return Answer(
        feed.links,
        following=NextPage(older) if older else None,
        times=feed.times,
        without_date=feed.without_date,
        skipped=feed.skipped,
        problem=feed.problem,
        at_least=feed.at_least,
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
        odd_dates=feed.odd_dates,
    )


def _of_sitemap(sitemap: Sitemap) -> Answer:
    """`lastmod` counts as a time where there is no other: a map of new articles has no more."""
    found = [_time_of(link, ()) or _changed_at(link) for link in sitemap.links]
    times = tuple(at for at in found if at is not None)
    return Answer(
        sitemap.links,
        sitemap.children,
        None,
        times,
        len(found) - len(times),
        sitemap.skipped,
        sitemap.problem,
        odd_dates=_odd_dates(sitemap.links, found),
    )


def _of_listing(listing: Listing, languages: tuple[str, ...], day: date | None = None) -> Answer:
    """`day`: the one that the page is for; its links are at least that new."""
    midnight = datetime.combine(day, time(), UTC) if day is not None else None
    found = [_time_of(link, languages) or midnight for link in listing.links]
    times = tuple(at for at in found if at is not None)
    missing = len(found) - len(times)
    odd = _odd_dates(listing.links, found)
    return Answer(listing.links, (), listing.next, times, missing, listing.skipped, listing.problem, odd_dates=odd)


def _odd_dates(links: Sequence[Link], found: Sequence[datetime | None]) -> tuple[str, ...]:
    """What the links without a time say in its place."""
    claims = (link.hints.published or link.hints.updated for link, at in zip(links, found, strict=True) if at is None)
    return tuple(claim for claim in claims if claim)


def _time_of(link: Link, languages: tuple[str, ...]) -> datetime | None:
    if link.hints.published_at is not None:
        return link.hints.published_at
    day = published_day(link, languages)
    return datetime.combine(day, time(), UTC) if day is not None else None


def _changed_at(link: Link) -> datetime | None:
    if link.hints.updated_at is not None:
        return link.hints.updated_at
    day = changed_day(link)
    return datetime.combine(day, time(), UTC) if day is not None else None
