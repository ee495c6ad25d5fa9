"""The newsroom's feeds: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1 and RSS 1.0 (RDF). Pure.

A feed's text depends on its items only, so that its validators do too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

from dateline.newsroom.model import Article, Feed, Site, Trap, variant_path
from dateline.newsroom.state import feed_items, path_at, version_at

TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "rdf": "application/rdf+xml",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: its link, and what the feed says about it. Times carry the site's zone."""

    id: str
    url: str
    title: str
    summary: str
    authors: tuple[str, ...]
    published: datetime
    updated: datetime


def items_of(site: Site, feed: Feed, now: datetime, port: int) -> list[Item]:
    """The entries of a feed at `now`, newest first. An article that links several variants has one entry for each."""
    items: list[Item] = []
    for entry in feed_items(site, feed, now):
        if isinstance(entry, Trap):
            at = entry.since.astimezone(site.zone)
            items.append(Item(entry.path, site.url(entry.path, port), entry.title, entry.text, (), at, at))
        else:
            items += _article_items(site, feed, entry, now, port)
    return items


def _article_items(site: Site, feed: Feed, article: Article, now: datetime, port: int) -> list[Item]:
    version = version_at(article, now)
    assert version is not None, "a feed lists published articles"
    text = version.text
    path = path_at(article, now)
    return [
        Item(
            id=f"{site.id}:{article.id}" + (f":{variant}" if number else ""),
            url=site.url(variant_path(path, variant), port),
            title=text.title,
            summary=text.lead or text.body[0],
            authors=text.authors,
            published=text.published.astimezone(site.zone),
            updated=(text.modified or text.published).astimezone(site.zone),
        )
        for number, variant in enumerate(article.feed_links or (feed.links,))
    ]


def changed_at(items: Sequence[Item], fallback: datetime) -> datetime:
    """The newest time in a feed."""
    return max((item.updated for item in items), default=fallback)


def render(site: Site, feed: Feed, now: datetime, port: int) -> bytes:
    """The feed's bytes at `now`, in its charset."""
    items = items_of(site, feed, now, port)
    text = {"rss": _rss, "atom": _atom, "json": _json, "rdf": _rdf}[feed.format](site, feed, items, port)
    return text.encode(feed.charset, "xmlcharrefreplace")


def _declaration(feed: Feed) -> str:
    return f'<?xml version="1.0" encoding="{feed.charset}"?>\n'


def _rss(site: Site, feed: Feed, items: Sequence[Item], port: int) -> str:
    entries = "".join(
        "<item>"
        f"<title>{escape(item.title)}</title>"
        f"<link>{escape(item.url)}</link>"
        f'<guid isPermaLink="false">{escape(item.id)}</guid>'
        f"<pubDate>{format_datetime(item.published)}</pubDate>"
        + "".join(f"<dc:creator>{escape(author)}</dc:creator>" for author in item.authors)
        + f"<description>{escape('<p>' + escape(item.summary) + '</p>')}</description>"
        "</item>\n"
        for item in items
    )
    return (
        _declaration(feed) + '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{escape(site.name)}</title><link>{site.url('/', port)}</link>"
        f"<description>{escape(site.name)}</description><language>{site.language}</language><ttl>15</ttl>"
        f'<atom:link rel="self" type="application/rss+xml" href="{site.url(feed.path, port)}"/>\n'
        f"{entries}</channel>\n</rss>\n"
    )


def _atom(site: Site, feed: Feed, items: Sequence[Item], port: int) -> str:
    entries = "".join(
        "<entry>"
        f"<id>tag:{site.host},2024:{escape(item.id)}</id>"
        f"<title>{escape(item.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{escape(item.url)}"/>'
        f"<published>{item.published.isoformat()}</published>"
        f"<updated>{item.updated.isoformat()}</updated>"
        + "".join(f"<author><name>{escape(author)}</name></author>" for author in item.authors)
        + f'<summary type="text">{escape(item.summary)}</summary>'
        "</entry>\n"
        for item in items
    )
    newest = changed_at(items, datetime.fromisoformat("2024-01-01T00:00:00+00:00"))
    return (
        _declaration(feed) + f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{site.language}">\n'
        f"<id>{site.url('/', port)}</id><title>{escape(site.name)}</title><updated>{newest.isoformat()}</updated>"
        f"<author><name>{escape(site.name)}</name></author>"
        f'<link rel="self" href="{site.url(feed.path, port)}"/><link rel="alternate" href="{site.url("/", port)}"/>\n'
        f"{entries}</feed>\n"
    )


def _json(site: Site, feed: Feed, items: Sequence[Item], port: int) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": site.name,
            "home_page_url": site.url("/", port),
            "feed_url": site.url(feed.path, port),
            "language": site.language,
            "items": [
                {
                    "id": item.id,
                    "url": item.url,
                    "title": item.title,
                    "summary": item.summary,
                    "date_published": item.published.isoformat(),
                    **({"date_modified": item.updated.isoformat()} if item.updated != item.published else {}),
                    **({"authors": [{"name": author} for author in item.authors]} if item.authors else {}),
                }
                for item in items
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


def _rdf(site: Site, feed: Feed, items: Sequence[Item], port: int) -> str:
    listing = "".join(f'<rdf:li rdf:resource="{escape(item.url)}"/>' for item in items)
    entries = "".join(
        f'<item rdf:about="{escape(item.url)}">'
        f"<title>{escape(item.title)}</title>"
        f"<link>{escape(item.url)}</link>"
        f"<description>{escape(item.summary)}</description>"
        f"<dc:date>{item.published.isoformat()}</dc:date>"
        + "".join(f"<dc:creator>{escape(author)}</dc:creator>" for author in item.authors)
        + "</item>\n"
        for item in items
    )
    return (
        _declaration(feed) + '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{site.url(feed.path, port)}"><title>{escape(site.name)}</title>'
        f"<link>{site.url('/', port)}</link><description>{escape(site.name)}</description>"
        f"<dc:language>{site.language}</dc:language><items><rdf:Seq>{listing}</rdf:Seq></items></channel>\n"
        f"{entries}</rdf:RDF>\n"
    )
