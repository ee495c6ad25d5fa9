"""Feeds of all kinds, and what comes in their place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.discover.feeds.feed import Feed, parse_feed
from crawler.discover.parsing.claims import moment, plain_text

URL = "https://www.example.org/rss/news.xml"
TEN = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Tin thế giới</title><link>https://www.example.org/</link><language>vi</language>%s</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ko" %s><title>외교 소식</title><id>urn:feed</id>
<link rel="self" href="https://www.example.org/atom.xml"/>%s</feed>"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://www.example.org/"><title>外交</title>
<link>https://www.example.org/</link><dc:language>ja</dc:language></channel>%s</rdf:RDF>"""


def rss(items: str) -> Feed:
    return parse_feed((RSS % items).encode(), URL, "application/rss+xml")


def atom(entries: str, attributes: str = "") -> Feed:
    return parse_feed((ATOM % (attributes, entries)).encode(), URL, "application/atom+xml")


def json_feed(items: Any, **more: Any) -> Feed:
    data = {"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items} | more
    return parse_feed(json.dumps(data).encode(), URL, "application/feed+json")


def urls(feed: Feed) -> list[str]:
    return [link.url for link in feed.links]


# --- the kinds


def test_rss() -> None:
    feed = rss(
        """<item><title>Hội đàm cấp cao</title><link>https://www.example.org/a-1.html?utm_source=rss</link>
        <guid isPermaLink="false">a-1</guid><description><![CDATA[<p>Hai bên <b>ký</b> thoả thuận.</p>]]></description>
        <dc:creator>Lan Anh</dc:creator><dc:creator>Minh</dc:creator><pubDate>Thu, 01 Oct 2026 17:00:00 +0700</pubDate>
        <content:encoded><![CDATA[<p>Toàn văn</p>]]></content:encoded></item>"""
    )
    assert (feed.kind, feed.title, feed.language, feed.problem) == ("rss", "Tin thế giới", "vi", None)
    (link,) = feed.links
    assert link.url == "https://www.example.org/a-1.html"
    hints = link.hints
    assert hints.title == "Hội đàm cấp cao"
    assert hints.summary == "Hai bên ký thoả thuận."
    assert hints.authors == ("Lan Anh", "Minh")
    assert (hints.published, hints.published_at) == ("Thu, 01 Oct 2026 17:00:00 +0700", TEN)
    assert (hints.updated, hints.updated_at) == (None, None)
    assert (hints.language, hints.guid) == ("vi", "a-1")
    assert feed.newest_at == TEN
    assert feed.without_date == 0


def test_atom() -> None:
    feed = atom(
        """<entry><id>tag:example.org,2026:1</id><title type="html">회담 &lt;em&gt;개최&lt;/em&gt;</title>
        <link rel="alternate" type="application/pdf" href="1.pdf"/><link rel="enclosure" href="1.mp3"/><link href="../kr/1"/>
        <published>2026-10-01T18:00:00+09:00</published><updated>2026-10-01T19:00:00+09:00</updated>
        <summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">요약 <b>하나</b> &amp; 둘</div></summary>
        <author><name>김 기자</name><email>kim@example.org</email></author></entry>""",
        'xml:base="https://news.example.org/atom/"',
    )
    assert (feed.kind, feed.title, feed.language) == ("atom", "외교 소식", "ko")
    (link,) = feed.links
    assert link.url == "https://news.example.org/kr/1"
    assert link.hints.title == "회담 개최"
    assert link.hints.summary == "요약 하나 & 둘"
    assert link.hints.authors == ("김 기자",)
    assert link.hints.published_at == datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
    assert link.hints.updated_at == TEN
    assert (link.hints.language, link.hints.guid) == ("ko", "tag:example.org,2026:1")
    assert feed.newest_at == TEN


def test_rdf() -> None:
    feed = parse_feed(
        (
            RDF
            % """<item rdf:about="https://www.example.org/1"><title>会談</title><link>https://www.example.org/1</link>
            <dc:date>2026-10-01T19:00:00+09:00</dc:date><dc:creator>山田</dc:creator></item>"""
        ).encode(),
        URL,
        None,
    )
    assert (feed.kind, feed.language) == ("rdf", "ja")
    (link,) = feed.links
    assert link.hints.published_at == TEN
    assert link.hints.updated is None
    assert link.hints.authors == ("山田",)


def test_json_feed() -> None:
    feed = json_feed(
        [
            {
                "id": 7,
                "url": "/a#top",
                "title": "Pact &amp; peace",
                "summary": "Short",
                "authors": [{"name": "Ada"}, {"name": ""}, 3],
                "date_published": "2026-10-01T10:00:00Z",
                "date_modified": "2026-10-01T10:00:00",
                "language": "en-GB",
                "tags": 4,
            },
            {"id": "https://www.example.org/b", "author": {"name": "Bo"}},
            {"id": "no-url"},
            "not an item",
        ],
        language="en",
    )
    assert (feed.kind, feed.title, feed.skipped, feed.without_date) == ("json", "News", 1, 1)
    first, second = feed.links
    assert first.url == "https://www.example.org/a"
    assert first.hints.title == "Pact & peace"
    assert (first.hints.authors, first.hints.language, first.hints.guid) == (("Ada",), "en-GB", "7")
    assert first.hints.published_at == TEN
    assert (first.hints.updated, first.hints.updated_at) == ("2026-10-01T10:00:00", None)
    assert second.url == "https://www.example.org/b"
    assert (second.hints.authors, second.hints.language) == (("Bo",), "en")


def test_the_declared_type_is_only_a_hint() -> None:
    assert parse_feed((RSS % "").encode(), URL, "text/html; charset=utf-8").problem is None
    assert parse_feed(b'{"version": "https://jsonfeed.org/version/1"}', URL, "text/plain").kind == "json"


# --- addresses


def test_guids_are_addresses_only_where_they_say_so() -> None:
    feed = rss(
        """<item><guid>https://www.example.org/perma</guid></item>
        <item><guid isPermaLink="false">https://www.example.org/no</guid></item>
        <item><guid>12345</guid></item>
        <item><guid>https://www.example.org/guid</guid><link>https://www.example.org/link</link></item>
        <item><title>nothing at all</title></item>"""
    )
    assert urls(feed) == ["https://www.example.org/perma", "https://www.example.org/link"]
    assert feed.skipped == 3
    assert feed.links[1].hints.guid == "https://www.example.org/guid"


def test_a_guid_keeps_its_spelling() -> None:
    feed = rss("<item><guid>12345</guid><link>/a</link></item>")
    assert feed.links[0].hints.guid == "12345"


def test_an_atom_id_is_no_address() -> None:
    feed = atom("<entry><id>https://www.example.org/id</id><title>x</title></entry>")
    assert (urls(feed), feed.skipped) == ([], 1)


def test_only_http_addresses_are_links() -> None:
    feed = rss(
        "".join(
            f"<item><link>{address}</link></item>"
            for address in (
                "javascript:alert(1)",
                "mailto:a@example.org",
                "file:///etc/passwd",
                "data:text/html,x",
                "ftp://example.org/x",
                "http://",
                "//other.example/x",
                " /relative?a=1&amp;b=2 ",
            )
        )
    )
    assert urls(feed) == ["https://other.example/x", "https://www.example.org/relative?a=1&b=2"]
    assert feed.skipped == 6


def test_a_relative_xml_base_counts_from_the_feed() -> None:
    feed = atom('<entry xml:base="/en/"><id>1</id><link href="a"/></entry>')
    assert urls(feed) == ["https://www.example.org/en/a"]


def test_an_address_is_listed_once() -> None:
    feed = rss(
        """<item><title>first</title><link>/a</link></item><item><title>again</title><link>/a?utm_medium=x#y</link></item>
        <item><link>/b</link></item>"""
    )
    assert urls(feed) == ["https://www.example.org/a", "https://www.example.org/b"]
    assert feed.links[0].hints.title == "first"


# --- what entries claim


def test_double_escaping_is_undone_once() -> None:
    feed = rss(
        """<item><link>/1</link><title>H&amp;amp;M &amp;quot;x&amp;quot; caf&amp;eacute;</title></item>
        <item><link>/2</link><title><![CDATA[A &amp;amp; B]]></title></item>
        <item><link>/3</link><title>&lt;b&gt;Bold&lt;/b&gt; 5 &lt; 6</title></item>"""
    )
    assert [link.hints.title for link in feed.links] == ['H&M "x" café', "A &amp; B", "Bold 5 < 6"]


def test_a_full_text_is_no_summary() -> None:
    feed = rss("<item><link>/1</link><content:encoded>&lt;p&gt;Full text&lt;/p&gt;</content:encoded></item>")
    assert feed.links[0].hints.summary is None


def test_claims_have_a_length() -> None:
    long = "word " * 400_000
    feed = rss(f"<item><link>/1</link><title>{long}</title><description>{long}</description></item>")
    hints = feed.links[0].hints
    assert hints.title is not None
    assert hints.summary is not None
    assert len(hints.title) <= 1_001
    assert len(hints.summary) <= 5_001
    assert hints.summary.endswith("word…")


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("jo@example.org (Jo Li)", ("Jo Li",)),
        ("Jo Li (jo@example.org)", ("Jo Li",)),
        ("jo@example.org", ()),
        ("Jo Li", ("Jo Li",)),
    ],
)
def test_authors_are_names(author: str, names: tuple[str, ...]) -> None:
    assert rss(f"<item><link>/1</link><author>{author}</author></item>").links[0].hints.authors == names


