"""Feeds: RSS 0.9x-2.0, RSS 1.0 (RDF), Atom 0.3/1.0, JSON Feed 1.0/1.1. Bytes -> links. No network."""

from __future__ import annotations

from crawler.discover.feeds.json_feed import parse_json_feed
from crawler.discover.feeds.model import Feed, FeedKind, Paging, Rhythm
from crawler.discover.feeds.xml_feed import parse_xml_feed

__all__ = ["Feed", "FeedKind", "Paging", "Rhythm", "parse_feed"]


def parse_feed(body: bytes, url: str, content_type: str | None) -> Feed:
    """Read the feed that was found at `url`. Never raises.

    What cannot be read has a `problem` whose first word is stable: `not-a-feed: …` (empty, an HTML page, something
    else), `broken-xml: …`, `broken-json: …`, `forbidden-entities`. A feed without entries has no problem. The declared
    type is only a hint: feeds come as text/html, text/plain and worse, so the first character decides.
    """
    start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x00")
    if not body.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        return Feed(problem="not-a-feed: empty")
    if start.startswith((b"{", b"[")):
        return parse_json_feed(body, url)
    return parse_xml_feed(body, url, content_type)
