"""What the probes of candidates showed -> ranking, and a registry entry to propose. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from archive.model.link import Link
from archive.model.source import Source
from archive.model.text.urls import same_site, url_key
from archive.registry.checks import language as language_check
from archive.registry.naming import free_id
from crawler.discover.autodiscovery.candidates import Candidate, Discovery
from crawler.discover.parsing.article_like import is_likely
from crawler.discover.parsing.window import published_day

Verdict = Literal["live", "undated", "stale", "off-site", "no-articles", "empty", "failed"]

STALE_AFTER = timedelta(days=30)
FUTURE = timedelta(days=1)
"""Dates further ahead belong to announced events."""
FEWEST = 3
"""Items of a live channel; a list of one or two is rather a template's accident. Feeds of quiet offices may have fewer."""
CHANNELS = 3
"""Channels of one kind that are proposed at most."""
FRESH_SHARE = 0.3
"""A further channel is worth asking if so much of it is not shown by those before it."""

_GOOD: tuple[Verdict, ...] = ("live", "undated")
_KINDS = {"feed": 3, "sitemap": 2, "json": 2, "listing": 1}


@dataclass(frozen=True, slots=True)
class Probe:
    """The outcome of one request for a candidate.

    `times` are a feed's or sitemap's own claims, in UTC. `failure` says in a word or two why there was nothing to read
    (`HTTP 404`, `not-a-feed: HTML page`). `children` counts the sitemaps that an index names. `languages` (BCP 47) tell
    how to read dates in words.
    """

    candidate: Candidate
    links: tuple[Link, ...] = ()
    times: tuple[datetime, ...] = ()
    failure: str | None = None
    children: int = 0
    languages: tuple[str, ...] = ()
    opened: int = 0
    """So many of the links were opened to see what they are …"""
    articles: int = 0
    """… and so many of those were articles."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate after its probe.

    `share` says how many of its links are article-like and on the own site, 0 to 1. `same_as` is the address of a
    better candidate that shows the same.
    """

    candidate: Candidate
    verdict: Verdict
    items: int = 0
    share: float = 0.0
    newest_at: datetime | None = None
    detail: str | None = None
    same_as: str | None = None
    keys: frozenset[str] = frozenset()

    @property
    def good(self) -> bool:
        """Return whether the channel is alive."""
        return self.verdict in _GOOD


def rank(probes: Sequence[Probe], homepage: str, now: datetime) -> tuple[Ranked, ...]:
    """Sort the candidates, best first.

    Alive ones come before dead ones, and those without doubts before doubtful ones. Then the age of the newest item
    counts, the share of own articles, the kind, and the number of items. Equals stay in the order of `probes`.
    """
    judged = sorted((_judge(probe, homepage, now) for probe in probes), key=lambda found: _order(found, now))
    shown: list[Ranked] = []
    for found in judged:
        twin = next((other for other in shown if found.good and found.keys and other.keys == found.keys), None)
        if twin is not None:  # a parameter that the server ignores, or the same feed under two addresses
            found = _with_twin(found, twin.candidate.channel.url)
        shown.append(found)
    return tuple(shown)


def worth_probing(candidate: Candidate, ranked: Sequence[Ranked]) -> bool:
    """Return whether a candidate can still change the proposal after what `ranked` showed.

    A probe costs the site a request, and us the pause between two.
    """
    kind = candidate.channel.kind
    alive = [found for found in ranked if found.good and not found.candidate.doubts]
    same_kind = [found for found in alive if found.candidate.channel.kind == kind]
    if candidate.doubts or candidate.found == "well-known":
        return not same_kind
    if kind in ("listing", "json"):  # a site with a feed needs no other way to its news
        return not any(found.candidate.channel.kind == "feed" for found in alive) and len(same_kind) < CHANNELS
    return True


def propose(
    discovery: Discovery,
    ranked: Sequence[Ranked],
    homepage: str,
    taken: Collection[str] = (),
    *,
    stale: bool = False,
) -> Source | None:
    """Make the registry entry for a site. None if nothing is alive.

    It has the live feeds (one shows seldom all: news and research have feeds of their own), else the best other way,
    and a sitemap for backfills. `taken` are ids that are in use. With `stale`, channels whose newest item is old are
    taken where nothing is alive. The status stays `unverified`: `sources check` sets it.
    """
    good = [found for found in ranked if found.good and found.same_as is None]
    if stale and not good:
        good = [found for found in ranked if found.verdict == "stale"]
    chosen = _choose([found for found in good if not found.candidate.doubts])
    if not chosen:
        return None
    return Source(
        id=free_id(homepage, taken),
        name=discovery.title or urlsplit(homepage).hostname or homepage,
        homepage=homepage,
        language=_languages(discovery.language),
        discover=tuple(dict.fromkeys(found.candidate.channel for found in chosen)),
    )


