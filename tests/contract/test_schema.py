from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, make_url, select, text

from archive import migrations
from archive.config import ConfigError, Settings
from archive.storage.engine import open_engine
from archive.storage.schema import NEWEST, DatabaseError, SchemaError, check_schema, migrate, schema_of, upgrade
from archive.storage.session import Archive, open_archive
from archive.tables import Base, MetaRow
from archive.testing import START


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Full text is made by SQL of its own: FTS5's shadow tables and PostgreSQL's tsvector are no mapped tables."""
    return not (kind in ("table", "index") and (name or "").startswith(("search", "ix_search")))


def test_fresh_schema_is_migrated_schema(archive: Archive) -> None:
    with archive.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_schema_is_the_last_migration() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert script.get_current_head() == NEWEST
    assert [s.revision for s in script.walk_revisions()] == sorted(
        (s.revision for s in script.walk_revisions()), reverse=True
    )


def test_every_archive_has_a_name_of_its_own(archive: Archive) -> None:
    with archive.reading() as session:
        assert len(session.scalars(select(MetaRow.value).where(MetaRow.key == "archive_id")).one()) == 12


def test_upgrade_is_repeatable(archive: Archive) -> None:
    assert upgrade(archive.engine, now=START) is None
    check_schema(archive.engine)


def test_an_older_schema_is_refused_and_upgraded(empty_database: str, tmp_path: Path) -> None:
    engine = open_engine(empty_database)
    with pytest.raises(SchemaError, match="empty"):
        check_schema(engine)
    migrate(engine, "0001")
    with pytest.raises(SchemaError, match="schema 0001") as caught:
        check_schema(engine)
    assert "dateline init" in (caught.value.hint or "")
    backup = upgrade(engine, now=START)
    assert schema_of(engine) == NEWEST
    if engine.dialect.name == "sqlite":
        assert backup == tmp_path / "archive.sqlite.0001.20261102T090000Z.bak"
        assert schema_of(open_engine(f"sqlite:///{backup}")) == "0001"
    engine.dispose()


@pytest.mark.parametrize("before", [None, "0006"])
def test_a_migration_that_does_not_come_to_its_end_leaves_what_was(empty_database: str, before: str | None) -> None:
    engine = open_engine(empty_database)
    if before is not None:
        migrate(engine, before)

    def end(*given: object) -> None:
        if f"version_num='{NEWEST}'" in str(given[2]):
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", end)
    with pytest.raises(KeyboardInterrupt):
        migrate(engine)
    event.remove(engine, "before_cursor_execute", end)
    assert schema_of(engine) == before
    migrate(engine)
    check_schema(engine)
    engine.dispose()


def test_a_newer_schema_is_refused(empty_database: str) -> None:
    engine = open_engine(empty_database)
    upgrade(engine, now=START)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="newer Dateline"):
        check_schema(engine)
    with pytest.raises(SchemaError, match="newer Dateline"):
        upgrade(engine, now=START)
    engine.dispose()


def test_no_archive_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no archive in") as caught:
        open_archive(Settings(home=tmp_path / "none"))
    assert f"dateline --home {tmp_path / 'none'} init" in (caught.value.hint or "")
    assert not (tmp_path / "none").exists()
    open_archive(Settings(home=tmp_path / "none"), create=True).engine.dispose()
    assert (tmp_path / "none" / "archive.sqlite").is_file()


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    engine = open_engine("postgresql+psycopg://me:secret@127.0.0.1:1/news")
    with pytest.raises(DatabaseError) as caught:
        check_schema(engine)
    assert "127.0.0.1" in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "oracle://x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="database_url"):
        open_engine(url)


@pytest.mark.postgres
@pytest.mark.parametrize("create", [False, True])
def test_a_database_that_cannot_hold_every_script_is_refused_before_anything_is_made(
    postgres_server: str, tmp_path: Path, create: bool
) -> None:
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    name = f"dateline_latin_{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(
            text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
        )
    url = make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    engine = open_engine(url)
    make: Callable[[], object] = partial(upgrade, engine, now=START)
    if create:
        make = partial(open_archive, Settings(home=tmp_path, database_url=url), create=True)
    try:
        with pytest.raises(ConfigError, match=f"{name} has the encoding LATIN1") as caught:
            make()
        assert "createdb --encoding=UTF8" in (caught.value.hint or "")
        assert schema_of(engine) is None
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
