"""`dateline daemon`: collect on schedule until stopped."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from archive.cli.console.context import CommandContext, settings_of
from archive.errors import UsageError
from archive.model.clock import SystemClock
from archive.storage.session import open_archive


def register(app: typer.Typer) -> None:
    """Add `daemon` to the front door's app."""

    @app.command()
    def daemon(
        ctx: typer.Context,
        workers: Annotated[
            int,
            typer.Option(
                min=0,
                max=64,
                metavar="N",
                help="Run this many fetching processes here. With 0 they are started elsewhere (`dateline worker`).",
            ),
        ] = 1,
    ) -> None:
        """Collect on schedule until it is stopped.

        Each source is polled when it is likely to have news, and articles are looked at again when they may have changed.
        SIGTERM or Ctrl-C ends the daemon within 30 seconds. It reads the registry again on SIGHUP, and when a file of the
        registry changes. On PostgreSQL a second daemon waits, and takes over if the first one dies.

        Examples:

            dateline daemon
            dateline schedule         what is polled next, and why
            dateline status --watch   what is being fetched
        """
        settings = settings_of(ctx, service=True)
        archive = open_archive(settings, create=True)
        if workers > 1 and archive.engine.dialect.name != "postgresql":
            raise UsageError(
                "an SQLite archive has one fetching process",
                hint="More of them need PostgreSQL (DATELINE_DATABASE_URL).",
            )

        from scheduler.daemon import Daemon

        async def run() -> None:
            await Daemon(
                settings, archive, clock=SystemClock(), worker_command=worker_command(ctx.obj), workers=workers
            ).run()

        asyncio.run(run())


def worker_command(context: CommandContext) -> list[str]:
    """The command of a fetching process with the options that this process was given.

    With `-P` no module comes from the working folder.
    """
    command = [sys.executable, "-P", "-m", "dateline"]
    if context.home is not None:
        command += ["--home", str(context.home)]
    if context.config is not None:
        command += ["--config", str(context.config)]
    command += ["-v"] * context.verbosity if context.verbosity > 0 else ["-q"] if context.verbosity < 0 else []
    return [*command, "worker", "--managed"]
