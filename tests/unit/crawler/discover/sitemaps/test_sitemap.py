"""Sitemaps of all kinds, and what comes in their place."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from archive.model.content_codings import MEMBERS
from crawler.discover.sitemaps import sitemap as sitemap_reader
from crawler.discover.sitemaps.sitemap import ChildSitemap, Sitemap, parse_sitemap

URL = "https://www.example.org/maps/sitemap.xml"
TEN = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)
NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"
 xmlns:xhtml="http://www.w3.org/1999/xhtml">%s</urlset>"""


def urlset(entries: str, *, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> Sitemap:
    return parse_sitemap((declaration + NEWS % entries).encode(), URL)


def urls(sitemap: Sitemap) -> list[str]:
    return [link.url for link in sitemap.links]


def entry(path: str, more: str = "") -> str:
    return f"<url><loc>https://www.example.org{path}</loc>{more}</url>"


# --- what is read


def test_a_urlset() -> None:
    sitemap = urlset(entry("/a", "<lastmod>2026-10-01T12:00:00+02:00</lastmod><priority>0.5</priority>") + entry("/b"))
    assert (sitemap.kind, sitemap.problem, sitemap.children, sitemap.skipped) == ("urlset", None, (), 0)
    first, second = sitemap.links
    assert (first.url, second.url) == ("https://www.example.org/a", "https://www.example.org/b")
    assert (first.hints.updated, first.hints.updated_at) == ("2026-10-01T12:00:00+02:00", TEN)
    assert second.hints.updated is None


def test_lastmod_is_never_a_publication_time() -> None:
    (link,) = urlset(entry("/a", "<lastmod>2026-10-01T10:00:00Z</lastmod>")).links
    assert (link.hints.published, link.hints.published_at) == (None, None)
    assert urlset(entry("/a", "<lastmod>2026-10-01T10:00:00Z</lastmod>")).newest_at is None


def test_a_news_sitemap() -> None:
    sitemap = urlset(
        entry(
            "/a",
            "<news:news><news:publication><news:name>Example</news:name><news:language>vi</news:language></news:publication>"
            "<news:publication_date>2026-10-01T17:00:00+07:00</news:publication_date>"
            "<news:title>Hội đàm &amp; ký kết</news:title><news:keywords>ngoại giao, ASEAN,,ASEAN</news:keywords></news:news>",
        )
        + entry("/b", "<news:news><news:publication_date>2026-09-30</news:publication_date></news:news>")
    )
    first, second = sitemap.links
    assert first.hints.title == "Hội đàm & ký kết"
    assert (first.hints.published, first.hints.published_at) == ("2026-10-01T17:00:00+07:00", TEN)
    assert (first.hints.language, first.hints.keywords) == ("vi", ("ngoại giao", "ASEAN"))
    assert (second.hints.published, second.hints.published_at) == ("2026-09-30", None)
    assert sitemap.newest_at == TEN


def test_images_videos_and_translations_are_no_links() -> None:
    sitemap = urlset(
        "<url><image:image><image:loc>https://www.example.org/1.jpg</image:loc><image:title>photo</image:title></image:image>"
        "<loc>https://www.example.org/a</loc>"
        "<video:video><video:title>film</video:title><video:publication_date>2020-01-01T00:00:00Z</video:publication_date>"
        "<video:player_loc>https://www.example.org/v</video:player_loc></video:video>"
        "<xhtml:link rel='alternate' hreflang='ko' href='https://www.example.org/ko/a'/></url>"
    )
    (link,) = sitemap.links
    assert link.url == "https://www.example.org/a"
    assert (link.hints.title, link.hints.published) == (None, None)


def test_an_index() -> None:
    body = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <sitemap><loc>https://www.example.org/s1.xml.gz</loc><lastmod>2026-10-01T10:00:00Z</lastmod></sitemap>
    <sitemap><loc>s2.xml</loc><lastmod>2026-10-01</lastmod></sitemap><sitemap><loc>s2.xml</loc></sitemap>
    <sitemap><lastmod>2026-10-01</lastmod></sitemap><sitemap><loc>ftp://example.org/s</loc></sitemap></sitemapindex>"""
    sitemap = parse_sitemap(body.encode(), URL)
    assert (sitemap.kind, sitemap.links, sitemap.skipped, sitemap.problem) == ("index", (), 2, None)
    assert sitemap.children == (
        ChildSitemap("https://www.example.org/s1.xml.gz", "2026-10-01T10:00:00Z", TEN),
        ChildSitemap("https://www.example.org/maps/s2.xml", "2026-10-01", TEN.replace(hour=0)),
    )


def test_an_index_may_hold_links_as_well() -> None:
    body = "<urlset><sitemap><loc>/s</loc></sitemap><url><loc>/a</loc></url></urlset>"
    sitemap = parse_sitemap(body.encode(), URL)
    assert ([child.url for child in sitemap.children], urls(sitemap)) == (
        ["https://www.example.org/s"],
        ["https://www.example.org/a"],
    )


@pytest.mark.parametrize(
    "root",
    [
        '<urlset xmlns="http://www.google.com/schemas/sitemap/0.84">',
        '<urlset xmlns="https://wrong.example/">',
        "<urlset>",
        "<URLSET>",
        '<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ],
)
def test_the_namespace_does_not_matter(root: str) -> None:
    name = root.strip("<>").split()[0]
    body = f"{root}<url><loc>/a</loc><news:news><news:title>One</news:title></news:news></url></{name}>"
    sitemap = parse_sitemap(body.encode(), URL)
    assert urls(sitemap) == ["https://www.example.org/a"]
    assert sitemap.links[0].hints.title == "One"
    assert sitemap.problem is None


def test_undeclared_image_prefixes_are_told_apart() -> None:
    body = "<urlset><url><image:image><image:loc>/i.jpg</image:loc></image:image><loc>/a</loc></url></urlset>"
    assert urls(parse_sitemap(body.encode(), URL)) == ["https://www.example.org/a"]


@pytest.mark.parametrize(
    ("loc", "expected"),
    [
        ("\n  https://www.example.org/a \n", "https://www.example.org/a"),
        ("/a", "https://www.example.org/a"),
        ("a", "https://www.example.org/maps/a"),
        ("//cdn.example.org/a", "https://cdn.example.org/a"),
        ("<![CDATA[https://www.example.org/a?x=1&y=2]]>", "https://www.example.org/a?x=1&y=2"),
        ("https://www.example.org/a?x=1&amp;y=2", "https://www.example.org/a?x=1&y=2"),
        ("https://www.example.org/a?x=1&y=2&copy=3", "https://www.example.org/a?x=1&y=2&copy=3"),
        ("https://www.example.org/a?x=1&#38;y=2", "https://www.example.org/a?x=1&y=2"),
        ("https://www.example.org/tin-tức", "https://www.example.org/tin-t%E1%BB%A9c"),
        ("https://www.example.org/a?utm_source=sitemap#top", "https://www.example.org/a"),
    ],
)
def test_addresses(loc: str, expected: str) -> None:
    sitemap = urlset(f"<url><loc>{loc}</loc></url>")
    assert urls(sitemap) == [expected]
    assert sitemap.problem is None


@pytest.mark.parametrize(
    "loc", ["", "  ", "javascript:alert(1)", "mailto:a@example.org", "file:///etc/passwd", "http://", "/" + "a" * 5000]
)
def test_what_cannot_be_fetched_is_counted(loc: str) -> None:
    sitemap = urlset(f"<url><loc>{loc}</loc></url>" + entry("/b"))
    assert urls(sitemap) == ["https://www.example.org/b"]
    assert sitemap.skipped == 1


def test_ampersands_at_the_border_of_pieces() -> None:
    many = "".join(entry(f"/{n:05d}?a=1&b={n}&amp;c=<![CDATA[x&y]]>") for n in range(4000))
    sitemap = urlset(many)
    assert len(many) > 4 * (64 << 10)
    assert urls(sitemap) == [f"https://www.example.org/{n:05d}?a=1&b={n}&c=x&y" for n in range(4000)]
    assert sitemap.problem is None


@pytest.mark.parametrize(
    "before", [b"\n\n  ", b"\xef\xbb\xbf\n", b"\x00", b"<br />\n<b>Warning</b>: x() in <b>/srv</b>\n"]
)
def test_what_stands_before_the_declaration(before: bytes) -> None:
    body = before + b'<?xml version="1.0"?>' + (NEWS % entry("/a")).encode()
    assert urls(parse_sitemap(body, URL)) == ["https://www.example.org/a"]


def test_a_style_sheet_and_comments_are_passed_over() -> None:
    body = (
        '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="//x/main.xsl"?><!-- <urlset> by & -->'
        + NEWS % ("<!-- <url><loc>/no</loc></url> & -->" + entry("/a"))
    )
    sitemap = parse_sitemap(body.encode(), URL)
    assert (urls(sitemap), sitemap.problem) == (["https://www.example.org/a"], None)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "UTF-8"), ("windows-1251", "windows-1251"), ("utf-16", "UTF-16"), ("utf-8-sig", "utf-8"), ("utf-8", "x-none")],
)  # fmt: skip
def test_charsets(encoding: str, declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>' + NEWS % (
        entry("/a") * 2000 + entry("/b", "<news:news><news:title>Министр прибыл в Минск</news:title></news:news>")
    )
    sitemap = parse_sitemap(text.encode(encoding), URL)
    assert sitemap.links[1].hints.title == "Министр прибыл в Минск"


