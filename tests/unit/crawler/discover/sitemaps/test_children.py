"""Which child sitemaps are asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from archive.model.period import Period
from archive.model.text.urls import url_key
from crawler.discover.parsing.url_dates import date_in_url, period_in_name
from crawler.discover.sitemaps.children import DEPTH_LIMIT, Plan, Walked, plan_backfill, plan_poll
from crawler.discover.sitemaps.sitemap import ChildSitemap

NOW = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)
MARCH = Period(date(2024, 3, 1), date(2024, 3, 31))
FRESH = Walked(frozenset(), 0, 100)


def child(name: str, modified: datetime | None = None) -> ChildSitemap:
    return ChildSitemap(f"https://x.example/{name}", modified.isoformat() if modified else None, modified)


def asked(plan: Plan) -> list[str]:
    return [found.url.removeprefix("https://x.example/") for found in plan.ask]


def reasons(plan: Plan) -> dict[str, str]:
    return {found.url.removeprefix("https://x.example/"): reason for found, reason in plan.passed}


def test_a_poll_passes_over_old_names() -> None:
    names = ["s-2024-03.xml", "s-2024-02.xml", "s-2023.xml", "s-2024.xml", "2024/03/19.xml", "20240310.xml"]
    plan = plan_poll([child(name) for name in names], FRESH, NOW)
    assert set(asked(plan)) == {"s-2024-03.xml", "s-2024.xml", "2024/03/19.xml"}
    assert reasons(plan)["s-2024-02.xml"] == "stale: 2024-02-01 to 2024-02-29"


def test_a_poll_passes_over_children_that_did_not_change() -> None:
    children = [child("a.xml", NOW - timedelta(days=10)), child("b.xml", NOW - timedelta(hours=1)), child("c.xml")]
    plan = plan_poll(children, FRESH, NOW)
    assert set(asked(plan)) == {"b.xml", "c.xml"}
    assert reasons(plan) == {"a.xml": f"stale: {(NOW - timedelta(days=10)).isoformat()}"}


def test_a_name_counts_for_more_than_a_time_of_the_files_making() -> None:
    plan = plan_poll([child("s-2019-05.xml", NOW)], FRESH, NOW)
    assert asked(plan) == []


def test_a_poll_asks_news_first_and_undated_ones_from_both_ends() -> None:
    children = [child(f"s{n}.xml") for n in range(1, 7)] + [child("news.xml")]
    plan = plan_poll(children, Walked(frozenset(), 0, 4), NOW)
    assert asked(plan) == ["news.xml", "s6.xml", "s1.xml", "s5.xml"]
    assert reasons(plan) == {"s2.xml": "limit", "s3.xml": "limit", "s4.xml": "limit"}


def test_a_backfill_believes_names_and_not_lastmod() -> None:
    children = [
        child("s-2024-02.xml"),
        child("s-2024-03.xml", datetime(2019, 1, 1, tzinfo=UTC)),
        child("s-2024-05.xml"),
        child("old.xml", datetime(2019, 1, 1, tzinfo=UTC)),
        child("s-2010-2014.xml"),
        child("s-2020-2025.xml"),
    ]
    plan = plan_backfill(children, FRESH, MARCH, NOW)
    assert asked(plan) == ["s-2024-02.xml", "s-2024-03.xml", "s-2020-2025.xml", "old.xml"]
    assert reasons(plan)["s-2024-05.xml"] == "outside-window: 2024-05-01 to 2024-05-31"


def test_a_window_in_the_middle_of_a_month_leaves_the_others_out() -> None:
    window = Period(date(2024, 3, 10), date(2024, 3, 12))
    plan = plan_backfill([child("s-2024-02.xml"), child("2024-03-09.xml"), child("2024-03-14.xml")], FRESH, window, NOW)
    assert asked(plan) == ["2024-03-09.xml"]


def test_running_numbers_are_no_years() -> None:
    children = [child(f"sitemap-{n}.xml") for n in (1, 2, 1999, 2019, 2020)]
    assert len(asked(plan_backfill(children, FRESH, MARCH, NOW))) == 5
    years = [child(f"sitemap-{n}.xml") for n in (2019, 2020, 2024)]
    assert asked(plan_backfill(years, FRESH, MARCH, NOW)) == ["sitemap-2024.xml"]


def test_loops_are_cut() -> None:
    children = [child("index.xml"), child("a.xml"), child("a.xml"), child("b.xml")]
    walked = Walked(frozenset({url_key("https://x.example/index.xml"), url_key("https://x.example/b.xml")}), 1, 10)
    plan = plan_backfill(children, walked, MARCH, NOW)
    assert asked(plan) == ["a.xml"]
    assert [reason for _, reason in plan.passed] == ["loop", "loop", "loop"]


def test_a_walk_has_a_depth_and_an_end() -> None:
    deep = plan_poll([child("a.xml")], Walked(frozenset(), DEPTH_LIMIT, 10), NOW)
    assert (asked(deep), reasons(deep)) == ([], {"a.xml": "depth"})
    spent = plan_poll([child("a.xml")], Walked(frozenset(), 0, -1), NOW)
    assert (asked(spent), reasons(spent)) == ([], {"a.xml": "limit"})


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        ("post_tag-sitemap.xml", True),
        ("author-sitemap2.xml", True),
        ("wp-sitemap-taxonomies-category-1.xml", True),
        ("wp-sitemap-users-1.xml", True),
        ("video-sitemap.xml", True),
        ("sitemap-images.xml", True),
        ("post-sitemap.xml", False),
        ("wp-sitemap-posts-post-1.xml", False),
        ("news-sitemap.xml", False),
        ("authority-statements.xml", False),
    ],
)
def test_maps_that_never_list_articles(name: str, skipped: bool) -> None:
    plan = plan_backfill([child(name)], FRESH, MARCH, NOW)
    assert reasons(plan) == ({name: "no-articles"} if skipped else {})


@pytest.mark.parametrize(
    ("url", "first", "last"),
    [
        ("sitemap.xml?yyyy=2024&mm=2&dd=9", (2024, 2, 9), (2024, 2, 9)),
        ("sitemap.xml?yyyy=2024&mm=02", (2024, 2, 1), (2024, 2, 29)),
        ("sitemap.xml?year=2023", (2023, 1, 1), (2023, 12, 31)),
        ("sitemap_202402.xml.gz", (2024, 2, 1), (2024, 2, 29)),
        ("sitemap-2024-2.xml", (2024, 2, 1), (2024, 2, 29)),
        ("archive/2024/2/9/sitemap.xml", (2024, 2, 9), (2024, 2, 9)),
        ("sitemap?date=2024-02-09", (2024, 2, 9), (2024, 2, 9)),
    ],
)
def test_periods(url: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert period_in_name(f"https://x.example/{url}") == Period(date(*first), date(*last))


@pytest.mark.parametrize("url", ["sitemap-17.xml", "sitemap.xml?page=2", "sitemap-20249999.xml", "s-12345678.xml", ""])
def test_no_periods(url: str) -> None:
    assert period_in_name(f"https://x.example/{url}") is None


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2024/03/15/summit", date(2024, 3, 15)),
        ("news-20240315-summit.html", date(2024, 3, 15)),
        ("2024-03-15/2024/03/15/x", date(2024, 3, 15)),
        ("2024/03/15/anniversary-of-2014-03-16", None),
        ("2024/02/31/x", None),
        ("view/AEN20240315001500315", None),
        ("2024/03/summit", None),
        ("?d=2024-03-15", None),
    ],
)
def test_days_in_addresses(path: str, day: date | None) -> None:
    assert date_in_url(f"https://x.example/{path}") == day
