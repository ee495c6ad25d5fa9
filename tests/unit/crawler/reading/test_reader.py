"""Reading a page: bytes in, article or reason out."""

from __future__ import annotations

import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.model.article import Article
from archive.model.link import Hints
from archive.model.source import Selectors, Source, UrlRules
from crawler.extract.version import EXTRACTOR, extractor_for
from crawler.reading.page import Page, Reading
from crawler.reading.read import read

COPY_URL = "https://portal.example/id/ngoai-truong-nhat-ban-va-philippines-ban-ve-an-ninh-bien"
ORIGINAL_URL = "https://baochi.example/ngoai-truong-nhat-ban-va-philippines-ban-ve-an-ninh-bien-263512.html"
LEAD = "Jepang dan Filipina menegaskan akan bekerja sama lebih erat untuk menjaga kebebasan pelayaran di kawasan."
CAPTION = "Menteri Luar Negeri Jepang Sato Haruka (kiri) menyambut tamunya dari Filipina di Tokyo pada 11 Maret."
PARAGRAPHS = (
    "Pada tanggal 11 Maret, Menteri Luar Negeri Jepang Sato Haruka menerima mitranya dari Filipina, Maria Lopez, di Tokyo.",
    "Kyodo melaporkan bahwa kedua menteri membahas latihan bersama penjaga pantai dan lalu lintas kapal di Laut Filipina Barat.",
    "Sumber di kementerian mengatakan perundingan berlangsung terbuka, dan kedua pihak bertemu lagi pada musim gugur [sic] ini.",
    "“Kami berbagi nilai yang sama,” kata Ny. Sato kepada wartawan, seraya menyebut [Tổng thống] sebagai sahabat lama.",
    "Filipina meminta dukungan untuk membangun pelabuhan baru serta pelatihan bagi awak kapal patroli yang dibeli dari Jepang.",
)