def test_times_without_zone_are_no_instants() -> None:
    feed = rss(
        """<item><link>/1</link><pubDate>Thu, 01 Oct 2026 10:00:00</pubDate></item>
        <item><link>/2</link><pubDate>Thu, 01 Oct 2026 09:00:00 XYZ</pubDate></item>
        <item><link>/3</link><pubDate>yesterday</pubDate></item><item><link>/4</link></item>"""
    )
    assert [link.hints.published_at for link in feed.links] == [None] * 4
    assert feed.links[0].hints.published == "Thu, 01 Oct 2026 10:00:00"
    assert feed.newest_at == TEN  # near enough to tell a live feed from a dead one
    assert feed.without_date == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu, 01 Oct 2026 10:00:00 GMT", TEN),
        ("Thu, 1 Oct 26 17:00 GMT+7", TEN),
        ("Thu, 01 Oct 2026 17:00:00 UTC+07:00", TEN),
        ("Thu, 01 Oct 2026 06:00:00 EDT", TEN),
        ("Thu, 01 Oct 2026 13:00:00 MSK", TEN),
        ("Thu, 01 Oct 2026 10:00:00 -0000", TEN),
        ("Thu, 01 Oct 2026 10:00:00 +0000 (UTC)", TEN),
        ("01 Oct 2026 19:00:00 KST", TEN),
        ("Fri, 01 Oct 99 10:00:00 Z", datetime(1999, 10, 1, 10, tzinfo=UTC)),
        ("2026-10-01T10:00:00Z", TEN),
        ("2026-10-01T19:00:00.123456789+09:00", TEN.replace(microsecond=123456)),
        ("2026-10-01 17:00:00 +0700", TEN),
        ("20261001T100000Z", TEN),
    ],
)
def test_times_with_a_zone(text: str, expected: datetime) -> None:
    assert moment(text) == (expected, True)


