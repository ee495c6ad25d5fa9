"""The SQL views: the same columns and values on both databases, described in the data dictionary, frozen in migrations."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from archive.frontier.channels import record_failed_poll, record_poll
from archive.frontier.links import record_links
from archive.ingest.record import record_look
from archive.model.article import LineageClaim
from archive.model.capture import Rights
from archive.model.frontier import ChannelMemory
from archive.model.link import Link
from archive.monitoring.health import raise_alarms
from archive.query.health import source_health
from archive.search import postgres, sqlite
from archive.storage.session import Archive
from archive.tables import ChannelRow, CoverageRow, SourceRow
from archive.tables.views import VIEWS, create_views
from archive.testing import START, WITHHOLD, Desk, a_capture, a_source, a_time, an_article

DICTIONARY = Path(__file__).parents[2] / "docs" / "reference" / "sql.md"
URL = "https://www.harbour-times.example/news/pact"
COPY = "https://www.mirror.example/copy"
CLOSED = "https://www.mirror.example/closed"


def rows(archive: Archive, statement: str) -> Sequence[Any]:
    with archive.reading() as session:
        return [dict(row) for row in session.execute(text(statement)).mappings()]


def instant(value: str | datetime) -> datetime:
    """SQLite gives RFC 3339 text, PostgreSQL timestamptz."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


@pytest.fixture
def filled(news_desk: Desk) -> Desk:
    news_desk.record(an_article(authors=("Ada Whitlock", "Bo Lind")))
    news_desk.now += timedelta(hours=1)
    day = a_time(datetime(2026, 11, 1, tzinfo=UTC), precision="day", raw="1 November 2026")
    revised = an_article(title="Changed", lead=None, authors=("Ada Whitlock", "Bo Lind"), published=day)
    news_desk.record(revised, a_capture(URL, b"<p>other</p>", at=news_desk.now))
    news_desk.do(lambda tx: record_look(tx, 1, "gone", detail="HTTP 410"))
    news_desk.add_source(a_source("mirror", country="ID"))
    claim = LineageClaim("republished_from", URL, ("links to it", "same headline"), name="Harbour Times")
    news_desk.record(an_article(COPY, lineage=(claim,), authors=()), a_capture(COPY, source_id="mirror"))
    news_desk.record(
        an_article(CLOSED), a_capture(CLOSED, source_id="mirror", rights=Rights(noarchive=True)), policy=WITHHOLD
    )
    return news_desk


def test_articles(filled: Desk) -> None:
    by_url = {row["url"]: row for row in rows(filled.archive, "SELECT * FROM v_articles")}
    pact, copy, closed = by_url[URL], by_url[COPY], by_url[CLOSED]
    assert pact["source"] == "harbour-times"
    assert (pact["title"], pact["lead"], pact["authors"]) == ("Changed", None, "Ada Whitlock; Bo Lind")
    assert (pact["published_at"], pact["published_precision"]) == ("2026-11-01", "day")
    assert pact["modified_at"] is None
    assert (pact["status"], pact["revision"], pact["revisions"]) == ("gone", 2, 2)
    assert instant(pact["first_seen_at"]) == START
    assert instant(pact["changed_at"]) == filled.now
    assert (copy["country"], copy["authors"]) == ("ID", None)
    assert (copy["published_at"], copy["published_precision"]) == ("2026-11-02T09:00:00Z", "minute")
    assert closed["status"] == "withheld"
    assert (closed["title"], closed["published_at"], closed["revision"], closed["revisions"]) == (None, None, None, 0)


def test_revisions(filled: Desk) -> None:
    found = rows(filled.archive, "SELECT * FROM v_revisions WHERE source = 'harbour-times' ORDER BY number")
    assert [(r["number"], r["is_current"], r["title"], r["changes"]) for r in found] == [
        (1, 0, "Ministers sign harbour pact", None),
        (2, 1, "Changed", "headline; lead; date"),
    ]
    assert found[0]["body"].startswith("The ministers met")
    assert [r["published_at"] for r in found] == ["2026-11-02T09:00:00Z", "2026-11-01"]
    assert instant(found[1]["captured_at"]) == filled.now
    assert all(r["warc_file"] and r["warc_offset"] is not None for r in found)


def test_withheld_texts_are_in_no_view(filled: Desk) -> None:
    filled.record(
        an_article(COPY, title="closed now"),
        a_capture(COPY, source_id="mirror", rights=Rights(noarchive=True)),
        policy=WITHHOLD,
    )
    assert rows(filled.archive, "SELECT * FROM v_revisions WHERE source = 'mirror'") == []
    found = rows(
        filled.archive, "SELECT title, lead, authors, revision, revisions FROM v_articles WHERE source = 'mirror'"
    )
    assert [tuple(r.values()) for r in found] == [(None, None, None, None, 0)] * 2


def test_captures_and_observations(filled: Desk) -> None:
    captures = rows(filled.archive, "SELECT * FROM v_captures ORDER BY capture_id")
    assert [(c["source"], c["http_status"], c["kept"], c["withheld_because"]) for c in captures] == [
        ("harbour-times", 200, "response", None),
        ("harbour-times", 200, "response", None),
        ("mirror", 200, "response", None),
        ("mirror", 200, "withheld", "noarchive"),
    ]
    assert captures[0]["payload_digest"].startswith("sha256:")
    looks = rows(
        filled.archive,
        "SELECT o.outcome, o.revision, o.http_status, o.detail, c.url FROM v_observations o"
        " LEFT JOIN v_captures c ON c.capture_id = o.capture_id"
        " WHERE o.source = 'harbour-times' ORDER BY o.observed_at, o.revision IS NULL",
    )
    assert [tuple(look.values()) for look in looks] == [
        ("changed", 1, 200, None, URL),
        ("changed", 2, 200, None, URL),
        ("gone", None, None, "HTTP 410", None),
    ]


