"""Sub-commands of the crawler room."""

from __future__ import annotations

import typer

from crawler.cli import add, check, crawl, extract, worker


def register(app: typer.Typer, *, sources: typer.Typer, plan: crawl.Planner) -> None:
    """Add this room's commands to the front door's app; `sources check` and `sources add` to the archive's `sources` commands.

    `plan` is the scheduler's: it makes the jobs that `crawl` carries out.
    """
    crawl.register(app, plan)
    worker.register(app)
    check.register(sources)
    add.register(sources)
    extract.register(app)
