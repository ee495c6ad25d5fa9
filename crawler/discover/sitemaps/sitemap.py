"""Sitemaps (https://www.sitemaps.org/protocol.html) and news sitemaps: bytes -> links and child sitemaps. No network.

The XML is read as a stream of events, without a tree: what is held is what is found. Elements count by their local
names and places, because publishers write wrong and undeclared namespaces.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain

from archive.model.link import Hints, Link
from archive.model.text.charsets import charset_of
from archive.model.text.urls import clean_url
from crawler.discover.archives.gzip_stream import GzipBroken, TooLong, pieces
from crawler.discover.feeds.feed import parse_feed
from crawler.discover.feeds.model import TITLE_LIMIT
from crawler.discover.parsing.claims import UNSAFE, moment, plain_text
from crawler.discover.parsing.page import LONGEST_URL
from crawler.discover.parsing.xml_text import XmlRefused, XmlText, open_xml
from crawler.discover.sitemaps.events import Entry, EventReader
from crawler.discover.sitemaps.model import ChildSitemap, Sitemap, SitemapKind
from crawler.extract.markup.decode import decode_html

__all__ = ["ChildSitemap", "Sitemap", "parse_sitemap"]

BYTE_LIMIT = 50 << 20
"""Of the unpacked file: what the protocol allows."""
ENTRY_LIMIT = 100_000
"""The protocol allows 50,000; some publishers write more."""

_ROOTS: dict[str, SitemapKind] = {"urlset": "urlset", "sitemapindex": "index"}
_FEED_ROOTS = frozenset({"rss", "rdf", "feed"})
_PAGE_ROOTS = frozenset({"html", "head", "body", "title", "meta", "script", "div", "center", "h1", "p", "br", "b"})
_ANY_ROOT = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]")
_NOISE = 20_000
"""Characters that may stand in front of a sitemap: the warnings of a server."""
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""")
_ADDRESS_LINE = re.compile(r"https?://[^\s<>\"]+$", re.IGNORECASE)


def parse_sitemap(body: bytes, url: str, content_type: str | None = None) -> Sitemap:
    """Read the sitemap that was found at `url`: urlset, index, plain text, RSS or Atom, each packed or not. Never
    raises.

    `problem` starts with a stable word: `not-a-sitemap: …`, `broken-xml: …`, `forbidden-entities`, `broken-gzip`,
    `truncated-gzip`, `too-large: …`, or what `parse_feed` says. Links that came before it are kept.
    """
    stream = _Stream(body)
    head = next(stream, b"")
    if not head.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        return Sitemap(problem=stream.problem or "not-a-sitemap: empty")
    texts = _decoded(chain([head], stream), _charset(head, content_type))
    first = next(texts).lstrip(" \t\r\n\ufeff")
    if _ADDRESS_LINE.match(first.split("\n", 1)[0].strip()):
        return _of_lines(chain([first], texts), stream)
    try:
        xml = open_xml(first)
    except XmlRefused:
        return Sitemap(problem="forbidden-entities")
    if xml.root in _FEED_ROOTS:
        return _of_feed(b"".join(chain([head], stream)), url, content_type, stream)
    if xml.root not in _ROOTS:
        match = None if xml.root == "html" else _ANY_ROOT.search(xml.text, 0, _NOISE)
        if match is None:
            return Sitemap(problem=stream.problem or f"not-a-sitemap: {_describe(xml)}")
        xml = XmlText(xml.text[match.start() :], match[0].strip("<> \t\r\n").rpartition(":")[2].lower())
    return _of_xml(xml, texts, url, stream)


class _Stream:
    """The unpacked file in pieces; `problem` tells why they ended early."""

    def __init__(self, body: bytes) -> None:
        self.problem: str | None = None
        self._pieces = pieces(body, BYTE_LIMIT)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except GzipBroken as error:
            self.problem = str(error)
        except TooLong:
            self.problem = f"too-large: more than {BYTE_LIMIT >> 20} MiB"
        raise StopIteration


