from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import feedparser
import pytest
from lxml import html as lxml_html

from dateline.newsroom.answer import answer
from dateline.newsroom.content import sites
from dateline.newsroom.model import AFTER_EDITS, START, Article, Site, variant_path
from dateline.newsroom.requests import Answer, Asked
from dateline.newsroom.state import path_at, presence

PORT = 8780
ARTICLES = [(site, article) for site in sites().values() for article in site.articles]
IDS = [f"{site.id}/{article.id}" for site, article in ARTICLES]
FEEDS = [(site, feed) for site in sites().values() for feed in site.feeds]
_serials = count(1)


def ask(site: Site | str, path: str, now: datetime = AFTER_EDITS, **headers: str) -> Answer:
    host = site.host if isinstance(site, Site) else sites()[site].host
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(sites(), Asked(host, path, sent, next(_serials)), now, PORT)


def header(reply: Answer, name: str) -> str | None:
    return dict(reply.headers).get(name)


def path_of(article: Article, now: datetime) -> str:
    site = sites()[article.site_id]
    return site.url(path_at(article, now), PORT).removeprefix(f"http://{site.host}:{PORT}")


def text_of(site: Site, body: bytes) -> str:
    return body.decode(site.charset)


@pytest.mark.parametrize(("site", "article"), ARTICLES, ids=IDS)
def test_a_page_shows_its_text_and_names_its_address(site: Site, article: Article) -> None:
    now = AFTER_EDITS
    if presence(article, now) != "live":
        now = START
    reply = ask(site, path_of(article, now), now)
    assert reply.status == 200
    page: Any = lxml_html.fromstring(text_of(site, reply.body))
    shown = page.text_content()
    version = [v for v in article.versions if v.since <= now][-1]
    for part in (version.text.lead or "", *version.text.body, *(p.caption for p in version.text.pictures)):
        assert part in shown
    assert version.text.title in page.findtext("head/title")
    [canonical] = page.xpath("//link[@rel='canonical']/@href")
    assert canonical == site.url(path_at(article, now), PORT)


@pytest.mark.parametrize(("site", "article"), ARTICLES, ids=IDS)
def test_two_requests_differ_in_bytes_but_not_in_validators(site: Site, article: Article) -> None:
    path = path_of(article, START)
    if article.published > START:
        return
    first, second = ask(site, path, START), ask(site, path, START)
    assert first.body != second.body
    assert header(first, "ETag") == header(second, "ETag")
    assert header(first, "Last-Modified") == header(second, "Last-Modified")


@pytest.mark.parametrize(("site", "article"), ARTICLES, ids=IDS)
def test_a_304_means_that_the_text_has_not_changed(site: Site, article: Article) -> None:
    if not site.validators:
        return
    for earlier, later in zip(article.versions, article.versions[1:], strict=False):
        path = path_of(article, earlier.since)
        before = ask(site, path, earlier.since)
        sent = {"if_none_match": header(before, "ETag"), "if_modified_since": header(before, "Last-Modified")}
        conditions = {name: value for name, value in sent.items() if value}
        assert ask(site, path, later.since - timedelta(seconds=1), **conditions).status == 304
        assert ask(site, path, later.since, **conditions).status == 200


def test_a_304_has_no_body_and_repeats_the_validators() -> None:
    site = sites()["thoidai"]
    first = ask(site, path_of(site.articles[0], START), START)
    tag = header(first, "ETag")
    assert tag is not None
    again = ask(site, path_of(site.articles[0], START), START, if_none_match=f'"other", {tag.removeprefix("W/")}')
    assert (again.status, again.body) == (304, b"")
    assert header(again, "ETag") == tag


def test_an_etag_that_does_not_match_outweighs_the_date() -> None:
    site = sites()["thoidai"]
    path = path_of(site.articles[0], START)
    reply = ask(site, path, START, if_none_match='"other"', if_modified_since="Fri, 01 Mar 2024 05:59:59 GMT")
    assert reply.status == 200


def test_a_broken_date_is_ignored() -> None:
    site = sites()["guancha"]
    assert ask(site, path_of(site.articles[0], START), START, if_modified_since="yesterday").status == 200


