"""The schema of a database: which one it has, and how it gets the one of this version."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from archive.config import ConfigError
from archive.errors import DatelineError
from archive.masking import masked, masked_text
from archive.outage import explain
from archive.storage import sqlite_file

NEWEST = "0013"
"""The schema that this version of Dateline works with: the name of the newest migration. It stands here, because loading
Alembic to find it takes half a second."""


class SchemaError(DatelineError):
    """The archive's schema is not the one with which this version works."""


class DatabaseError(DatelineError):
    """The database cannot be reached or opened."""


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
    """The revision of the database's schema. None means that the database is empty.

    Raises:
        DatabaseError: The database cannot be reached or opened.
    """
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
    """Check that the database has the schema of this version.

    Raises:
        SchemaError: It has another one.
    """
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
    """Bring the schema up to date. Return the backup made of a SQLite file that held data. None means that none was made.

    Raises:
        SchemaError: A newer Dateline wrote it.
    """
    found = schema_of(engine)
    if found == NEWEST:
        return None
    if found is not None and found > NEWEST:
        check_schema(engine)
    backup = _backup(engine, found, now) if found is not None else None
    if found is None:
        check_encoding(engine)
    migrate(engine)
    return backup


def check_encoding(engine: Engine) -> None:
    """Check that a PostgreSQL database can hold text of every script. SQLite always can.

    Raises:
        ConfigError: It cannot.
    """
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
