"""`dateline help`: commands by their name, and subjects whose examples are true."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.cli.console.help import described
from archive.errors import UsageError
from archive.model.source import Source
from archive.query import parse_since
from archive.registry import load
from dateline.main import app
from dateline.subjects import CHANNELS, REGISTRY, SUBJECTS, TIMES


def shown(*words: str) -> str:
    return CliRunner().invoke(app, ["help", *words], catch_exceptions=False).output


def test_help_of_a_command_is_what_the_command_says_of_itself() -> None:
    assert shown("sources", "add") == CliRunner().invoke(app, ["sources", "add", "--help"]).output
    assert shown() == CliRunner().invoke(app, ["--help"]).output


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("serch",), "`search`"),
        (("sources", "chek"), "`sources check`"),
        (("registri",), "`registry`"),
        (("xyz",), "lists the"),
    ],
)
def test_a_misspelt_command_is_told_what_was_meant(words: tuple[str, ...], meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        shown(*words)
    assert caught.value.hint is not None
    assert meant in caught.value.hint


def test_every_subject_is_named_by_the_help_of_help() -> None:
    text = shown("help")
    assert all(re.search(rf"^  {subject} ", text, re.M) for subject in SUBJECTS)


def blocks(text: str) -> list[str]:
    return [block for block in text.split("\n\n") if block.startswith("    ")]


def read(yaml: str, tmp_path: Path) -> Source:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml, encoding="utf-8")
    (source,) = load([file]).sources.values()
    return source


def test_the_example_of_a_registry_is_a_registry(tmp_path: Path) -> None:
    assert read(inspect.cleandoc(blocks(REGISTRY)[0]), tmp_path).id == "yonhap-en"


@pytest.mark.parametrize("block", blocks(CHANNELS))
def test_every_example_of_a_channel_is_a_channel(block: str, tmp_path: Path) -> None:
    entry = "sources:\n  - id: mfa\n    name: MFA\n    homepage: https://www.mfa.example/\n    discover:\n"
    assert read(entry + block + "\n", tmp_path).discover


def test_times_are_understood_as_the_subject_says() -> None:
    for line in blocks(TIMES)[0].splitlines():
        parse_since(line.split()[0], datetime.now(UTC))


@pytest.mark.parametrize("width", [60, 80])
def test_a_command_line_that_is_too_long_goes_on_as_a_shell_takes_it(width: int) -> None:
    command = "dateline search '\"shared patrols\" -fishing' --country ID --since 2026-11-01 --until 2026-11-30"
    lines = [line.plain for line in described(f"Find.\n\nExamples:\n\n    {command}", width)][3:]
    assert len(lines) > 1
    assert "".join(line.rstrip("\\") for line in lines).split() == command.split()
    assert all(line.endswith(" \\") for line in lines[:-1])
    assert max(map(len, lines)) <= width
    assert not any(line.rstrip(" \\").endswith(("--country", "--since", "--until")) for line in lines)


def test_a_meaning_goes_on_below_where_it_began() -> None:
    text = "These are words:\n\n    word     articles that have all of these words in them\n\nThat is all."
    assert [line.plain for line in described(text, 30)][2:5] == [
        "  word     articles that have",
        "           all of these words",
        "           in them",
    ]
