"""When a walk over the pages of a list ends."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from archive.model.link import Hints, Link
from archive.model.period import Period
from archive.model.text.urls import url_key
from archive.model.walk import PageFacts
from crawler.discover.lists.model import NextPage
from crawler.discover.lists.stop import seen_page, stop, stop_poll

NOW = datetime(2026, 10, 10, tzinfo=UTC)
MARCH = Period(date(2024, 3, 1), date(2024, 3, 31))
AHEAD = NextPage("https://x.example/list?page=99")


def page(number: int, *, new: int = 1, days: tuple[date, ...] = (), links: int = 10) -> PageFacts:
    shown = f"digest {number}" if links else ""
    return PageFacts(f"x.example/list?page={number}", links, new, max(days, default=None), shown)


def test_a_list_that_goes_on() -> None:
    assert stop([page(1)], AHEAD, NOW) is None
    assert stop([page(n, new=int(n % 3 == 0)) for n in range(1, 12)], AHEAD, NOW) is None


def test_the_end() -> None:
    assert stop([page(1)], None, NOW) == "end"


def test_nothing_new_for_several_pages() -> None:
    pages = [page(1), page(2, new=0), page(3, new=0)]
    assert stop(pages, AHEAD, NOW) is None
    assert stop([*pages, page(4, new=0)], AHEAD, NOW) == "nothing-new"
    assert stop(pages[:2], AHEAD, NOW, patience=1) == "nothing-new"


def test_loops() -> None:
    assert stop([page(1), page(99)], AHEAD, NOW) == "loop"
    same = PageFacts("x.example/list?page=3", 10, 0, None, page(1).shown)
    assert stop([page(1), page(2), same], AHEAD, NOW) == "loop"


def test_empty_pages() -> None:
    assert stop([page(1), page(2, links=0), page(3, links=0), page(4, links=0)], AHEAD, NOW) == "empty"
    assert stop([page(1), page(2, links=0), page(3), page(4, links=0)], AHEAD, NOW) is None


def test_a_window_is_passed_after_two_pages_before_it() -> None:
    before, pinned = date(2024, 1, 5), date(2020, 1, 1)
    assert stop([page(1, days=(date(2024, 3, 2), pinned))], AHEAD, NOW, window=MARCH) is None
    assert stop([page(1, days=(date(2024, 3, 2),)), page(2, days=(before,))], AHEAD, NOW, window=MARCH) is None
    assert stop([page(2, days=(before,)), page(3, days=(pinned, before))], AHEAD, NOW, window=MARCH) == "window-passed"
    assert stop([page(2, days=(before,)), page(3)], AHEAD, NOW, window=MARCH) is None


def test_a_backfill_walks_through_known_pages_as_long_as_dates_lead_it() -> None:
    known = [page(n, new=0, days=(date(2025, 1, 1),)) for n in range(1, 9)]
    assert stop(known, AHEAD, NOW, window=MARCH) is None
    assert stop([page(n, new=0) for n in range(1, 9)], AHEAD, NOW, window=MARCH) == "nothing-new"


@pytest.mark.parametrize(
    ("url", "trap"),
    [
        ("https://x.example/calendar/2027/03", True),
        ("https://x.example/events?date=2099-01-01", True),
        ("https://x.example/calendar/2026/10", False),
        ("https://x.example/list?page=2050", False),
        ("https://x.example/list/2050", False),
    ],
)
def test_calendar_traps(url: str, trap: bool) -> None:
    assert stop([page(1)], NextPage(url), NOW) == ("calendar-trap" if trap else None)


def test_a_limit() -> None:
    assert stop([page(n) for n in range(5)], AHEAD, NOW, limit=5) == "limit"


def test_what_is_kept_of_a_page() -> None:
    links = (
        Link("https://x.example/2024/03/05/a"),
        Link("https://www.x.example/b/", Hints(published="5 mars 2024")),
        Link("https://x.example/c"),
    )
    kept = seen_page("x.example/list", links, {url_key("https://x.example/c")}, ("fr",))
    assert (kept.key, kept.links, kept.fresh, kept.newest) == ("x.example/list", 3, 2, date(2024, 3, 5))
    assert kept.shown == seen_page("x.example/other", tuple(reversed(links)), ()).shown
    assert seen_page("x.example/list", (), ()) == PageFacts("x.example/list", 0, 0)


def test_a_poll_turns_pages_until_half_of_one_is_known() -> None:
    yesterday = datetime(2026, 10, 9, tzinfo=UTC)

    def ends(*pages: PageFacts, since: datetime | None = yesterday, unfinished: bool = False) -> str | None:
        return stop_poll(pages, AHEAD, NOW, since=since, unfinished=unfinished)

    assert ends(page(1, new=10)) is None
    assert ends(page(1, new=8)) is None  # two are pinned
    assert ends(page(1, new=10), page(2, new=4)) == "nothing-new"
    assert ends(*(page(n, new=10) for n in range(10))) == "limit"


def test_the_first_poll_of_a_list_reads_one_page() -> None:
    assert stop_poll([page(1, new=10)], AHEAD, NOW, since=None, unfinished=False) == "first-poll"
    assert stop_poll([page(1, new=10)], None, NOW, since=None, unfinished=False) == "end"


def test_after_a_poll_that_broke_off_the_days_decide() -> None:
    since = datetime(2026, 10, 5, tzinfo=UTC)
    recent, before = date(2026, 10, 6), date(2026, 10, 3)
    pages = [page(1, new=0, days=(recent,)), page(2, new=0, days=(recent,))]
    assert stop_poll(pages, AHEAD, NOW, since=since, unfinished=True) is None
    assert stop_poll([*pages, page(3, days=(before,))], AHEAD, NOW, since=since, unfinished=True) == "window-passed"
