"""`dateline reindex`: make the full-text index anew."""

from __future__ import annotations

import typer

from archive.cli.console.context import settings_of
from archive.cli.console.output import tell
from archive.cli.console.query_options import archive_of, counted, progress_bar
from archive.search import rebuild
from archive.storage.locks import fetching_lock


def register(app: typer.Typer) -> None:
    """Add `reindex` to the front door's app."""
    app.command()(reindex)


def reindex(ctx: typer.Context) -> None:
    """Rebuild the full-text index.

    Run this when `dateline search` asks for it after an upgrade. The old index is used until the new one is complete.
    No crawl may run at the same time.

    Examples:

        dateline reindex
    """
    home = settings_of(ctx).home
    with archive_of(ctx) as archive, fetching_lock(archive.engine, home), progress_bar() as bar:
        task = bar.add_task("revisions", total=None)
        with archive.writing() as session:
            done = rebuild(session, lambda n, total: bar.update(task, completed=n, total=total))
    tell(f"Indexed {counted(done, 'revision')}.")
