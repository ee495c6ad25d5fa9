"""An archive that may only be read: everything that reads works, and everything that writes says so in one sentence."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import forked
from support.crawled import crawl
from support.hostile import serve
from support.readonly import bound_by_modes, only_readable

READING = (
    ("search", "patrols"),
    ("search", "patrols", "--format", "json"),
    ("show", "REF"),
    ("history", "REF"),
    ("diff", "REF"),
    ("export",),
    ("verify",),
    ("status",),
    ("coverage",),
    ("schedule", "list"),
    ("sources", "list"),
    ("sources", "show", "harbour"),
    ("config",),
    ("init",),
)
WRITING = (
    ("crawl",),
    ("daemon",),
    ("sources", "disable", "harbour"),
    ("schedule", "pause", "harbour"),
    ("reindex",),
)


@dataclass
class Owner:
    """Somebody with an archive of one source, in which one article has two revisions."""

    home: Path
    ref: str

    def run(self, *arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The command, bound by the modes of files."""
        return subprocess.run(
            [*bound_by_modes(), sys.executable, "-m", "dateline", *self.words(arguments)],
            env=self.environment(home),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def words(self, arguments: Sequence[str]) -> list[str]:
        return [self.ref if word == "REF" else word for word in arguments]

    def environment(self, home: Path | None = None) -> dict[str, str]:
        return os.environ | {
            "DATELINE_HOME": str(home or self.home),
            "DATELINE_SOURCES": str(self.home.parent / "sources.yaml"),
            "DATELINE_METRICS": "",
        }


def timeless(text: str) -> str:
    """Output without how long ago things were."""
    return re.sub(r" *\d+ (s|min|h|d) ago *", " … ago ", text)


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    folder = tmp_path_factory.mktemp("read-only")
    with serve() as server:
        server.site("harbour.example", "/patrols", "/fisheries")
        feeds = {"harbour": server.url("harbour.example", "/feed")}
        assert crawl(folder, feeds).exit_code == 0
        server.page(
            "harbour.example", "/patrols", ["The ministers have cancelled the talks on shared patrols in the strait."]
        )
        assert crawl(folder, feeds, "--revisit", "all").sources["harbour"]["revised"] == 1
        yield Owner(folder / "home", server.url("harbour.example", "/patrols"))


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_what_reads_works(owner: Owner, command: tuple[str, ...]) -> None:
    usual = forked.run([sys.executable, "-m", "dateline", *owner.words(command)], env=owner.environment(), timeout=120)
    with only_readable(owner.home):
        ran = owner.run(*command)
    assert ran.returncode == usual.returncode == 0, ran.stderr
    assert timeless(ran.stdout) == timeless(usual.stdout)


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_what_writes_says_so(owner: Owner, command: tuple[str, ...]) -> None:
    before = sorted((path.name, path.stat().st_mtime_ns) for path in owner.home.rglob("*"))
    with only_readable(owner.home):
        ran = owner.run(*command)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert str(owner.home) in ran.stderr or "may only be read" in ran.stderr
    assert sorted((path.name, path.stat().st_mtime_ns) for path in owner.home.rglob("*")) == before


def test_an_archive_whose_process_was_killed(owner: Owner, tmp_path: Path) -> None:
    """What it had committed last stands in the log beside the database, in this copy as well."""
    home = shutil.copytree(owner.home, tmp_path / "copy")
    script = (
        "import os, signal, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode=WAL')\n"
        "c.execute(\"UPDATE sources SET name = 'Harbour, told last'\"); c.commit()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(home / "archive.sqlite")], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (home / "archive.sqlite-wal").stat().st_size
    with only_readable(home):
        told = owner.run("search", "patrols", "--format", "json", home=home)
        shown = subprocess.run(
            [*bound_by_modes(), sys.executable, "-c", _NAME, str(home / "archive.sqlite")],
            capture_output=True,
            text=True,
            check=True,
        )
    assert (told.returncode, "patrols" in told.stdout) == (0, True), told.stderr
    assert shown.stdout.strip() == "Harbour, told last"
    (home / "archive.sqlite-shm").unlink()
    with only_readable(home):
        refused = owner.run("search", "patrols", home=home)
    assert refused.returncode == 1
    assert "archive.sqlite-shm" in refused.stderr


_NAME = (
    "import sys; from sqlalchemy import text; from archive.storage.engine import open_engine\n"
    "with open_engine('sqlite:///' + sys.argv[1]).connect() as c: print(c.scalar(text('SELECT name FROM sources')))"
)


def test_sql_views_of_a_copy(owner: Owner) -> None:
    """As `docs/how-to/read-from-programs.md` shows it: with `immutable`, any program reads such a file."""
    with only_readable(owner.home):
        found = sqlite3.connect(f"file:{owner.home / 'archive.sqlite'}?immutable=1", uri=True)
        assert found.execute("SELECT count(*) FROM v_articles").fetchone() == (2,)
        found.close()
