from __future__ import annotations

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from archive.cli.console.dash_words import QueryCommand

app = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})


@app.command(cls=QueryCommand)
def look(
    query: Annotated[list[str] | None, typer.Argument()] = None,
    source: Annotated[list[str] | None, typer.Option()] = None,
    limit: int = 20,
) -> None:
    typer.echo(f"{query} {source} {limit}")


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["iran", "-nuclear"], "['iran', '-nuclear'] None 20"),
        (["-nuclear", "iran"], "['-nuclear', 'iran'] None 20"),
        (["iran", "-harbour", "--limit", "5"], "['iran', '-harbour'] None 5"),  # -h is an option, -harbour is not
        (["--source", "-x", "iran", "-п"], "['iran', '-п'] ['-x'] 20"),
        (["iran", "--", "-nuclear", "--limit"], "['iran', '-nuclear', '--limit'] None 20"),
        (["iran", "-nuclear deal"], "['iran', '-\"nuclear deal\"'] None 20"),  # the shell took the quotation marks
        (["iran", '-"nuclear deal"'], "['iran', '-\"nuclear deal\"'] None 20"),
        (["-fishing patrols"], "['-fishing patrols'] None 20"),  # a whole query in one word
        (["iran", "-"], "['iran', '-'] None 20"),
    ],
)
def test_words_with_a_minus_are_words(words: list[str], seen: str) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == seen


def test_options_stay_options() -> None:
    assert "Usage" in CliRunner().invoke(app, ["iran", "-h"]).output
    wrong = CliRunner().invoke(app, ["iran", "--limt", "5"])
    assert wrong.exit_code == 2
    assert "--limit" in wrong.output
