"""Copy the rows of an archive from one database into another of the same schema, in either direction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, func, select, text

from archive.storage.engine import open_engine
from archive.storage.schema import migrate
from archive.tables import Base

BATCH = 1000
PAGES = 2000
"""The number of pages of an SQLite database that are copied between two reports of progress."""

Told = Callable[[int, int], object]
"""Called with the amount that is done and the total amount."""


def save_sqlite(engine: Engine, target: Path, told: Told) -> None:
    """Copy an SQLite database with its full-text index, as it is at this moment.

    SQLite's own backup function copies it, and other processes can write meanwhile.
    """
    with engine.connect() as connection:
        # A read transaction that stays open through all steps: without it every commit of others would begin the copy anew.
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection), "SQLite's driver"
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy, pages=PAGES, progress=lambda _status, left, total: told(total - left, total))
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions


def save_rows(engine: Engine, target: Path, told: Told) -> None:
    """Copy the rows of an archive on PostgreSQL, as they are at one moment, into a new SQLite archive.

    The new archive has no full-text index.
    """
    copy = open_engine(f"sqlite:///{target}")
    try:
        migrate(copy)
        snapshot = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with snapshot.connect() as source, copy.connect() as into:
            into.exec_driver_sql("PRAGMA foreign_keys=OFF")
            copy_rows(source, into, told)
            into.exec_driver_sql("DELETE FROM meta WHERE key = 'search.preparation'")  # nothing is indexed
            into.commit()
    finally:
        copy.dispose()
    with closing(sqlite3.connect(target)) as done:
        done.execute("PRAGMA journal_mode=DELETE")


def copy_rows(source: Connection, into: Connection, told: Told) -> None:
    """Copy all rows of all tables in the caller's transaction. The rows that `into` had before are deleted."""
    tables = Base.metadata.sorted_tables
    for table in reversed(tables):
        into.execute(table.delete())
    total = sum(source.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    done = 0
    for table in tables:
        own = _references_to_itself(table)
        later: list[dict[str, Any]] = []
        for rows in _batches(source, table):
            for row in rows if own else ():
                if any(row[name] is not None for name in own):
                    later.append({"of": row["pk"], **{f"to_{name}": row[name] for name in own}})
                    row.update(dict.fromkeys(own))
            into.execute(table.insert(), rows)
            done += len(rows)
            told(done, total)
        if later:  # a row may name one that comes after it
            changed = table.update().where(table.c.pk == bindparam("of"))
            into.execute(changed.values({name: bindparam(f"to_{name}") for name in own}), later)
        if into.dialect.name == "postgresql" and "pk" in table.c:
            into.execute(_SET_SEQUENCE.bindparams(name=table.name, last=into.scalar(select(func.max(table.c.pk)))))


_SET_SEQUENCE = text(
    "SELECT setval(pg_get_serial_sequence(:name, 'pk'), coalesce(:last, 1), CAST(:last AS bigint) IS NOT NULL)"
)


def _references_to_itself(table: Table) -> list[str]:
    return [column.name for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]


def _batches(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    order = list(table.primary_key.columns)
    found = source.execution_options(yield_per=BATCH).execute(select(table).order_by(*order))
    for rows in found.mappings().partitions(BATCH):
        yield [dict(row) for row in rows]