@pytest.mark.parametrize(
    ("text", "approximately"),
    [
        ("2026-10-01T10:00", TEN),
        ("Thu, 01 Oct 2026 10:00:00 BST", TEN),
        ("2026-10-01", TEN.replace(hour=0)),
        ("Thu, 01 Oct 2026", TEN.replace(hour=0)),
        ("Oct 1, 2026 10:00 PM EST", TEN),
        ("Thu, 01 Oct 2026 25:00:00 GMT", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("2026", None),
        ("", None),
        (None, None),
        ("x" * 10_000, None),
    ],
)
def test_times_that_name_no_instant(text: str | None, approximately: datetime | None) -> None:
    assert moment(text) == (approximately, False)


def test_plain_text_leaves_no_markup() -> None:
    markup = "<p>One</p><p>Two<br>three</p><script>x < 1</script><!-- no --> a <b\nclass=x>b</b>&nbsp;&copy; <3 x<y"
    assert plain_text(markup, 100) == "One Two three a b © <3 x<y"
    assert plain_text("<p> </p>", 100) is None
    assert plain_text("<script>" * 20_000, 100) is None


# --- bytes


CYRILLIC = RSS.replace("Tin thế giới", "Новости министерства") % (
    "<item><link>/1</link><title>Министр иностранных дел прибыл в Минск</title></item>"
)


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("windows-1251", "utf-8", "application/rss+xml; charset=utf-8"),
        ("windows-1251", "windows-1251", "text/xml; charset=iso-8859-1"),
        ("windows-1251", "windows-1251", "text/xml; charset=utf-8"),
        ("windows-1251", "windows-1251", None),
        ("koi8-r", "utf-8", "text/xml; charset=koi8-r"),
        ("utf-8", "windows-1251", "text/xml; charset=windows-1251"),
        ("utf-16", "utf-16", "application/xml"),
        ("utf-16-le", "utf-16", "application/xml"),
        ("utf-16-be", "utf-16", None),
        ("utf-8-sig", "us-ascii", "text/xml; charset=us-ascii"),
    ],
)
def test_charsets(encoding: str, declared: str, content_type: str | None) -> None:
    body = CYRILLIC.replace('encoding="utf-8"', f'encoding="{declared}"').encode(encoding)
    feed = parse_feed(body, URL, content_type)
    assert feed.title == "Новости министерства"
    assert feed.links[0].hints.title == "Министр иностранных дел прибыл в Минск"


