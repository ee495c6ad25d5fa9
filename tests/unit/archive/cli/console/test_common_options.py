"""What every command has without asking for it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from archive.cli.console.common_options import add_common_options
from archive.cli.console.output import Column, Format, FormatOption, emit
from archive.errors import UsageError
from dateline.main import app

ROWS: list[dict[str, Any]] = [
    {"id": "a", "title": "=1+1", "authors": ["Ada", "Kim"], "counts": {"robots": 2}, "hidden": "\x9b31m\u202e"},
    {"id": "b", "title": None, "authors": [], "counts": {}, "hidden": None},
]


def newcomer() -> typer.Typer:
    """A command that somebody adds one day."""
    made = typer.Typer()

    @made.command()
    def listing(fmt: FormatOption = Format.table) -> None:
        emit(ROWS, [Column("id"), Column("title"), Column("authors"), Column("counts")], fmt)

    @made.command()
    def other(ids: Annotated[list[str] | None, typer.Argument(metavar="ID")] = None) -> None:
        typer.echo(ids)

    add_common_options(made)
    add_common_options(made)
    return made


def test_a_new_listing_has_it_all() -> None:
    shown = CliRunner().invoke(newcomer(), ["listing", "--format", "csv", "--bom"])
    assert shown.stdout.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(shown.stdout.lstrip("\ufeff")))) == [
        ["id", "title", "authors", "counts"],
        ["a", "'=1+1", "Ada; Kim", "robots: 2"],
        ["b", "", "", ""],
    ]
    assert not CliRunner().invoke(newcomer(), ["listing", "--format", "csv"]).stdout.startswith("\ufeff")
    written = CliRunner().invoke(newcomer(), ["listing", "--format", "json"]).stdout
    assert json.loads(written) == ROWS
    assert "\x9b" not in written
    assert "\u202e" not in written
    lines = CliRunner().invoke(newcomer(), ["listing", "--format", "jsonl"]).stdout.splitlines()
    assert [json.loads(line) for line in lines] == ROWS
    assert "--bom" in CliRunner().invoke(newcomer(), ["listing", "--help"]).stdout
    assert "--bom" not in CliRunner().invoke(newcomer(), ["other", "--help"]).stdout


@pytest.mark.parametrize("fmt", ["table", "json", "jsonl"])
def test_a_mark_is_for_csv(fmt: str) -> None:
    refused = CliRunner().invoke(newcomer(), ["listing", "--format", fmt, "--bom"])
    assert isinstance(refused.exception, UsageError)
    assert refused.stdout == ""


def test_an_empty_listing_is_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    emit([], [Column("id")], Format.json)
    assert capsys.readouterr().out == "[]\n"


@pytest.mark.parametrize("fmt", [Format.json, Format.jsonl, Format.csv])
def test_rows_are_printed_before_the_last_is_known(fmt: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    sizes = []

    def rows() -> Iterator[Mapping[str, Any]]:
        for row in ROWS * 3:
            sizes.append(len(stream.getvalue()))
            yield row

    emit(rows(), [Column("id")], fmt)
    assert all(before < after for before, after in pairwise(sizes))


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("dateline crawl yonhap", "yonhap-en"),
        ("dateline sources show yonhap", "yonhap-en"),
        ("dateline schedule pause yonhap", "yonhap-en"),
        ("dateline search x --source yonhap", "yonhap-en"),
        ("dateline export --country K", "KR"),
        ("dateline sources list --language k", "ko"),
        ("dateline backfill start yonhap", "yonhap-en"),
    ],
)
def test_the_shell_completes(line: str, completed: str, tmp_path: Path) -> None:
    shown = _completions(line, tmp_path)
    assert completed in shown.split()


def test_a_registry_of_ones_own_is_completed(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("sources: [{id: my-paper, name: Mine, homepage: 'https://mine.example/', country: VN}]", "utf-8")
    (tmp_path / "dateline.toml").write_text(f"sources = [{str(mine)!r}]", "utf-8")
    assert _completions(f"dateline --home {tmp_path} crawl ", tmp_path).split() == ["my-paper"]


def test_whoever_presses_tab_is_told_no_errors(tmp_path: Path) -> None:
    (tmp_path / "dateline.toml").write_text("delay = 'no number'", "utf-8")
    assert _completions(f"dateline --home {tmp_path} crawl ", tmp_path).strip() == ""


def _completions(line: str, home: Path) -> str:
    given = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    asked = {"_DATELINE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    result = CliRunner().invoke(app, [], prog_name="dateline", env=given | asked | {"DATELINE_HOME": str(home)})
    assert "Traceback" not in result.output
    return result.stdout


def test_completion_works_as_a_shell_asks(tmp_path: Path) -> None:
    """In a process of its own, with the command's real name."""
    script = Path(sys.executable).with_name("dateline")
    asked = {"_DATELINE_COMPLETE": "complete_bash", "COMP_WORDS": "dateline status yonhap-e", "COMP_CWORD": "2"}
    done = subprocess.run([script], env=os.environ | asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["yonhap-en"]
    assert done.stderr == ""
