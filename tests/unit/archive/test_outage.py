"""Errors of the machine are told from faults, and each is one sentence with what to do next."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from archive.outage import StorageFailed, explain, is_outage, is_storage


def a_file_error(number: int) -> OSError:
    return OSError(number, os.strerror(number), "/news/warc/a.warc.gz")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_no_room_for_a_file(number: int) -> None:
    error = a_file_error(number)
    explained = explain(error)
    assert explained is not None
    assert explained.message.startswith("/news/warc/a.warc.gz: ")
    assert explained.hint
    assert explained.full
    assert is_storage(error)
    assert is_outage(error)
    assert is_storage(explained)
    assert is_outage(explained)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENAMETOOLONG])
def test_what_waiting_does_not_mend(number: int) -> None:
    error = a_file_error(number)
    explained = explain(error)
    assert explained is not None
    assert explained.hint
    assert not is_storage(error)
    assert not is_outage(error)


def test_faults_keep_their_traceback() -> None:
    assert explain(ValueError("database or disk is full")) is None
    assert explain(ConnectionRefusedError(errno.ECONNREFUSED, "refused")) is None
    assert explain(FileNotFoundError(errno.ENOENT, "no such file", "template.html")) is None


def test_the_cause_counts_where_an_error_was_wrapped() -> None:
    try:
        try:
            raise a_file_error(errno.ENOSPC)
        except OSError as cause:
            raise RuntimeError("could not record") from cause
    except RuntimeError as error:
        explained = explain(error)
    assert explained is not None
    assert "no room left" in explained.message


def test_sqlite_faulty_statements_are_no_outage() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT nothing FROM nowhere"))
    engine.dispose()
    assert explain(caught.value) is None
    assert not is_outage(caught.value)


def test_a_full_sqlite_file(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 2"))
        connection.execute(text("CREATE TABLE t (a)"))
        with pytest.raises(OperationalError) as caught:
            connection.execute(text("INSERT INTO t VALUES (zeroblob(100000))"))
    engine.dispose()
    assert is_storage(caught.value)
    explained = explain(caught.value, "sqlite:///a.sqlite")
    assert explained is not None
    assert explained.message == "sqlite:///a.sqlite: there is no room left on the disk of the database"
    assert explained.full


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("unable to open database file", "the database file cannot be opened"),
        ("attempt to write a readonly database", "this archive may only be read"),
        ("database is locked", "another process holds the database for too long"),
        ("database disk image is malformed", "the database file is damaged"),
        ("file is not a database", "the database file is damaged"),
    ],
)
def test_what_sqlite_says(said: str, words: str) -> None:
    explained = explain(OperationalError("SELECT 1", {}, sqlite3.OperationalError(said)))
    assert explained is not None
    assert (explained.message, explained.full) == (words, False)


def test_a_server_that_is_away_is_named() -> None:
    engine = create_engine("postgresql+psycopg://me:secret@127.0.0.1:1/news")
    with pytest.raises(OperationalError) as caught:
        engine.connect()
    explained = explain(caught.value, "postgresql+psycopg://me:***@127.0.0.1:1/news")
    assert explained is not None
    assert "secret" not in explained.message
    assert "DATELINE_DATABASE_URL" in (explained.hint or "")


def test_a_limit_on_the_size_of_files_is_named_where_sqlite_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    error = OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (102_400, 102_400))
    explained = explain(error)
    assert explained is not None
    assert "ulimit -f" in (explained.hint or "")


def test_what_was_explained_stays_as_it_is() -> None:
    error = StorageFailed("/news: there is no room left on the disk", full=True)
    assert explain(error) is error
