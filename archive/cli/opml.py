"""`dateline sources import` and `sources export`: lists of feeds as other readers write and read them (OPML)."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from archive.cli.console.context import settings_of
from archive.cli.console.output import Column, Format, FormatOption, emit, tell
from archive.cli.console.output_target import target
from archive.cli.console.own_registry import add_own_sources, own_file, write_own_file
from archive.cli.console.query_options import counted
from archive.config import Settings
from archive.errors import UsageError
from archive.model.source import Source
from archive.registry import Registry, registry_for
from archive.registry.opml import BYTE_LIMIT, OpmlImport, read_opml, write_opml
from archive.sources.state import choose_sources, new_states, source_states
from archive.storage.locks import is_scheduled
from archive.storage.session import has_archive, opened

LEFT_OUT = {
    "known": "the registry has it already",
    "twice": "it stands in the file twice",
    "no-address": "it has no address that can be fetched",
    "limit": "the file is too long",
}
COLUMNS = (
    Column("id", style="bold", wrap=False),
    Column("name"),
    Column("homepage", address=True),
    Column("feeds", align="right", show=lambda value: str(len(value))),
)


def register(sources_app: typer.Typer) -> None:
    """Add `import` and `export` to the `sources` commands."""
    sources_app.command("import")(import_opml)
    sources_app.command("export")(export_opml)


def import_opml(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE.opml", help="An OPML file, or - for standard input.", show_default=False)
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added, but write nothing.")] = False,
    fmt: FormatOption = Format.table,
) -> None:
    """Add the feeds of an OPML file to your registry.

    Feed readers export their lists as OPML. Each homepage in it becomes one source. The sources are written to the file
    sources/FILE.yaml in the home. Feeds that the registry already has are left out.

    The import itself asks no server. The daemon, `dateline crawl` or `dateline sources check` checks the new sources
    before they are polled.

    Examples:

        dateline sources import feeds.opml --dry-run
        dateline sources import feeds.opml
    """
    settings = settings_of(ctx)
    registry = registry_for(settings)
    found = read_opml(_bytes_of(file), tuple(registry.sources.values()))
    if found.problem is not None:
        raise UsageError(f"{file}: {found.problem}", hint="Feed readers export their lists as OPML.")
    emit((_row(source) for source in found.sources), COLUMNS, fmt, empty="The file has no feed that is new.")
    _tell_of_left_out(found)
    if found.sources and not dry_run:
        _keep(settings, file, found.sources)


def export_opml(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID",
            help="The sources to export. Without an id all enabled sources are exported.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="Write to this file. Without it the list goes to standard output.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write sources as an OPML file, which feed readers can import.

    A source without a feed is listed with its homepage.

    Examples:

        dateline sources export -o feeds.opml
        dateline sources export yonhap-en bbc-world
    """
    settings = settings_of(ctx)
    registry = registry_for(settings)
    chosen = choose_sources(registry, ids) if ids else _enabled(settings, registry)
    data = write_opml(chosen, "Dateline", datetime.now(UTC))
    with target(output) as stream:
        stream.write(data)
    if output and output != "-":
        tell(f"Wrote {counted(len(chosen), 'source')} to {output}.")


def _bytes_of(file: str) -> bytes:
    """What is in the file, one byte more than is read at most: an endless one must not fill the memory."""
    if file == "-":
        return sys.stdin.buffer.read(BYTE_LIMIT + 1)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(BYTE_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: {getattr(error, 'strerror', None) or error}") from error


def _row(source: Source) -> dict[str, object]:
    return {
        "id": source.id,
        "name": source.name,
        "homepage": source.homepage,
        "language": source.language[0] if source.language else None,
        "feeds": [channel.url for channel in source.discover],
    }


def _tell_of_left_out(found: OpmlImport) -> None:
    for what, reason in found.left_out:
        tell(f"left out: {what} ({LEFT_OUT[reason]})")


def _keep(settings: Settings, name: str, sources: tuple[Source, ...]) -> None:
    """Write the sources to a file of their own, and take them into the archive, if there is one."""
    stem = re.sub(r"[^\w.-]+", "-", Path(name).stem).strip("-.") if name != "-" else ""
    file = own_file(settings, stem or "imported")
    write_own_file(file, sources, "Rename the OPML file, or remove the other one.")
    tell(f"Wrote {counted(len(sources), 'source')} to {file}.")
    tell(add_own_sources(settings, file) or _next(settings))


def _next(settings: Settings) -> str:
    """Who checks the new sources."""
    with opened(settings) as archive:
        scheduled = is_scheduled(archive.engine, settings.home)
    if scheduled:
        return "The daemon checks them one after another, and polls those that work."
    return (
        "Next: `dateline daemon` checks them and polls those that work. `dateline crawl` does that once, and "
        "`dateline sources check` only checks them."
    )


def _enabled(settings: Settings, registry: Registry) -> list[Source]:
    """The sources that are enabled and do not refuse to be read, as `sources list` shows them."""
    sources = tuple(registry.sources.values())
    if has_archive(settings):
        with opened(settings) as archive, archive.reading() as session:
            states = source_states(session, sources)
    else:
        states = new_states(sources)
    return [state.source for state in states if state.enabled and state.source.status != "refused"]
