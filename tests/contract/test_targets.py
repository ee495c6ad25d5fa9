"""Where commands write: files whole or not at all, links, devices, pipes; full disks and readers that have had enough."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.errors import DatelineError
from archive.testing import Desk, an_article
from dateline.main import app

ROOT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
WRITERS: Sequence[tuple[str, ...]] = (("export",), ("sources", "export", "harbour-times"))
"""All commands that have `-o`."""


def undated(text: str) -> str:
    """OPML says when it was made."""
    return re.sub(r"<dateCreated>.*?</dateCreated>", "", text)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    registry = tmp_path / "sources.yaml"
    registry.write_text("sources: [{id: harbour-times, name: H, homepage: 'https://www.harbour-times.example/'}]\n")
    own = {"DATELINE_HOME": str(tmp_path), "DATELINE_SOURCES": str(registry), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return os.environ | own


@pytest.fixture
def run(environment: dict[str, str], news_desk: Desk, tmp_path: Path) -> Run:
    """`run("export")` in a folder of its own, over an archive with one article (on SQLite)."""
    news_desk.record(an_article())
    (tmp_path / "cwd").mkdir()

    def start(*words: str, shell: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dateline", *words]
        if shell is not None:
            command = ["bash", "-o", "pipefail", "-c", shell, *command]
        return subprocess.run(
            command, cwd=tmp_path / "cwd", env=environment, capture_output=True, text=True, check=False
        )

    return start


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
def test_targets_of_every_command(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    here = tmp_path / "cwd"
    expected = undated(run(*command).stdout)
    assert expected

    # A regular file: replaced, and its mode kept.
    (here / "there").write_text("old")
    (here / "there").chmod(0o640)
    assert run(*command, "-o", "there").returncode == 0
    assert undated((here / "there").read_text()) == expected
    assert stat.S_IMODE((here / "there").stat().st_mode) == 0o640

    # A chain of links stays, and what it points to is replaced or made.
    (here / "link").symlink_to("second")
    (here / "second").symlink_to(tmp_path / "behind")
    for _ in range(2):
        assert run(*command, "-o", "link").returncode == 0
        assert undated((tmp_path / "behind").read_text()) == expected
    assert (here / "link").is_symlink()
    assert (here / "second").is_symlink()

    # A device, standard output by its name, and a file descriptor of the shell.
    assert run(*command, "-o", "/dev/null").returncode == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert undated(run(*command, "-o", "/dev/stdout").stdout) == expected
    assert undated(run(*command, "-o", "-").stdout) == expected
    wait = "; while [ ! -e done ]; do :; done"
    assert run(*command, shell=f'"$0" "$@" -o >(cat > substituted; touch done){wait}').returncode == 0
    assert undated((here / "substituted").read_text()) == expected

    # The longest name that a file can have.
    assert run(*command, "-o", "n" * 255).returncode == 0
    assert not list(here.glob(".*.part"))


@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
def test_a_named_pipe_is_written_to(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    pipe = tmp_path / "cwd" / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert run(*command, "-o", "pipe").returncode == 0
    reader.join()
    assert [undated(text) for text in read] == [undated(run(*command).stdout)]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    alone = run(*command, "-o", "pipe")
    assert alone.returncode == 1
    assert "No program reads from this pipe." in alone.stderr


@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        (".", 2, "is a folder"),
        ("..", 2, "is a folder"),
        ("/", 2, "is a folder"),
        ("folder", 2, "is a folder"),
        ("new/", 2, "is a folder"),
        ("", 2, "the name of the file to write is empty"),
        ("no/such/x", 1, "does not exist. Make it first."),
        ("n" * 256, 1, "Choose a shorter name."),
        ("n" * 5000, 1, "Choose a shorter name."),
        ("ä" * 200, 1, "Choose a shorter name."),
        ("loop", 1, "leads back to itself"),
        ("sources.yaml/x", 1, "Not a directory"),
        ("/dev/full", 1, "No space left on device"),
    ],
)
def test_what_cannot_be_written_is_told(
    environment: dict[str, str],
    news_desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    name: str,
    status: int,
    said: str,
) -> None:
    for variable in ("DATELINE_HOME", "DATELINE_SOURCES"):
        monkeypatch.setenv(variable, environment[variable])
    here = tmp_path / "cwd"
    (here / "folder").mkdir(parents=True)
    (here / "sources.yaml").touch()
    (here / "loop").symlink_to("loop")
    monkeypatch.chdir(here)
    news_desk.record(an_article())
    done = CliRunner().invoke(app, [*command, "-o", name])
    assert isinstance(done.exception, DatelineError)
    assert (done.exception.exit_code, done.stdout) == (status, "")
    assert said in f"{done.exception.message} {done.exception.hint}"
    assert sorted(path.name for path in here.iterdir()) == ["folder", "loop", "sources.yaml"]
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


PRINTERS: Sequence[tuple[str, ...]] = (
    *WRITERS,
    ("search", "harbour"),
    ("search", "harbour", "--format", "csv"),
    ("show", "https://www.harbour-times.example/news/pact"),
    ("sources", "list", "--format", "json"),
    ("status", "--format", "json"),
    ("config",),
    ("--version",),
    ("--help",),
)


@pytest.mark.parametrize("command", PRINTERS, ids=" ".join)
def test_a_full_standard_output_is_an_error_in_one_sentence(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, shell='"$0" "$@" > /dev/full')
    assert done.returncode == 1
    assert done.stderr.count("standard output cannot be written: No space left on device") == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("command", PRINTERS, ids=" ".join)
def test_a_reader_that_has_had_enough_is_no_error(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, shell='"$0" "$@" | true')
    assert "rror" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_export_that_fails_leaves_the_old_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cwd" / "archive.jsonl"
    file.write_text("old")
    assert run("export", "--source", "nobody", "-o", "archive.jsonl").returncode == 2
    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]
    assert run("export", "-o", "archive.jsonl").returncode == 0
    assert json.loads(file.read_text())["source"] == "harbour-times"
