"""The unit of work: engines for SQLite and PostgreSQL, schema upgrades, sessions.

SQLite runs in WAL mode with synchronous=FULL, so that a commit survives a power cut; writing transactions begin
IMMEDIATE, because a read lock that is upgraded later cannot wait for another writer.
"""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, ProgrammingError
from sqlalchemy.orm import Session

from archive.config import ConfigError, Settings
from archive.errors import DatelineError
from archive.masking import masked, masked_text, readable
from archive.migrations import NEWEST
from archive.outage import explain
from archive.storage import sqlite_file

T = TypeVar("T")

CHUNK = 400
"""Keys in one query; SQLite takes some thousand parameters at most."""
BUSY_SECONDS = 60
"""How long a writer waits for another one on SQLite."""


class SchemaError(DatelineError):
    """The archive's schema is not the one this version works with."""


class DatabaseError(DatelineError):
    """The database cannot be reached or opened."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive. Sessions of `reading` see one consistent state and write nothing; those of `writing` commit at
    the end of the block, or roll back if it raises. While a crawl runs, only its writer thread writes."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        # One state for all statements: SQLite gives that by itself.
        engine = self.engine
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session  # closing it rolls back

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with begin_writing(self.engine) as session, session.begin():
            yield session


def begin_writing(engine: Engine) -> Session:
    """A session whose transaction takes the write lock at its begin (SQLite: BEGIN IMMEDIATE)."""
    return Session(engine.execution_options(dateline_writing=True), expire_on_commit=False)


def connect_for_questions(engine: Engine) -> Connection:
    """A connection on which every statement sees what is committed at that moment, and none leaves a transaction open."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT").connect()
    # SQLite does so wherever nobody sends BEGIN. SQLAlchemy's AUTOCOMMIT would leave the driver beginning transactions by its
    # own rules on a connection that has gone back to the pool.
    return engine.execution_options(dateline_begins=False).connect()


def pairs(session: Session, statement: Executable) -> dict[Any, Any]:
    """The answer of a query for two columns, as a mapping from the first to the second."""
    return {key: value for key, value in session.execute(statement)}  # noqa: C416  # a Row is no pair to the type checker


def chunks(keys: Iterable[T]) -> Iterator[list[T]]:
    """The keys, each once, in lists that are short enough for one query."""
    listed = list(dict.fromkeys(keys))
    return (listed[i : i + CHUNK] for i in range(0, len(listed), CHUNK))


def open_engine(url: str) -> Engine:
    """An engine for an SQLAlchemy URL. Raises ConfigError for an URL that cannot be used."""
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


# --- schema


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run the migrations up to `revision`."""
    from alembic import command  # takes half a second to load, and only this needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    command.upgrade(config, revision)


def schema_of(engine: Engine) -> str | None:
    """The revision of the database; None: it is empty. Raises DatabaseError."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return found
    except DBAPIError as error:
        shown = masked(engine.url)
        explained = explain(error, shown)
        if explained is not None:
            raise DatabaseError(masked_text(explained.message, engine.url), hint=explained.hint) from error
        if isinstance(error, ProgrammingError):  # an option of the address that libpq does not know
            said = masked_text(str(error.orig).strip(), engine.url)
            raise DatabaseError(f"{shown}: {said}", hint="Look whether DATELINE_DATABASE_URL is right.") from error
        raise


def check_schema(engine: Engine) -> None:
    """Raise SchemaError unless the database has the schema of this version."""
    found = schema_of(engine)
    if found == NEWEST:
        return
    if found is None:
        raise SchemaError("this archive is empty", hint="Make it with: dateline init")
    if found < NEWEST:
        raise SchemaError(
            f"this archive has schema {found}, this version of Dateline needs {NEWEST}",
            hint="Upgrade it with: dateline init (SQLite is backed up first)",
        )
    raise SchemaError(
        f"this archive was written by a newer Dateline (schema {found}, known up to {NEWEST})", hint="Upgrade Dateline."
    )


def upgrade(engine: Engine, *, now: datetime) -> Path | None:
    """Bring the schema up to date; returns the backup made of a SQLite file that held data, else None. Raises SchemaError
    where a newer Dateline wrote it."""
    found = schema_of(engine)
    if found == NEWEST:
        return None
    if found is not None and found > NEWEST:
        check_schema(engine)
    backup = _backup(engine, found, now) if found is not None else None
    if found is None:
        _check_encoding(engine)
    migrate(engine)
    return backup


def _check_encoding(engine: Engine) -> None:
    """Raise ConfigError where a PostgreSQL database cannot hold text of every script. SQLite always can."""
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise ConfigError(
            f"the database {engine.url.database} has the encoding {encoding}, which cannot hold the news of every language",
            hint="Make one with UTF-8: createdb --encoding=UTF8 --template=template0 NAME",
        )


def _backup(engine: Engine, schema: str, now: datetime) -> Path | None:
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        return None
    target = Path(f"{database}.{schema}.{now:%Y%m%dT%H%M%SZ}.bak")
    with closing(sqlite_file.connect(database)) as source, closing(sqlite_file.connect(str(target))) as copy:
        source.backup(copy)
    return target


def prepare(settings: Settings) -> Engine:
    """The engine of the settings' archive, with the home folder there. Raises ConfigError, DatelineError."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain(error) or DatelineError(
            f"{settings.home}: {error.strerror}", hint="Choose another folder with --home."
        ) from error
    return open_engine(settings.database)


def has_archive(settings: Settings) -> bool:
    """Whether there may be an archive: of one on a server only its server knows."""
    return bool(settings.database_url) or (settings.home / "archive.sqlite").exists()


def open_archive(settings: Settings, *, create: bool = False) -> Archive:
    """The archive of these settings. With `create`, one that does not exist yet is made (an older one is still refused).

    Raises SchemaError, DatabaseError, ConfigError.
    """
    if not create and not has_archive(settings):
        raise SchemaError(
            f"no archive in {settings.home}",
            hint=f"`dateline --home {shlex.quote(str(settings.home))} init` creates one. --home names another folder.",
        )
    engine = prepare(settings)
    try:
        if create and schema_of(engine) is None:
            _check_encoding(engine)
            migrate(engine)
        check_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return Archive(engine)
