"""An open archive and its sessions: those that read, those that write, and the connection for single lookups."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from archive.config import Settings
from archive.errors import DatelineError
from archive.outage import explain
from archive.storage.engine import open_engine
from archive.storage.schema import SchemaError, check_encoding, check_schema, migrate, schema_of


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive.

    Sessions of `reading` see one consistent state and write nothing. Those of `writing` commit at the end of the block, or roll
    back if it raises. While a crawl runs, only its writer thread writes.
    """

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        # One state for all statements: SQLite gives that by itself.
        """A session that sees one consistent state and writes nothing."""
        engine = self.engine
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session  # closing it rolls back

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end of the block, or rolls back if the block raises."""
        with begin_writing(self.engine) as session, session.begin():
            yield session


def begin_writing(engine: Engine) -> Session:
    """A session whose transaction takes the write lock when it begins (SQLite: BEGIN IMMEDIATE)."""
    return Session(engine.execution_options(dateline_writing=True), expire_on_commit=False)


def connect_for_questions(engine: Engine) -> Connection:
    """A connection on which every statement sees what is committed at that moment, and none leaves a transaction open."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT").connect()
    # SQLite does so wherever nobody sends BEGIN. SQLAlchemy's AUTOCOMMIT would leave the driver beginning transactions by its
    # own rules on a connection that has gone back to the pool.
    return engine.execution_options(dateline_begins=False).connect()


def prepare(settings: Settings) -> Engine:
    """The engine of the settings' archive. The home folder is made if it does not exist.

    Raises:
        ConfigError: A setting cannot be used.
        DatelineError: The home folder cannot be made.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain(error) or DatelineError(
            f"{settings.home}: {error.strerror}", hint="Choose another folder with --home."
        ) from error
    return open_engine(settings.database)


def has_archive(settings: Settings) -> bool:
    """Return whether there may be an archive. Of one on a server only its server knows."""
    return bool(settings.database_url) or (settings.home / "archive.sqlite").exists()


def open_archive(settings: Settings, *, create: bool = False) -> Archive:
    """Open the archive of these settings. With `create`, one that does not exist yet is made. An older one is refused.

    Raises:
        SchemaError: The schema is not the one of this version.
        DatabaseError: The database cannot be reached or opened.
        ConfigError: A setting cannot be used.
    """
    if not create and not has_archive(settings):
        raise SchemaError(
            f"no archive in {settings.home}",
            hint=f"`dateline --home {shlex.quote(str(settings.home))} init` creates one. --home names another folder.",
        )
    engine = prepare(settings)
    try:
        if create and schema_of(engine) is None:
            check_encoding(engine)
            migrate(engine)
        check_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return Archive(engine)


@contextmanager
def opened(settings: Settings) -> Iterator[Archive]:
    """The archive of these settings. Its connections are closed at the end of the block.

    Raises:
        SchemaError: The schema is not the one of this version.
        DatabaseError: The database cannot be reached or opened.
        ConfigError: A setting cannot be used.
    """
    archive = open_archive(settings)
    try:
        yield archive
    finally:
        archive.engine.dispose()
