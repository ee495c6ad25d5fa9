"""A command of `dateline` in the test's own process: quick, where no process of its own is needed."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from dateline.main import app


def invoke(home: Path, *arguments: str) -> Result:
    """Run `dateline --home HOME ARGUMENTS` to its end. An exception comes through, as to the front door."""
    result = CliRunner().invoke(app, ["--home", str(home), *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