@pytest.mark.parametrize("before", [b"\n  ", b"\xef\xbb\xbf\n", b"\x00\x00", b"<!-- generated -->\n"])
def test_what_stands_before_the_declaration(before: bytes) -> None:
    assert urls(parse_feed(before + (RSS % "<item><link>/1</link></item>").encode(), URL, None)) == [
        "https://www.example.org/1"
    ]


def test_characters_that_xml_forbids_are_dropped() -> None:
    feed = rss("<item><link>/1</link><title>a\x00b\x08c\x1b[31m &#x1b; d</title></item>")
    (link,) = feed.links
    assert link.hints.title is not None
    assert not set(link.hints.title) & {"\x00", "\x08", "\x1b"}


def test_a_json_string_may_hold_anything() -> None:
    (link,) = json_feed([{"url": "/1", "title": "a\u0000b\ud800c"}]).links
    assert link.hints.title == "abc"


# --- what comes in place of a feed


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf", b"\x00\x00"])
def test_nothing(body: bytes) -> None:
    assert parse_feed(body, URL, "application/rss+xml").problem == "not-a-feed: empty"


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><head><title>News</title></head><body></body></html>",
        b"<html><body><rss version='2.0'></rss></body></html>",
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://x/x.dtd">\n<html xmlns="x"/>',
        b"<head><title>Web Page Blocked</title></head>",
    ],
)
def test_a_web_page(body: bytes) -> None:
    feed = parse_feed(body, URL, "application/rss+xml")
    assert (feed.problem, feed.links, feed.kind) == ("not-a-feed: HTML page", (), None)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<urlset xmlns='x'><url><loc>https://x/</loc></url></urlset>", "not-a-feed: <urlset>"),
        (b"Access denied", "not-a-feed: no XML"),
        (b'{"error": 403}', "not-a-feed: JSON of another kind"),
        (b"[1, 2]", "not-a-feed: JSON of another kind"),
    ],
)
def test_something_else(body: bytes, problem: str) -> None:
    assert parse_feed(body, URL, "text/xml").problem == problem


