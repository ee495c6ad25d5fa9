"""An archive of schema 0011, which kept nothing that said `noarchive`, becomes one that knows the signals of its articles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, select, text
from support.old_schema import archive_of_schema, stored_time

from archive.model.capture import Rights, rights_of
from archive.query.status import signal_counts
from archive.query.views import SignalCounts
from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.tables import ArticleRow, RevisionRow
from archive.testing import START

LOOKS: dict[int, tuple[str, list[str | None]]] = {
    1: ("live", [None]),
    2: ("withheld", ["noarchive"]),
    3: ("withheld", [None, "noarchive", "tdm-reservation", None]),  # the last one found it missing
    4: ("live", ["noarchive", None]),
}
"""Status and, for each look, why it withheld the text, by article."""


@pytest.fixture
def old(empty_database: str) -> Iterator[Engine]:
    """An engine over an archive of schema 0011."""
    with archive_of_schema(empty_database, "0011") as engine:
        _fill(engine)
        yield engine


def _fill(engine: Engine) -> None:
    tables = MetaData()
    tables.reflect(engine)
    now = stored_time(engine, START)
    with engine.begin() as connection:

        def add(table: str, **fields: Any) -> None:
            connection.execute(tables.tables[table].insert().values(**fields))

        add("sources", id="h", name="H", homepage="https://h.example/", enabled=True, added_at=now)
        capture = 0
        for pk, (status, looks) in LOOKS.items():
            url = f"https://h.example/{pk}"
            add(
                "articles", pk=pk, id=f"article-{pk}", source_id="h", url=url, canonical_url=url, status=status,
                text_scope="full", first_seen_at=now, last_seen_at=now, looked_at=now, changed_at=now, state_hashes={},
                state_extractor="x", hints={}, looks=len(looks), changes=0, look_unplanned=True,
            )  # fmt: skip
            for because in looks:
                capture += 1
                rights = Rights(because == "noarchive", True if because == "tdm-reservation" else None)
                add(
                    "captures", pk=capture, source_id="h", url=url, url_key=url, final_url=url, requested_at=now,
                    captured_at=now, status=200, headers=[], redirects=[], length=1, withheld_because=because,
                    kept="withheld" if because else "response", rights=rights.stored(),
                )  # fmt: skip
                add("observations", article_pk=pk, capture_pk=capture, observed_at=now, outcome="same")
                if because is None and pk in (1, 4):
                    add(
                        "revisions", article_pk=pk, number=1, capture_pk=capture, captured_at=now, title="A title",
                        authors=[], captions=[], content_hash="x", field_hashes={}, changes=[], extractor="x",
                        provenance={}, reasons={},
                    )  # fmt: skip


def test_withheld_articles_know_why(old: Engine) -> None:
    migrate(old)
    with Archive(old).reading() as session:
        rights = {row.pk: row.rights for row in session.scalars(select(ArticleRow))}
        assert {pk: stored is None for pk, stored in rights.items()} == {1: True, 2: False, 3: False, 4: True}
        assert rights_of(rights[2]) == Rights(noarchive=True)
        assert rights_of(rights[3]) == Rights(tdm_reservation=True)
        assert session.scalars(select(RevisionRow.noarchive)).all() == [False, False]
        assert signal_counts(session, "h") == SignalCounts(withheld_noarchive=1, withheld_tdm=1)


def test_the_views_read_what_was_there(old: Engine) -> None:
    migrate(old)
    with Archive(old).reading() as session:
        articles = session.execute(text("SELECT id, status, noarchive FROM v_articles ORDER BY id")).all()
        assert [tuple(row) for row in articles] == [
            ("article-1", "live", 0),
            ("article-2", "withheld", 1),
            ("article-3", "withheld", 0),
            ("article-4", "live", 0),
        ]
        captures = session.scalars(text("SELECT noarchive FROM v_captures ORDER BY capture_id")).all()
        assert captures == [0, 1, 0, 1, 0, 0, 1, 0]
        assert session.scalars(text("SELECT noarchive FROM v_revisions")).all() == [0, 0]
