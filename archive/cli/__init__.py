"""Sub-commands of the archive room."""

from __future__ import annotations

import typer

from archive.cli import (
    config,
    coverage,
    diff,
    export,
    history,
    init,
    opml,
    reindex,
    search,
    show,
    sources,
    status,
    verify,
)


def register(app: typer.Typer) -> None:
    """Add this room's commands to the front door's app, in the order in which `--help` shows them."""
    init.register(app)
    opml.register(sources.app)
    app.add_typer(sources.app, name="sources")
    for command in (search, show, history, diff, export, status, coverage, verify, reindex, config):
        command.register(app)
