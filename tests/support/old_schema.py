"""Archives as earlier versions of Dateline made them, for tests that upgrade one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from archive.storage.engine import open_engine
from archive.storage.schema import migrate


@contextmanager
def archive_of_schema(url: str, revision: str) -> Iterator[Engine]:
    """An engine over an empty archive of this schema, in the database at `url`, which is empty."""
    engine = open_engine(url)
    migrate(engine, revision)
    try:
        yield engine
    finally:
        engine.dispose()


def stored_time(engine: Engine, at: datetime) -> Any:
    """A time as the rows of that database hold it, where they are written without the tables of today."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}" if engine.dialect.name == "sqlite" else at