def copied_page(paragraphs: tuple[str, ...] = PARAGRAPHS, tail: str = "", counter: int = 0) -> str:
    """A page of an aggregator, as an automatic blog makes it from a translated article."""
    source = f'<p>[iklan_2]<br><a href="{ORIGINAL_URL}?utm_source=x">Sumber </a></p>'
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Menlu Jepang dan Filipina membahas keamanan laut - Portal Nusantara</title>
<meta property="og:site_name" content="Portal Nusantara"><meta name="description" content="{LEAD}">
<meta property="article:published_time" content="2024-03-12T09:15:00+07:00"></head><body>
<nav><a href="/">Beranda</a><a href="/id/dunia">Dunia</a></nav>
<div class="post"><h1>Menlu Jepang dan Filipina membahas keamanan laut</h1><div class="post-content">
<p class="sapo"><strong>{LEAD}</strong></p>
<table class="picture"><tr><td><img src="/resource/IMAGE/2024/03/12/menlu.jpg"></td></tr>
<tr><td>{CAPTION} (Sumber: Kyodo)</td></tr></table>
{"".join(f"<p>{p}</p>" for p in paragraphs)}{source}{tail}</div></div>
<div class="comments"><h3>Komentar ({counter})</h3></div><footer>Hak cipta</footer></body></html>"""


def article_of(html: str | bytes, url: str = "https://news.example/world/story-1", **more: Any) -> Article:
    reading = reading_of(html, url, **more)
    assert reading.article is not None, (reading.kind, reading.reason)
    return reading.article


def reading_of(html: str | bytes, url: str = "https://news.example/world/story-1", **more: Any) -> Reading:
    return read(Page(html if isinstance(html, bytes) else html.encode(), url, **more))


def page(body: str, head: str = "", title: str = "Ministers agree on river treaty", lang: str = "en") -> str:
    return f'<html lang="{lang}"><head><title>{title}</title>{head}</head><body>{body}</body></html>'


TEXT = "".join(
    f"<p>{sentence}</p>"
    for sentence in (
        "The foreign ministers of the two states signed a treaty on the shared river on Tuesday, after eleven years of talks.",
        "It gives both governments a say in new dams, and obliges them to publish how much water they take every month.",
        "Observers called the agreement a rare success for diplomacy in a region where rivers have often been a cause of conflict.",
    )
)
HEADLINE = "<h1>Ministers agree on river treaty</h1>"


# --- the page of an aggregator


def test_copied_page_is_cleaned_and_points_to_its_original() -> None:
    article = article_of(copied_page(), COPY_URL)
    assert article.title == "Menlu Jepang dan Filipina membahas keamanan laut"
    assert article.lead == LEAD
    assert article.body == "\n".join(PARAGRAPHS)
    (caption,) = article.captions
    assert (caption.text, caption.credit) == (CAPTION, "Kyodo")
    assert caption.image_url == "https://portal.example/resource/IMAGE/2024/03/12/menlu.jpg"
    assert article.original_url == ORIGINAL_URL
    (claim,) = article.lineage
    assert (claim.relation, claim.url) == ("translation_of", ORIGINAL_URL)
    assert "translated shortcode '[iklan_2]'" in claim.evidence
    assert "source link 'Sumber'" in claim.evidence
    assert "slug in vi, text in id" in claim.evidence
    assert (article.language, article.declared_language) == ("id", "en")
    assert article.published is not None
    assert article.published.at == datetime(2024, 3, 12, 2, 15, tzinfo=UTC)
    assert article.published.zone == "+07:00"


def test_volatile_parts_of_a_copied_page_change_nothing() -> None:
    before = article_of(copied_page(), COPY_URL)
    after = article_of(copied_page(counter=3, tail="<p>[ad_1]</p>"), COPY_URL)
    assert (after.title, after.lead, after.body, after.captions) == (
        before.title,
        before.lead,
        before.body,
        before.captions,
    )


def test_english_copy_with_plain_shortcode_is_a_republication() -> None:
    source = '<p>[ad_2]<br><a href="https://wire.example/river-treaty">Source link</a></p>'
    article = article_of(page(HEADLINE + TEXT + source))
    (claim,) = article.lineage
    assert (claim.relation, claim.url) == ("republished_from", "https://wire.example/river-treaty")
    assert "Source" not in (article.body or "")


def test_a_link_inside_a_sentence_is_no_source_link() -> None:
    article = article_of(page(f'{HEADLINE}{TEXT}<p>A <a href="https://other.example/x">source</a> denied this.</p>'))
    assert article.original_url is None
    assert article.lineage == ()
    assert article.body is not None
    assert article.body.endswith("A source denied this.")
    assert article.reasons["original_url"]


def test_a_canonical_on_another_site_is_lineage_and_not_identity() -> None:
    head = '<link rel="canonical" href="https://wire.example/2024/river">'
    article = article_of(page(HEADLINE + TEXT, head))
    assert article.canonical_url == "https://news.example/world/story-1"
    assert [(c.relation, c.url) for c in article.lineage] == [("republished_from", "https://wire.example/2024/river")]


# --- what is missing is said to be missing


def test_unknown_fields_are_none_with_a_reason() -> None:
    article = article_of(f"<html><body>{TEXT}</body></html>")
    assert article.title is None
    assert article.lead is None
    assert article.published is None
    assert article.modified is None
    assert article.authors == ()
    assert article.declared_language is None
    for name in (
        "title",
        "lead",
        "published_at",
        "modified_at",
        "authors",
        "declared_language",
        "original_url",
        "captions",
    ):
        assert article.reasons[name]
        assert name not in article.provenance
    assert article.language == "en"
    assert article.provenance["body"]


def test_a_flash_of_one_sentence_is_an_article() -> None:
    article = article_of(
        page(
            "<h1>Quake hits capital</h1><p>A strong earthquake shook the capital on Monday, officials said.</p>",
            title="Quake hits capital",
        )
    )
    assert article.body == "A strong earthquake shook the capital on Monday, officials said."
    assert article.text_scope == "full"


def test_a_page_that_calls_itself_article_but_has_no_text_is_a_headline() -> None:
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ministers agree on river treaty"}</script>'
    article = article_of(page("<div><video></video></div>", head))
    assert (article.text_scope, article.body) == ("headline", None)
    assert article.reasons["body"]


def test_the_headline_is_not_repeated_in_the_body() -> None:
    article = article_of(page(f"<article>{HEADLINE}<p>Ministers agree on river treaty</p>{TEXT}</article>"))
    assert article.body is not None
    assert article.body.startswith("The foreign ministers")


def test_figures_leave_the_text_with_their_credit_apart() -> None:
    figure = '<figure><img data-src="/a.jpg"><figcaption>The river at dusk. <span class="credit">Foto: Ana Lima</span></figcaption></figure>'
    article = article_of(
        page(f"<article>{HEADLINE}{TEXT[: TEXT.index('</p>') + 4]}{figure}{TEXT[TEXT.index('</p>') + 4 :]}</article>")
    )
    assert [(c.text, c.credit, c.image_url) for c in article.captions] == [
        ("The river at dusk.", "Ana Lima", "https://news.example/a.jpg")
    ]
    assert "dusk" not in (article.body or "")


# --- what is no article


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("<title>Just a moment...</title><body><h1>news.example</h1><p>Checking your browser.</p></body>", "challenge"),
        ('<title>news.example</title><body><script src="https://geo.captcha-delivery.com/c.js"></script></body>', "challenge"),
        ("<title>404</title><body><h1>Page not found</h1><p>Try the search.</p></body>", "soft-404"),
        ("<title>Báo</title><body><h1>Không tìm thấy trang</h1><p>Mời bạn về trang chủ.</p></body>", "soft-404"),
        ("<title>오류</title><body><h1>페이지를 찾을 수 없습니다</h1></body>", "soft-404"),
        ("<title>Страница не найдена</title><body><p>Ошибка.</p></body>", "soft-404"),
        ("<title>News</title><noscript>You need to enable JavaScript to read this site.</noscript><i></i>", "empty"),
        ("<title>News</title><div id=root><p>This site requires JavaScript to be enabled.</p></div>", "empty"),
        ('<title>Log in</title><body><h1>Log in</h1><form><input type="password"></form></body>', "login-wall"),
        ("<title>News</title><body><nav><a href=/a>A</a></nav></body>", "empty"),
        ("   ", "empty"),
        ("<html><body><!-- nothing --></body></html>", "empty"),
    ],
)  # fmt: skip
def test_pages_without_article_have_a_kind_and_a_reason(html: str, kind: str) -> None:
    reading = reading_of(html, headers=(("Content-Type", "text/html; charset=utf-8"),))
    assert (reading.kind, reading.article) == (kind, None)
    assert reading.reason


def test_a_list_of_links_is_an_index_page() -> None:
    links = "".join(
        f'<li><a href="/story-{n}">Minister number {n} travels to the capital for talks</a></li>' for n in range(40)
    )
    assert (
        reading_of(page(f"<h1>World</h1><ul>{links}</ul>", title="World"), "https://news.example/world/").kind
        == "index-page"
    )
    assert reading_of(page(HEADLINE + TEXT), "https://news.example/").kind == "index-page"


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("Access denied: how sanctions work", "Access denied is what the banks of three states heard this week when they asked for dollars."),
        ("404 days of war", "The war has now lasted 404 days, and nobody at the talks expects it to end before the winter comes."),
        ("Login data of diplomats stolen", "The passwords of two hundred diplomats were stolen, the foreign ministry said in a statement."),
    ],
)  # fmt: skip
def test_real_articles_about_such_things_stay_articles(title: str, sentence: str) -> None:
    assert reading_of(page(f"<h1>{title}</h1><p>{sentence}</p>{TEXT}", title=title)).kind == "article"


@pytest.mark.parametrize(
    ("data", "content_type", "reason"),
    [
        (b"%PDF-1.7 ...", "text/html", "text/html"),
        (b"{}", "application/json", "application/json"),
        (b"\x89PNG\r\n", "image/png", "image/png"),
        (b'<?xml version="1.0"?><rss></rss>', "application/xml; charset=utf-8", "application/xml"),
    ],
)
def test_other_content_is_not_html(data: bytes, content_type: str, reason: str) -> None:
    reading = reading_of(data, headers=(("content-type", content_type), ("X-Robots-Tag", "noarchive")))
    assert (reading.kind, reading.reason, reading.article) == ("not-html", reason, None)
    assert reading.rights.noarchive


def test_a_paywalled_page_with_an_excerpt_is_an_excerpt() -> None:
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "x", "isAccessibleForFree": "False", "wordCount": 900}</script>'
    reading = reading_of(page(HEADLINE + TEXT, head))
    assert reading.kind == "paywalled"
    assert reading.article is not None
    assert reading.article.text_scope == "excerpt"
    assert reading.article.reasons["text_scope"]


def test_a_declared_paywall_around_the_whole_text_is_no_excerpt() -> None:
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "x", "isAccessibleForFree": false, "wordCount": 60}</script>'
    assert reading_of(page(HEADLINE + TEXT, head)).kind == "article"


# --- rights


def test_rights_of_header_and_document_are_combined() -> None:
    head = '<meta name="ROBOTS" content="NoArchive"><meta name="tdm-reservation" content="0">'
    reading = reading_of(page(HEADLINE + TEXT, head), headers=(("Content-Type", "text/html"), ("TDM-Reservation", "1")))
    assert reading.rights.noarchive
    assert reading.rights.tdm_reservation is False
    assert set(reading.rights.evidence) == {
        "meta:robots=noarchive",
        "meta:tdm-reservation=0",
        "header:tdm-reservation=1",
    }


# --- times


def test_page_times_win_over_the_feed_and_a_modified_time_is_never_published() -> None:
    hints = Hints(published="Mon, 01 Jan 2024 00:30:00 GMT", published_at=datetime(2024, 1, 1, 0, 30, tzinfo=UTC))
    head = '<meta property="article:modified_time" content="2024-02-02T10:00:00Z">'
    article = article_of(page(HEADLINE + TEXT, head), hints=hints)
    assert article.published is not None
    assert (article.published.source, article.published.at.isoformat()) == ("feed", "2024-01-01T00:30:00+00:00")
    assert article.modified is not None
    assert article.modified.isoformat() == "2024-02-02T10:00:00Z"
    head += '<meta property="article:published_time" content="2023-12-31T22:00:00Z">'
    article = article_of(page(HEADLINE + TEXT, head), hints=hints)
    assert article.published is not None
    assert article.published.isoformat() == "2023-12-31T22:00:00Z"


def test_visible_times_are_read_in_the_zone_of_the_source() -> None:
    body = f'{HEADLINE}<div class="date">Thứ Ba, 12/03/2024, 08:15</div>{TEXT}'
    source = Source("x", "X", "https://news.example/", language=("vi",), timezone="Asia/Ho_Chi_Minh")
    article = article_of(page(body, lang="vi"), source=source)
    assert article.published is not None
    assert (article.published.isoformat(), article.published.zone) == ("2024-03-12T01:15:00Z", "Asia/Ho_Chi_Minh")
    article = article_of(page(body, lang="vi"))
    assert article.published is not None
    assert (article.published.isoformat(), article.published.precision) == ("2024-03-12", "day")


def test_the_path_of_the_url_dates_to_the_day_at_low_confidence() -> None:
    article = article_of(page(HEADLINE + TEXT), "https://news.example/2024/05/17/river-treaty")
    assert article.published is not None
    assert (article.published.isoformat(), article.published.source) == ("2024-05-17", "url")
    assert article.published.confidence < 0.5


# --- registry


def test_selectors_of_the_registry_win() -> None:
    body = '<h2 class="t">The real headline</h2><p class="who">by Ana Lima</p><em class="d">2024-05-01 10:00</em>'
    body += f'<h1>Section name</h1><div id="b"><p>First.</p><div class="ad">Buy!</div><p>Second.</p></div>{TEXT}'
    selectors = Selectors(title="h2.t", body="#b", remove=(".ad",), date="em.d", authors=".who")
    source = Source(
        "x",
        "X",
        "https://news.example/",
        timezone="Europe/Paris",
        extract=selectors,
        article_urls=UrlRules((re.compile("x"),)),
    )
    article = article_of(page(body), source=source)
    assert (article.title, article.body, article.authors) == ("The real headline", "First.\nSecond.", ("Ana Lima",))
    assert article.published is not None
    assert article.published.isoformat() == "2024-05-01T08:00:00Z"
    assert article.provenance["title"] == article.provenance["body"] == article.provenance["authors"] == "registry"
    assert article.extractor == extractor_for(source) != EXTRACTOR


def test_pages_and_readings_travel_between_processes() -> None:
    source = Source("x", "X", "https://news.example/", article_urls=UrlRules((re.compile("/view/"),)))
    given = Page(copied_page().encode(), COPY_URL, (("Content-Type", "text/html"),), Hints(title="T"), source)
    assert pickle.loads(pickle.dumps(given)) == given
    reading = read(given)
    assert pickle.loads(pickle.dumps(reading)) == reading


def test_reading_is_deterministic() -> None:
    assert reading_of(copied_page(), COPY_URL) == reading_of(copied_page(), COPY_URL)


# --- charsets and broken pages


def test_a_wrongly_declared_charset_is_survived() -> None:
    html = copied_page().replace("utf-8", "iso-8859-1")
    article = article_of(html.encode(), COPY_URL, headers=(("Content-Type", "text/html; charset=ISO-8859-1"),))
    assert "[Tổng thống]" in (article.body or "")


def test_text_is_nfc_and_without_control_characters() -> None:
    body = "<p>Phái đoàn a\u0302\u0301y và na\u0301m\x00 thành viên đã đến\u00ad thủ đô\u200b vào thứ Ba, theo thông cáo của chính phủ.</p>"
    article = article_of(page(HEADLINE + body))
    assert article.body == "Phái đoàn ấy và nám thành viên đã đến thủ đô vào thứ Ba, theo thông cáo của chính phủ."


@pytest.mark.parametrize(
    "html",
    [
        "<html><body>" + "<div>" * 10_000 + "<p>Text.</p>" + "</div>" * 10_000,
        "<html><body><h1>x</h1><p>" + "<a href='/x'>Source</a> " * 3_000,
        '<html><head><script type="application/ld+json">' + "[" * 100_000 + "</script></head><body><p>x",
        "<html><body>" + "<table><tr><td><img src=a>" * 300 + "text",
        "<html><body><a href='http://['>x</a><img src='http://['><time datetime='9999-99-99'>never</time>" + TEXT,
        "\x00" * 1_000,
    ],
)
def test_hostile_pages_are_read_without_an_error(html: str) -> None:
    assert reading_of(html, headers=(("Content-Type", "text/html"),)).kind in (
        "article",
        "empty",
        "index-page",
        "not-html",
    )


def test_a_paragraph_of_two_megabytes_is_kept_whole() -> None:
    text = "word and more. " * 140_000
    article = article_of(page(f"<h1>Long</h1><p>{text}</p>", title="Long"))
    assert len(article.body or "") == len(text.strip())


def test_what_the_served_page_reserves_holds_although_a_script_takes_it_away() -> None:
    served = b"<html><head><meta name=robots content=noarchive></head><body><div id=root></div></body></html>"
    dom = (
        b"\xef\xbb\xbf"
        + f"<html><head><meta charset=euc-kr></head><body><h1>Việt Nam</h1><p>{LEAD}</p></body></html>".encode()
    )
    reading = read(
        Page(dom, "https://shell.example/1", (("Content-Type", "text/html; charset=euc-kr"),), served=served)
    )
    assert reading.rights.noarchive
    assert not read(Page(dom, "https://shell.example/1")).rights.noarchive


# --- pages that are easily taken for something else


def test_a_page_without_prose_is_an_article_of_which_only_the_headline_is_known() -> None:
    """The logo and "Loading…" are no text."""
    shell = "<header><a href=/>The Harbour Courier</a></header><main><div>Loading…</div></main>"
    reading = reading_of(page(shell, '<meta property="og:type" content="article">'))
    assert (reading.kind, reading.reason) == ("article", "headline only")
    assert reading.article is not None
    assert reading.article.body is None or reading.article.body == ""
    assert reading.article.text_scope == "headline"
    assert reading.article.reasons["body"] == "headline only"


def test_a_chinese_text_in_a_table_beside_its_picture_is_no_caption() -> None:
    """A Chinese text of three paragraphs has fewer characters than a long English caption."""
    paragraphs = (
        "两国外交部长星期二在首都签署了共同使用河流的条约，结束了长达十一年的谈判，双方对结果表示满意。",
        "条约规定两国政府在修建新水坝以前须相互通报，并且每个月公布各自从河流中取用的水量和水质资料。",
        "观察人士指出，在一个河流常常成为冲突原因的地区，这份协议是外交上少有的成功，值得其他国家参考。",
    )
    text = "".join(f"<p>{line}</p>" for line in paragraphs)
    table = f"<table><tr><td>两国签署河流条约</td></tr><tr><td><p><img src=/a.jpg></p>{text}</td></tr></table>"
    article = article_of(page(table, title="两国签署河流条约_新闻_海岸网", lang="zh"))
    assert article.title == "两国签署河流条约"
    assert ((article.lead or "") + (article.body or "")).replace("\n", "") == "".join(paragraphs)


@pytest.mark.parametrize("url", ["https://news.example", "https://news.example/"])
def test_a_saved_article_without_its_address_is_read(url: str) -> None:
    assert reading_of(page(HEADLINE + TEXT, '<meta property="og:type" content="article">'), url).kind == "article"
    more = "<p>The parliaments of the two states have to agree before the treaty on their river enters into force.</p>"
    assert reading_of(page(HEADLINE + TEXT + more), url).kind == "article"


def test_a_home_page_is_none() -> None:
    teasers = "".join(
        f"<div><h3><a href=/{n}>Story {n} of the day and what came of it in the end</a></h3><p><a href=/{n}>{n} ministers met at the river and said that they would meet again.</a></p></div>"
        for n in range(8)
    )
    assert reading_of(page(teasers), "https://news.example/").kind != "article"
    home = Source("n", "News", homepage="https://news.example/")
    assert reading_of(page(HEADLINE + TEXT * 3), "https://news.example/", source=home).reason == "home page"
