"""The product as a person uses it: the command, against the sample newsroom, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.reader import Reader

from dateline.newsroom import Newsroom


@pytest.fixture
def room() -> Iterator[Newsroom]:
    with Newsroom.start() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def reader(request: pytest.FixtureRequest, room: Newsroom, tmp_path: Path) -> Reader:
    """On SQLite and on PostgreSQL: the same must come out."""
    url = request.getfixturevalue("empty_postgres") if request.param == "postgresql" else None
    return Reader(room, tmp_path / "home", url)
