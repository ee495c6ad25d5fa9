"""The works of one group: their rows are written together, and each finds what the ones before it did."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from typing import Any

import pytest
from sqlalchemy import event, func, select
from support.waiting import ENOUGH

from archive.frontier import links, walks
from archive.ingest.record import record_article, record_look
from archive.model.article import LineageClaim
from archive.model.link import Hints, Link
from archive.model.period import Period
from archive.model.text.urls import url_key
from archive.tables import AliasRow, ArticleRow, Base, CaptureRow, LineageRow, LinkRow, ObservationRow, RevisionRow
from archive.testing import START, Desk, a_capture, a_time, an_article
from archive.warc.records import pack
from archive.writer import writer as writer_module
from archive.writer.writer import HURRIED, Needs, Transaction

SITE = "https://www.harbour-times.example/news/"


@pytest.fixture(autouse=True)
def _groups_are_as_they_were_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the writer's thread stands still."""
    monkeypatch.setattr(writer_module, "LONGEST_WAIT", ENOUGH)


def together(desk: Desk, *works: Callable[[Transaction], Any], needs: Sequence[Needs | None] = ()) -> list[Future[Any]]:
    """Have the works carried out as one group; all have ended when this returns. `needs`: of the first, the second …"""
    begin, begun = threading.Event(), threading.Event()

    def wait(_tx: Transaction) -> None:
        begun.set()
        begin.wait(ENOUGH)

    first = desk.writer.submit(wait)
    begun.wait(ENOUGH)
    futures: list[Future[Any]] = [desk.writer.submit(*both) for both in zip_longest(works, needs)]
    begin.set()
    first.result(ENOUGH)
    for future in futures:
        future.exception(ENOUGH)
    return futures


def recording(number: int, *, link: int | None = None, **fields: Any) -> Callable[[Transaction], Any]:
    article = an_article(f"{SITE}{number}", **{"title": f"Pact no {number}"} | fields)
    capture = a_capture(article.url, f"<p>{article.title}</p>".encode())
    return lambda tx: record_article(tx, capture, article, link=link)


def rows(desk: Desk, table: type[Base]) -> int:
    with desk.archive.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def inserts(desk: Desk) -> Counter[str]:
    """Counts the INSERTs from now on, by table."""
    counted: Counter[str] = Counter()

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if (words := statement.lower().split()) and words[0] == "insert":
            counted[words[2]] += 1

    event.listen(desk.archive.engine, "before_cursor_execute", count)
    return counted


def test_rows_of_a_group_take_one_statement_a_table(news_desk: Desk) -> None:
    counted = inserts(news_desk)
    keys = tuple(url_key(f"{SITE}{number}") for number in range(20))
    needs = [Needs("harbour-times", keys=keys)] * 20
    futures = together(news_desk, *(recording(number) for number in range(20)), needs=needs)
    assert [future.result().kind for future in futures] == ["new"] * 20
    tables = ("captures", "articles", "revisions", "observations", "aliases", "search")
    assert {table: counted[table] for table in tables} == dict.fromkeys(tables, 1)
    assert all(
        rows(news_desk, table) == 20 for table in (CaptureRow, ArticleRow, RevisionRow, ObservationRow, AliasRow)
    )


def test_pages_that_claim_a_day_and_an_origin_take_no_more(news_desk: Desk) -> None:
    walk = begun(news_desk)
    filed = news_desk.do(
        lambda tx: links.record_links(tx, "harbour-times", "feed", [Link(f"{SITE}{n}") for n in range(20)])
    )
    pks = [link.pk for link in filed.new]
    news_desk.do(lambda tx: walks.add_walk_links(tx.session, walk, pks))
    claims: dict[str, Any] = {
        "published": a_time(datetime(2026, 10, 30, tzinfo=UTC), precision="day", raw="2026-10-30"),
        "lineage": (LineageClaim("republished_from", "https://agency.example/1", ("credit",)),),
    }
    needs = [Needs("harbour-times", (url_key(f"{SITE}{n}"),), pk) for n, pk in enumerate(pks)]
    works = [recording(number, link=pk, **claims) for number, pk in enumerate(pks)]
    counted = inserts(news_desk)
    assert [future.result().kind for future in together(news_desk, *works, needs=needs)] == ["new"] * 20
    tables = ("captures", "articles", "revisions", "observations", "aliases", "lineage", "search")
    assert {table: counted[table] for table in tables} == dict.fromkeys(tables, 1)
    with news_desk.archive.reading() as session:
        assert set(session.scalars(select(LinkRow.dated_at))) == {datetime(2026, 10, 30, 4, tzinfo=UTC)}  # New York's
    again = together(news_desk, recording(20, **claims), recording(20, **claims, body="Another text."))
    assert [future.result().kind for future in again] == ["new", "revised"]
    assert rows(news_desk, LineageRow) == 21


def begun(desk: Desk) -> int:
    """A walk, by its key."""
    window = Period(date(2026, 10, 25), date(2026, 11, 1))
    return int(desk.do(lambda tx: walks.begin(tx.session, "harbour-times", "archive:x", window, tx.now)).pk)


def test_a_work_finds_the_article_that_one_before_it_recorded(news_desk: Desk) -> None:
    first, second = together(news_desk, recording(1), recording(1, body="Another text.\nOf two lines."))
    assert (first.result().kind, second.result().kind) == ("new", "revised")
    assert first.result().article_pk == second.result().article_pk
    assert rows(news_desk, ArticleRow) == 1
    assert rows(news_desk, RevisionRow) == 2