def _choose(trusted: Sequence[Ranked]) -> list[Ranked]:
    """Choose the feeds that differ, or else the best other channel; and the best sitemap, which backfills read."""
    others = [found for found in trusted if found.candidate.channel.kind != "feed"]
    chosen = _differing([found for found in trusted if found.candidate.channel.kind == "feed"]) or others[:1]
    sitemap = next((found for found in others if found.candidate.channel.kind == "sitemap"), None)
    if sitemap is not None and sitemap not in chosen:
        chosen.append(sitemap)
    return chosen


def _judge(probe: Probe, homepage: str, now: datetime) -> Ranked:
    candidate = probe.candidate
    if probe.links:
        return _judge_links(probe, homepage, now)
    if probe.failure is not None and not probe.children:
        return Ranked(candidate, "failed", detail=probe.failure)
    if candidate.channel.kind == "sitemap" and probe.children:
        # An index: what its children hold is not known yet. Its newest change tells that it is kept up.
        newest = _newest(probe.times, now)
        return Ranked(candidate, _age(newest, now), probe.children, 1.0, newest, f"{probe.children} sitemaps")
    return Ranked(candidate, "empty")


def _judge_links(probe: Probe, homepage: str, now: datetime) -> Ranked:
    candidate, items = probe.candidate, len(probe.links)
    is_feed = candidate.channel.kind == "feed"
    own = [link for link in probe.links if same_site(link.url, homepage)]
    counted = _count_articles(probe, own)
    newest = _newest(_times(probe), now)
    keys = frozenset(url_key(link.url) for link in probe.links)
    verdict = _age(newest, now)
    if not own:
        verdict = "off-site"
    elif counted < FEWEST and not is_feed:
        verdict = "no-articles"
    detail = probe.failure
    if probe.opened and not probe.articles and not is_feed:
        verdict, detail = "no-articles", f"none of the {probe.opened} links opened is an article"
    return Ranked(candidate, verdict, items, counted / items, newest, detail, keys=keys)


def _count_articles(probe: Probe, own: Sequence[Link]) -> int:
    """Count the links on the own site that pass for articles. A feed's entries are articles by their nature, whatever their
    addresses look like; so are the links of a channel if most of those opened were articles."""
    if probe.candidate.channel.kind == "feed" or probe.articles * 2 > probe.opened:
        return len(own)
    return sum(1 for link in own if is_likely(link.url, link.hints.title or ""))


def _newest(times: Iterable[datetime], now: datetime) -> datetime | None:
    """The latest of the times that are not too far ahead. None if there is none."""
    return max((time for time in times if time <= now + FUTURE), default=None)


def _times(probe: Probe) -> list[datetime]:
    """What the channel claims; without that, the days of its links, at their midnight (UTC)."""
    if probe.times:
        return list(probe.times)
    days = [day for link in probe.links if (day := published_day(link, probe.languages)) is not None]
    return [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]


def _age(newest: datetime | None, now: datetime) -> Verdict:
    if newest is None:
        return "undated"
    return "live" if now - newest <= STALE_AFTER else "stale"


def _order(found: Ranked, now: datetime) -> tuple[object, ...]:
    verdicts: tuple[Verdict, ...] = ("live", "undated", "stale", "no-articles", "off-site", "empty", "failed")
    age = now - found.newest_at if found.newest_at is not None else timedelta(days=36_500)
    # In steps, for a minute's difference says nothing: today, this week, this month, older.
    step = next((n for n, days in enumerate((1, 7, 30, 365)) if age <= timedelta(days=days)), 4)
    kind = _KINDS.get(found.candidate.channel.kind, 0)
    return (
        not found.good,
        len(found.candidate.doubts),
        verdicts.index(found.verdict),
        found.share < 0.5,
        step,
        -kind,
        -min(found.items, 1_000),
        -found.candidate.prior,
    )


def _with_twin(found: Ranked, url: str) -> Ranked:
    return Ranked(
        found.candidate, found.verdict, found.items, found.share, found.newest_at, found.detail, url, found.keys
    )


def _differing(feeds: Sequence[Ranked]) -> list[Ranked]:
    chosen: list[Ranked] = []
    covered: set[str] = set()
    for found in feeds:
        fresh = len(found.keys - covered) / len(found.keys) if found.keys else 0.0
        if not chosen or (fresh >= FRESH_SHARE and found.verdict == "live" and len(chosen) < CHANNELS):
            chosen.append(found)
            covered |= found.keys
    return chosen


def _languages(declared: str | None) -> tuple[str, ...]:
    tag = (declared or "").strip().replace("_", "-")
    return (tag,) if tag and language_check(tag) is None else ()
