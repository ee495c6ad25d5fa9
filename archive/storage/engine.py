"""Engines: how SQLite and PostgreSQL are opened, so that transactions mean the same on both.

SQLite runs in WAL mode with synchronous=FULL, so that a commit survives a power cut. Writing transactions begin IMMEDIATE,
because a read lock that is upgraded later cannot wait for another writer.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from archive.config import ConfigError
from archive.masking import masked_text, readable
from archive.storage import sqlite_file

BUSY_SECONDS = 60
"""How long a writer waits for another one on SQLite."""


def open_engine(url: str) -> Engine:
    """The engine of an SQLAlchemy URL.

    Raises:
        ConfigError: The URL cannot be used.
    """
    parsed = readable(url)
    if parsed is None:  # not shown: somewhere in it is a password
        raise ConfigError(
            "database_url (DATELINE_DATABASE_URL): the address of the database cannot be read",
            hint="Use sqlite:///path or postgresql+psycopg://user:password@host:5432/name. In the password, write @ as %40,"
            " / as %2F, : as %3A and % as %25.",
        )
    try:
        dialect = parsed.get_backend_name()
    except ArgumentError as error:
        raise ConfigError(f"database_url (DATELINE_DATABASE_URL): {masked_text(str(error), parsed)}") from error
    if dialect == "sqlite":
        return _sqlite(url)
    if dialect == "postgresql":
        try:
            return create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                pool_pre_ping=True,
                connect_args={"options": "-c timezone=UTC"},
            )
        except NoSuchModuleError as error:
            raise ConfigError(f"database_url (DATELINE_DATABASE_URL): {masked_text(str(error), parsed)}") from error
    raise ConfigError(
        f"database_url (DATELINE_DATABASE_URL): {dialect} is not supported",
        hint="Use sqlite:///path or postgresql+psycopg://user@host/name.",
    )


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "do_connect")
    def _open(_dialect: object, _record: object, names: list[str], options: dict[str, Any]) -> None:
        if not options.get("uri"):
            names[0], options["uri"] = sqlite_file.name_for(names[0])

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin transactions by its own rules: BEGIN is sent below.
        connection.isolation_level = None
        # 4 MB of pages for each connection, of which a daemon keeps half a dozen: the system caches the file anyway.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-4096"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        options = connection.get_execution_options()
        if options.get("dateline_begins", True):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("dateline_writing", False) else "BEGIN")

    return engine
