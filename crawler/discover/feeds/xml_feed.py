"""RSS, RDF and Atom, read by feedparser."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, cast
from urllib.parse import urljoin

import feedparser

from archive.model.link import Hints, Link
from archive.model.text.urls import clean_url, is_http
from crawler.discover.feeds.head import read_head
from crawler.discover.feeds.model import SUMMARY_LIMIT, TITLE_LIMIT, Entry, Feed, FeedKind, assemble
from crawler.discover.parsing.claims import UNSAFE, moment, plain_text, possible
from crawler.discover.parsing.xml_shape import shape_of
from crawler.discover.parsing.xml_text import XmlRefused, XmlText, read_xml

_ROOTS = frozenset({"rss", "rdf", "feed"})
_PAGE_ROOTS = frozenset({"html", "head", "body", "title", "meta", "script", "link", "style", "div", "center", "h1"})
_FEED_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]")
_RELATIVE_BASE = re.compile(r"""(\sxml:base\s*=\s*)(["'])(?![A-Za-z][A-Za-z0-9+.-]*:)([^"'<>]{0,1000})\2""")
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_RSS_AUTHOR = re.compile(r"[^\s@]+@\S+\s*\((?P<name>[^()]+)\)|(?P<first>[^<>@]+?)(?<!\s)\s*[<(]\s*[^\s@]+@\S+\s*[>)]")


ENTRY_LIMIT = 10_000
"""Entries of one feed that are read, from its start: feedparser needs a quarter of a millisecond and 10 KB for each."""
ATTRIBUTE_LIMIT = 500
"""Attributes of one element: what feedparser needs for them grows with their square."""
DEPTH_LIMIT = 250
"""Elements inside each other; libxml2 allows as many."""
_ENTRY = re.compile(r"<((?:[\w.-]+:)?(?:item|entry))[\s/>]")


def open_feed(body: bytes, content_type: str | None) -> XmlText | str:
    """Open the document of an XML feed. A text says why it is none. The time is linear in the size of the body."""
    try:
        xml = read_xml(body, content_type)
    except XmlRefused:
        return "forbidden-entities"
    if xml.root in _ROOTS:
        return xml
    other = _after_noise(xml)
    return f"not-a-feed: {_describe(xml)}" if other is None else other


def parse_xml_feed(body: bytes, url: str, content_type: str | None) -> Feed:
    """Read an XML feed. A broken one gives what can be made out. Of one that is too long the first entries are read."""
    xml = open_feed(body, content_type)
    if isinstance(xml, str):
        return Feed(problem=xml)
    xml, left_out = _first_entries(_absolute_bases(xml, url))
    document = xml.document
    if (problem := _too_large(document)) is not None:
        return Feed(problem=problem)
    feed = _read(document, xml.root, url)
    if left_out and feed.problem is None:
        return replace(feed, problem=f"too-large: more than {ENTRY_LIMIT} entries")
    return feed


def _first_entries(xml: XmlText) -> tuple[XmlText, bool]:
    """The feed with its first entries only, and whether there were more."""
    following = next(islice(_ENTRY.finditer(xml.text), ENTRY_LIMIT, None), None)
    if following is None:
        return xml, False
    start, end = following.start(), xml.text.rfind(f"</{following[1]}")
    after = xml.text.find(">", end) + 1 if end > start else 0
    return XmlText(xml.text[:start] + (xml.text[after:] if after else ""), xml.root), True


def _too_large(document: bytes) -> str | None:
    shape = shape_of(document)
    if shape.attributes > ATTRIBUTE_LIMIT:
        return f"too-large: an element with more than {ATTRIBUTE_LIMIT} attributes"
    if shape.depth > DEPTH_LIMIT:
        return f"too-large: elements more than {DEPTH_LIMIT} deep"
    return None


def _read(document: bytes, root: str, url: str) -> Feed:
    parsed = feedparser.parse(
        # Bytes in a stream: feedparser takes a bare string or bytes as an address or a file name first.
        _Stream(document),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,  # concerns the markup inside; links are resolved all the same
        sanitize_html=False,  # we keep text, no markup
    )
    kind = _kind(parsed.version, root)
    if not parsed.entries and parsed.bozo:
        return Feed(kind, problem=f"broken-xml: {' '.join(str(parsed.get('bozo_exception')).split())[:120]}")
    head = parsed.feed
    language = _string(head, "language")
    entries = [_entry(entry, url, kind, language) for entry in parsed.entries]
    title = plain_text(_string(head, "title"), TITLE_LIMIT)
    return assemble(kind, title, language, entries, *read_head(document, url))


class _Stream:
    """The least that feedparser takes for an open file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        return self._data


def _after_noise(xml: XmlText) -> XmlText | None:
    """The feed behind the warnings that a server printed in front of it, or None."""
    if xml.root in ("html", "head", "body"):
        return None
    match = _FEED_ROOT.search(xml.text, 0, 20_000)
    if match is None:
        return None
    root = match[0].strip("<> \t\r\n").rpartition(":")[2].lower()
    return XmlText(xml.text[match.start() :], root)


def _describe(xml: XmlText) -> str:
    if xml.root in _PAGE_ROOTS:
        return "HTML page"
    return f"<{xml.root[:40]}>" if xml.root else "no XML"


def _absolute_bases(xml: XmlText, url: str) -> XmlText:
    """feedparser resolves nothing against a relative xml:base unless it is told the feed's own address, and then it makes
    addresses of guids such as `12345`."""
    text = _RELATIVE_BASE.sub(lambda m: f"{m[1]}{m[2]}{urljoin(url, m[3])}{m[2]}", xml.text)
    return XmlText(text, xml.root)


def _kind(version: str | None, root: str) -> FeedKind:
    if root == "rdf" or version in ("rss090", "rss10"):
        return "rdf"
    return "atom" if root == "feed" or (version or "").startswith("atom") else "rss"


def _string(element: Any, key: str) -> str | None:
    """A member that is a string with something in it. Not by `get`: feedparser's gives `published` for `updated`."""
    value = dict.get(element, key)
    return UNSAFE.sub("", value).strip() or None if isinstance(value, str) else None


def _entry(entry: Any, base: str, kind: FeedKind, language: str | None) -> Entry:
    published, updated = _string(entry, "published"), _string(entry, "updated")
    if kind != "atom" and published is None:  # dc:date: the date of publication (RSS 1.0 modules, Dublin Core)
        published, updated = updated, None
    published_at, published_zoned = moment(published)
    updated_at, updated_zoned = moment(updated)
    times = [at for at in (published_at, updated_at) if at] or _feedparsers_times(entry)
    time = max(times, default=None)
    address = _address(entry, base, kind)
    if address is None:
        return Entry(None, time)
    hints = Hints(
        title=plain_text(_string(entry, "title"), TITLE_LIMIT),
        summary=plain_text(_summary(entry), SUMMARY_LIMIT),
        authors=_authors(entry),
        published=published,
        published_at=published_at if published_zoned else None,
        updated=updated,
        updated_at=updated_at if updated_zoned else None,
        language=_language(entry) or language,
        guid=_string(entry, "id"),
    )
    return Entry(Link(address, hints), time)


def _feedparsers_times(entry: Any) -> list[datetime]:
    """Times in formats that only feedparser knows (Korean, Greek, Hungarian …); it takes a missing zone for UTC."""
    parsed = [value for key in ("published_parsed", "updated_parsed") if (value := dict.get(entry, key))]
    return [at for value in parsed if (at := _of_parts(value)) is not None]


def _of_parts(parts: Any) -> datetime | None:
    """The time that feedparser made out (a `struct_time`); None for one that cannot be: month 0, year 0."""
    try:
        return possible(datetime.fromtimestamp(calendar.timegm(cast(Any, parts)), UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _address(entry: Any, base: str, kind: FeedKind) -> str | None:
    """Where the entry's article is: its alternate link, a web page rather than a PDF; in RSS else the guid that says
    it is a permalink. An Atom id is a name, not an address (RFC 4287, 4.2.6)."""
    links = [link for link in dict.get(entry, "links") or () if link.get("rel", "alternate") == "alternate"]
    links.sort(key=lambda link: _media_type(link.get("type")) not in _PAGE_TYPES)
    for link in links:
        href = str(link.get("href") or "").strip()
        if href and (address := clean_url(href, base)):
            return address
    guid = _string(entry, "id")
    if kind != "atom" and guid and is_http(guid) and (kind == "rdf" or dict.get(entry, "guidislink")):
        return clean_url(guid)
    return None


def _media_type(declared: object) -> str:
    return str(declared or "text/html").partition(";")[0].strip().lower()


def _summary(entry: Any) -> str | None:
    """The summary; not the full text, which feedparser offers in its place where there is none."""
    return _string(entry, "summary") if dict.get(entry, "summary_detail") else None


def _language(entry: Any) -> str | None:
    """xml:lang of the title, inherited from the entry or the feed."""
    detail = dict.get(entry, "title_detail")
    return _string(detail, "language") if isinstance(detail, dict) else None


def _authors(entry: Any) -> tuple[str, ...]:
    names = []
    for person in dict.get(entry, "authors") or ():
        name = (_string(person, "name") or "")[:TITLE_LIMIT]
        if match := _RSS_AUTHOR.fullmatch(name):
            name = match["name"] or match["first"]
        if name and "@" not in name and (text := plain_text(name, TITLE_LIMIT)):
            names.append(text)
    return tuple(dict.fromkeys(names))
