"""What pages, files and users wrote is printed as it stands: nothing of it is read as Rich's markup."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table

from archive.cli.console.output import Column, Format, emit, err, out, tell

ROOT = Path(__file__).parents[4]
MARKUP = "[/red] [bold]x[/] [link=http://x]y[/link] :smile: [/"


def test_consoles_and_listings_print_text_as_it_stands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    err().print(MARKUP)
    out().print(MARKUP)
    tell(MARKUP, label=MARKUP, style="red")
    table = Table(title=MARKUP)
    table.add_column(MARKUP)
    table.add_row(MARKUP)
    out().print(table)
    emit([{"a": MARKUP}], [Column("a")], Format.table)
    emit([], [Column("a")], Format.table, empty=MARKUP)
    shown = capsys.readouterr()
    assert (shown.out.count(MARKUP), shown.err.count(MARKUP)) == (5, 4)


def test_say_writes_no_escape_codes(capsys: pytest.CaptureFixture[str]) -> None:
    tell("a\x1b[31mb\u202ec\x9b", label="\x1b]0;x\x07")
    assert capsys.readouterr().err == "]0;x a[31mbc\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "[/red]"),
        ("history", "[/red]"),
        ("diff", "[/red]"),
        ("search", "--source", "[/red]", "x"),
        ("search", "--since", "[/red]", "x"),
        ("export", "--country", "[/red]", "-o", "[/red]/x"),
        ("sources", "show", "[/red]"),
        ("sources", "enable", "[/red]"),
        ("sources", "check", "[/red]"),
        ("sources", "import", "[/red].opml"),
        ("sources", "add", "http://[/red]/"),
        ("crawl", "[/red]"),
        ("crawl", "--sources", "[/red].yaml"),
        ("backfill", "[/red]", "--since", "2026-01-01", "--until", "2026-01-02"),
        ("schedule", "run", "[/red]"),
        ("coverage", "[/red]"),
        ("extract", "[/red].html"),
        ("[/red]",),
        ("--config", "[/red]", "status"),
        ("--home", "[/red]", "status"),
    ],
    ids=" ".join,
)
def test_no_message_of_a_command_breaks_on_markup(
    arguments: tuple[str, ...], tmp_path: Path, made: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dateline", *arguments],
        cwd=tmp_path,
        env=os.environ | made | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (1, 2)
    assert "[/red]" in done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an archive that knows one source."""
    folder = tmp_path_factory.mktemp("markup")
    (folder / "sources.yaml").write_text("sources: [{id: a, name: a, homepage: 'http://127.0.0.1:1/'}]\n", "utf-8")
    env = {"DATELINE_HOME": str(folder / "home"), "DATELINE_SOURCES": str(folder / "sources.yaml"), "COLUMNS": "200"}
    subprocess.run([sys.executable, "-m", "dateline", "init"], env=os.environ | env, cwd=ROOT, check=True)
    return env


def test_no_module_asks_for_markup() -> None:
    """`escape` would show its backslashes on our consoles, and markup is off on them: a `Text` has its style without."""
    found = []
    for folder in ("archive", "crawler", "scheduler", "dateline"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module == "rich.markup":
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno} imports rich.markup")
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Console":
                    names = {keyword.arg for keyword in node.keywords}
                    if not {"markup", "emoji"} <= names:
                        found.append(f"{file.relative_to(ROOT)}:{node.lineno} makes a console with markup")
                if (
                    isinstance(node, ast.keyword)
                    and node.arg == "markup"
                    and getattr(node.value, "value", None) is True
                ):
                    found.append(f"{file.relative_to(ROOT)}:{node.value.lineno} turns markup on")
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TextColumn":
                    turned_off = any(keyword.arg == "markup" for keyword in node.keywords)
                    if not turned_off and not isinstance(node.args[0], ast.JoinedStr):
                        found.append(f"{file.relative_to(ROOT)}:{node.lineno} shows a column with markup")
    assert found == []