def test_the_aggregators_pages_have_no_validators() -> None:
    site = sites()["mekonghub"]
    reply = ask(site, site.articles[0].path)
    assert header(reply, "ETag") is None
    assert header(reply, "Last-Modified") is None
    assert ask(site, site.articles[0].path, if_none_match="*").status == 200


def test_the_aggregators_page_is_built_to_its_pattern() -> None:
    site = sites()["mekonghub"]
    text = text_of(site, ask(site, site.articles[0].path, START).body)
    page: Any = lxml_html.fromstring(text)
    assert page.xpath("//h1") == []
    assert site.articles[0].versions[0].text.title not in page.find("body").text_content()
    [photo, caption] = page.xpath("//table//tr/td")
    assert photo.xpath(".//img")
    assert caption.text_content().endswith("29 Februari. (Sumber: Hanbit)")
    assert "[iklan_2]" in text
    original = sites()["thoidai"].url(sites()["thoidai"].articles[0].path, PORT)
    assert [a.text.strip() for a in page.xpath(f"//a[@href='{original}']")] == ["Sumber"]
    assert "Komentar (" in text


def test_comment_counters_change_with_every_request() -> None:
    site = sites()["mekonghub"]
    counters = set()
    for _ in range(3):
        page: Any = lxml_html.fromstring(text_of(site, ask(site, site.articles[0].path).body))
        counters.add(page.xpath("string(//div[@class='comment-box']/h3)"))
    assert len(counters) == 3


@pytest.mark.parametrize(
    ("name", "status", "location"),
    [
        ("hanbit-en/shipyard-credit", 410, None),
        ("thoidai/mekong-commission", 404, None),
        ("al-marsad/water-committee", 302, "http://www.al-marsad.example:8780/"),
        (
            "harbour-times/arctic-survey",
            301,
            "http://www.harbour-times.example:8780/2024/02/27/arctic-survey-talks",
        ),
    ],
)
def test_articles_that_left(name: str, status: int, location: str | None) -> None:
    site_id, _, article_id = name.partition("/")
    article = next(a for a in sites()[site_id].articles if a.id == article_id)
    reply = ask(site_id, article.path)
    assert reply.status == status
    assert header(reply, "Location") == location


def test_charsets_are_declared_as_the_site_does() -> None:
    def kind(site_id: str) -> tuple[str | None, str]:
        site = sites()[site_id]
        reply = ask(site, path_of(site.articles[0], START), START)
        return header(reply, "Content-Type"), site.meta_charset or ""

    assert kind("vestnik") == ("text/html; charset=windows-1251", "")
    assert kind("hanbit-ko") == ("text/html", "euc-kr")
    assert kind("guancha") == ("text/html", "gb18030")
    assert kind("courrier") == ("text/html; charset=iso-8859-1", "utf-8")


@pytest.mark.parametrize(("site_id", "variant"), [("harbour-times", "amp"), ("kabar", "amp"), ("vestnik", "print")])
def test_a_variant_names_the_articles_own_page(site_id: str, variant: str) -> None:
    site = sites()[site_id]
    article = site.articles[0]
    reply = ask(site, variant_path(article.path, variant), START)  # type: ignore[arg-type]
    page: Any = lxml_html.fromstring(text_of(site, reply.body))
    assert reply.status == 200
    assert page.xpath("//link[@rel='canonical']/@href") == [site.url(article.path, PORT)]
    assert article.versions[0].text.body[-1] in page.text_content()


def test_tracking_parameters_lead_to_the_same_page() -> None:
    site = sites()["harbour-times"]
    reply = ask(site, variant_path(site.articles[0].path, "utm"), START)
    assert lxml_html.fromstring(reply.body.decode()).xpath("//link[@rel='canonical']/@href") == [
        site.url(site.articles[0].path, PORT)
    ]


def test_gzip_for_those_who_ask() -> None:
    site = sites()["harbour-times"]
    plain, packed = ask(site, site.articles[0].path), ask(site, site.articles[0].path, accept_encoding="gzip, deflate")
    assert header(plain, "Content-Encoding") is None
    assert header(packed, "Content-Encoding") == "gzip"
    assert "Yoon Ji-ho" in gzip.decompress(packed.body).decode()
    assert header(plain, "Vary") == header(packed, "Vary") == "Accept-Encoding"


