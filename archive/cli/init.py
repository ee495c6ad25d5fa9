"""`dateline init`: make the archive, or bring an older one up to date."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from archive.cli.context import settings_of
from archive.cli.output import tell
from archive.config import Settings
from archive.masking import masked
from archive.migrations import NEWEST
from archive.registry import registry_for
from archive.session import Archive, prepare, schema_of, upgrade
from archive.sources import source_states, sync_sources


def register(app: typer.Typer) -> None:
    """Add `init` to the front door's app."""

    @app.command()
    def init(ctx: typer.Context) -> None:
        """Create the archive, or upgrade its schema. An SQLite archive is backed up first. Safe to repeat.

        A new archive enables the sources of your own registry, or the starter set of the shipped one.

        Examples:

            dateline init
            dateline --home ~/news init
            DATELINE_DATABASE_URL=postgresql+psycopg://me@localhost/news dateline init
        """
        settings = settings_of(ctx)
        engine = prepare(settings)
        before = schema_of(engine)
        backup = upgrade(engine, now=datetime.now(UTC))
        shown = masked(engine.url)
        if before == NEWEST:
            said = f"nothing to do: {shown} is up to date"
        elif before is None:
            said = f"made {shown}; WARC files go to {settings.warc_path}"
        else:
            said = f"upgraded {shown} from schema {before} to {NEWEST}" + (f"; backup: {backup}" if backup else "")
        tell(said)
        if before is None:
            tell(_enable(settings, Archive(engine)))
        engine.dispose()


def _enable(settings: Settings, archive: Archive) -> str:
    """Take the registry into a new archive; says what is enabled and how to go on. Raises RegistryError."""
    registry = registry_for(settings)
    with archive.writing() as session:
        sync_sources(session, registry, datetime.now(UTC))
        states = source_states(session, registry.sources.values())
    enabled = sum(state.enabled and state.source.status != "refused" for state in states)
    said = f"enabled {enabled} of {len(states)} sources of the registry"
    if enabled < len(states):
        said += ": `dateline sources list` shows all, `dateline sources enable ID` adds one"
    return f"{said}\nnext: `dateline sources check` finds those that are alive, `dateline crawl` fetches their news"