def test_only_the_work_that_fails_is_undone(news_desk: Desk) -> None:
    def refuse(tx: Transaction) -> None:
        recording(2)(tx)
        raise ValueError("no article")

    first, second, third = together(news_desk, recording(1), refuse, recording(3))
    with pytest.raises(ValueError, match="no article"):
        second.result()
    assert first.result().article_pk != third.result().article_pk
    assert rows(news_desk, ArticleRow) == rows(news_desk, CaptureRow) == 2
    assert [record.result().kind for record in (first, third)] == ["new", "new"]
    assert recorded_again(news_desk, 2) == "new"


def recorded_again(desk: Desk, number: int) -> str:
    return str(desk.do(recording(number)).kind)


def test_a_row_that_the_database_refuses_fails_its_work_only(news_desk: Desk) -> None:
    def refuse(tx: Transaction) -> None:
        recording(2)(tx)
        tx.rows.add(AliasRow(source_id="nobody", url_key="k", url="u", kind="amp", article_pk=1, first_seen_at=tx.now))

    first, second, third = together(news_desk, recording(1), refuse, recording(3))
    assert second.exception() is not None
    assert (first.result().kind, third.result().kind) == ("new", "new")
    assert rows(news_desk, ArticleRow) == 2


def test_a_page_that_waits_for_an_article_of_its_group_becomes_an_address_of_it(news_desk: Desk) -> None:
    filed = news_desk.do(lambda tx: links.record_links(tx, "harbour-times", "feed", [Link(f"{SITE}amp")]))
    (waiting,) = filed.new
    alias, article = together(
        news_desk,
        lambda tx: links.record_alias(tx, "harbour-times", waiting.url, Link(f"{SITE}1"), link=waiting),
        recording(1),
    )
    assert [link.url for link in alias.result()] == [f"{SITE}1"]
    with news_desk.archive.reading() as session:
        row = session.get_one(LinkRow, waiting.pk)
        known = session.get_one(AliasRow, ("harbour-times", url_key(f"{SITE}amp")))
    assert (row.state, row.article_pk, known.article_pk) == ("alias", article.result().article_pk, known.article_pk)
    assert known.article_pk == article.result().article_pk


def test_rows_added_otherwise_get_other_keys(news_desk: Desk) -> None:
    def by_session(tx: Transaction) -> int:
        row = ObservationRow(article_pk=article, observed_at=tx.now, outcome="failed")
        tx.session.add(row)
        tx.session.flush()
        return row.pk

    article = news_desk.do(recording(1)).article_pk
    news_desk.now += timedelta(hours=1)
    look = lambda tx: record_look(tx, article, "failed")  # noqa: E731
    together(news_desk, look, by_session, look, by_session, look)
    assert rows(news_desk, ObservationRow) == 6


def test_records_are_compressed_fast_only_where_works_pile_up(news_desk: Desk) -> None:
    together(news_desk, *(recording(number) for number in range(HURRIED - 1)))
    together(news_desk, *(recording(number) for number in range(HURRIED, 2 * HURRIED)))
    news_desk.do(recording(2 * HURRIED))
    (file,) = news_desk.warc_path.glob("*.warc.gz")
    with news_desk.archive.reading() as session:
        places = session.execute(select(CaptureRow.warc_offset, CaptureRow.warc_length).order_by(CaptureRow.pk)).all()
    content = file.read_bytes()
    members = [
        content[offset : offset + length] for offset, length in places if offset is not None and length is not None
    ]
    hurried = [member == pack(gzip.decompress(member), hurried=True) for member in members]
    assert hurried == [False] * (HURRIED - 1) + [True] * HURRIED + [False]
    assert all(member == pack(gzip.decompress(member), hurried=h) for member, h in zip(members, hurried, strict=True))


def test_links_that_a_walk_found_belong_to_the_day_of_their_article(news_desk: Desk) -> None:
    claimed = START - timedelta(days=3)
    walk = begun(news_desk)
    shown = {"walked": Hints(), "walked, not looked up": Hints(), "walked just now": Hints(), "of a feed": Hints()}
    shown["dated"] = Hints(published_at=START - timedelta(days=1))
    filed = news_desk.do(
        lambda tx: links.record_links(
            tx, "harbour-times", "feed", [Link(f"{SITE}{n}", hints) for n, hints in enumerate(shown.values())]
        )
    )
    pks = [link.pk for link in filed.new]
    news_desk.do(lambda tx: walks.add_walk_links(tx.session, walk, [pks[0], pks[1], pks[4]]))

    def found(number: int) -> Callable[[Transaction], Any]:
        return recording(number, link=pks[number], published=a_time(claimed))

    def walk_on(tx: Transaction) -> None:
        walks.add_walk_links(tx.session, walk, [pks[2]])

    asked: list[str] = []
    event.listen(
        news_desk.archive.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: asked.append(statement),
    )
    works = [found(0), found(3), found(4), walk_on, found(2), found(1)]
    named = [Needs("harbour-times", link=pks[number]) for number in (0, 3, 4, 2)]
    needs = [*named[:3], None, named[3]]
    assert [future.exception() for future in together(news_desk, *works, needs=needs)] == [None] * 6
    questions = [statement for statement in asked if "EXISTS" in statement and "walk_links" in statement]
    assert len(questions) == 2  # for the group, and for the one link that it had not named
    with news_desk.archive.reading() as session:
        dated = [session.get_one(LinkRow, pk).dated_at for pk in pks]
    assert dict(zip(shown, dated, strict=True)) == {
        "walked": claimed,
        "walked, not looked up": claimed,
        "walked just now": claimed,
        "of a feed": START,
        "dated": START - timedelta(days=1),
    }
