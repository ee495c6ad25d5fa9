"""Whatever bytes come: no reader raises, and the same bytes give the same result."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model.source import Channel, Next
from archive.registry.opml import read_opml
from crawler.discover.archives.cdx import parse_cdx
from crawler.discover.autodiscovery.candidates import discover
from crawler.discover.feeds.feed import parse_feed
from crawler.discover.lists.html_list import parse_listing
from crawler.discover.lists.json_list import parse_json_list
from crawler.discover.sitemaps.sitemap import parse_sitemap

URL = "https://www.example.org/x"
SELECTED = Channel(
    "listing", URL, items="li", links="a", title="b", date="i", pattern=r"(\d+)", view="/{id}", next=Next(css="a", pattern=r"(\d+)", url="{page}")
)  # fmt: skip
PATHS = Channel("json", URL, items="a[]", links="b", title="c", date="d", next=Next(cursor="n", url="?{cursor}"))

READERS: dict[str, Callable[[bytes], Any]] = {
    "feed": lambda body: parse_feed(body, URL, None),
    "sitemap": lambda body: parse_sitemap(body, URL),
    "packed sitemap": lambda body: parse_sitemap(gzip.compress(body)[:-3], URL),
    "listing": lambda body: parse_listing(body, URL, Channel("listing", URL)),
    "selected listing": lambda body: parse_listing(body, URL, SELECTED),
    "json": lambda body: parse_json_list(body, URL, Channel("json", URL)),
    "json by paths": lambda body: parse_json_list(body, URL, PATHS),
    "json in a script": lambda body: parse_json_list(body, URL, Channel("json", URL, script="script")),
    "cdx": parse_cdx,
    "opml": read_opml,
    "homepage": lambda body: discover(body, URL),
}

PIECES = [
    b"<?xml version='1.0'?>", b"<rss><channel>", b"<item>", b"</item>", b"<link>", b"</link>", b"<urlset>", b"<url>", b"</url>", b"<loc>",
    b"</loc>", b"<sitemapindex>", b"<sitemap>", b"https://www.example.org/a?b=1&c=2", b"&", b"&amp;", b"<![CDATA[", b"]]>", b"<!--", b"-->",
    b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"]>", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\x1b", b"\xed\xa0\x80", b"<a href='/1' onclick='f(1)'>",
    b"<a href='http://[bad'>", b"<base href='http://['>", b"<li>", b"2026-10-01", b"<time datetime='x'>", b"{", b"}", b"[", b"]", b'"a":', b'"b"',
    b",", b"null", b"1e999", b"-1", b"\n", b" ", b"example,x)/a 20240301101112 ", b"<opml>", b"<outline xmlUrl='https://[' text='x'/>", b"<script>",
    b"</script>", b"<link rel='alternate' type='application/rss+xml' href='//['>", b"<lastmod>99999-99-99", b"\xd9\xa1",
]  # fmt: skip


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(body=st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)))
def test_no_reader_raises(name: str, body: bytes) -> None:
    assert READERS[name](body) == READERS[name](body)