def test_lineage_joins_to_articles(filled: Desk) -> None:
    (found,) = rows(
        filled.archive,
        "SELECT l.*, a.url AS original FROM v_lineage l JOIN v_articles a ON a.id = l.original_id",
    )
    assert (found["relation"], found["original"], found["url"], found["name"]) == (
        "republished_from",
        URL,
        URL,
        "Harbour Times",
    )
    assert found["evidence"] == "links to it; same headline"
    assert found["copied_share"] is None


def test_coverage(filled: Desk) -> None:
    with filled.archive.writing() as session:
        session.add(
            CoverageRow(
                source_id="mirror", day="2026-11-02", expected=4.5, found=9, captured=1, pending=1, polls_ok=2,
                excluded={"rule": 3, "robots": 1}, failed={"timeout": 2, "HTTP 403": 1}, polls_failed=1,
                gap_seconds=60, counted_at=START,
            )
        )  # fmt: skip
        session.add(CoverageRow(source_id="mirror", day="2026-11-03", polls_ok=1, excluded={}, failed={}))
    counted, noted = rows(filled.archive, "SELECT * FROM v_coverage ORDER BY day")
    assert instant(counted.pop("counted_at")) == START
    assert counted == {
        "source": "mirror", "country": "ID", "day": "2026-11-02", "timezone": "America/New_York", "expected": 4.5,
        "found": 9, "captured": 1, "pending": 1, "excluded": 4, "excluded_reasons": "robots 1; rule 3", "failed": 3,
        "failed_reasons": "HTTP 403 1; timeout 2", "polls_ok": 2, "polls_failed": 1, "walks": 0, "gap_seconds": 60,
    }  # fmt: skip
    assert (noted["excluded"], noted["excluded_reasons"], noted["expected"], noted["counted_at"]) == (
        0,
        None,
        None,
        None,
    )


def test_source_health(filled: Desk) -> None:
    for source_id in ("paused", "switched-off"):
        filled.add_source(a_source(source_id))
    filled.do(lambda tx: record_links(tx, "mirror", "feed:a", [Link("https://www.mirror.example/a")]))
    filled.do(
        lambda tx: record_poll(tx, "mirror", "feed:a", memory=ChannelMemory(), polled_at=filled.now, outcome="ok")
    )
    filled.do(lambda tx: record_failed_poll(tx, "mirror", "feed:b", polled_at=filled.now, reason="HTTP 500"))
    with filled.archive.writing() as session:
        session.get_one(SourceRow, "paused").paused_at = START
        session.get_one(SourceRow, "switched-off").enabled = False
    query = "SELECT * FROM v_source_health ORDER BY source"
    assert [(r["source"], r["health"]) for r in rows(filled.archive, query)] == [
        ("harbour-times", "new"),
        ("mirror", "ok"),
        ("paused", "paused"),
        ("switched-off", "disabled"),
    ]
    with filled.archive.writing() as session:
        raise_alarms(session, {"mirror": [("silent", "…"), ("failing", "…")], "paused": [("silent", "…")]}, START)
        assert source_health(session) == {r["source"]: r["health"] for r in rows(filled.archive, query)} | {
            "mirror": "alarm"
        }
    mirror = {r["source"]: r for r in rows(filled.archive, query)}["mirror"]
    assert (mirror["health"], mirror["alarms"], mirror["failures"]) == ("alarm", "failing; silent", 1)
    assert instant(mirror["alarms_since"]) == START
    assert {instant(mirror[name]) for name in ("polled_at", "answered_at", "last_found_at", "last_article_at")} == {
        filled.now
    }
    assert mirror["next_poll_at"] is None
    for planned, shown in ((START, START), (datetime(9999, 1, 1, tzinfo=UTC), None)):  # the latter means: never
        with filled.archive.writing() as session:
            session.get_one(ChannelRow, ("mirror", "feed:a")).next_poll_at = planned
        (mirror,) = rows(filled.archive, "SELECT next_poll_at FROM v_source_health WHERE source = 'mirror'")
        assert (mirror["next_poll_at"] and instant(mirror["next_poll_at"])) == shown


def test_the_dictionary_names_the_columns_of_the_views(archive: Archive) -> None:
    described: dict[str, list[str]] = {}
    for part in re.split(r"^## ", DICTIONARY.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, table = part.partition("\n")
        if heading.startswith("`v_"):
            described[heading.strip(" `")] = re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)
    views = inspect(archive.engine)
    assert sorted(views.get_view_names()) == sorted(VIEWS)
    assert described == {name: [column["name"] for column in views.get_columns(name)] for name in VIEWS}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_migrations_create_the_views_of_today(dialect: str) -> None:
    frozen = {
        statement.split()[2]: statement  # the last migration that creates a view again counts
        for name in ("0003_views", "0005_knowing", "0007_past", "0009_backfill", "0012_signals")
        for statement in importlib.import_module(f"archive.migrations.versions.{name}").STATEMENTS[dialect]
    }
    assert tuple(frozen.values()) == create_views(dialect)


@pytest.mark.parametrize(("dialect", "statements"), [("sqlite", sqlite.CREATE), ("postgresql", postgres.CREATE)])
def test_the_migration_creates_the_index_of_today(dialect: str, statements: tuple[str, ...]) -> None:
    frozen = importlib.import_module("archive.migrations.versions.0002_search")
    assert frozen.STATEMENTS[dialect] == statements