class _Found:
    """Links and children, each address once, up to the limit."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}
        self.children: dict[str, ChildSitemap] = {}
        self.skipped = 0
        self.left_out = False

    @property
    def full(self) -> bool:
        """Whether one more entry is too many; that it came is remembered."""
        self.left_out = len(self.links) + len(self.children) + self.skipped >= ENTRY_LIMIT
        return self.left_out

    def result(self, kind: SitemapKind, problem: str | None) -> Sitemap:
        if self.left_out:
            problem = f"too-large: more than {ENTRY_LIMIT} entries"
        return Sitemap(kind, tuple(self.links.values()), tuple(self.children.values()), self.skipped, problem)


def _of_xml(xml: XmlText, texts: Iterator[str], url: str, stream: _Stream) -> Sitemap:
    found, reader = _Found(), EventReader()
    for entry in reader.entries(xml.text, texts):
        if found.full:
            break
        address = clean_url(loc, url) if 0 < len(loc := entry.texts.get("loc", "")) <= LONGEST_URL else None
        if address is None:
            found.skipped += 1
        elif entry.child:
            found.children.setdefault(address, _child(address, entry))
        else:
            found.links.setdefault(address, Link(address, _hints(entry)))
    # What ended the stream comes first: the XML is broken because of it.
    return found.result(_ROOTS[xml.root], stream.problem or reader.problem)


def _child(address: str, entry: Entry) -> ChildSitemap:
    lastmod = _claim(entry, "lastmod")
    return ChildSitemap(address, lastmod, moment(lastmod)[0])


def _hints(entry: Entry) -> Hints:
    """`lastmod` tells of a change and never of the publication: many CMSs write the time of the file's making."""
    published, updated = _claim(entry, "publication_date"), _claim(entry, "lastmod")
    published_at, published_zoned = moment(published)
    updated_at, updated_zoned = moment(updated)
    keywords = (plain_text(word, TITLE_LIMIT) for word in entry.texts.get("keywords", "").split(",")[:100])
    return Hints(
        title=plain_text(entry.texts.get("title"), TITLE_LIMIT),
        published=published,
        published_at=published_at if published_zoned else None,
        updated=updated,
        updated_at=updated_at if updated_zoned else None,
        language=_claim(entry, "language"),
        keywords=tuple(dict.fromkeys(word for word in keywords if word)),
    )


def _claim(entry: Entry, name: str) -> str | None:
    text = entry.texts.get(name)
    return text[:100] if text else None


def _of_lines(texts: Iterator[str], stream: _Stream) -> Sitemap:
    """Plain text: one address a line."""
    found = _Found()
    for line in _lines(texts):
        if not (line := line.strip()):
            continue
        if found.full:
            break
        address = clean_url(line) if len(line) <= LONGEST_URL else None
        if address is None:
            found.skipped += 1
        else:
            found.links.setdefault(address, Link(address))
    return found.result("text", stream.problem)


def _lines(texts: Iterator[str]) -> Iterator[str]:
    held = ""
    for text in texts:
        *whole, held = (held + text).split("\n")
        yield from whole
        held = held[: LONGEST_URL + 2]  # a line longer than any address only counts as one
    yield held


def _of_feed(body: bytes, url: str, content_type: str | None, stream: _Stream) -> Sitemap:
    feed = parse_feed(body, url, content_type)
    kind: SitemapKind | None = "feed" if feed.kind else None
    return Sitemap(kind, feed.links, (), feed.skipped, feed.problem or stream.problem)


def _charset(head: bytes, content_type: str | None) -> str:
    """The charset of the file, from its first bytes. Where these are ASCII, what it declares, if it can be that; UTF-8 is the
    rule."""
    if head.isascii():
        match = _ENCODING.search(head)
        declared = charset_of(match[1].decode("ascii")) if match else None
        return declared if declared is not None and _can_be(head, declared) else "utf-8"
    return decode_html(head[: head.rfind(b">") + 1] or head, content_type)[1]


def _can_be(head: bytes, charset: str) -> bool:
    """Whether these bytes of ASCII, the first of a file, can be of a charset and still show what they declare."""
    try:
        text = codecs.getincrementaldecoder(charset)("strict").decode(head)
    except UnicodeError:
        return False
    return text.lstrip()[:5].lower() == "<?xml"


def _decoded(stream: Iterator[bytes], charset: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(charset)("replace")
    for piece in stream:
        yield UNSAFE.sub("", decoder.decode(piece))
    yield UNSAFE.sub("", decoder.decode(b"", final=True))


def _describe(xml: XmlText) -> str:
    if xml.root in _PAGE_ROOTS:
        return "HTML page"
    return f"<{xml.root[:40]}>" if xml.root else "no XML"
