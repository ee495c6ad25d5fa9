"""What all layouts share: the noise around an article that changes with every request, and small helpers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from html import escape

from dateline.newsroom.feeds import TYPES
from dateline.newsroom.model import Article, Site, Text
from dateline.newsroom.state import live_articles, path_at, version_at


@dataclass(frozen=True, slots=True)
class Noise:
    """Values that differ from one request to the next and mean nothing."""

    token: str
    views: int
    comments: int
    turn: int


@dataclass(frozen=True)
class Setting:
    """The place and time at which a page is shown. `serial` is the number of the request."""

    site: Site
    now: datetime
    port: int
    serial: int
    sites: Mapping[str, Site]
    """All sites by id, for links from one to another."""

    @cached_property
    def noise(self) -> Noise:
        token = sha256(f"{self.site.id}/{self.serial}".encode()).hexdigest()
        return Noise(token, 1200 + 7 * self.serial, self.serial % 23, self.serial)

    def url(self, path: str) -> str:
        return self.site.url(path, self.port)

    def local(self, at: datetime) -> datetime:
        """A time in the site's zone."""
        return at.astimezone(self.site.zone)

    def printed(self, at: datetime) -> str:
        """A time as the site prints it."""
        return self.local(at).strftime(self.site.labels.date_format)


def related(setting: Setting, article: Article | None, count: int = 4) -> list[tuple[str, str]]:
    """Choose other pieces, as (path, title). Every request has another choice."""
    site, now = setting.site, setting.now
    others = [
        (path_at(a, now), version_at(a, now)) for a in live_articles(site, now) if article is None or a.id != article.id
    ]
    pool = [(path, version.text.title) for path, version in others if version is not None]
    pool += [(f"/tag/{number}", teaser) for number, teaser in enumerate(site.teasers, 1)]
    turn = setting.noise.turn % len(pool)
    return (pool[turn:] + pool[:turn])[:count]


def links(pairs: list[tuple[str, str]], tag: str = "li") -> str:
    return "".join(f'<{tag}><a href="{escape(path)}">{escape(title)}</a></{tag}>' for path, title in pairs)


def menu(site: Site) -> str:
    return "".join(
        f'<a href="/section/{number}">{escape(entry)}</a> ' for number, entry in enumerate(site.labels.menu, 1)
    )


def advertisement(setting: Setting, slot: str) -> str:
    """An advertisement. Every request shows another one."""
    turn = setting.noise.turn % 5
    return (
        f'<div class="ad ad-{slot}" id="ad-{setting.noise.token[:8]}"><span>{escape(setting.site.labels.advertisement)}</span>'
        f'<a rel="sponsored nofollow" href="/ads/{slot}/{turn}?c={setting.noise.token[8:16]}"><img src="/media/ads/{turn}.png" alt=""></a></div>'
    )


def meta_charset(site: Site) -> str:
    return f'<meta charset="{site.meta_charset}">' if site.meta_charset else ""


def feed_links(setting: Setting) -> str:
    return "".join(
        f'<link rel="alternate" type="{TYPES[feed.format]}" href="{setting.url(feed.path)}">\n'
        for feed in setting.site.feeds
    )


def canonical(setting: Setting, article: Article) -> str:
    return setting.url(path_at(article, setting.now))


def robots_meta(article: Article) -> str:
    return f'<meta name="robots" content="{escape(article.meta_robots)}">\n' if article.meta_robots else ""


def description(text: Text) -> str:
    return escape(text.lead or text.body[0][:180])


def open_graph(setting: Setting, article: Article, text: Text, *, times: bool = True) -> str:
    """Open Graph tags, as most sites carry them."""
    tags = [
        ("og:type", "article"),
        ("og:site_name", setting.site.name),
        ("og:title", text.title),
        ("og:url", canonical(setting, article)),
        ("og:description", text.lead or text.body[0][:180]),
    ]
    tags += [("og:image", setting.url(picture.path)) for picture in text.pictures[:1]]
    if times:
        tags.append(("article:published_time", setting.local(text.published).isoformat()))
        if text.modified is not None:
            tags.append(("article:modified_time", setting.local(text.modified).isoformat()))
    return "".join(f'<meta property="{name}" content="{escape(value)}">\n' for name, value in tags)


def byline(site: Site, text: Text) -> str:
    return escape(site.labels.by.format(", ".join(text.authors))) if text.authors else ""
