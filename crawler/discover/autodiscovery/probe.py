"""Reading what a candidate's address answered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.model.link import Link
from archive.model.text.urls import same_site
from archive.model.walk import WalkPage
from crawler.discover.answer import Answer, read_answer
from crawler.discover.autodiscovery.candidates import Candidate, Discovery, discover, more_feeds
from crawler.discover.autodiscovery.ranking import Probe
from crawler.discover.parsing.article_like import points
from crawler.discover.sitemaps.model import ChildSitemap
from crawler.http.robots import sitemaps_in

SAMPLE = 3
"""Links that are opened to see whether they are articles."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of an answer for a candidate.

    `more` are feeds that a web page names in the place of a feed or of a list. `children` are the sitemaps of an index.
    """

    probe: Probe
    more: tuple[Candidate, ...] = ()
    children: tuple[ChildSitemap, ...] = ()


def read_homepage(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    link_headers: Sequence[str] = (),
    robots_text: str | None = None,
) -> Discovery:
    """Find the candidates of a homepage, of its Link headers and of the Sitemap lines of its robots.txt. Never
    raises."""
    return discover(
        body,
        url,
        content_type=content_type,
        link_headers=link_headers,
        robots_sitemaps=sitemaps_in(robots_text),
    )


def read_probe(
    candidate: Candidate, body: bytes, url: str, content_type: str | None, languages: tuple[str, ...] = ()
) -> Reading:
    """Read the answer for a candidate, which was served at `url`. Never raises."""
    channel = candidate.channel
    page = WalkPage(channel.url, channel.url, chain=channel.url)
    answer = read_answer(body, url, channel, page, content_type=content_type, languages=languages)
    if channel.kind == "feed" and _of_comments(answer.links):
        candidate = replace(candidate, doubts=tuple(dict.fromkeys((*candidate.doubts, "comments"))))
    web_page = channel.kind == "listing" or answer.problem == "not-a-feed: HTML page"
    more = more_feeds(body, url, content_type) if web_page else ()
    failure = answer.problem if answer.unreadable else None
    probe = Probe(candidate, answer.links, _times(answer), failure, len(answer.children), languages)
    return Reading(probe, more, answer.children)


def with_child(probe: Probe, child: Reading) -> Probe:
    """Add one of its sitemaps, which was read, to the probe of an index. The probe is judged by the pages that this one
    names."""
    links = {link.url: link for link in (*probe.links, *child.probe.links)}
    return replace(probe, links=tuple(links.values()), times=child.probe.times)


def samples(probe: Probe, homepage: str) -> tuple[str, ...]:
    """Choose the links to open: of the site's own that look most like articles, some from all parts of the list."""
    own = [link for link in probe.links if same_site(link.url, homepage) and points(link.url, link.hints.title or "")]
    best = sorted(own, key=lambda link: -points(link.url, link.hints.title or ""))[: 4 * SAMPLE]
    return tuple(link.url for link in best[:: max(1, len(best) // SAMPLE)][:SAMPLE])


def _of_comments(links: Sequence[Link]) -> bool:
    """Whether a feed's entries are readers' comments, whatever its address is: their ids say so."""
    marked = sum("comment" in (link.hints.guid or "").lower() for link in links)
    return marked * 2 > len(links)


def _times(answer: Answer) -> tuple[datetime, ...]:
    changed = (child.modified_at for child in answer.children if child.modified_at is not None)
    return (*answer.times, *changed)
