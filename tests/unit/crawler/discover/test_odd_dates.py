"""A date that cannot be loses that entry's date, and nothing else, in every kind of list and on pages."""

from __future__ import annotations

import json
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.model.link import Hints
from archive.model.period import Period
from archive.model.source import Channel, Source
from archive.model.walk import WalkPage
from crawler.channels.liveness import assess_channel
from crawler.discover.answer import Answer, read_answer
from crawler.discover.archives.cdx import parse_cdx
from crawler.discover.parsing.claims import moment
from crawler.discover.parsing.window import outside
from crawler.reading.page import Page
from crawler.reading.read import read

URL = "https://gazette.example/list"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
IMPOSSIBLE = (
    "0000-00-00",
    "0000-00-00 00:00:00",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31",
    "10000-01-01",
    "99999-01-01T00:00:00Z",
    "9" * 30,
    "-" + "9" * 30,
    "-1",
    "Mon, 01 Jan 0001 00:00:00 +0000",
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 31 Dec 9999 23:59:59 -9999",
    "Mon, 02 Nov 2026 09:00:00 +99999999999999999999",
    "2026-13-45",
    "2026-02-30T25:61:61Z",
    "2026-11-02T09:00:00+24:00",
    "99991231235960",
)
_years = st.one_of(st.integers(MINYEAR, MINYEAR + 2), st.integers(MAXYEAR - 2, MAXYEAR), st.integers(1969, 2040))
_parts = st.integers(0, 99)
_offsets = st.sampled_from(
    ["", "Z", "+14:00", "-14:00", "+23:59", "-23:59", "+24:00", " GMT", " +1400", " -9999", " EST"]
)
_dates = st.one_of(
    st.sampled_from(IMPOSSIBLE),
    st.builds("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}{}".format, _years, *[_parts] * 5, _offsets),
    st.builds("{:04d}-{:02d}-{:02d}{}".format, st.integers(0, 99_999), _parts, _parts, _offsets),
    st.builds(
        "Mon, {:02d} {} {} {:02d}:{:02d}:{:02d}{}".format,
        _parts,
        st.sampled_from(["Jan", "Dec", "Foo"]),
        st.integers(0, 10**20),
        *[_parts] * 3,
        _offsets,
    ),
    st.integers(-(10**30), 10**30).map(str),
    st.floats().map(str),
    st.text("0123456789-:/.T+Z ", max_size=40),
)


def rss(day: str) -> bytes:
    return f"<rss version='2.0'><channel><item><link>{URL}/1</link><pubDate>{escape(day)}</pubDate></item><item><link>{URL}/2</link></item></channel></rss>".encode()


def atom(day: str) -> bytes:
    times = f"<updated>{escape(day)}</updated><published>{escape(day)}</published>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='{URL}/1'/>{times}</entry><entry><link href='{URL}/2'/></entry></feed>".encode()


def rdf(day: str) -> bytes:
    spaces = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'"
    return f"<rdf:RDF {spaces}><item><link>{URL}/1</link><dc:date>{escape(day)}</dc:date></item><item><link>{URL}/2</link></item></rdf:RDF>".encode()


def json_feed(day: str) -> bytes:
    entries = [{"url": f"{URL}/1", "date_published": day, "date_modified": day}, {"url": f"{URL}/2"}]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": entries}).encode()


def sitemap(day: str) -> bytes:
    news = f"<news:news><news:publication_date>{escape(day)}</news:publication_date></news:news>"
    return f"<urlset><url><loc>{URL}/1</loc><lastmod>{escape(day)}</lastmod>{news}</url><url><loc>{URL}/2</loc></url></urlset>".encode()


def json_list(day: str) -> bytes:
    return json.dumps([{"a": f"{URL}/1", "d": day}, {"a": f"{URL}/2"}]).encode()


def listing(day: str) -> bytes:
    shown = escape(day, {"'": "&#39;"})
    return f"<html><body><ul><li><a class='x' href='{URL}/1'>One of the two headlines</a><time datetime='{shown}'>{shown}</time></li><li><a class='x' href='{URL}/2'>The other of the two headlines</a></li></ul></body></html>".encode()


