from __future__ import annotations

import pytest
from typer.testing import CliRunner

from archive.cli.console.help import summary
from dateline.commands import COMMANDS, OnDemand, loaded
from dateline.main import app


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_found_by_its_name(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert f"dateline {name}" in shown.output


def test_help_lists_all_of_them_in_groups() -> None:
    lines = CliRunner().invoke(app, ["--help"]).output.splitlines()
    assert [name for name in COMMANDS if not any(line.startswith(f"  {name} ") for line in lines)] == []
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Collect:", "Read:", "Look after:", "Learn:", "Options:"]


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_list_says_of_a_command_is_the_first_sentence_of_its_help(name: str) -> None:
    assert COMMANDS[name].does == summary(loaded(name).help)


def test_what_was_meant_is_suggested() -> None:
    told = CliRunner().invoke(app, ["serch"])
    assert told.exit_code == 2
    assert "search" in told.output


def test_a_command_is_loaded_once() -> None:
    group = OnDemand(name="dateline")
    assert group.get_command(None, "sources") is group.get_command(None, "sources")
