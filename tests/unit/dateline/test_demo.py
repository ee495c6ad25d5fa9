from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.config import load_settings
from archive.errors import UsageError
from archive.registry import load as load_registry
from dateline import demo
from dateline.newsroom import Newsroom, Request

NOW = datetime(2024, 3, 1, 6, tzinfo=UTC)


def request(status: int, sent: int) -> Request:
    return Request(1, NOW, 0.0, NOW, "a.example", "GET", "/", status, sent, 4711)


def test_a_new_home_is_made_and_marked(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    demo.prepare_home(home)
    assert [file.name for file in home.iterdir()] == [demo.MARK]


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    demo.prepare_home(tmp_path / "home")
    (tmp_path / "home" / "archive.sqlite").write_text("old")
    demo.prepare_home(tmp_path / "home")
    assert not (tmp_path / "home" / "archive.sqlite").exists()


def test_a_folder_with_anything_else_in_it_stays_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not made by a demo"):
        demo.prepare_home(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    demo.prepare_home(tmp_path)
    assert (tmp_path / demo.MARK).is_file()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_refused(tmp_path: Path, kind: str) -> None:
    home = tmp_path / "home"
    if kind == "file":
        home.write_text("x")
    else:
        demo.prepare_home(tmp_path / "real")
        home.symlink_to(tmp_path / "real")
    with pytest.raises(UsageError, match="is no folder"):
        demo.prepare_home(home)


def test_the_home_has_settings_for_every_later_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = Path('with "quotes" и пробел')
    demo.prepare_home(home)
    demo.write_settings(home, Newsroom(8780, 8781))
    settings = load_settings(home=home)
    monkeypatch.chdir("/")
    assert settings.resolve["thoidaiquocte.example"] == "127.0.0.1"
    assert [str(network) for network in settings.allow_networks] == ["127.0.0.0/8"]
    assert "hanbit-ko" in load_registry(settings.sources).sources


def test_settings_of_another_archive_do_not_reach_the_demo() -> None:
    given = {"DATELINE_DATABASE_URL": "postgresql+psycopg://precious", "PATH": "/bin", "COLUMNS": "70"}
    assert demo.environment(given) == {"PATH": "/bin", "COLUMNS": "70"}


def test_output_that_goes_to_a_file_is_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert demo.environment({})["COLUMNS"] == str(demo.WIDTH)


def test_commands_are_shown_as_they_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [".venv/bin/dateline", "demo"])
    monkeypatch.setattr("shutil.which", lambda name: None)
    commands = demo.Commands(Path("my home"), demo.command_name())
    assert commands.line("search", "Red Sea") == ".venv/bin/dateline --home 'my home' search 'Red Sea'"
    monkeypatch.setattr("shutil.which", lambda name: str(Path(".venv/bin/dateline").resolve()))
    assert demo.command_name() == "dateline"
    monkeypatch.setattr(sys, "argv", ["/usr/lib/python3/__main__.py", "demo"])
    assert demo.command_name() == f"{sys.executable} -m dateline"


def test_a_command_that_fails_ends_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def fake(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        return subprocess.CompletedProcess(command, 1, "", "")

    monkeypatch.setattr("subprocess.run", fake)
    with pytest.raises(demo.DemoError, match="crawl` ended with status 1"):
        demo.Commands(Path("h"), "dateline").show("crawl")
    assert seen == [[sys.executable, "-P", "-m", "dateline", "--home", "h", "crawl"]]


def test_new_revisions_are_those_of_articles_known_before() -> None:
    records: list[dict[str, Any]] = [
        {"id": "a", "revisions": [{"number": 1}, {"number": 2}, {"number": 3}]},
        {"id": "b", "revisions": [{"number": 1}]},
        {"id": "new", "revisions": [{"number": 1}]},
    ]
    assert demo.new_revisions(records, {"a": 1, "b": 1}) == [{"number": 2}, {"number": 3}]


def test_requests_are_told_by_what_they_brought() -> None:
    told = demo.requests_told([request(304, 0), request(304, 0), request(200, 2048)])
    assert told.startswith("3 requests: 2 were answered with 304")
    assert "The other 1 went" in told
    assert "(2 KB)" in told
