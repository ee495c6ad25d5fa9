"""Headline, authors, captions and addresses, each from small pages."""

from __future__ import annotations

import pytest

from crawler.extract.authors import author_candidates, stray_candidates
from crawler.extract.captions import split_credit, take_captions
from crawler.extract.markup.document import Document, parse
from crawler.extract.markup.links import addresses, take_source_link
from crawler.extract.title import headline

URL = "https://news.example/world/river-treaty"


def document(html: str, url: str = URL) -> Document:
    parsed = parse(html, url)
    assert parsed is not None
    return parsed


# --- headline


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>River treaty signed | Example News</title><meta property=og:site_name content='Example News'>", "River treaty signed"),
        ("<title>Example News - River treaty signed</title><meta property=og:site_name content='Example News'>", "River treaty signed"),
        ("<title>River treaty signed - World - News</title><h1>River treaty signed</h1>", "River treaty signed"),
        ("<title>x</title><meta property=og:title content='River treaty - a start'><h1>River treaty - a start</h1>", "River treaty - a start"),
        ("<meta property=og:title content='River treaty'><meta name=twitter:title content='River treaty'><h1>World</h1>", "River treaty"),
        ("<title>Q&amp;amp;A: the treaty</title>", "Q&A: the treaty"),
        ("<title>Example News</title><meta property=og:site_name content='Example News'>", None),
        ("<nav><h1>Menu</h1></nav><p>The first sentence of the text is no headline.</p>", None),
    ],
)  # fmt: skip
def test_headline(html: str, title: str | None) -> None:
    assert headline(document(html))[0] == title


def test_the_feed_names_what_the_page_does_not() -> None:
    assert headline(document("<p>Text.</p>"), hint="River treaty signed") == ("River treaty signed", "feed")


# --- authors


def test_author_candidates_come_best_first() -> None:
    html = """<script type="application/ld+json">{"@type": "NewsArticle", "author": [{"@type": "Person", "name": "Ana Lima"},
    {"@type": "Organization", "name": "AFP"}]}</script><meta name="author" content="Jo Doe"><a rel="author">Bo Ek</a>"""
    found = [(source, names) for source, names in author_candidates(document(html)) if names]
    assert found[:3] == [("json-ld", ["Ana Lima"]), ("meta:author", ["Jo Doe"]), ("rel:author", ["Bo Ek"])]


@pytest.mark.parametrize(
    ("html", "names"),
    [
        ("<p>By Ana Lima</p>", ["By Ana Lima"]),
        ("<ul class=infos><li>Von: <a href=/bo>Bo Ek</a>, <a href=/jo>Jo Doe</a></ul>", ["Bo Ek", "Jo Doe"]),
        ("<div class=metaInfoAuthorList><a href=/x>Ana Lima</a></div>", ["Ana Lima"]),
        ("<div class=story-byline>Ana Lima</div>", ["Ana Lima"]),
        ("<p>von <a href='/autoren/ana-lima'>Ana Lima</a></p>", ["von Ana Lima"]),
        ("<p><a href='/author/ana-lima'>Ana Lima</a> in Geneva</p>", ["Ana Lima"]),
        ("<p>홍길동 기자 hong@news.example</p>", ["홍길동 기자 hong@news.example"]),
    ],
)  # fmt: skip
def test_bylines_behind_the_headline(html: str, names: list[str]) -> None:
    parsed = document(f"<h1>River treaty signed</h1>{html}<p>The ministers signed the treaty on Monday.</p>")
    found = [names for _, names in author_candidates(parsed, parsed.tree.find(".//h1")) if names]
    assert found[0] == names


@pytest.mark.parametrize(
    "html",
    [
        "<form><div class=author>Name *</div></form>",
        "<div class=comment-author>Jo Doe</div>",
        "<p>By the river the ministers signed a treaty that had been negotiated for many years in three capitals of the region, and then left.</p>",
    ],
)
def test_what_is_no_byline(html: str) -> None:
    parsed = document(f"<h1>River treaty signed</h1>{html}")
    assert [names for _, names in author_candidates(parsed, parsed.tree.find(".//h1")) if names] == []


def test_names_elsewhere_on_the_page_come_last() -> None:
    parsed = document("<aside-x><div><strong>Written by</strong><span>Ana Lima</span></div></aside-x>")
    assert [names for _, names in stray_candidates(parsed) if names] == [["Ana Lima"]]


def test_meta_names_are_the_same_however_joined() -> None:
    parsed = document("<meta name=articleAuthor content='Ana Lima'><meta property='article:published:time' content=x>")
    assert parsed.meta("article:author") == "Ana Lima"
    assert parsed.meta("article:published_time") == "x"


# --- captions