KINDS = (
    (rss, Channel("feed", URL)),
    (atom, Channel("feed", URL)),
    (rdf, Channel("feed", URL)),
    (json_feed, Channel("feed", URL)),
    (sitemap, Channel("sitemap", URL)),
    (json_list, Channel("json", URL, items="[]", links="a", date="d")),
    (listing, Channel("listing", URL, links="a.x", date="time")),
)


def answers(day: str) -> list[Answer]:
    return [read_answer(make(day), URL, channel, WalkPage(URL, URL), languages=("en",)) for make, channel in KINDS]


@settings(max_examples=60, deadline=None)
@given(_dates)
@example("0000-00-00")
@example("9999-12-31T23:59:59-14:00")
def test_no_date_loses_an_entry(day: str) -> None:
    for answer in answers(day):
        assert len(answer.links) == 2
        assert answer.problem is None
        for at in answer.times:
            assert at - timedelta(days=366) < at < at + timedelta(days=366), "it can be reckoned with"
        for link in answer.links:
            outside(link, Period(date(2026, 1, 1), date(2026, 2, 1)), ("en",))
        assess_channel(answer, NOW, wanted=2)


@settings(max_examples=300, deadline=None)
@given(_dates)
def test_a_moment_is_a_time_or_none(day: str) -> None:
    at, _zoned = moment(day)
    assert at is None or (MINYEAR < at.year < MAXYEAR and at.tzinfo is UTC)


@settings(max_examples=40, deadline=None)
@given(st.one_of(_dates, st.builds("{:04d}{:02d}{:02d}{:02d}{:02d}{:02d}".format, _years, *[_parts] * 5)))
@example("99991231235960")
@example("00010101000000")
def test_a_capture_at_no_time_is_left_out(timestamp: str) -> None:
    rows = [["timestamp", "original"], [timestamp, f"{URL}/1"], ["20261102090000", f"{URL}/2"]]
    captures = parse_cdx(json.dumps(rows).encode()).captures
    assert captures[-1].captured_at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert all(capture.captured_at.tzinfo is UTC for capture in captures)


@settings(max_examples=25, deadline=None)
@given(_dates, st.sampled_from(["Asia/Seoul", "Pacific/Kiritimati", "Etc/GMT+12", None]))
@example("9999-12-31T23:59:59-14:00", "Etc/GMT+12")
@example("0001-01-01T00:00:00+14:00", "Pacific/Kiritimati")
def test_a_page_is_read_whatever_it_says_of_its_date(day: str, zone: str | None) -> None:
    shown = escape(day, {'"': "&quot;"})
    data = json.dumps({"@type": "NewsArticle", "headline": "River treaty", "datePublished": day, "dateModified": day})
    html = (
        f'<html lang="en"><head><title>River treaty</title><meta property="article:published_time" content="{shown}">'
        f'<meta name="date" content="{shown}"><script type="application/ld+json">{data}</script></head><body><article>'
        f'<h1>River treaty</h1><time datetime="{shown}">{shown}</time><p>The foreign ministers of the two states signed a '
        "treaty on the shared river on Tuesday, officials of both sides said.</p></article></body></html>"
    )
    source = Source("gazette", "Gazette", "https://gazette.example/", language=("en",), timezone=zone)
    reading = read(Page(html.encode(), f"{URL}/1", hints=Hints(published=day), source=source))
    assert reading.kind == "article"


@pytest.mark.parametrize(
    "day", ["0000-00-00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", "9" * 30, "yesterday"]
)
def test_the_date_that_is_none_is_told(day: str) -> None:
    for answer in answers(day)[:3]:  # what is printed in feeds
        assert answer.odd_dates == (day,)
        assert answer.without_date == 2
        assert "1 dates that cannot be read, such as" in (assess_channel(answer, NOW, wanted=2).detail or "")


def test_a_good_date_is_read_as_before() -> None:
    for answer in answers("2026-11-02T09:00:00Z"):
        assert datetime.combine(date(2026, 11, 2), time(9), UTC) in answer.times
        assert answer.odd_dates == ()
