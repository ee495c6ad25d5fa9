"""How a walk over a channel begins and goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from archive.model.link import Hints, Link
from archive.model.period import Period
from archive.model.source import Channel
from archive.model.text.urls import url_key
from archive.model.walk import PageFacts, WalkGoal, WalkPage
from archive.testing import a_source
from crawler.discover.answer import Answer
from crawler.discover.lists.model import NextPage
from crawler.discover.sitemaps.model import ChildSitemap
from crawler.discover.walk_plan import FIRST_TAKE, UNDATED_AT_ONCE, first_pages, history_of, next_step

NOW = datetime(2026, 10, 10, 3, tzinfo=UTC)
SEOUL = a_source(timezone="Asia/Seoul")
ARCHIVE = Channel("archive", "https://x.example/{date:%Y-%m-%d}")
MARCH = WalkGoal(Period(date(2024, 3, 1), date(2024, 3, 3)))
YESTERDAY = WalkGoal(since=NOW - timedelta(days=1))


def addresses(pages: tuple[WalkPage, ...]) -> list[str]:
    return [page.url.removeprefix("https://x.example/") for page in pages]


def link(path: str, day: date | None = None) -> Link:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if day else None
    return Link(f"https://x.example/{path}", Hints(updated_at=at))


def test_most_walks_begin_at_the_channels_address() -> None:
    [page] = first_pages(SEOUL, Channel("listing", "https://x.example/list"), WalkGoal(), NOW)
    assert (page.url, page.number, page.chain) == ("https://x.example/list", 1, page.key)
    [index] = first_pages(SEOUL, Channel("sitemap", "https://x.example/s.xml"), MARCH, NOW)
    assert index.number == 0


def test_a_poll_of_a_dated_archive_asks_for_the_days_since_the_last_one_newest_first() -> None:
    assert addresses(first_pages(SEOUL, ARCHIVE, WalkGoal(), NOW)) == ["2026-10-10", "2026-10-09"]
    assert addresses(first_pages(SEOUL, ARCHIVE, WalkGoal(since=NOW - timedelta(days=2)), NOW)) == [
        *("2026-10-10", "2026-10-09", "2026-10-08", "2026-10-07")
    ]
    assert len(first_pages(SEOUL, ARCHIVE, WalkGoal(since=NOW - timedelta(days=90)), NOW)) == 9
    late = NOW.replace(hour=16)  # it is the 11th in Seoul
    assert addresses(first_pages(SEOUL, ARCHIVE, WalkGoal(), late))[0] == "2026-10-11"


def test_a_backfill_of_a_dated_archive_asks_for_every_day() -> None:
    assert addresses(first_pages(SEOUL, ARCHIVE, MARCH, NOW)) == ["2024-03-01", "2024-03-02", "2024-03-03"]


def test_the_next_page_belongs_to_the_chain_of_the_first() -> None:
    page = WalkPage("first", "https://x.example/list", chain="first")
    answer = Answer((link("a"),), following=NextPage("https://x.example/list", "POST", (("page", "2"),)))
    step = next_step(page, answer, [PageFacts("first", 10, 10, None, "d")], {"first"}, YESTERDAY, NOW)
    [following] = step.ask
    assert (following.method, following.form, following.chain, following.number) == (
        *("POST", (("page", "2"),), "first", 2),
    )
    again = next_step(page, answer, [PageFacts("first", 10, 10, None, "d")], {"first", following.key}, YESTERDAY, NOW)
    assert (again.ask, again.stopped) == ((), "loop")


def test_a_backfill_stops_where_its_window_is_passed() -> None:
    page = WalkPage("2", "https://x.example/list?page=2", chain="1", number=2)
    answer = Answer((link("a"),), following=NextPage("https://x.example/list?page=3"))
    before = [PageFacts(key, 10, 10, date(2024, 2, 1), key) for key in ("1", "2")]
    assert next_step(page, answer, before, {"1", "2"}, MARCH, NOW).stopped == "window-passed"
    inside = [before[0], PageFacts("2", 10, 10, date(2024, 3, 2), "2")]
    assert [page.number for page in next_step(page, answer, inside, {"1", "2"}, MARCH, NOW).ask] == [3]


def test_the_maps_of_an_index() -> None:
    names = ("2024-02", "2024-03", "2024-05", "2026-10")
    children = tuple(ChildSitemap(f"https://x.example/sitemap-{name}.xml") for name in names)
    index = WalkPage(url_key("https://x.example/s.xml"), "https://x.example/s.xml", number=0)
    backfill = next_step(index, Answer(children=children), (), {index.key}, MARCH, NOW)
    assert addresses(backfill.ask) == ["sitemap-2024-02.xml", "sitemap-2024-03.xml"]  # a day off is no reason
    assert [reason.partition(":")[0] for _, reason in backfill.passed] == ["outside-window", "outside-window"]
    poll = next_step(index, Answer(children=children), (), {index.key}, YESTERDAY, NOW)
    assert [(page.number, page.url[-11:]) for page in poll.ask] == [(1, "2026-10.xml")]


# --- what a poll leaves to a backfill


def test_the_first_poll_of_a_sitemap_takes_the_last_week() -> None:
    days = [NOW.date() - timedelta(days=n) for n in range(60)]
    links = [link(f"{n}-{k}", day) for n, day in enumerate(days) for k in (1, 2, 3, 4)]
    old = history_of(links, (), WalkGoal(), NOW)
    assert len(links) - len(old) == 8 * 4
    assert old[0][1] == "older: 2026-10-02"


def test_the_first_poll_of_a_quiet_sitemap_takes_as_much_as_a_feed_shows() -> None:
    links = [link(f"{n}", date(2020, 1, 1) + timedelta(days=n)) for n in range(100)]
    old = {found.url for found, _ in history_of(links, (), WalkGoal(), NOW)}
    taken = [found for found in links if found.url not in old]
    assert taken == links[-FIRST_TAKE:]
    assert len(history_of(links, (), WalkGoal(), NOW, taken=FIRST_TAKE)) == 100


def test_later_polls_take_what_is_new_and_recent() -> None:
    known = {"x.example/a"}
    links = [link("a", date(2026, 10, 9)), link("b", date(2026, 10, 9)), link("c", date(2019, 5, 2)), link("d")]
    assert history_of(links, known, YESTERDAY, NOW) == ((links[2], "older: 2019-05-02"),)


def test_a_map_without_dates_that_was_never_seen_is_history() -> None:
    links = [link(str(n)) for n in range(UNDATED_AT_ONCE + 1)]
    assert len(history_of(links, (), YESTERDAY, NOW)) == len(links)
    assert history_of(links, {"x.example/7"}, YESTERDAY, NOW) == ()
    assert history_of(links[:50], (), YESTERDAY, NOW) == ()


def test_after_a_long_absence_more_is_new() -> None:
    links = [link("a", date(2026, 9, 1)), link("b", date(2026, 8, 1))]
    assert [
        found.url[-1] for found, _ in history_of(links, (), WalkGoal(since=datetime(2026, 8, 20, tzinfo=UTC)), NOW)
    ] == ["b"]
