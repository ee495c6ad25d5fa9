"""Is a list certainly cheap to read? What is not is read in a process that can be killed. Pure, and linear in the size.

What is large costs by its size. What is small costs little with all our readers but one: feedparser reads a feed that is not
well formed with regular expressions, some of which need the square of the length (half a megabyte of `<a ` takes a minute).
"""

from __future__ import annotations

from archive.model.source import ChannelKind
from crawler.discover.archives.gzip_stream import GzipBroken, TooLong, pieces
from crawler.discover.feeds.xml_feed import open_feed
from crawler.discover.parsing.xml_shape import shape_of

LIGHT_BYTES = 512 << 10
LIGHT_MARKS = 20_000
"""Angle brackets: so many elements at most."""


def is_light_page(body: bytes) -> bool:
    """Return whether a web page that is read for its links, or JSON, is read in a second or less, whatever is in it."""
    return len(body) <= LIGHT_BYTES and body.count(b"<") <= LIGHT_MARKS


def is_light(body: bytes, kind: ChannelKind, content_type: str | None) -> bool:
    """Return whether the answer of a channel of this kind is read in a second or less, whatever is in it."""
    if len(body) > LIGHT_BYTES:
        return False
    if kind == "sitemap":
        try:
            body = b"".join(pieces(body, LIGHT_BYTES))
        except TooLong:
            return False
        except GzipBroken:
            return True  # what could be unpacked is less than that, and no feed is read that is broken off
    if not is_light_page(body):
        return False
    if kind not in ("feed", "sitemap") or body[:200].lstrip(b"\xef\xbb\xbf \t\r\n\x00").startswith((b"{", b"[")):
        return True
    opened = open_feed(body, content_type)
    return isinstance(opened, str) or shape_of(opened.document).well_formed
