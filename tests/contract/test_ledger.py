"""The coverage ledger, on both databases: polls and gaps in the poll's transaction, days counted from the links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from archive.frontier.channels import record_failed_poll, record_poll
from archive.frontier.links import record_excluded, record_failed_attempt, record_links, settle
from archive.model.frontier import AnswerFacts, ChannelMemory
from archive.model.link import Hints, Link
from archive.monitoring import coverage_ledger
from archive.monitoring.coverage_ledger import Followed
from archive.tables import ChannelRow, CoverageRow, GapRow, LinkRow, SourceRow
from archive.testing import START, Desk, a_capture, a_source, an_article

FEED = "feed:https://www.harbour-times.example/rss"
SITE = "https://www.harbour-times.example"
ZONE = "America/New_York"
TODAY = "2026-11-02"
HARBOUR = Followed("harbour-times", ZONE, frozenset({FEED}))
HOUR = timedelta(hours=1)


def poll(desk: Desk, *, items: int = 10, known: int = 10, **shown: Any) -> None:
    def work(tx: Any) -> None:
        answer = AnswerFacts(items, items - known, known=known, **shown)
        record_poll(
            tx, "harbour-times", FEED, memory=ChannelMemory(), polled_at=desk.now, outcome="ok", shown=answer
        )  # fmt: skip

    desk.do(work)


def fail(desk: Desk) -> None:
    desk.do(lambda tx: record_failed_poll(tx, "harbour-times", FEED, polled_at=desk.now, reason="HTTP 500"))


def plan(desk: Desk, at: datetime) -> None:
    """As the schedule does after a poll."""
    with desk.archive.writing() as session:
        session.get_one(ChannelRow, ("harbour-times", FEED)).next_poll_at = at


def link(desk: Desk, name: str, at: datetime | None = None) -> int:
    """A link that the feed shows now; its key."""

    def work(tx: Any) -> int:
        (filed,) = record_links(tx, "harbour-times", FEED, [Link(f"{SITE}/{name}", Hints(published_at=at))]).new
        return filed.pk

    pk: int = desk.do(work)
    return pk


def nothing_expected(*_: object) -> None:
    return None


def count(
    desk: Desk, *days: str, expected: coverage_ledger.Expected = nothing_expected, now: datetime | None = None
) -> None:
    with desk.archive.writing() as session:
        coverage_ledger.count_days(session, HARBOUR, days, expected, now or desk.now)


def day(desk: Desk, name: str = TODAY) -> CoverageRow:
    with desk.archive.reading() as session:
        return session.get_one(CoverageRow, ("harbour-times", name))


def gaps(desk: Desk) -> list[tuple[str, datetime, datetime]]:
    with desk.archive.reading() as session:
        return [(row.reason, row.since, row.until) for row in session.scalars(select(GapRow).order_by(GapRow.pk))]


def to_count(desk: Desk, since: datetime | None) -> set[tuple[str, str]]:
    with desk.archive.reading() as session:
        active = coverage_ledger.active_sources(session, since) if since else {"harbour-times"}
        return set(coverage_ledger.days_to_count(session, {"harbour-times": HARBOUR}, active, since, desk.now))


# --- polls


def test_polls_are_counted_on_the_sources_own_day(news_desk: Desk) -> None:
    news_desk.now = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)  # 23:30 of the day before in New York
    poll(news_desk)
    news_desk.now += HOUR
    poll(news_desk)
    poll(news_desk)
    fail(news_desk)
    assert (day(news_desk, "2026-11-01").polls_ok, day(news_desk, "2026-11-01").polls_failed) == (1, 0)
    assert (day(news_desk).polls_ok, day(news_desk).polls_failed) == (2, 1)
    assert day(news_desk).counted_at is None


def test_a_poll_that_is_rolled_back_is_not_counted(news_desk: Desk) -> None:
    def work(tx: Any) -> None:
        record_poll(tx, "harbour-times", FEED, memory=ChannelMemory(), polled_at=news_desk.now, outcome="ok")
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        news_desk.do(work)
    with news_desk.archive.reading() as session:
        assert session.scalars(select(CoverageRow)).all() == []


# --- gaps


def test_a_window_that_rolled_over_is_a_gap(news_desk: Desk) -> None:
    poll(news_desk, known=0)  # the first answer: everything is new, nothing was missed
    plan(news_desk, START + 3 * HOUR)
    news_desk.now = START + 3 * HOUR
    poll(news_desk, known=0, oldest_at=START + 2 * HOUR, newest_at=START + 3 * HOUR)
    assert gaps(news_desk) == [("rolled-over", START, START + 2 * HOUR)]


def test_one_known_item_joins_the_answers(news_desk: Desk) -> None:
    poll(news_desk, known=0)
    news_desk.now += HOUR
    poll(news_desk, known=1)
    assert gaps(news_desk) == []


def test_downtime_is_a_gap_once_somebody_looks_again(news_desk: Desk) -> None:
    poll(news_desk)
    plan(news_desk, START + HOUR)
    news_desk.now = START + 10 * HOUR
    poll(news_desk)
    assert gaps(news_desk) == [("unattended", START + 2 * HOUR, START + 10 * HOUR)]


def test_failing_polls_do_not_put_off_what_was_planned(news_desk: Desk) -> None:
    poll(news_desk)
    plan(news_desk, START + HOUR)
    for hours in (1, 2, 4):
        news_desk.now = START + hours * HOUR
        fail(news_desk)
        plan(news_desk, news_desk.now + hours * HOUR)  # longer and longer pauses
    news_desk.now = START + 8 * HOUR
    poll(news_desk)
    assert gaps(news_desk) == [("unattended", START + 2 * HOUR, START + 8 * HOUR)]
    with news_desk.archive.reading() as session:
        assert session.get_one(ChannelRow, ("harbour-times", FEED)).look_by is None


# --- days


def test_a_day_is_counted_by_what_became_of_its_links(news_desk: Desk) -> None:
    news_desk.record(an_article(f"{SITE}/a"), a_capture(f"{SITE}/a"), link=link(news_desk, "a"))
    failed = link(news_desk, "b")
    for _ in range(5):
        news_desk.do(lambda tx: record_failed_attempt(tx, failed, "timeout: after 60 s"))
    excluded = link(news_desk, "c")
    news_desk.do(lambda tx: settle(tx, excluded, "excluded", "robots: /c"))
    news_desk.do(lambda tx: record_excluded(tx, "harbour-times", FEED, [(Link(f"{SITE}/d"), "rule")]))
    link(news_desk, "e")
    poll(news_desk)
    news_desk.now += HOUR
    for _ in range(2):  # counted twice, it says the same
        count(news_desk, TODAY, expected=lambda *_: 7.25)
        row = day(news_desk)
        assert (row.found, row.captured, row.pending) == (5, 1, 1)
        assert (row.excluded, row.failed) == ({"robots": 1, "rule": 1}, {"timeout": 1})
        assert (row.expected, row.polls_ok, row.gap_seconds, row.counted_at) == (7.25, 1, 0, START + HOUR)


def test_an_alias_counts_once_its_article_is_there(news_desk: Desk) -> None:
    pk = link(news_desk, "amp")
    with news_desk.archive.writing() as session:
        session.get_one(LinkRow, pk).state = "alias"
    count(news_desk, TODAY)
    assert (day(news_desk).captured, day(news_desk).pending) == (0, 1)
    recorded = news_desk.record()
    with news_desk.archive.writing() as session:
        session.get_one(LinkRow, pk).article_pk = recorded.article_pk
    count(news_desk, TODAY)
    assert (day(news_desk).captured, day(news_desk).pending) == (1, 0)


@pytest.mark.parametrize(("name", "hours"), [("2026-11-01", 25), ("2026-11-02", 24)])
def test_days_on_which_clocks_change(news_desk: Desk, name: str, hours: int) -> None:
    """In New York clocks go back on 1 November 2026: that day lasts 25 hours, and its last link is found at 04:59 UTC."""
    start = datetime(2026, 11, 1, 4, 0, tzinfo=UTC) if hours == 25 else datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
    news_desk.now = start + timedelta(days=3)
    for number, at in enumerate((start - timedelta(seconds=1), start, start + hours * HOUR - timedelta(seconds=1))):
        link(news_desk, f"inside-{number}", at)
    link(news_desk, "after", start + hours * HOUR)
    asked: list[tuple[datetime, datetime]] = []

    def expected(_source: str, begin: datetime, end: datetime) -> float:
        asked.append((begin, end))
        return 1.0

    with news_desk.archive.writing() as session:
        source = session.get_one(SourceRow, "harbour-times")
        source.added_at = start - timedelta(days=9)
    count(news_desk, name, expected=expected)
    assert day(news_desk, name).found == 2
    assert asked == [(start, start + hours * HOUR)]


def test_what_is_expected_grows_with_the_day_and_is_settled_with_it(news_desk: Desk) -> None:
    news_desk.now = START + timedelta(days=1)
    begin = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)

    def by_hours(_source: str, start: datetime, end: datetime) -> float:
        return (end - start) / HOUR

    count(news_desk, "2026-11-03", expected=by_hours)
    assert day(news_desk, "2026-11-03").expected == (news_desk.now - begin) / HOUR
    news_desk.now += timedelta(days=1)
    count(news_desk, "2026-11-03", expected=by_hours)
    assert day(news_desk, "2026-11-03").expected == 24
    count(news_desk, "2026-11-03", expected=lambda *_: 99.0)  # another rhythm by now: no hindsight
    assert day(news_desk, "2026-11-03").expected == 24


def test_nothing_is_expected_before_the_source_was_followed(news_desk: Desk) -> None:
    asked: list[datetime] = []

    def expected(_source: str, start: datetime, _end: datetime) -> float:
        asked.append(start)
        return 1.0

    link(news_desk, "old", START - timedelta(days=5))
    news_desk.now += HOUR
    count(news_desk, "2026-10-28", TODAY, expected=expected)
    assert (day(news_desk, "2026-10-28").found, day(news_desk, "2026-10-28").expected) == (1, None)
    assert asked == [START]


def test_gaps_are_shared_out_to_their_days(news_desk: Desk) -> None:
    poll(news_desk)
    plan(news_desk, START + HOUR)  # 05:00 in New York
    news_desk.now = START + timedelta(days=2)
    poll(news_desk)
    count(news_desk, TODAY, "2026-11-03", "2026-11-04")
    assert [day(news_desk, f"2026-11-0{n}").gap_seconds for n in (2, 3, 4)] == [18 * 3600, 24 * 3600, 4 * 3600]


def test_a_gap_that_is_still_open_counts(news_desk: Desk) -> None:
    poll(news_desk)
    plan(news_desk, START + HOUR)
    count(news_desk, TODAY, now=START + 6 * HOUR)
    assert day(news_desk).gap_seconds == 4 * 3600
    with news_desk.archive.writing() as session:  # a channel that left the registry is not missed
        gone = Followed("harbour-times", ZONE, frozenset())
        coverage_ledger.count_days(session, gone, [TODAY], nothing_expected, START + 6 * HOUR)
    assert day(news_desk).gap_seconds == 0


# --- what is counted again


def test_all_days_of_the_links_are_counted_the_first_time(news_desk: Desk) -> None:
    link(news_desk, "old", START - timedelta(days=5))
    assert to_count(news_desk, None) == {("harbour-times", d) for d in ("2026-10-28", "2026-11-01", TODAY)}


def test_a_source_at_rest_is_counted_once_an_hour(news_desk: Desk) -> None:
    count(news_desk, TODAY, "2026-11-01")
    news_desk.now += timedelta(minutes=30)
    assert to_count(news_desk, START + timedelta(minutes=25)) == set()
    news_desk.now += timedelta(minutes=30)
    assert to_count(news_desk, START + timedelta(minutes=55)) == {("harbour-times", TODAY)}


def test_a_day_is_counted_once_more_when_it_is_over(news_desk: Desk) -> None:
    midnight = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
    news_desk.now = midnight - timedelta(minutes=5)
    count(news_desk, TODAY, "2026-11-01")
    news_desk.now = midnight + timedelta(minutes=1)
    both = {("harbour-times", TODAY), ("harbour-times", "2026-11-03")}
    assert to_count(news_desk, midnight - timedelta(minutes=1)) == both
    count(news_desk, TODAY, "2026-11-03")
    assert to_count(news_desk, midnight) == set()


def test_what_happens_later_reaches_the_day_it_belongs_to(news_desk: Desk) -> None:
    link(news_desk, "late", START - timedelta(days=4))
    count(news_desk, "2026-10-29", "2026-11-01", TODAY)
    news_desk.now += HOUR / 2
    poll(news_desk)
    since = START + timedelta(minutes=20)
    assert ("harbour-times", "2026-10-29") in to_count(news_desk, since)  # its link is still pending
    news_desk.now += timedelta(days=3)
    poll(news_desk, known=0, oldest_at=news_desk.now - HOUR)
    with_gap = {name for _, name in to_count(news_desk, news_desk.now - HOUR)}
    assert with_gap >= {"2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"}


def test_other_sources_are_left_alone(news_desk: Desk) -> None:
    news_desk.add_source(a_source("kabar", timezone="Asia/Jakarta"))
    link(news_desk, "a")
    count(news_desk, TODAY)
    with news_desk.archive.reading() as session:
        assert session.scalars(select(CoverageRow.source_id)).all() == ["harbour-times"]