def test_an_address_stands_once() -> None:
    assert urls(urlset(entry("/a") + entry("/a#x") + entry("/a?utm_medium=y"))) == ["https://www.example.org/a"]


# --- other forms


def test_plain_text() -> None:
    body = b"\xef\xbb\xbfhttps://www.example.org/a\r\nhttps://www.example.org/b\r\n\r\nnot an address\r\nhttps://www.example.org/c"
    sitemap = parse_sitemap(body, "https://www.example.org/sitemap.txt", "text/plain")
    assert (sitemap.kind, len(sitemap.links), sitemap.skipped, sitemap.problem) == ("text", 3, 1, None)


def test_a_long_plain_text() -> None:
    body = "".join(f"https://www.example.org/{n}\n" for n in range(20_000)).encode()
    assert urls(parse_sitemap(body, URL)) == [f"https://www.example.org/{n}" for n in range(20_000)]


def test_a_feed_given_as_a_sitemap() -> None:
    body = (
        "<rss><channel><item><link>https://www.example.org/a</link><title>One</title>"
        "<pubDate>Thu, 01 Oct 2026 10:00:00 GMT</pubDate></item></channel></rss>"
    )
    sitemap = parse_sitemap(gzip.compress(body.encode()), URL)
    assert (sitemap.kind, urls(sitemap), sitemap.newest_at) == ("feed", ["https://www.example.org/a"], TEN)