def test_reservations_are_signalled() -> None:
    assert header(ask("al-marsad", "/2024/02/29/opinion-small-states"), "tdm-reservation") == "1"
    note = ask("courrier", "/2024/02/28/note-aux-abonnes/").body.decode()
    assert '<meta name="robots" content="noarchive, nosnippet">' in note
    [first, _] = json.loads(ask("guancha", "/.well-known/tdmrep.json").body)
    assert (first["location"], first["tdm-reservation"]) == ("/zhuanlan/*", 1)
    assert ask("kabar", "/.well-known/tdmrep.json").status == 404


def test_robots_files_are_of_several_kinds() -> None:
    assert ask("hanbit-ko", "/robots.txt").status == ask("courrier", "/robots.txt").status == 404
    assert b"Disallow: /premium/" in ask("hanbit-en", "/robots.txt").body
    assert b"Crawl-delay: 0.5" in ask("al-marsad", "/robots.txt").body
    assert header(ask("guancha", "/robots.txt"), "Content-Type") == "text/html"
    assert "поиск".encode("windows-1251") in ask("vestnik", "/robots.txt").body


@pytest.mark.parametrize(("site", "feed"), FEEDS, ids=[f"{s.id}{f.path}" for s, f in FEEDS])
def test_feeds_are_well_formed_and_list_articles(site: Site, feed: object) -> None:
    path = feed.path  # type: ignore[attr-defined]
    reply = ask(site, path)
    kind = header(reply, "Content-Type")
    if path.endswith(".json"):
        entries = json.loads(reply.body)["items"]
        links = [entry["url"] for entry in entries]
    else:
        parsed = feedparser.parse(reply.body, response_headers={"content-type": kind})
        assert not parsed.bozo
        links = [entry.link for entry in parsed.entries]
    assert len(links) >= 2
    for link in links:
        host, _, rest = link.removeprefix("http://").partition(f":{PORT}")
        status = answer(sites(), Asked(host, rest, {}, next(_serials)), AFTER_EDITS, PORT).status
        assert status == (404 if "brouillon" in rest else 200)


@pytest.mark.parametrize(("site", "feed"), FEEDS, ids=[f"{s.id}{f.path}" for s, f in FEEDS])
def test_a_feed_is_the_same_until_something_happens(site: Site, feed: object) -> None:
    path = feed.path  # type: ignore[attr-defined]
    first, second = ask(site, path, START), ask(site, path, START + timedelta(seconds=30))
    assert first.body == second.body
    conditions = {
        name: value
        for name, value in (
            ("if_none_match", header(first, "ETag")),
            ("if_modified_since", header(first, "Last-Modified")),
        )
        if value
    }
    assert ask(site, path, START, **conditions).status == (304 if conditions else 200)
    end = datetime(2024, 3, 2, 12, tzinfo=UTC)
    changed = ask(site, path, end).body != first.body
    assert ask(site, path, end, **conditions).status == (200 if changed or not conditions else 304)


def test_feeds_carry_dates_in_the_zone_of_their_site() -> None:
    parsed = ask("hanbit-en", "/RSS/news.xml", START).body.decode()
    assert "<published>2024-03-01T00:20:00+09:00</published>" in parsed
    assert "Thu, 29 Feb 2024 15:30:00 +0300" in ask("vestnik", "/rss.xml", START).body.decode("windows-1251")


def test_unknown_hosts_and_paths() -> None:
    assert answer(sites(), Asked("elsewhere.example", "/", {}, 1), START, PORT).status == 421
    assert ask("kabar", "/nothing").status == 404
    assert ask("kabar", "/").status == 200


def test_pictures_are_png() -> None:
    reply = ask("mekonghub", "/resource/IMAGE/2024/03/01/sarapan.png?rt=20240301")
    assert header(reply, "Content-Type") == "image/png"
    assert reply.body.startswith(b"\x89PNG\r\n\x1a\n")
