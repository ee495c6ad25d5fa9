"""`verify` on both databases: every column changed, every kind of row deleted, bits flipped at random in every file."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Float, Integer, String, Table, select, text, update
from typer.testing import CliRunner, Result

from archive.ingest.captures import store_capture
from archive.ingest.historical import record_historical
from archive.ingest.record import record_look
from archive.model.article import Caption, LineageClaim
from archive.model.capture import Origin, RightsPolicy
from archive.storage.engine import open_engine
from archive.tables import Base, CaptureRow, ObservationRow, RevisionRow
from archive.tables.base import UtcDateTime
from archive.testing import Desk, a_capture, an_article
from archive.verify import Problem, sum_up, verify
from dateline.main import app

ORIGIN = "https://www.harbour-times.example"


@pytest.fixture
def whole(news_desk: Desk) -> Desk:
    """An archive with an article edited and looked at again, one reached by a redirect, one gone, and one of the past."""
    claim = LineageClaim("syndicated_from", "https://agency.example/1", ("credited",), "Agency")
    first = an_article(
        f"{ORIGIN}/a", captions=(Caption("A handshake", "AP"),), lineage=(claim,), amp_url=f"{ORIGIN}/amp"
    )
    headers = (("Content-Type", "text/html"), ("ETag", '"1"'), ("Last-Modified", "Mon, 02 Nov 2026 09:00:00 GMT"))
    news_desk.record(first, a_capture(first.url, b"<p>one</p>", at=news_desk.now, headers=headers))
    feed = a_capture(f"{ORIGIN}/feed", b"<rss/>", at=news_desk.now)
    news_desk.do(
        lambda tx: store_capture(tx, feed, kept="response", policy=RightsPolicy())
    )  # a poll, which is no look at an article
    news_desk.now += timedelta(hours=1)
    edited = replace(first, title="Ministers postpone harbour pact")
    news_desk.record(edited, a_capture(first.url, b"<p>two</p>", at=news_desk.now, headers=headers))
    news_desk.now += timedelta(hours=1)
    again = a_capture(first.url, b"<p>two</p>", at=news_desk.now, headers=headers)
    news_desk.do(lambda tx: record_look(tx, 1, "same", capture=again))
    hop = a_capture(f"{ORIGIN}/old", b"", at=news_desk.now, status=301, headers=(("Location", f"{ORIGIN}/b"),)).answer
    news_desk.record(
        an_article(f"{ORIGIN}/b"),
        a_capture(f"{ORIGIN}/b", b"<p>b</p>", at=news_desk.now, redirects=(hop,), asked=f"{ORIGIN}/old"),
    )
    news_desk.record(an_article(f"{ORIGIN}/c"))
    news_desk.now += timedelta(hours=1)
    gone = a_capture(f"{ORIGIN}/c", b"<p>no</p>", at=news_desk.now, status=410)
    news_desk.do(lambda tx: record_look(tx, 3, "gone", capture=gone, detail="HTTP 410"))
    past = an_article(f"{ORIGIN}/d", body="An old page.")
    old = replace(
        a_capture(past.url, b"<p>old</p>", at=news_desk.now - timedelta(days=30)),
        origin=Origin("warc", "file:///x.warc", 12),
    )
    news_desk.do(lambda tx: record_historical(tx, old, past))
    assert problems(news_desk) == []
    return news_desk


def problems(desk: Desk, **options: Any) -> list[Problem]:
    return list(verify(desk.archive, desk.warc_path, **options))


UNSEEN = {
    # Of what nothing else in the archive tells: only a digest stored beside the row could.
    "articles": {
        "id", "original_url", "declared_language", "hints", "next_look_at", "look_why", "look_unplanned",
        "planned_after", "planned_changes", "state_layout", "state_extractor", "state_hashes", "moved_to_pk", "text_scope", "url", "canonical_url",
    },
    "revisions": {"published", "field_hashes", "language", "language_score", "extractor", "provenance", "reasons"},
    "captures": {"requested_at", "robots_state", "rights", "content_digest"},
    "observations": {"detail", "text_digest"},
    "aliases": {"first_seen_at", "kind"},
    "lineage": {"name", "evidence", "copied_share", "first_seen_at", "relation"},
}  # fmt: skip
"""`url` and `canonical_url` of an article: changed to another address of its own. `published` and `field_hashes`: a name is added that
nobody reads. `requested_at`: earlier than it was."""


def changed(table: Table, name: str, value: Any) -> Any:
    """Another value that the column may hold, as like the present one as somebody would make it who means to deceive."""
    kind = table.c[name].type
    if isinstance(kind, UtcDateTime):
        return (value or datetime(2026, 11, 2, tzinfo=UTC)) - timedelta(seconds=7)
    if isinstance(kind, JSON) or hasattr(kind, "none_as_null"):
        return [*value, "x"] if isinstance(value, list) else {**(value or {}), "x": "1"}
    if isinstance(kind, Boolean):
        return not value
    if isinstance(kind, Float):
        return (value or 0.0) + 0.25
    if isinstance(kind, Integer):
        return (value or 0) + 7
    assert isinstance(kind, String)
    if value is None:
        return "x"
    return value[:-1] + ("y" if value[-1] != "y" else "z") if value else "x"


def test_every_column_that_somebody_changes_is_seen(whole: Desk) -> None:
    engine, unseen, tried = whole.archive.engine, Counter[str](), 0
    for name, blind in UNSEEN.items():
        table = Base.metadata.tables[name]
        keys = table.primary_key.columns
        with engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        for column in (
            c.name for c in table.columns if not c.primary_key and not c.foreign_keys and c.name not in blind
        ):
            for row in rows:
                if row[column] is None and column != "origin_url":
                    continue  # what was never known may become known
                this = [key == row[key.name] for key in keys]
                with engine.begin() as connection:
                    connection.execute(update(table).where(*this).values({column: changed(table, column, row[column])}))
                tried += 1
                if not problems(whole):
                    unseen[f"{name}.{column}"] += 1
                with engine.begin() as connection:
                    connection.execute(update(table).where(*this).values({column: row[column]}))
    assert tried > 200
    # Single rows of which nothing else tells: a page kept as a digest only, a capture of the past.
    assert max(unseen.values(), default=0) <= 1, unseen
    assert problems(whole) == []


def test_a_page_that_showed_no_article_is_no_problem(whole: Desk) -> None:
    failed = a_capture(f"{ORIGIN}/e", b"<p>busy</p>", at=whole.now, status=503)
    whole.do(lambda tx: store_capture(tx, failed, kept="digest", policy=RightsPolicy()))
    assert problems(whole) == []
    with whole.archive.writing() as session:
        session.execute(update(CaptureRow).where(CaptureRow.status == 503).values(url_key="another.example/e"))
    assert [problem.kind for problem in problems(whole)] == ["capture-changed"]


@pytest.mark.parametrize("name", ["articles", "captures", "revisions", "observations"])
def test_every_row_that_somebody_deletes_is_missed(whole: Desk, name: str) -> None:
    engine, table = whole.archive.engine, Base.metadata.tables[name]
    off, on = (
        ("PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys=ON")
        if engine.dialect.name == "sqlite"
        else ("SET session_replication_role = replica", "SET session_replication_role = origin")
    )
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    for row in rows:
        for statement in (table.delete().where(table.c.pk == row["pk"]), table.insert().values(row)):
            raw = engine.connect().execution_options(isolation_level="AUTOCOMMIT", dateline_begins=False)
            with raw as connection:
                connection.exec_driver_sql(off)
                connection.execute(statement)
                connection.exec_driver_sql(on)
            engine.dispose()
            if statement.is_delete:
                assert problems(whole), row
    assert problems(whole) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_bits_flipped_in_warc_files_are_seen(whole: Desk) -> None:
    """Every byte of gzip's heads, and bits everywhere else."""
    (file,) = whole.warc_path.glob("*.warc.gz")
    whole.writer.__exit__(None, None, None)
    data, rng = file.read_bytes(), random.Random(3)
    heads = [at + n for at in range(len(data)) if data.startswith(b"\x1f\x8b\x08", at) for n in range(10)]
    unseen = []
    for at in [*rng.sample(heads, 60), *(rng.randrange(len(data)) for _ in range(200))]:
        bit = 1 << rng.randrange(8)
        file.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        if not any(problem.serious for problem in problems(whole)):
            unseen.append((at, bit))
    file.write_bytes(data)
    # The last bits before a member's checksum may be filling, which says nothing; there are some per member.
    assert len(unseen) <= 2, unseen


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_damage_of_the_databases_own_pages_is_named(whole: Desk, tmp_path: Path) -> None:
    file = tmp_path / "archive.sqlite"
    with whole.archive.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.exec_driver_sql("PRAGMA page_size").scalar() or 0
        used = list(
            connection.exec_driver_sql("SELECT DISTINCT rootpage FROM sqlite_master WHERE rootpage > 1").scalars()
        )
    whole.archive.engine.dispose()
    data, rng = file.read_bytes(), random.Random(5)
    for page in rng.sample(used, 12):
        start = (page - 1) * size
        file.write_bytes(data[:start] + rng.randbytes(size) + data[start + size :])
        engine = open_engine(f"sqlite:///{file}")
        found = list(verify(replace(whole.archive, engine=engine), whole.warc_path))
        engine.dispose()
        assert "database-damaged" in {problem.kind for problem in found}
    file.write_bytes(data)