@pytest.mark.parametrize("layers", [1, 2])
def test_gzip_by_content(layers: int) -> None:
    body = (NEWS % entry("/a")).encode()
    for _ in range(layers):
        body = gzip.compress(body)
    assert urls(parse_sitemap(body, URL, "application/xml")) == ["https://www.example.org/a"]


def test_gzip_of_several_members_and_padding() -> None:
    whole = (NEWS % (entry("/a") + entry("/b"))).encode()
    body = gzip.compress(whole[:300]) + gzip.compress(whole[300:]) + b"\x00" * 20
    sitemap = parse_sitemap(body, URL)
    assert (len(sitemap.links), sitemap.problem) == (2, None)


def test_a_name_that_says_gz_does_not_make_it_so() -> None:
    assert len(parse_sitemap((NEWS % entry("/a")).encode(), URL + ".gz").links) == 1


# --- broken and hostile


def test_a_cut_file_keeps_what_came_before() -> None:
    body = (NEWS % (entry("/a") + entry("/b") + entry("/cut-here"))).encode()
    sitemap = parse_sitemap(body[: body.index(b"-here")], URL)
    assert urls(sitemap) == ["https://www.example.org/a", "https://www.example.org/b"]
    assert sitemap.problem is not None
    assert sitemap.problem.startswith("broken-xml: ")


