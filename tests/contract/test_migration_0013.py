"""An archive of schema 0012 keeps its links and looks, and can tell another page from an article's from then on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, MetaData, func, select
from support.old_schema import archive_of_schema, stored_time

from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.tables import DoubtfulPageRow, LinkRow
from archive.testing import START


@pytest.fixture
def old(empty_database: str) -> Iterator[Engine]:
    """An engine over an archive of schema 0012, with an alias that waits for its canonical address."""
    with archive_of_schema(empty_database, "0012") as engine:
        tables = MetaData()
        tables.reflect(engine)
        now = stored_time(engine, START)
        with engine.begin() as connection:
            connection.execute(
                tables.tables["sources"]
                .insert()
                .values(id="h", name="H", homepage="https://h.example/", enabled=True, added_at=now)
            )
            connection.execute(
                tables.tables["links"]
                .insert()
                .values(
                    source_id="h", url_key="h.example/amp", url="https://h.example/amp", hints={}, found_at=now, dated_at=now,
                    seen_at=now, state="alias", attempts=0, canonical_key="h.example/a",
                )
            )  # fmt: skip
        yield engine


def test_what_waits_goes_on_waiting(old: Engine) -> None:
    migrate(old)
    archive = Archive(old)
    with archive.reading() as session:
        link = session.scalars(select(LinkRow)).one()
        assert (link.state, link.canonical_key, link.text_sketch) == ("alias", "h.example/a", None)
        assert session.scalar(select(func.count()).select_from(DoubtfulPageRow)) == 0