def test_the_index_is_compared_word_by_word(whole: Desk) -> None:
    engine = whole.archive.engine
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("INSERT INTO search (rowid, title) VALUES (1, 'forged')"))
        else:
            connection.execute(
                text("UPDATE search SET document = document || to_tsvector('simple', 'forged') WHERE revision_pk = 1")
            )
    (found,) = problems(whole)
    assert (found.kind, found.advice) == ("index-differs", "Rebuild the index with: dateline reindex")


def test_captures_of_one_missing_file_are_summed_up(
    whole: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = whole.warc_path.glob("*.warc.gz")
    file.rename(file.with_suffix(".away"))
    found = problems(whole)
    with whole.archive.reading() as session:
        kept = session.scalars(select(CaptureRow.pk).where(CaptureRow.warc_file.is_not(None))).all()
    assert {problem.capture_pk for problem in found} == set(kept)
    (summed,) = sum_up(found)
    assert (summed.text, summed.where) == (f"{len(kept)} captures of a WARC file that is missing", file.name)
    assert problems(whole, sample=3) != []


def test_a_row_whose_record_lies_elsewhere_and_a_record_without_row_are_both_named(whole: Desk) -> None:
    with whole.archive.writing() as session:
        row = session.scalars(
            select(CaptureRow).where(CaptureRow.warc_file.is_not(None)).order_by(CaptureRow.pk)
        ).first()
        assert row is not None
        assert row.warc_offset is not None
        row.warc_offset += 1
    kinds = Counter(problem.kind for problem in problems(whole))
    assert kinds["record-missing"] >= 1
    assert kinds["record-without-row"] >= 1


def test_what_was_not_committed_is_told_and_is_no_damage(whole: Desk) -> None:
    (file,) = whole.warc_path.glob("*.warc.gz")
    data = file.read_bytes()
    with file.open("ab") as more:
        more.write(data[:200])
    assert problems(whole) == []  # the writer has the file still
    whole.writer.__exit__(None, None, None)
    other = file.with_name(file.name.replace("00001.warc", "00002.warc"))
    other.write_bytes(data)
    (found,) = problems(whole)
    assert (found.kind, found.serious, found.warc_file) == ("unfinished-end", False, other.name)


@pytest.fixture
def command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_the_command_names_every_problem_for_programs_and_sums_up_for_people(
    command: Callable[..., Result], whole: Desk
) -> None:
    clean = command("verify")
    assert (clean.exit_code, clean.stdout) == (0, "")
    assert "No problem was found." in clean.stderr
    assert command("verify", "--sample", "2").exit_code == 0
    with whole.archive.writing() as session:
        session.execute(update(RevisionRow).values(title="FORGED"))
        session.execute(update(ObservationRow).where(ObservationRow.pk == 1).values(outcome="gone"))
    for fmt in ("json", "jsonl", "csv"):
        shown = command("verify", "--format", fmt)
        assert (shown.exit_code, "FORGED" in shown.stderr) == (1, False)
        assert "revision-changed" in shown.stdout
    rows = json.loads(command("verify", "--format", "json").stdout)
    assert {"kind", "problem", "subject", "advice", "source_id", "url", "warc_file", "warc_offset"} <= rows[0].keys()
    assert {row["kind"] for row in rows} >= {"revision-changed", "observation-changed", "index-differs"}
    people = command("verify")
    assert people.exit_code == 1
    assert "5 revisions are not as they were written" in people.stdout
    assert "Rebuild the index with: dateline reindex" in people.stderr
    assert command("verify", "--sample", "100").exit_code == 1