def test_a_cut_gzip_keeps_what_came_before() -> None:
    body = gzip.compress((NEWS % "".join(entry(f"/{n}-{zlib.crc32(str(n).encode())}") for n in range(20_000))).encode())
    sitemap = parse_sitemap(body[: len(body) // 2], URL)
    assert 5_000 < len(sitemap.links) < 15_000
    assert sitemap.problem == "truncated-gzip"


def test_a_gzip_of_too_many_members_is_named() -> None:
    whole = gzip.compress((NEWS % entry("/a")).encode())
    sitemap = parse_sitemap(whole + gzip.compress(b"") * MEMBERS, URL)
    assert sitemap.problem == "too-many-members"


def test_a_broken_gzip_is_named() -> None:
    body = bytearray(gzip.compress(b"x" * 1000))
    body[12:16] = b"\xff\xff\xff\xff"
    assert parse_sitemap(bytes(body), URL).problem == "broken-gzip"


def test_broken_markup_in_the_middle() -> None:
    sitemap = urlset(entry("/a") + "<<< nonsense >" + entry("/b"))
    assert urls(sitemap)[0] == "https://www.example.org/a"
    assert sitemap.problem is not None
    assert sitemap.problem.startswith("broken-xml: ")


def test_a_loc_that_is_not_closed_does_not_swallow_the_next() -> None:
    sitemap = urlset("<url><loc>https://www.example.org/a</url>" + entry("/b"))
    assert urls(sitemap) == ["https://www.example.org/a", "https://www.example.org/b"]
    assert sitemap.problem is not None


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not-a-sitemap: empty"),
        (b"\xef\xbb\xbf \n", "not-a-sitemap: empty"),
        (b"<!DOCTYPE html><html><body><urlset></urlset></body></html>", "not-a-sitemap: HTML page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "not-a-sitemap: <error>"),
        (b'{"urls": []}', "not-a-sitemap: no XML"),
        (b"Not found", "not-a-sitemap: no XML"),
        (b"%PDF-1.7", "not-a-sitemap: no XML"),
        (gzip.compress(b"<html></html>", mtime=0), "not-a-sitemap: HTML page"),
    ],
)
def test_something_else(body: bytes, problem: str) -> None:
    sitemap = parse_sitemap(body, URL, "text/xml")
    assert (sitemap.kind, sitemap.links, sitemap.problem) == (None, (), problem)


@pytest.mark.parametrize("body", [b"<urlset/>", b"<urlset></urlset>", (NEWS % "").encode(), b"<sitemapindex/>"])
def test_an_empty_one_has_no_problem(body: bytes) -> None:
    sitemap = parse_sitemap(body, URL)
    assert (sitemap.links, sitemap.children, sitemap.problem) == ((), (), None)
    assert sitemap.kind in ("urlset", "index")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE urlset [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE urlset [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
        "<!DOCTYPE urlset [" + "<!ELEMENT x ANY>" * 5_000 + '<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_entities_are_refused_unread(doctype: str, packed: bool) -> None:
    body = ('<?xml version="1.0"?>' + doctype + NEWS % "<url><loc>https://www.example.org/&f;&b;</loc></url>").encode()
    sitemap = parse_sitemap(gzip.compress(body) if packed else body, URL)
    assert (sitemap.links, sitemap.problem) == ((), "forbidden-entities")


def test_an_entity_that_nobody_declared_stays_as_written() -> None:
    (link,) = urlset(entry("/a", "<news:news><news:title>caf&eacute; &f;</news:title></news:news>")).links
    assert link.hints.title == "café &f;"


def test_a_gzip_bomb_costs_no_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    filler = b" " * (1 << 20)
    bomb = packer.compress((NEWS.partition("%s")[0] + entry("/a")).encode())
    bomb += b"".join(packer.compress(filler) for _ in range(200)) + packer.flush()
    tracemalloc.start()
    try:
        sitemap = parse_sitemap(bomb, URL)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert urls(sitemap) == ["https://www.example.org/a"]
    assert sitemap.problem == "too-large: more than 50 MiB"
    assert peak < 8 << 20


@pytest.mark.parametrize(
    "filler",
    ["<![CDATA[" * 20_000, "<!--" * 40_000, "&" * 200_000, "<x>" * 60_000, "<loc>" * 40_000, "]]" * 100_000, "<url>" * 40_000],
)  # fmt: skip
def test_hostile_repetition_ends_soon(filler: str) -> None:
    sitemap = urlset(entry("/a") + filler)
    assert urls(sitemap) == ["https://www.example.org/a"]


def test_more_entries_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap_reader, "ENTRY_LIMIT", 1_000)
    writers: tuple[Callable[[int], str], ...] = (
        lambda count: "<urlset>" + "".join(f"<url><loc>/{n}</loc></url>" for n in range(count)) + "</urlset>",
        lambda count: "".join(f"https://www.example.org/{n}\n" for n in range(count)),
    )
    for write in writers:
        for count, problem in ((1_000, None), (1_001, "too-large: more than 1000 entries")):
            sitemap = parse_sitemap(write(count).encode(), URL)
            assert len(sitemap.links) == 1_000
            assert sitemap.problem == problem
