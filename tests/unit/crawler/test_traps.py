"""What real sources do to those who poll them: a fixture for each trap, seen through every kind of channel that has it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from archive.model.link import Link
from archive.model.source import Channel, ChannelKind
from archive.model.walk import WalkPage
from archive.testing import a_source
from crawler.channels.liveness import Liveness, assess_channel
from crawler.discover.answer import Answer, read_answer
from crawler.discover.lists.stop import seen_page
from crawler.discover.own_links import sort_links
from crawler.discover.parsing.window import published_day

NOW = datetime(2026, 10, 10, 12, tzinfo=UTC)
SITE = "https://www.mfa.example"
SOURCE = a_source("mfa", homepage=f"{SITE}/")
PAGE = "<!DOCTYPE html><html><head><title>News</title></head><body><p>Web Page Blocked</p>{}</body></html>"


def read(kind: ChannelKind, body: str, languages: tuple[str, ...] = (), **options: Any) -> Answer:
    url = f"{SITE}/list"
    channel = Channel(kind, url, **options)
    return read_answer(body.encode(), url, channel, WalkPage(url, url), list_url=url, languages=languages)


def verdict(answer: Answer, expect: tuple[int, int] | None = None) -> Liveness:
    wanted = len(sort_links(SOURCE, f"{SITE}/list", answer.links).wanted)
    return assess_channel(answer, NOW, wanted=wanted, expect_per_day=expect)


def rss(*ages: int, host: str = SITE, title: str = "Treaty signed") -> str:
    items = "".join(
        f"<item><title>{title}</title><link>{host}/news/{n}</link>"
        f"<pubDate>{format_datetime(NOW - timedelta(days=age))}</pubDate></item>"
        for n, age in enumerate(ages)
    )
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'


def sitemap(*days: str) -> str:
    urls = "".join(f"<url><loc>{SITE}/news/{n}</loc><lastmod>{day}</lastmod></url>" for n, day in enumerate(days))
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def listing(*dates: str) -> str:
    items = "".join(
        f'<li><h2><a href="/news/release-{n}">Release about the treaty {n}</a></h2><span>{printed}</span></li>'
        for n, printed in enumerate(dates)
    )
    return f"<html><body><ul>{items}</ul></body></html>"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("feed", rss(3_900, 3_950)),
        ("sitemap", sitemap("2016-02-01", "2016-01-15")),
        ("listing", listing("1 February 2016", "15 January 2016")),
        ("json", f'[{{"url": "{SITE}/news/2016/02/01/a"}}]'),
    ],
)
def test_200_is_not_alive(kind: ChannelKind, body: str) -> None:
    options = {"links": "h2 a"} if kind == "listing" else {}
    found = verdict(read(kind, body, ("en",), **options))
    assert (found.outcome, found.newest_at and found.newest_at.year) == ("stale", 2016)


@pytest.mark.parametrize("kind", ["feed", "sitemap", "json"])
def test_200_is_no_feed_where_it_is_a_web_page(kind: ChannelKind) -> None:
    assert verdict(read(kind, PAGE.format("<p>filtered</p>" * 5_000))).outcome == "html-instead-of-feed"


def test_a_refusal_that_begins_like_xml_is_no_feed() -> None:
    refusal = '<?xml version="1.0"?>' + PAGE.format("<p>403 Forbidden</p>" * 900)
    for kind in ("feed", "sitemap"):
        assert not verdict(read(kind, refusal)).alive


@pytest.mark.parametrize(
    ("kind", "body"), [("feed", rss()), ("sitemap", sitemap()), ("json", "[]"), ("listing", "<p>")]
)
def test_nothing_in_it(kind: ChannelKind, body: str) -> None:
    assert verdict(read(kind, body)).outcome == "empty"


def test_a_feed_that_answers_another_question_than_asked() -> None:
    press_mentions = read("feed", rss(1, 2, host="https://www.paper.example"))
    assert verdict(press_mentions).outcome == "off-site"
    reasons = [reason for _, reason in sort_links(SOURCE, f"{SITE}/list", press_mentions.links).unwanted]
    assert reasons == ["other-site", "other-site"]


def test_two_rhythms() -> None:
    """A research feed with a paper a month is alive beside a blog with ten posts a day."""
    monthly = read("feed", rss(24, 55))
    assert verdict(monthly).outcome == "live"
    assert verdict(monthly, expect=(5, 20)).outcome == "stale"  # as the only channel of such a source


def test_a_thousand_items() -> None:
    answer = read("feed", rss(*(n % 60 for n in range(1_000))))
    assert (len(answer.links), verdict(answer).outcome) == (1_000, "live")


def test_titles_that_were_escaped_twice() -> None:
    answer = read("feed", rss(1, title="H&amp;#7897;i ngh&amp;#7883; &amp;quot;ASEAN&amp;quot;"))
    assert answer.links[0].hints.title == 'Hội nghị "ASEAN"'


def test_one_document_under_two_addresses_counts_once() -> None:
    same = [Link(f"{SITE}/sc16444?utm_source=rss"), Link("http://mfa.example/sc16444/"), Link(f"{SITE}/sc16445")]
    assert seen_page("list", same, ()).links == 2


def test_a_host_that_moved() -> None:
    """The registry still names the old one; its list leads to the new one."""
    found = (Link("https://www.mfa.gov.example/news/1"),)
    assert sort_links(SOURCE, "https://www.mfa.gov.example/list", found).unwanted == ()
    assert sort_links(SOURCE, f"{SITE}/list", found).wanted == ()


@pytest.mark.parametrize(
    ("printed", "language", "day"),
    [
        ("۱۰ مهر ۱۴۰۵", "fa", date(2026, 10, 2)),
        ("115-10-01", "zh-Hant-TW", date(2026, 10, 1)),
        ("1 ตุลาคม 2569", "th", date(2026, 10, 1)),
        ("令和8年10月1日", "ja", date(2026, 10, 1)),
    ],
)
def test_dates_of_other_calendars(printed: str, language: str, day: date) -> None:
    [link] = read("listing", listing(printed), (language,), links="h2 a", date="span").links
    assert published_day(link, (language,)) == day


def test_a_date_that_stands_in_the_title_only() -> None:
    body = '<li><h2><a href="/news/187">No: 187, 1 October 2026, Regarding the River Treaty</a></h2></li>'
    [link] = read("listing", body, ("en",), links="h2 a").links
    assert published_day(link, ("en",)) == date(2026, 10, 1)


def test_a_date_without_a_year_dates_nothing() -> None:
    """Its page tells the year: a list that guessed would file December under the wrong one every January."""
    [link] = read("listing", listing("December 31"), ("en",), links="h2 a", date="span").links
    assert link.hints.published == "December 31"
    assert published_day(link, ("en",)) is None


def test_http_only() -> None:
    old = a_source("kcna", homepage="http://kcna.example/")
    assert sort_links(old, "http://kcna.example/list", (Link("http://kcna.example/1"),)).unwanted == ()


def test_the_declared_language_of_a_list_is_only_a_hint() -> None:
    body = rss(1, title="وزير الخارجية يوقع المعاهدة").replace(
        "<title>x</title>", "<title>x</title><language>en</language>"
    )
    [link] = read("feed", body, ("en",)).links
    assert (link.hints.title, link.hints.language) == ("وزير الخارجية يوقع المعاهدة", "en")
