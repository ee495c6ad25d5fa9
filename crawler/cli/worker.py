"""`dateline worker`: one more fetching process."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.cli.console.context import settings_of
from archive.model.clock import SystemClock
from archive.registry import registry_for
from archive.storage.session import open_archive

RECYCLED = 75
"""Exit status that asks for a new process in its place (EX_TEMPFAIL of sysexits.h)."""


def register(app: typer.Typer) -> None:
    """Add `worker` to the front door's app."""

    @app.command()
    def worker(
        ctx: typer.Context,
        managed: Annotated[
            bool,
            typer.Option("--managed", hidden=True, help="End with standard input: the daemon holds its other end."),
        ] = False,
        backfill_of: Annotated[
            str | None,
            typer.Option("--backfill-of", hidden=True, help="Only backfills of these sources (comma-separated ids)."),
        ] = None,
    ) -> None:
        """Add a fetching process, on this machine or another.

        A worker fetches what the daemon has planned. The daemon starts one worker by itself. More of them need PostgreSQL.

        SIGTERM ends a worker within 30 seconds, and the other workers do what it had left to do. Exit status 75 means: restart
        me. A worker renews itself so after many jobs.

        Examples:

            dateline worker
            DATELINE_DATABASE_URL=postgresql+psycopg://me@db/news dateline --home /srv/worker2 worker
        """
        # The process of a backfill that a person waits for is a part of that command.
        settings = settings_of(ctx, service=backfill_of is None)
        archive = open_archive(settings)

        from crawler.runner.crawl import run_worker  # Scrapy takes a second to import: not for --help

        ended = run_worker(
            settings,
            archive,
            lambda: registry_for(settings),
            clock=SystemClock(),
            managed=managed,
            backfill_of=backfill_of.split(",") if backfill_of is not None else None,
        )
        if ended != "stopped":
            raise typer.Exit(RECYCLED)
