"""An archive of schema 0012 keeps its links and looks, and can tell another page from an article's from then on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, func, select

from archive.storage.engine import open_engine
from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.tables import DoubtfulPageRow, LinkRow
from archive.testing import START


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine over an archive of schema 0012, with an alias that waits for its canonical address."""
    url = (
        f"sqlite:///{tmp_path / 'a.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("empty_postgres")
    )
    engine = open_engine(url)
    migrate(engine, "0012")
    tables = MetaData()
    tables.reflect(engine)
    now: Any = f"{START:%Y-%m-%dT%H:%M:%S.%fZ}" if engine.dialect.name == "sqlite" else START
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
    engine.dispose()


def test_what_waits_goes_on_waiting(old: Engine) -> None:
    migrate(old)
    archive = Archive(old)
    with archive.reading() as session:
        link = session.scalars(select(LinkRow)).one()
        assert (link.state, link.canonical_key, link.text_sketch) == ("alias", "h.example/a", None)
        assert session.scalar(select(func.count()).select_from(DoubtfulPageRow)) == 0
