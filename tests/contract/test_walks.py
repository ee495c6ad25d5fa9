"""Walks on both databases: what is left to do, and what became of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from archive.frontier import links, walks
from archive.frontier.links import RecordedLinks
from archive.model.link import Hints, Link
from archive.model.period import Period
from archive.model.walk import PageFacts, Tally, Walk, WalkPage
from archive.testing import START, Desk, a_time, an_article

SOURCE, CHANNEL = "harbour-times", "listing:https://www.harbour-times.example/news"
WINDOW = Period(date(2026, 11, 1), date(2026, 11, 3))
SITE = "https://www.harbour-times.example"


def begun(desk: Desk) -> Walk:
    walk: Walk = desk.do(lambda tx: walks.begin(tx.session, SOURCE, CHANNEL, WINDOW, tx.now))
    return walk


def page(number: int) -> WalkPage:
    key = f"harbour-times.example/news?page={number}"
    return WalkPage(key, f"{SITE}/news?page={number}", chain="harbour-times.example/news?page=1", number=number)


def filed(desk: Desk, walk: Walk, *paths: str, unwanted: tuple[tuple[str, str], ...] = ()) -> RecordedLinks:
    found: RecordedLinks = desk.do(
        lambda tx: walks.record_links(
            tx,
            walk,
            [Link(SITE + path) for path in paths],
            [(Link(SITE + path), reason) for path, reason in unwanted],
        )
    )
    return found


def seen(desk: Desk, read: Any, walk: Walk, *more: Any, **options: Any) -> Any:
    with desk.archive.reading() as session:
        return read(session, walk.pk, *more, **options)


def tally(desk: Desk, walk: Walk) -> Tally:
    found: Tally = seen(desk, walks.count_outcomes, walk)
    return found


def test_a_walk_is_begun_once_and_anew_after_its_end(news_desk: Desk) -> None:
    walk = begun(news_desk)
    assert (walk.window, walk.state) == (WINDOW, "open")
    assert begun(news_desk) == walk
    news_desk.do(lambda tx: walks.end(tx.session, walk.pk, "done", tx.now))
    with news_desk.archive.reading() as session:
        ended = walks.latest(session, SOURCE, CHANNEL, WINDOW)
        assert walks.walks_of(session, [SOURCE], only_open=True) == []
    assert ended is not None
    assert (ended.pk, ended.state, ended.reason) == (walk.pk, "ended", "done")
    assert begun(news_desk).pk != walk.pk


def test_pages_wait_until_they_are_read_left_out_or_have_failed_too_often(news_desk: Desk) -> None:
    walk = begun(news_desk)
    made = news_desk.do(
        lambda tx: walks.add_pages(
            tx.session, walk.pk, [page(1), page(2), page(3)], [(page(4), "outside-window: 2020-01-01")]
        )
    )
    assert [p.number for p in made] == [1, 2, 3]
    assert news_desk.do(lambda tx: walks.add_pages(tx.session, walk.pk, [page(2), page(4)])) == []
    shown = PageFacts(page(1).key, 20, 3, date(2026, 11, 2), "abc")
    news_desk.do(lambda tx: walks.page_read(tx.session, made[0].pk, shown, tx.now))
    for _ in range(walks.MOST_TRIES):
        assert [p.number for p in seen(news_desk, walks.waiting_pages, walk)] == [2, 3]
        news_desk.do(lambda tx: walks.page_failed(tx.session, made[1].pk, "HTTP 500", tx.now))
    news_desk.do(lambda tx: walks.page_failed(tx.session, made[2].pk, "robots", tx.now, again=False))
    assert seen(news_desk, walks.waiting_pages, walk) == []
    assert seen(news_desk, walks.pages_read, walk, page(1).key) == [shown]
    found = tally(news_desk, walk)
    assert dict(found.pages) == {"read": 1, "failed": 2, "passed": 1}
    assert dict(found.page_reasons) == {"HTTP 500": 1, "robots": 1, "outside-window": 1}
    assert found.complete


def test_a_form_is_asked_again_as_it_was(news_desk: Desk) -> None:
    walk = begun(news_desk)
    form = WalkPage("k", f"{SITE}/list", "POST", (("page", "2"), ("state", "ä=&")), number=2)
    news_desk.do(lambda tx: walks.add_pages(tx.session, walk.pk, [form]))
    [stored] = seen(news_desk, walks.waiting_pages, walk)
    assert (stored.method, stored.form, stored.chain) == ("POST", form.form, "k")


def test_every_link_ends_captured_or_with_a_reason(news_desk: Desk) -> None:
    walk = begun(news_desk)
    new = filed(
        news_desk,
        walk,
        *("/in", "/out", "/undated", "/gone", "/broken", "/late"),
        unwanted=(("/old", "outside-window: before: 2024-01-01"), ("/about", "rule")),
    ).new
    pks = {link.url.removeprefix(SITE): link.pk for link in new}
    assert list(pks) == ["/in", "/out", "/undated", "/gone", "/broken", "/late"]
    for path, published in (("/in", START), ("/out", START - timedelta(days=40)), ("/undated", None)):
        claimed = a_time(published) if published else None
        news_desk.record(an_article(SITE + path, title=path, published=claimed), link=pks[path])
    news_desk.do(lambda tx: links.settle(tx, pks["/gone"], "excluded", "gone: HTTP 410"))
    for _ in range(links.MOST_ATTEMPTS):
        news_desk.do(lambda tx: links.record_failed_attempt(tx, pks["/broken"], "timeout"))
    found = tally(news_desk, walk)
    assert (found.captured, found.outside, found.undated, found.pending) == (1, 1, 1, 1)
    assert dict(found.excluded) == {"gone": 1, "outside-window": 1, "rule": 1}
    assert dict(found.failed) == {"timeout": 1}
    assert (found.links, found.complete) == (8, False)
    assert seen(news_desk, walks.unaccounted_addresses, walk) == [f"{SITE}/late"]
    news_desk.do(lambda tx: links.settle(tx, pks["/late"], "excluded", "robots"))
    assert seen(news_desk, walks.unaccounted_addresses, walk) == []
    assert tally(news_desk, walk).complete


def test_a_day_counts_in_the_sources_zone(news_desk: Desk) -> None:
    walk = begun(news_desk)  # the source is in New York: its first of November begins at 04:00 UTC
    moments = {"/before": START.replace(day=1, hour=3, minute=59), "/first": START.replace(day=1, hour=4, minute=0)}
    for link in filed(news_desk, walk, *moments).new:
        path = link.url.removeprefix(SITE)
        news_desk.record(an_article(link.url, title=path, published=a_time(moments[path])), link=link.pk)
    midnight = START.replace(day=1, hour=0, minute=0)
    [day] = filed(news_desk, walk, "/day").new
    claimed = a_time(midnight, precision="day", raw="2026-11-01")
    news_desk.record(an_article(day.url, title="day", published=claimed), link=day.pk)
    found = tally(news_desk, walk)
    assert (found.captured, found.outside) == (2, 1)


def test_a_page_that_names_another_address_ends_where_that_ends(news_desk: Desk) -> None:
    walk = begun(news_desk)
    [amp] = filed(news_desk, walk, "/amp/pact").new
    [target] = news_desk.do(lambda tx: links.record_alias(tx, SOURCE, amp.url, Link(f"{SITE}/pact"), link=amp))
    assert [link.url for link in seen(news_desk, walks.pending_links, walk, START)] == [f"{SITE}/pact"]
    assert seen(news_desk, walks.unaccounted_addresses, walk) == [amp.url]
    news_desk.do(lambda tx: walks.add_walk_links(tx.session, walk.pk, [target.pk]))
    news_desk.do(lambda tx: links.settle(tx, target.pk, "excluded", "robots"))
    assert dict(tally(news_desk, walk).excluded) == {"robots": 2}


def test_what_a_walk_wants_is_left_to_it(news_desk: Desk) -> None:
    walk = begun(news_desk)
    filed(news_desk, walk, "/a")

    def waiting() -> int:
        with news_desk.archive.reading() as session:
            return len(links.pending(session, [SOURCE], news_desk.now))

    assert waiting() == 0
    assert len(seen(news_desk, walks.pending_links, walk, news_desk.now)) == 1
    news_desk.do(lambda tx: walks.end(tx.session, walk.pk, "given up", tx.now))
    assert waiting() == 1


def test_what_others_did_not_want_is_taken_up(news_desk: Desk) -> None:
    old = Link(f"{SITE}/old", Hints(title="Old"))
    news_desk.do(lambda tx: links.record_excluded(tx, SOURCE, CHANNEL, [(old, "outside-window: before: 2026-10-01")]))
    news_desk.do(lambda tx: links.record_excluded(tx, SOURCE, CHANNEL, [(Link(f"{SITE}/video"), "gallery: few words")]))
    walk = begun(news_desk)
    assert [link.url for link in filed(news_desk, walk, "/old", "/video").new] == [old.url]
    assert dict(tally(news_desk, walk).excluded) == {"gallery": 1}


def test_a_link_known_to_the_archive_is_accounted_for_without_a_request(news_desk: Desk) -> None:
    news_desk.record(an_article(f"{SITE}/known", title="Known"))
    walk = begun(news_desk)
    found = filed(news_desk, walk, "/known")
    assert (found.new, found.known) == ((), 1)
    assert tally(news_desk, walk).captured == 1


def test_a_link_wanted_once_is_wanted(news_desk: Desk) -> None:
    walk = begun(news_desk)
    filed(news_desk, walk, unwanted=(("/a", "outside-window: before: 2020-01-01"),))
    assert [link.url for link in filed(news_desk, walk, "/a").new] == [f"{SITE}/a"]
    assert filed(news_desk, walk, unwanted=(("/a", "outside-window: before: 2020-01-01"),)).new == ()
    assert tally(news_desk, walk).pending == 1
