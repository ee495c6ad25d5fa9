"""What feeds say of their rhythm and of their other pages."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from crawler.discover.feeds.feed import Feed, Paging, parse_feed

URL = "https://www.example.org/rss/news.xml"
ITEM = "<item><link>/1</link></item>"


def rss(head: str, items: str = ITEM, after: str = "") -> Feed:
    body = (
        '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">'
        f"<channel><title>News</title>{head}{items}{after}</channel></rss>"
    )
    return parse_feed(body.encode(), URL, None)


def atom(head: str, entries: str = "<entry><link href='/1'/></entry>") -> Feed:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">'
        f"<title>News</title>{head}{entries}</feed>"
    )
    return parse_feed(body.encode(), URL, None)


@pytest.mark.parametrize(
    ("head", "pause"),
    [
        ("", None),
        ("<ttl>15</ttl>", timedelta(minutes=15)),
        ("<ttl> 1440 </ttl>", timedelta(days=1)),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl/>", None),
        ("<ttl>١٥</ttl>", None),
        ("<ttl>999999999999</ttl>", timedelta(days=366)),
        (f"<ttl>{'9' * 5000}</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("<sy:updatePeriod>\n hourly </sy:updatePeriod><sy:updateFrequency>\n4 </sy:updateFrequency>", timedelta(minutes=15)),
        ("<sy:updateFrequency>2</sy:updateFrequency>", timedelta(hours=12)),
        ("<sy:updatePeriod>Weekly</sy:updatePeriod>", timedelta(weeks=1)),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<ttl>5</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("<ttl>90</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(minutes=90)),
    ],
)  # fmt: skip
def test_the_shortest_pause(head: str, pause: timedelta | None) -> None:
    feed = rss(head)
    assert feed.at_least == pause
    assert len(feed.links) == 1


def test_what_stands_behind_the_items_counts_and_what_stands_in_them_does_not() -> None:
    assert rss("", after="<ttl>15</ttl>").at_least == timedelta(minutes=15)
    assert rss("", "<item><link>/1</link><ttl>15</ttl></item>").at_least is None
    nested = (
        "<entry><link href='/1'/><link rel='next' href='/no'/><source><link rel='next' href='/no'/></source></entry>"
    )
    assert atom("", nested).paging.next is None


def test_an_undeclared_prefix_counts() -> None:
    body = f"<rss><channel><sy:updatePeriod>hourly</sy:updatePeriod>{ITEM}</channel></rss>"
    assert parse_feed(body.encode(), URL, None).at_least == timedelta(hours=1)


def test_hours_and_days_to_skip() -> None:
    feed = rss(
        "<skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>25</hour><hour>-1</hour><hour>x</hour></skipHours>"
        "<skipDays><day>Saturday</day><day>sunday</day><day>Dimanche</day></skipDays>"
    )
    assert feed.skip_hours == {0, 23}
    assert feed.skip_days == {5, 6}


def test_a_feed_that_skips_every_hour_and_day_skips_none() -> None:
    hours = "".join(f"<hour>{n}</hour>" for n in range(1, 25))
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    days = "".join(f"<day>{name}</day>" for name in names)
    feed = rss(f"<skipHours>{hours}</skipHours><skipDays>{days}</skipDays>")
    assert (feed.skip_hours, feed.skip_days) == (frozenset(), frozenset())


def test_a_paged_feed() -> None:
    feed = atom(
        "<link rel='self' href='https://www.example.org/rss/news.xml'/><link rel='first' href='?page=1'/>"
        "<link rel='next' href='?page=2'/><link rel='previous' href='?page=0'/>"
    )
    assert feed.paging == Paging(next=f"{URL}?page=2", previous=f"{URL}?page=0")
    assert feed.paging.older == f"{URL}?page=2"


def test_an_archived_feed() -> None:
    feed = rss(
        "<fh:archive/><atom:link rel='prev-archive' href='/2026/08.xml'/>"
        "<atom:link rel='http://www.iana.org/assignments/relation/next-archive' href='/2026/10.xml'/>"
        "<atom:link rel='current' href='/now.xml'/><atom:link rel='next' href='/2'/>"
    )
    assert feed.paging.archive
    assert feed.paging.prev_archive == feed.paging.older == "https://www.example.org/2026/08.xml"
    assert feed.paging.next_archive == "https://www.example.org/2026/10.xml"
    assert feed.paging.current == "https://www.example.org/now.xml"


def test_a_complete_feed_has_nothing_older() -> None:
    paging = atom("<fh:complete/><link rel='next' href='?page=2'/>").paging
    assert paging.complete
    assert paging.older is None


@pytest.mark.parametrize("href", ["", "#top", URL, "javascript:next()", "http://", "file:///etc/passwd"])
def test_a_page_that_leads_nowhere_or_to_itself_is_no_next(href: str) -> None:
    assert atom(f"<link rel='next' href='{href}'/>").paging.next is None


def test_xml_base_counts_for_paging() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/archive/"><link rel="next" href="2.xml"/>'
        '<entry><link href="a"/></entry></feed>'
    )
    feed = parse_feed(body.encode(), URL, None)
    assert feed.paging.next == "https://www.example.org/archive/2.xml"
    assert feed.links[0].url == "https://www.example.org/archive/a"


def test_a_feed_that_breaks_off_keeps_its_head() -> None:
    body = f"<rss><channel><ttl>15</ttl>{ITEM}<item><title>cut & "
    feed = parse_feed(body.encode(), URL, None)
    assert (feed.at_least, len(feed.links)) == (timedelta(minutes=15), 1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("/feed.json?page=2", "https://www.example.org/feed.json?page=2"), (URL, None), (7, None), (None, None)],
)
def test_a_json_feed_goes_on(value: object, expected: str | None) -> None:
    data = {"version": "https://jsonfeed.org/version/1.1", "items": [], "next_url": value}
    paging = parse_feed(json.dumps(data).encode(), URL, None).paging
    assert paging == Paging(next=expected)


def test_many_entries_are_read_in_little_time() -> None:
    feed = rss("<ttl>15</ttl>", ITEM * 20_000, "<skipDays><day>Sunday</day></skipDays>")
    assert (feed.at_least, feed.skip_days) == (timedelta(minutes=15), frozenset({6}))
