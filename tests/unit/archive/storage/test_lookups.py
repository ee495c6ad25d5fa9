"""Lookups on SQLite: what they see, and what they hold up (nothing)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import Engine, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError

from archive.storage.engine import open_engine
from archive.storage.lookups import Lookups
from archive.storage.session import Archive
from archive.tables import MetaRow

VALUE = select(MetaRow.value).where(MetaRow.key == bindparam("key"))


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{copyfile(sqlite_template, tmp_path / 'archive.sqlite')}")
    yield engine
    engine.dispose()


@pytest.fixture
def questions(engine: Engine) -> Iterator[Lookups]:
    asked = Lookups(engine)
    yield asked
    asked.close()


def write(engine: Engine, key: str, value: str) -> None:
    with Archive(engine).writing() as session:
        session.merge(MetaRow(key=key, value=value))


def test_a_finished_question_leaves_the_wal_free_to_be_cut(engine: Engine, questions: Lookups) -> None:
    write(engine, "colour", "green")
    assert questions.value(VALUE, {"key": "colour"}) == "green"
    assert questions.value(select(MetaRow.key), {}) is not None  # more rows than are taken
    with engine.connect() as connection:
        connection.rollback()
        driver = connection.connection.driver_connection
        assert driver is not None
        busy, pages, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert (busy, pages) == (0, 0)


def test_questions_are_asked_while_somebody_writes_and_see_what_is_committed(
    engine: Engine, questions: Lookups
) -> None:
    write(engine, "colour", "green")
    with Archive(engine).writing() as session:
        session.merge(MetaRow(key="colour", value="blue"))
        session.flush()
        assert questions.value(VALUE, {"key": "colour"}) == "green"
    assert questions.value(VALUE, {"key": "colour"}) == "blue"


def test_an_error_of_the_question_is_raised_and_the_next_one_answered(questions: Lookups) -> None:
    with pytest.raises(DBAPIError, match="no such table"):
        questions.value(select(func.count()).select_from(text("nowhere")), {})
    assert questions.value(VALUE, {"key": "nothing"}) is None


def test_the_connection_goes_back_as_it_came(engine: Engine, questions: Lookups) -> None:
    """Sessions that get it later read one state, as all do."""
    write(engine, "colour", "green")
    questions.value(VALUE, {"key": "colour"})
    questions.close()
    questions.close()
    with Archive(engine).reading() as session:
        assert session.connection().connection.driver_connection.in_transaction  # type: ignore[union-attr]
