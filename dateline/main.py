"""The front door: the `dateline` command."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from archive.cli.console.context import CommandContext
from archive.cli.console.help import App
from archive.cli.console.output import tell
from archive.cli.console.output_target import discard_stdout, tell_of_lost_output
from archive.errors import DatelineError, UsageError
from archive.logs import show_crash
from archive.masking import masked_text
from crawler.extraction_pool.gc_tuning import collect_seldom
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
    ctx.obj = CommandContext(home=home, config=config, verbosity=-1 if quiet else verbose)


def main() -> None:
    """Run the `dateline` command.

    Our own errors, and those of the machine such as a full disk, become one message and an exit status.
    """
    collect_seldom()
    allow_large_files()
    os.environ["PYTHONSAFEPATH"] = "1"  # no process that is started from here imports from the working folder
    sys.excepthook = show_crash
    tell_of_lost_output()
    try:
        try:
            app()
        except SystemExit:
            sys.stdout.flush()
            raise
    except BrokenPipeError:  # who read the output has had enough
        discard_stdout()
        sys.exit(1)
    except DatelineError as error:
        _tell(error)
        sys.exit(error.exit_code)
    except UnicodeEncodeError as error:
        # Python keeps bytes of a command line that are no text as halves of surrogate pairs (PEP 383). Paths may hold such bytes;
        # nothing in an archive does.
        if not any("\udc80" <= c <= "\udcff" for word in sys.argv for c in word):
            raise
        wrong = UsageError(
            "a word of this command is not UTF-8 text", hint="Type it again, or set your terminal to UTF-8."
        )
        _tell(wrong)
        raise SystemExit(wrong.exit_code) from error
    except Exception as error:
        from archive.outage import explain  # SQLAlchemy takes its time to load

        if (explained := explain(error)) is None:
            raise
        _tell(explained)
        sys.exit(explained.exit_code)


def _tell(error: DatelineError) -> None:
    tell(masked_text(error.message), label="error:", style="bold red")
    if error.hint:
        tell(error.hint)


def allow_large_files() -> None:
    """Let this process write files as large as the system allows it to. A limit that a shell has set (`ulimit -f`) is meant for
    programs that run wild; an archive does not fit into it, and each write would stop in the middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if soft == resource.RLIM_INFINITY:
        return
    for limit in (resource.RLIM_INFINITY, hard):  # only root may go above the hard limit
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            return


if __name__ == "__main__":
    main()
