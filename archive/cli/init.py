"""`dateline init`: make the archive, or bring an older one up to date."""

from __future__ import annotations

from datetime import UTC, datetime

import typer
from rich.markup import escape

from archive.cli.context import settings_of
from archive.cli.output import err
from archive.migrations import NEWEST
from archive.session import prepare, schema_of, upgrade


def register(app: typer.Typer) -> None:
    """Add `init` to the front door's app."""

    @app.command()
    def init(ctx: typer.Context) -> None:
        """Create the archive, or upgrade its schema. An SQLite archive is backed up first. Safe to repeat.

        Examples:

            dateline init
            dateline --home ~/news init
            DATELINE_DATABASE_URL=postgresql+psycopg://me@localhost/news dateline init
        """
        settings = settings_of(ctx)
        engine = prepare(settings)
        before = schema_of(engine)
        backup = upgrade(engine, now=datetime.now(UTC))
        shown = engine.url.render_as_string(hide_password=True)
        if before == NEWEST:
            said = f"nothing to do: {shown} is up to date"
        elif before is None:
            said = f"made {shown}; WARC files go to {settings.warc_path}"
        else:
            said = f"upgraded {shown} from schema {before} to {NEWEST}" + (f"; backup: {backup}" if backup else "")
        err().print(escape(said), soft_wrap=True)
        engine.dispose()
