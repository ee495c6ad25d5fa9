"""Reading what a candidate's address answered, each kind by its own rules. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from archive.model.link import Link
from archive.model.urls import same_site
from crawler.discover.article_like import points
from crawler.discover.autodiscover import Candidate, more_feeds
from crawler.discover.autodiscover_rank import Probe
from crawler.discover.feed import Feed, parse_feed
from crawler.discover.jsonlist import parse_json_list
from crawler.discover.listing import parse_listing
from crawler.discover.sitemap import parse_sitemap
from crawler.discover.sitemap_model import ChildSitemap

SAMPLE = 3
"""Links that are opened to see whether they are articles."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered for an address: `url` is where it was served in the end."""

    body: bytes
    url: str
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of an answer. `more`: feeds that a web page names in the place of a feed or a list; `children`: the sitemaps
    of an index."""

    probe: Probe
    more: tuple[Candidate, ...] = ()
    children: tuple[ChildSitemap, ...] = ()


def read_answer(candidate: Candidate, answer: Answer, languages: tuple[str, ...] = ()) -> Reading:
    """Read the answer for a candidate. Never raises."""
    body, url, content_type = answer.body, answer.url, answer.content_type
    channel = candidate.channel
    if channel.kind == "feed":
        feed = parse_feed(body, url, content_type)
        more = more_feeds(body, url, content_type) if feed.problem == "not-a-feed: HTML page" else ()
        return Reading(_of_feed(candidate, feed), more)
    if channel.kind == "sitemap":
        sitemap = parse_sitemap(body, url, content_type)
        times = _times(sitemap.links, sitemap.children)
        failure = sitemap.problem if not sitemap.links and not sitemap.children else None
        probe = Probe(candidate, sitemap.links, times, failure, len(sitemap.children), languages)
        return Reading(probe, children=sitemap.children)
    if channel.kind == "json":
        listing = parse_json_list(body, url, channel, content_type=content_type)
        return Reading(Probe(candidate, listing.links, _times(listing.links), listing.problem, languages=languages))
    listing = parse_listing(body, url, channel, content_type=content_type, languages=languages)
    probe = Probe(candidate, listing.links, _times(listing.links), listing.problem, languages=languages)
    return Reading(probe, more_feeds(body, url, content_type))


def with_child(probe: Probe, child: Reading) -> Probe:
    """The probe of an index after one of its sitemaps was read: it is judged by the pages that this one names."""
    links = tuple({link.url: link for link in (*probe.links, *child.probe.links)}.values())
    return replace(probe, links=links, times=_times(links))


def samples(probe: Probe, homepage: str) -> tuple[str, ...]:
    """The links to open: of the site's own that look most like articles the first, in the order of the list."""
    own = [link for link in probe.links if same_site(link.url, homepage)]
    best = sorted(own, key=lambda link: -points(link.url, link.hints.title or ""))[: 4 * SAMPLE]
    return tuple(link.url for link in best[:: max(1, len(best) // SAMPLE)][:SAMPLE])


def _of_feed(candidate: Candidate, feed: Feed) -> Probe:
    if _of_comments(feed):
        candidate = replace(candidate, doubts=tuple(dict.fromkeys((*candidate.doubts, "comments"))))
    languages = (feed.language,) if feed.language else ()
    return Probe(candidate, feed.links, feed.times, feed.problem, languages=languages)


def _of_comments(feed: Feed) -> bool:
    """Whether a feed's entries are readers' comments, whatever its address is: their ids say so."""
    marked = sum("comment" in (link.hints.guid or "").lower() for link in feed.links)
    return marked * 2 > len(feed.links)


def _times(links: tuple[Link, ...], children: tuple[ChildSitemap, ...] = ()) -> tuple[datetime, ...]:
    """The times that links and sitemaps claim, where they name a zone."""
    claimed = [link.hints.published_at or link.hints.updated_at for link in links]
    return tuple(at for at in (*claimed, *(child.modified_at for child in children)) if at is not None)