def test_a_feed_without_items_has_no_problem() -> None:
    for feed in (rss(""), atom(""), json_feed([]), parse_feed((RDF % "").encode(), URL, None)):
        assert feed.problem is None
        assert feed.links == ()
        assert feed.newest_at is None


def test_warnings_before_the_feed_are_passed_over() -> None:
    body = "<br />\n<b>Warning</b>: include() in <b>/srv/x.php</b>\n" + RSS % "<item><link>/1</link></item>"
    assert urls(parse_feed(body.encode(), URL, None)) == ["https://www.example.org/1"]


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel><item><title>a <b>b</title><link>/1</link></item><item><title>c & d</title><link>/2</link></item>",
        (RSS % "<item><title>a &nbsp; b</title><link>/1</link></item><item><link>/2</link></item>"),
        (RSS % "<item><link>/1</link></item><item><link>/2</link></item><item><title>cut")[:-17],
    ],
)
def test_of_a_broken_feed_the_readable_part_is_taken(body: str) -> None:
    feed = parse_feed(body.encode(), URL, None)
    assert urls(feed)[:2] == ["https://www.example.org/1", "https://www.example.org/2"]
    assert feed.problem is None


@pytest.mark.parametrize(
    "body", [b"<rss", b"<rss><channel><title>x & y", b"<feed xmlns='http://www.w3.org/2005/Atom'><<<"]
)
def test_a_feed_broken_beyond_reading(body: bytes) -> None:
    problem = parse_feed(body, URL, None).problem
    assert problem is not None
    assert problem.startswith("broken-xml: ")


@pytest.mark.parametrize("body", [b'{"version": "https://jsonfeed.org/version/1.1", "items":', b"[" * 100_000])
def test_broken_json(body: bytes) -> None:
    problem = parse_feed(body, URL, None).problem
    assert problem is not None
    assert problem.startswith("broken-json: ")


# --- entities

BOMB = '[<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]'
FILE = '[<!ENTITY f SYSTEM "file:///etc/passwd">]'


@pytest.mark.parametrize(
    "doctype",
    [
        f"<!DOCTYPE rss {BOMB}>",
        f"<!DOCTYPE rss {FILE}>",
        f'<!DOCTYPE rss SYSTEM "<x" {FILE}>',
        f"<!-- <x --><?p <x ?>\n<!doctype rss {FILE}>",
        '<!DOCTYPE rss [<!ATTLIST rss a CDATA "]"> <!ENTITY f "x">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
        '<!DOCTYPE rss [<!entity f "x"',
        f"noise <!DOCTYPE rss {BOMB}>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_unread(doctype: str, encoding: str) -> None:
    body = (
        '<?xml version="1.0"?>' + doctype + RSS.partition("?>")[2] % "<item><link>/1</link><title>&b;&f;</title></item>"
    )
    feed = parse_feed(body.encode(encoding), URL, "application/xml")
    assert feed.problem == "forbidden-entities"
    assert feed.links == ()


def test_a_plain_doctype_and_named_characters_are_fine() -> None:
    doctype = (
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    body = (
        '<?xml version="1.0"?>'
        + doctype
        + RSS.partition("?>")[2] % "<item><link>/1</link><title>caf&eacute;</title></item>"
    )
    feed = parse_feed(body.encode(), URL, None)
    assert feed.links[0].hints.title == "café"


def test_an_article_about_entities_is_fine() -> None:
    feed = rss("<item><link>/1</link><title><![CDATA[How <!ENTITY works]]></title></item>")
    assert feed.problem is None
    assert len(feed.links) == 1