@pytest.mark.parametrize(
    ("text", "caption", "credit"),
    [
        ("| Hai bộ trưởng tại Hà Nội. (Nguồn: TTXVN) |", "Hai bộ trưởng tại Hà Nội.", "TTXVN"),
        ("Kedua menteri di Tokyo. (Sumber: Yonhap)", "Kedua menteri di Tokyo.", "Yonhap"),
        ("The port at dawn. Photo: Ana Lima/AFP", "The port at dawn.", "Ana Lima/AFP"),
        ("Der Hafen. © dpa", "Der Hafen.", "dpa"),
        ("항구의 모습. [사진 출처 = 연합뉴스]", "항구의 모습.", "연합뉴스"),
        ("The minister (left) and his guest", "The minister (left) and his guest", None),
        ("A source: the river near its mouth", "A source: the river near its mouth", None),
    ],
)
def test_split_credit(text: str, caption: str, credit: str | None) -> None:
    assert split_credit(text) == (caption, credit)


@pytest.mark.parametrize(
    "html",
    [
        "<figure><img src=/a.jpg><figcaption>The port.</figcaption></figure>",
        "<div class='wp-caption'><img src=/a.jpg><p class='wp-caption-text'>The port.</p></div>",
        "<table><tr><td><img src=/a.jpg></td></tr><tr><td>The port.</td></tr></table>",
        "<table><tbody><tr><td><p><img data-src=/a.jpg></p></td></tr><tr><td class=PhotoCaption>The port.</td></tr></tbody></table>",
        "<div><img srcset='/a.jpg 1x, /b.jpg 2x'><span class='image-caption'>The port.</span></div>",
    ],
)
def test_captioned_pictures_are_taken_out(html: str) -> None:
    parsed = document(f"<article><p>Before.</p>{html}<p>After.</p></article>")
    taken = [caption for caption, _ in take_captions(parsed)]
    assert [(c.text, c.image_url) for c in taken] == [("The port.", "https://news.example/a.jpg")]
    assert "port" not in parsed.tree.text_content()
    assert "After." in parsed.tree.text_content()


def test_a_table_of_figures_is_no_picture() -> None:
    rows = "".join(f"<tr><td>State {n}</td><td>{n}</td></tr>" for n in range(5))
    parsed = document(f"<table>{rows}</table>")
    assert take_captions(parsed) == []
    assert "State 3" in parsed.tree.text_content()


def test_a_picture_that_links_elsewhere_is_no_caption_of_this_article() -> None:
    parsed = document("<a href=/other><figure><img src=/a.jpg><figcaption>Other story</figcaption></figure></a>")
    assert take_captions(parsed) == []
    assert "Other story" not in parsed.tree.text_content()


# --- addresses


@pytest.mark.parametrize(
    ("href", "canonical"),
    [
        ("/world/river-treaty?utm_source=x", URL),
        ("/world/river-treaty-42", "https://news.example/world/river-treaty-42"),
        ("https://m.news.example/world/river-treaty-42", "https://m.news.example/world/river-treaty-42"),
        ("/", URL),
        ("https://news.example/en/", URL),
        ("/world", URL),
        ("javascript:void(0)", URL),
        ("https://wire.example/river", URL),
    ],
)
def test_canonical_address(href: str, canonical: str) -> None:
    parsed = document(f'<link rel="canonical" href="{href}">')
    assert addresses(parsed, "https://news.example/en/").canonical == canonical


def test_a_variant_below_its_article_is_an_alias_of_it() -> None:
    parsed = document('<link rel="canonical" href="/world/river-treaty">', URL + "/amp")
    assert addresses(parsed, None).canonical == URL


def test_amp_address() -> None:
    assert (
        addresses(document('<link rel="amphtml" href="/amp/river-treaty">'), None).amp
        == "https://news.example/amp/river-treaty"
    )


@pytest.mark.parametrize(
    "html",
    [
        '<p>Text.</p><a href="https://a.example/x">Nguồn</a>',
        '<p>Text.</p><p><a href="https://a.example/x">Sumber:</a></p>',
        'Text.<br>[ad_2]<br><a href="https://a.example/x">Source link </a>',
        '<p>Text.</p><p>[quảng cáo_2]</p><p><em><a href="https://a.example/x">Источник</a></em></p>',
    ],
)
def test_bare_source_links_are_found_and_taken_out(html: str) -> None:
    parsed = document(f"<div>{html}</div>")
    link = take_source_link(parsed)
    assert link is not None
    assert link.url == "https://a.example/x"
    assert parsed.tree.find(".//a") is None


@pytest.mark.parametrize(
    "html",
    [
        '<p>The <a href="https://a.example/x">source</a> said so.</p>',
        '<p><a href="https://a.example/x">Source</a>: interview with the minister</p>',
        '<figure><img><a href="https://a.example/x">Source</a></figure>',
        '<p><a href="https://a.example/x">Source</a></p><p><a href="https://b.example/y">Source</a></p>',
        '<p><a href="/world/river-treaty">Source</a></p>',
        '<p><a href="mailto:x@a.example">Source</a></p>',
        '<footer><a href="https://a.example/x">Source</a></footer>',
    ],
)
def test_other_links_are_no_source_links(html: str) -> None:
    assert take_source_link(document(f"<div>{html}</div>")) is None
