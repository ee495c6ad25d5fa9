"""The front door: the `dateline` command."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from archive.cli.context import Context
from archive.cli.help import App
from archive.cli.output import tell
from archive.cli.terminal import safe
from archive.errors import DatelineError
from crawler.garbage import collect_seldom
from dateline.commands import OnDemand

app = App(
    name="dateline",
    cls=OnDemand,
    help="""Collect foreign-policy news from the sources that you choose, and keep every version of every article.

    To begin, type `dateline init`, then `dateline daemon` or `dateline crawl`. `dateline help COMMAND` explains a command.
    """,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dateline {installed_version('dateline')}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            help="The folder of the archive. Default: $DATELINE_HOME, else ./dateline-home.", show_default=False
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="The settings file. Default: dateline.toml in the home.", show_default=False)
    ] = None,
    verbose: Annotated[
        int,
        typer.Option(
            "-v", "--verbose", count=True, help="Say more. Given twice, it says everything.", show_default=False
        ),
    ] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what went wrong.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    ctx.obj = Context(home=home, config=config, verbosity=-1 if quiet else verbose)


def main() -> None:
    """Entry point of the `dateline` command: runs it and turns our own errors into one message and an exit status."""
    collect_seldom()
    try:
        app()
    except DatelineError as error:
        tell(Text.assemble(("error:", "bold red"), f" {safe(error.message)}"))
        if error.hint:
            tell(error.hint)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
