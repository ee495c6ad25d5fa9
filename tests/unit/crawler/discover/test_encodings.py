"""What a list declares of its encoding counts only if it is a charset and the bytes can be of it."""

from __future__ import annotations

import codecs

import pytest

from archive.model.source import Channel
from archive.model.text.charsets import charset_of
from archive.registry.opml import read_opml
from crawler.discover.feeds.feed import parse_feed
from crawler.discover.lists.json_list import parse_json_list
from crawler.discover.sitemaps.sitemap import parse_sitemap

URL = "https://gazette.example/list"
NO_CHARSETS = ("hex", "zlib", "base64", "bz2", "quopri", "rot13", "uu", "idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "nothing-of-this-name")  # fmt: skip
WRONG = ("utf-16", "utf-16-le", "utf-32", "utf-32-be", "cp037", "cp500", "utf-7", "hz", "iso-2022-jp", "iso-2022-kr", "johab", "utf-8-sig")  # fmt: skip
"""Charsets of which a document in UTF-8 is not."""


def count(body: str, declared: str, content_type: str | None, title: str) -> tuple[int, int, int, int]:
    """How many links a feed, a sitemap, a list in JSON and an OPML file show that declare this encoding."""
    head = f'<?xml version="1.0" encoding="{declared}"?>'
    feed = f"{head}<rss><channel><item><title>{title}</title><link>{URL}/1</link></item></channel></rss>"
    sitemap = f"{head}<urlset><!-- {title} --><url><loc>{URL}/1</loc></url></urlset>"
    data = f'[{{"url": "{URL}/1", "title": "{title}"}}]'
    opml = f'{head}<opml><body><outline text="{title}" xmlUrl="{URL}/1"/></body></opml>'
    return (
        len(parse_feed(feed.encode(body), URL, content_type).links),
        len(parse_sitemap(sitemap.encode(body), URL, content_type).links),
        len(parse_json_list(data.encode(body), URL, Channel("json", URL), content_type=content_type).links),
        len(read_opml(opml.encode(body)).sources),
    )


@pytest.mark.parametrize("title", ["River treaty", "Traité du fleuve", "~{ +AGE- river"])
@pytest.mark.parametrize("declared", [*NO_CHARSETS, *WRONG])
def test_a_wrong_declaration_loses_nothing(declared: str, title: str) -> None:
    for content_type in (None, f"text/xml; charset={declared}"):
        assert count("utf-8", declared, content_type, title) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("charset", "title"),
    [
        ("utf-8", "Hiệp ước sông"),
        ("iso-8859-1", "Traité"),
        ("windows-1251", "Договор о реке"),
        ("shift_jis", "河川条約"),
        ("euc-kr", "강 조약"),
        ("gb2312", "河流条约"),
        ("iso-2022-jp", "河川条約"),
    ],
)
def test_a_right_declaration_counts(charset: str, title: str) -> None:
    head = f'<?xml version="1.0" encoding="{charset}"?>'
    feed = f"{head}<rss><channel><item><title>{title}</title><link>{URL}/1</link></item></channel></rss>"
    assert parse_feed(feed.encode(charset), URL, None).links[0].hints.title == title
    news = (
        f"{head}<urlset><url><loc>{URL}/1</loc><news:news><news:title>{title}</news:title></news:news></url></urlset>"
    )
    assert parse_sitemap(news.encode(charset), URL).links[0].hints.title == title
    opml = f'{head}<opml><body><outline text="{title}" xmlUrl="{URL}/1"/></body></opml>'
    assert read_opml(opml.encode(charset)).sources[0].name == title


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b""])
def test_utf_16_is_known_with_and_without_a_mark(mark: bytes) -> None:
    text = f'<?xml version="1.0" encoding="utf-16"?><opml><body><outline text="Фьорд" xmlUrl="{URL}/1"/></body></opml>'
    charset = "utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-16-le"
    assert read_opml(mark + text.encode(charset)).sources[0].name == "Фьорд"


def test_which_codecs_are_charsets() -> None:
    assert [charset_of(name) for name in NO_CHARSETS] == [None] * len(NO_CHARSETS)
    assert (charset_of("UTF8"), charset_of("windows-1252"), charset_of("x-sjis")) == ("utf-8", "cp1252", "shift_jis")
