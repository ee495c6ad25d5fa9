"""Captures that web archives list, and pages of WARC files: each ends filed or with a reason, and is listed once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from archive.frontier import links, walks
from archive.frontier.mementos import (
    Listed,
    Memento,
    record_captures,
    record_failed_attempt,
    record_offset,
    settle,
    settle_page,
    waiting,
)
from archive.model.link import Link
from archive.model.period import Period
from archive.model.walk import Walk, WalkPage
from archive.tables import LinkRow
from archive.testing import Desk

BASE = "https://www.harbour-times.example/"
A1, A2, B1 = (
    Listed(BASE + "a", "20240304000000", "x"),
    Listed(BASE + "a", "20240306000000"),
    Listed(BASE + "b", "20240305000000"),
)


@pytest.fixture
def walk(news_desk: Desk) -> Walk:
    window = Period(date(2024, 3, 1), date(2024, 3, 9))
    begun: Walk = news_desk.do(lambda tx: walks.begin(tx.session, "harbour-times", "wayback:x", window, tx.now))
    return begun


def left(desk: Desk, walk: Walk) -> list[Memento]:
    with desk.archive.reading() as session:
        return waiting(session, walk)


def ends(desk: Desk) -> dict[str, tuple[str, str | None]]:
    with desk.archive.reading() as session:
        return {row.url.removeprefix(BASE): (row.state, row.reason) for row in session.scalars(select(LinkRow))}


def unaccounted(desk: Desk, walk: Walk) -> set[str]:
    with desk.archive.reading() as session:
        return {url.removeprefix(BASE) for url in walks.unaccounted_addresses(session, walk.pk)}


def listed(desk: Desk, walk: Walk, *captures: Listed, unwanted: Any = ()) -> list[Memento]:
    found: list[Memento] = desk.do(lambda tx: record_captures(tx, walk, captures, unwanted))
    return found


def test_captures_are_listed_once_and_wait(news_desk: Desk, walk: Walk) -> None:
    assert len(listed(news_desk, walk, A1, B1, unwanted=[(Listed(BASE + "tag", "20240304000000"), "rule")])) == 2
    assert [memento.timestamp for memento in listed(news_desk, walk, A1, A2)] == [A2.timestamp]
    assert [(m.url, m.timestamp) for m in left(news_desk, walk)] == [
        (capture.url, capture.timestamp) for capture in (A1, A2, B1)
    ]
    assert ends(news_desk) == {"a": ("pending", None), "b": ("pending", None), "tag": ("excluded", "rule")}
    with news_desk.archive.reading() as session:
        dated = {row.url.removeprefix(BASE): row.dated_at for row in session.scalars(select(LinkRow))}
    assert dated["a"] == datetime(2024, 3, 4, tzinfo=UTC)


def test_a_link_ends_with_its_last_capture(news_desk: Desk, walk: Walk) -> None:
    a1, a2, b1 = sorted(listed(news_desk, walk, A1, A2, B1), key=lambda m: (m.url, m.timestamp))
    recorded = news_desk.record()
    news_desk.do(lambda tx: settle(tx, a1, reason="soft-404"))
    assert ends(news_desk)["a"] == ("pending", None)
    news_desk.do(lambda tx: settle(tx, a2, article_pk=recorded.article_pk))
    assert ends(news_desk)["a"] == ("done", None)
    for _ in range(3):
        assert unaccounted(news_desk, walk) == {"b"}
        news_desk.do(lambda tx: record_failed_attempt(tx, b1, "HTTP 500"))
    assert ends(news_desk)["b"] == ("failed", "HTTP 500")
    assert unaccounted(news_desk, walk) == set()


def test_captures_of_a_known_article_keep_the_walk_open(news_desk: Desk, walk: Walk) -> None:
    (a1,) = listed(news_desk, walk, A1)
    recorded = news_desk.record()
    news_desk.do(lambda tx: links.settle(tx, a1.link_pk, "done", article_pk=recorded.article_pk))
    assert unaccounted(news_desk, walk) == {"a"}
    news_desk.do(lambda tx: settle(tx, a1, reason="robots"))
    assert unaccounted(news_desk, walk) == set()
    assert ends(news_desk)["a"] == ("done", None)


def test_what_archives_did_not_give_the_site_may_still_show(news_desk: Desk, walk: Walk) -> None:
    (a1,) = listed(news_desk, walk, A1)
    news_desk.do(lambda tx: record_failed_attempt(tx, a1, "HTTP 404", again=False))
    assert ends(news_desk)["a"] == ("failed", "HTTP 404")
    filed = news_desk.do(lambda tx: links.record_links(tx, "harbour-times", "feed:y", [Link(BASE + "a")]))
    assert [link.url for link in filed.new] == [BASE + "a"]
    again = news_desk.do(lambda tx: links.record_links(tx, "harbour-times", "feed:y", [Link(BASE + "a")]))
    assert again.new == ()


def test_a_warc_file_is_gone_on_with_where_all_before_is_filed(news_desk: Desk, walk: Walk) -> None:
    (page,) = news_desk.do(lambda tx: walks.add_pages(tx.session, walk.pk, [WalkPage("/a.warc.gz", "/a.warc.gz")]))
    recorded = news_desk.record()
    at = datetime(2024, 3, 4, tzinfo=UTC)

    def batch(tx: Any) -> None:
        settle_page(tx, walk, BASE + "a", at, article_pk=recorded.article_pk)
        settle_page(tx, walk, BASE + "b", at, reason="too-large")
        settle_page(tx, walk, BASE + "a", at, reason="truncated: length")
        record_offset(tx.session, page.pk, 4711)

    news_desk.do(batch)
    with news_desk.archive.reading() as session:
        assert [(p.url, p.offset) for p in walks.waiting_pages(session, walk.pk)] == [("/a.warc.gz", 4711)]
        tally = walks.count_outcomes(session, walk.pk)
    assert ends(news_desk) == {"a": ("done", None), "b": ("excluded", "too-large")}
    assert (tally.links, tally.excluded) == (2, {"too-large": 1})
