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
