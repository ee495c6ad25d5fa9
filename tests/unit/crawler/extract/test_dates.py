"""Where pages print their dates."""

from __future__ import annotations

import pytest

from archive.model.link import Hints
from archive.model.source import Source
from crawler.extract.dates import machine_times, printed_dates, visible_dates
from crawler.extract.markup.document import Document, parse
from crawler.reading.page import Page
from crawler.reading.read import read

URL = "https://news.example/world/river-treaty"
TEXT = "<p>" + "The two ministers signed the treaty on the river after a night of talks. " * 6 + "</p>"


def document(html: str) -> Document:
    parsed = parse(html, URL)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("html", "raw"),
    [
        ("<p><strong>Datum</strong> 29.02.2024</p>", "29.02.2024"),
        ("<dl><dt>Published</dt><dd>29 February 2024</dd></dl>", "29 February 2024"),
        ("<span>发布时间：</span><span>2024-02-29 17:15</span>", "2024-02-29 17:15"),
        ("<div class='post-date'>29 February 2024</div>", "29 February 2024"),
        ("<p>29 February 2024, Geneva</p>", "29 February 2024, Geneva"),
    ],
)
def test_visible_dates(html: str, raw: str) -> None:
    parsed = document(f"<h1>River treaty signed</h1>{html}{TEXT}")
    found = visible_dates(parsed, parsed.tree.find(".//h1"))
    assert raw in [printed.raw for printed in found]
    assert not any(printed.modified for printed in found)


def test_dates_near_the_headline_count_more_than_those_of_other_articles() -> None:
    teasers = "<div><span class=date>1 January 2020</span></div>" + "<i>x</i>" * 30
    parsed = document(f"{teasers}<h1>River treaty signed</h1><span class=date>29 February 2024</span>{TEXT}")
    found = visible_dates(parsed, parsed.tree.find(".//h1"))
    own, other = (max(p.confidence for p in found if p.raw == raw) for raw in ("29 February 2024", "1 January 2020"))
    assert own > other


@pytest.mark.parametrize(
    "html",
    ["<p class=date>Updated: 1 March 2024</p>", "<b>Last updated</b> 1 March 2024", "<p><b>最終更新</b></p><p class=updated>2024年3月1日</p>"],
)  # fmt: skip
def test_days_of_change_are_told_apart(html: str) -> None:
    parsed = document(f"<h1>River treaty signed</h1>{html}")
    found = [p for p in visible_dates(parsed, parsed.tree.find(".//h1")) if p.source != "visible" or p.modified]
    assert found
    assert all(printed.modified for printed in found)


def test_unix_times_near_the_headline() -> None:
    parsed = document(f"<h1>Treaty</h1><i data-timestamp=1709198130 data-id=1709198131>yesterday</i>{TEXT}")
    assert [p.raw for p in machine_times(parsed, parsed.tree.find(".//h1"))] == ["1709198130"]


@pytest.mark.parametrize(
    "html",
    [
        "<span title='2024-02-29T18:15:00+09:00'>yesterday</span>",
        "<span data-date='2024-02-29T18:15:00+09:00'>29 February</span>",
        "<time data-datetime='2024-02-29T18:15:00+09:00'>29 February</time>",
        "<div data-x='2024-02-29T18:15:00+09:00[Asia/Seoul]'>29 February</div>",
    ],
)
def test_iso_times_in_attributes_near_the_headline(html: str) -> None:
    parsed = document(f"<h1>Treaty</h1>{html}{TEXT}")
    (found,) = machine_times(parsed, parsed.tree.find(".//h1"))
    assert found.raw.startswith("2024-02-29T18:15:00+09:00")


@pytest.mark.parametrize("value", ["1709198130", "1709198130000", "1709198130.5", '{"@value": 1709198130}'])
def test_numbers_are_times_in_json_ld(value: str) -> None:
    html = f"""<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Treaty", "datePublished": {value}}}
    </script><h1>Treaty</h1>{TEXT}"""
    assert reading(html)[0] == "2024-02-29T09:15:30Z"


def test_meta_names_in_every_spelling() -> None:
    for name in ("article:published_time", "article:published:time", "articlePublishedTime"):
        parsed = document(f"<meta property='{name}' content='2024-02-29T09:15:30Z'>")
        assert [p.raw for p in printed_dates(parsed, None)] == ["2024-02-29T09:15:30Z"]


def reading(html: str, hints: Hints = Hints(), zone: str | None = None) -> tuple[str | None, dict[str, str]]:  # noqa: B008
    source = Source("x", "X", "https://news.example/", timezone=zone) if zone else None
    article = read(Page(html.encode(), URL, hints=hints, source=source)).article
    assert article is not None
    return article.published.isoformat() if article.published else None, {**article.provenance, **article.reasons}


def test_conflicting_dates_are_recorded() -> None:
    html = f"""<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Treaty", "datePublished":
    "2024-02-29T09:15:00Z"}}</script><meta property="article:published_time" content="2023-11-01T09:15:00Z"><h1>Treaty</h1>{TEXT}"""
    published, notes = reading(html)
    assert published == "2024-02-29T09:15:00Z"
    assert notes["published_at:conflict"] == "meta:article:published_time: 2023-11-01T09:15:00Z"


