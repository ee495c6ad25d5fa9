"""`dateline init`: make the archive, or bring an older one up to date."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from archive.cli.console.context import command_prefix, settings_of
from archive.cli.console.output import tell
from archive.config import Settings
from archive.masking import masked
from archive.registry import registry_for
from archive.sources.state import source_states, sync_sources
from archive.storage.schema import NEWEST, schema_of, upgrade
from archive.storage.session import Archive, prepare


def register(app: typer.Typer) -> None:
    """Add `init` to the front door's app."""
    app.command()(init)


def init(ctx: typer.Context) -> None:
    """Create the archive, or upgrade it after an update.

    An SQLite archive is backed up before an upgrade. The command may be repeated without harm.

    In a new archive the sources of your own registry are enabled. If you have none, a starter set of the sources that
    come with Dateline is enabled.

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
        said = f"There is nothing to do. {shown} is up to date."
    elif before is None:
        said = f"Created {shown}. The WARC files go to {settings.warc_path}."
    else:
        said = f"Upgraded {shown} from schema {before} to {NEWEST}." + (f" The backup is {backup}." if backup else "")
    tell(said)
    if before is None:
        tell(_enable(settings, Archive(engine), command_prefix(ctx)))
    engine.dispose()


def _enable(settings: Settings, archive: Archive, dateline: str) -> str:
    """Add the registry to a new archive, and say what is enabled and how to go on. `dateline` is how commands begin here.

    Raises:
        RegistryError: The registry cannot be used.
    """
    registry = registry_for(settings)
    with archive.writing() as session:
        sync_sources(session, registry, datetime.now(UTC))
        states = source_states(session, registry.sources.values())
    enabled = sum(state.enabled and state.source.status != "refused" for state in states)
    said = f"{enabled} of the {len(states)} sources of the registry are enabled."
    if enabled < len(states):
        said += (
            f" `{dateline} sources list --all` lists all of them, and `{dateline} sources add ID` takes up one more."
        )
    return (
        f"{said}\nNext: `{dateline} daemon` checks the enabled sources and keeps fetching the news of those that work. "
        f"`{dateline} crawl` fetches it once."
    )
