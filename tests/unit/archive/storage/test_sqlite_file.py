"""A database whose path is longer than SQLite takes, and one that is opened as it is."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive.storage import sqlite_file


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_database_in_memory_has_no_file(path: str) -> None:
    assert sqlite_file.name_for(path) == (path, False)


def test_a_database_that_may_be_written_is_opened_by_its_path(tmp_path: Path) -> None:
    path = str(tmp_path / "a b #?.sqlite")
    assert sqlite_file.name_for(path) == (path, False)
    with closing(sqlite_file.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a)")
    assert sqlite_file.name_for(path) == (path, False)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no name for an open folder")
def test_a_path_longer_than_sqlite_takes(tmp_path: Path) -> None:
    """In a process of its own: SQLite is told to look through links from then on."""
    folder = tmp_path.joinpath(*["d" * 200] * 4)
    folder.mkdir(parents=True)
    path = folder / "archive.sqlite"
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        sqlite3.connect(path)
    script = (
        "import sys; from contextlib import closing; from archive.storage import sqlite_file\n"
        "for _ in range(2):\n"
        "    with closing(sqlite_file.connect(sys.argv[1])) as c:\n"
        "        c.execute('PRAGMA journal_mode=WAL'); c.execute('CREATE TABLE IF NOT EXISTS t (a)')\n"
        "        c.execute('INSERT INTO t VALUES (1)'); c.commit()\n"
        "        print(c.execute('SELECT count(*) FROM t').fetchone()[0])\n"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["1", "2"]
    assert [file.name for file in folder.iterdir()] == ["archive.sqlite"]