def test_a_day_without_a_year_takes_it_from_the_day_of_change() -> None:
    html = f"""<html lang=en><meta property="article:modified_time" content="2024-01-02T08:00:00Z">
    <h1>River treaty signed</h1><p class=date>30 December</p>{TEXT}"""
    published, notes = reading(html)
    assert published == "2023-12-30"
    assert "published_at:conflict" not in notes


def test_no_date_is_null_with_a_reason() -> None:
    published, notes = reading(f"<html lang=en><h1>River treaty signed</h1><p class=date>2 hours ago</p>{TEXT}")
    assert published is None
    assert notes["published_at"] == "no date found"


OTHERS = "<time datetime=2024-03-07T10:00:00Z>7 March 2024</time>"


@pytest.mark.parametrize(
    "html",
    [
        f"{TEXT}<div class=comments><p>I agree.</p>{OTHERS}</div>",
        f"<div id=discussion>{OTHERS}</div>{TEXT}",
        f"<section class='user-posts'><div><span class=date>7 March 2024</span></div></section>{TEXT}",
        f"{TEXT}{TEXT}<ul><li><a href=/other>Another treaty</a> {OTHERS}</li></ul>",
    ],
)
def test_times_of_readers_and_behind_the_text_do_not_speak(html: str) -> None:
    published, notes = reading(f"<html lang=en><h1>River treaty signed</h1>{html}")
    assert published is None
    assert notes["published_at"] == "no date found"


def test_a_bare_time_before_the_text_speaks() -> None:
    assert reading(f"<html lang=en><h1>River treaty signed</h1>{OTHERS}{TEXT}{TEXT}")[0] == "2024-03-07T10:00:00Z"


@pytest.mark.parametrize(
    "html", ["By Nora Ellison<br>29 February 2024<br>", "29 February 2024", "Date: 29 February 2024"]
)
def test_text_in_no_element_of_its_own(html: str) -> None:
    assert reading(f"<html lang=en><table><tr><td><h1>River treaty signed</h1>{html}{TEXT}</table>")[0] == "2024-02-29"


@pytest.mark.parametrize(
    ("html", "language", "url", "published"),
    [
        ("<p class=date>03/05/2024</p>", "en", URL, None),
        ("<p class=date>03/05/2024</p>", "en-US", URL, "2024-03-05"),
        ("<p class=date>03/05/2024</p>", "en-GB", URL, "2024-05-03"),
        ("<p class=date>Tuesday 03/05/2024</p>", "en", URL, "2024-03-05"),
        ("<p class=date>03/05/2024, updated 03/25/2024</p>", "en", URL, "2024-03-05"),
        ("<p class=date>03/05/2024</p>", "en", "https://news.example/2024/03/treaty", "2024-03-05"),
        ("<p class=date>03/05/2024</p>", "en", "https://news.example/2024/05/03/treaty", "2024-05-03"),
        ("<p class=date>03/05/2024</p><p>Next session: 25/06/2024</p>", "en", URL, "2024-05-03"),
    ],
)
def test_numbers_that_nobody_can_tell_stay_unknown(html: str, language: str, url: str, published: str | None) -> None:
    page = f"<html lang={language}><h1>River treaty signed</h1>{html}{TEXT}"
    article = read(Page(page.encode(), url)).article
    assert article is not None
    assert (article.published.isoformat() if article.published else None) == published
    if published is None:
        assert article.reasons["published_at"] == "day and month cannot be told apart"


@pytest.mark.parametrize(
    ("stated", "shown", "published"),
    [
        ("2024-02-29T18:15:00Z", "29 February 2024, 18:15 KST", "2024-02-29T09:15:00Z"),
        ("2024-02-29T18:15:00Z", "29 February 2024, 6:15 p.m. ET", "2024-02-29T23:15:00Z"),
        ("2024-02-29T18:15:00+00:00", "29.02.2024 18:15 (по московскому времени)", "2024-02-29T15:15:00Z"),
        ("2024-02-29T18:15:00+03:00", "2024年2月29日 18:15（北京时间）", "2024-02-29T10:15:00Z"),
    ],
)
def test_a_clock_reading_with_a_wrong_zone_is_taken_as_the_page_shows_it(
    stated: str, shown: str, published: str
) -> None:
    html = f"""<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Treaty", "datePublished":
    "{stated}", "dateModified": "{stated}"}}</script><h1>Treaty</h1><p>{shown}</p>{TEXT}"""
    taken, notes = reading(html)
    assert taken == published
    assert notes["published_at"] == "visible:zone"
    assert notes["published_at:conflict"] == f"json-ld: {stated}"
    assert notes["modified_at:conflict"] == f"json-ld: {stated}"


@pytest.mark.parametrize(
    "shown",
    [
        "29 February 2024, 18:15 KST",  # the same time
        "29 February 2024, 18:15",  # no zone
        "28 February 2024, 09:15 KST",  # another day
        "29 February 2024, 11:40 MSK",  # another reading of the clock
    ],
)
def test_a_time_with_a_right_zone_stays(shown: str) -> None:
    html = f"""<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Treaty", "datePublished":
    "2024-02-29T09:15:00Z"}}</script><h1>Treaty</h1><p>{shown}</p>{TEXT}"""
    published, notes = reading(html)
    assert published == "2024-02-29T09:15:00Z"
    assert "published_at:conflict" not in notes
