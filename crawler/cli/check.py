"""`dateline sources check`: which channels are alive?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.cli.context import settings_of
from archive.cli.output import Column, Format, FormatOption, emit
from archive.cli.progress import spinner
from archive.errors import UsageError
from archive.found import complete
from archive.model.source import Source
from archive.registry import Registry, registry_for
from archive.session import Archive, open_archive
from archive.sources import POLLED_KINDS, choose_sources, source_states, sync_sources

if TYPE_CHECKING:
    from crawler.check import ChannelCheck

COLUMNS = (
    Column("source", style="bold", wrap=False),
    Column("channel", address=True),
    Column("outcome", wrap=False),
    Column("items", align="right", wrap=False, show=lambda value: "·" if value is None else str(value)),
    Column("newest_at", "newest", wrap=False, show=lambda value: str(value)[:10] if value else "·"),
    Column("without_date", "undated", align="right", leave_out=2, show=lambda value: str(value) if value else "·"),
    Column("robots", wrap=False, leave_out=1, show=lambda value: str(value or "·")),
    Column("detail"),
)


def register(sources_app: typer.Typer) -> None:
    """Add `check` to the `sources` commands."""

    @sources_app.command()
    def check(
        ctx: typer.Context,
        ids: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="ID",
                help="The sources to check. Without an id all enabled sources are checked.",
                show_default=False,
            ),
        ] = None,
        fmt: FormatOption = Format.table,
    ) -> None:
        """Find out which sources work.

        robots.txt and every channel are fetched, the items are counted, and the newest date is read. Nothing is stored in the
        archive but the result. If the registry names no channel for a source, its site is searched for one, and what is found
        is remembered. A source with a channel that works is verified from then on, and `dateline crawl` polls it.

        The exit status is 1 if a channel does not work.

        Examples:

            dateline sources check                  all enabled sources
            dateline sources check yonhap-en        one source
            dateline sources check --format jsonl   for a monitoring program
        """
        settings = settings_of(ctx)
        registry = registry_for(settings)
        archive = open_archive(settings)
        with archive.writing() as session:
            sync_sources(session, registry, datetime.now(UTC))
            registry = complete(session, registry)
        chosen = _choose(archive, registry, ids or [])

        from crawler.check import check_sources  # Scrapy takes a second to import: not for --help

        count = len(chosen)
        told = f"checking {count} source{'s' if count != 1 else ''}, one request at a time to each host …"
        with spinner(told):
            checks = check_sources(settings, archive, chosen)
        emit((_row(check) for check in checks), COLUMNS, fmt)
        failed = [check for check in checks if not check.liveness.alive and check.liveness.outcome != "unchecked"]
        if failed:
            raise typer.Exit(1)


def _choose(archive: Archive, registry: Registry, ids: list[str]) -> list[Source]:
    """The sources named, else those worth asking. Raises UsageError."""
    if ids:
        chosen = choose_sources(registry, ids)
        refused = [source.id for source in chosen if source.status == "refused"]
        if refused:
            raise UsageError(
                f"{', '.join(refused)}: the publisher refuses crawlers, so it is not asked",
                hint=f"`dateline sources show {refused[0]}` says why.",
            )
        return chosen
    with archive.reading() as session:
        states = source_states(session, registry.sources.values())
    chosen = [
        state.source
        for state in states
        if state.enabled
        and state.source.status != "refused"
        and (not state.source.discover or any(channel.kind in POLLED_KINDS for channel in state.source.discover))
    ]
    if not chosen:
        raise UsageError(
            "no source is enabled that can be checked",
            hint="`dateline sources list` shows the sources, and `dateline sources enable ID` enables one.",
        )
    return chosen


def _row(check: ChannelCheck) -> dict[str, Any]:
    liveness = check.liveness
    return {
        "source": check.source_id,
        "channel": check.channel.url if check.channel else None,
        "kind": check.channel.kind if check.channel else None,
        "outcome": liveness.outcome,
        "alive": liveness.alive,
        "items": liveness.items,
        "newest_at": liveness.newest_at,
        "without_date": liveness.without_date,
        "robots": check.robots,
        "crawl_delay": check.crawl_delay,
        "detail": liveness.detail,
    }
