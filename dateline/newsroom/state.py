"""The newsroom's clock: what stands at which address at what time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dateline.newsroom.model import Article, Departure, Feed, Site, Trap, Variant, Version

Presence = Literal["unpublished", "live", "gone", "missing", "home"]


def version_at(article: Article, now: datetime) -> Version | None:
    """The version in force. None before publication. A deleted article keeps its last one."""
    current = None
    for version in article.versions:
        if version.since <= now:
            current = version
    return current


def presence(article: Article, now: datetime) -> Presence:
    """The way in which the article's present address answers."""
    if now < article.published:
        return "unpublished"
    for departure in reversed(article.departures):
        if departure.at <= now and departure.ending != "moved":
            return departure.ending
    return "live"


def moves(article: Article, now: datetime) -> tuple[Departure, ...]:
    return tuple(d for d in article.departures if d.ending == "moved" and d.at <= now)


def path_at(article: Article, now: datetime) -> str:
    """The article's address: the newest that it moved to."""
    moved = moves(article, now)
    return (moved[-1].path if moved else None) or article.path


def old_paths(article: Article, now: datetime) -> tuple[str, ...]:
    """Addresses that the article has left."""
    moved = moves(article, now)
    return tuple(([article.path] + [d.path or "" for d in moved])[:-1]) if moved else ()


def live_articles(site: Site, now: datetime) -> list[Article]:
    """The site's articles that can be read now, newest first."""
    live = [article for article in site.articles if presence(article, now) == "live"]
    return sorted(live, key=lambda a: (a.published, a.id), reverse=True)


def feed_items(site: Site, feed: Feed, now: datetime) -> list[Article | Trap]:
    """What a feed lists, newest first. Deleted articles leave it; traps of the site are in its first feed only."""
    items: list[tuple[datetime, str, Article | Trap]] = [
        (article.published, article.id, article)
        for article in live_articles(site, now)
        if feed.section is None or article.section == feed.section
    ]
    if feed == site.feeds[0]:
        items += [(trap.since, trap.path, trap) for trap in site.traps if trap.since <= now]
    return [item for _, _, item in sorted(items, key=lambda entry: entry[:2], reverse=True)]


@dataclass(frozen=True, slots=True)
class Found:
    """What a path leads to. `presence` tells how it answers; `moved_to` is set for an address that was left."""

    article: Article
    variant: Variant
    presence: Presence
    moved_to: str | None = None


def find(site: Site, path: str, now: datetime) -> Found | None:
    """The article at a path (decoded, without query), under its present or a former address and in any variant."""
    variant: Variant = "canonical"
    for name in site.variants:
        if name in ("amp", "print") and path.startswith(f"/{name}/"):
            variant, path = name, path.removeprefix(f"/{name}")
    for article in site.articles:
        if now < article.published:
            continue
        if path == path_at(article, now):
            return Found(article, variant, presence(article, now))
        if path in old_paths(article, now):
            return Found(article, variant, presence(article, now), moved_to=path_at(article, now))
    return None
