"""`dateline sources`: what the registry holds, and what this archive knows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, get_args

import typer

from archive.cli.console.context import settings_of
from archive.cli.console.help import App
from archive.cli.console.output import Column, Format, FormatOption, emit, fact, json_value, out, say, tell
from archive.cli.console.query_options import counted
from archive.cli.console.signals import signal_sentences
from archive.cli.template import show_template
from archive.config import Settings
from archive.ingest.site_templates import SiteMemory, site_memory
from archive.model.source import Source, SourceKind, SourceStatus
from archive.planning.checks import drop_resting, order_checks
from archive.query import country_code, language_tag
from archive.query.status import signal_counts
from archive.query.views import SignalCounts
from archive.queue.jobs import withdraw
from archive.registry import Registry, registry_for
from archive.registry.write import render_entry
from archive.sources.discovered_channels import with_discovered_channels
from archive.sources.state import (
    SourceState,
    choose_sources,
    new_states,
    set_enabled,
    source_states,
    sync_sources,
)
from archive.storage.locks import is_scheduled
from archive.storage.session import has_archive, open_archive, opened

app = App(help="Choose the publishers to follow, and check whether they can be read.", no_args_is_help=True)

Kind = StrEnum("Kind", {name: name for name in get_args(SourceKind)})  # type: ignore[misc]  # typer wants an Enum
Status = StrEnum("Status", {name: name for name in get_args(SourceStatus)})  # type: ignore[misc]


def _day(value: object) -> str:
    return str(value)[:10] if value else "·"


LIST = (
    Column("id", style="bold", wrap=False),
    Column("name"),
    Column("country", wrap=False, leave_out=2),
    Column("languages", "language", leave_out=1, show=lambda value: ", ".join(value or ())),
    Column("state", wrap=False),
)
"""What a person's terminal has room for."""
LIST_FOR_PROGRAMS = tuple(
    Column(key)
    for key in (
        "id", "name", "homepage", "country", "languages", "timezone", "kind", "status", "state", "enabled", "verified_at", "newest_at"
    )
)  # fmt: skip


@app.command("list")
def list_sources(
    ctx: typer.Context,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="Only sources of this country, such as KR or 'South Korea'.", show_default=False
        ),
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(metavar="KIND", help="Only sources of this kind.", show_default=False)
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            metavar="TAG", help="Only sources in this language, such as vi or Vietnamese.", show_default=False
        ),
    ] = None,
    status: Annotated[
        Status | None,
        typer.Option(metavar="STATUS", help="Only sources with this status in the registry.", show_default=False),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show the disabled sources as well.")] = False,
    fmt: FormatOption = Format.table,
) -> None:
    """List the sources of the registry.

    Disabled sources are only counted, unless --all or one of the filters is given. json, jsonl and csv always have all.

    The column "state" says whether a source is polled, and if not, why:

        polled       `dateline crawl` and the daemon fetch its news
        unverified   no check has found a channel that works; the daemon and `dateline crawl` check it first
        disabled     it was not chosen; `dateline sources add ID` chooses it
        refused      the publisher does not want crawlers, and it is never asked
        no feed      it names no channel that can be polled

    Examples:

        dateline sources list --all
        dateline sources list --country VN
        dateline sources list --kind wire --language ru
        dateline sources list --status refused --format json
    """
    settings = settings_of(ctx)
    registry = registry_for(settings)
    states = _states(settings, _wanted(registry, country, language, kind, status))
    hidden = 0
    if fmt is Format.table and not every and not any((country, kind, language, status)):
        shown = [state for state in states if state.why_not != "disabled"]
        states, hidden = shown or states, len(states) - len(shown) if shown else 0
    columns = LIST if fmt is Format.table else LIST_FOR_PROGRAMS
    emit((_row(state) for state in states), columns, fmt, empty=_nothing_listed(registry, settings))
    if hidden:
        tell(f"{hidden:,} disabled; --all shows them, and so does a filter such as --country VN.")


def _wanted(
    registry: Registry, country: str | None, language: str | None, kind: Kind | None, status: Status | None
) -> list[Source]:
    """The sources that pass the filters. A filter of None lets all pass."""
    country = country_code(country) if country is not None else None
    language = language_tag(language) if language is not None else None
    return [
        source
        for source in registry.sources.values()
        if (country is None or (source.country or "").upper() == country)
        and (kind is None or source.kind == kind.value)
        and (language is None or any(_speaks(tag, language) for tag in source.language))
        and (status is None or source.status == status.value)
    ]


def _nothing_listed(registry: Registry, settings: Settings) -> str:
    """What to do where a listing has no row."""
    if registry.sources:
        return f"No source matches. The registry has {counted(len(registry.sources), 'source')}; `dateline sources list` shows all."
    return (
        f"The registry is empty. `dateline sources add URL` adds a source; your own files belong in {settings.home / 'sources'} "
        "(`dateline help registry` explains them)."
    )


@app.command()
def show(
    ctx: typer.Context,
    source_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a source.", show_default=False)],
    template: Annotated[
        bool, typer.Option("--template", help="Show what Dateline has learnt about the pages of the site.")
    ] = False,
    fmt: FormatOption = Format.table,
) -> None:
    """Show one source: its registry entry and the state of its channels.

    With --template it shows what Dateline has learnt about the site: where title, text, authors and date stand on its pages,
    which repeated lines are left out, when this was learnt, and when the pages were redesigned.

    Examples:

        dateline sources show yonhap-en
        dateline sources show yonhap-en --template
    """
    settings = settings_of(ctx)
    source = choose_sources(registry_for(settings), [source_id])[0]
    if template:
        show_template(source, _memory(settings, source), fmt)
        return
    state = _states(settings, [source])[0]
    signals = _signals(settings, source)
    row = _row(state) | _details(state) | {"signals": asdict(signals), "rights_policy": asdict(settings.rights_policy)}
    if fmt is not Format.table:
        emit([row], [Column(key) for key in row], fmt)
        return
    _print_entry({key: value for key, value in row.items() if key not in ("signals", "rights_policy")})
    for place, line in enumerate(signal_sentences(signals, settings.rights_policy)):
        say(out(), line if place else f"\n{line}")
    if row["channels"]:
        out().print()
        emit(row["channels"], CHANNELS, fmt)
    if state.source.found:
        say(out(), "\nThe registry names no channel for this source. These were found from its homepage.")
    elif not state.source.discover and source.status != "refused":
        said = f"The registry names no channel for this source. `dateline sources check {source.id}` looks for one on its homepage."
        say(out(), f"\n{said}")


@app.command()
def enable(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="The ids of the sources.", show_default=False)],
) -> None:
    """Choose sources, so that they are polled.

    A source that no check has found to work yet is checked first. A running daemon does that at once, and polls the source within a
    minute of its check. `dateline sources add ID` does all of it in one command, and says what it found.

    Examples:

        dateline sources enable yonhap-en bbc-world
    """
    _switch(ctx, ids, True)


@app.command()
def disable(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="The ids of the sources.", show_default=False)],
) -> None:
    """Stop polling these sources. Their articles stay.

    `dateline crawl ID` still works for them.

    Examples:

        dateline sources disable yonhap-en
    """
    _switch(ctx, ids, False)


def _switch(ctx: typer.Context, ids: Sequence[str], enabled: bool) -> None:
    settings = settings_of(ctx)
    registry = registry_for(settings)
    chosen = choose_sources(registry, ids)
    archive = open_archive(settings)
    ctx.call_on_close(archive.engine.dispose)
    now = datetime.now(UTC)
    with archive.writing() as session:
        sync_sources(session, registry, now)
        for source in chosen:
            set_enabled(session, source.id, enabled)
            if not enabled:
                withdraw(session, source.id)
                drop_resting(session, [source.id])
        states = source_states(session, with_discovered_channels(session, chosen))
        order_checks(session, [state.source for state in states if state.why_not == "unverified"], now, why="enabled")
    scheduled = is_scheduled(archive.engine, settings.home)
    for state in states:
        tell(f"{state.source.id}: {_enabled(state, scheduled) if enabled else 'disabled.'}")


def _enabled(state: SourceState, scheduled: bool) -> str:
    """What happens to a source now that it is enabled."""
    match state.why_not:
        case "refused":
            return f"enabled, but it refuses crawlers and is not polled. `dateline sources show {state.source.id}` says why."
        case "no channel":
            return (
                "enabled, but none of its channels can be polled. They hold the past, which `dateline backfill` reads."
            )
        case "unverified" if scheduled:
            return "enabled. The daemon checks it now, and polls it within a minute if a channel works."
        case "unverified":
            return (
                "enabled. No check has found it to work yet. `dateline daemon` checks it and then polls it; "
                f"`dateline sources check {state.source.id}` checks it now."
            )
    if scheduled:
        return "enabled. The daemon polls it within a minute."
    return f"enabled. `dateline daemon` polls it on schedule; `dateline crawl {state.source.id}` polls it once, now."


def _states(settings: Settings, sources: Sequence[Source]) -> list[SourceState]:
    """The sources with their state; before there is an archive, all are new."""
    if not has_archive(settings):
        return new_states(sources)
    with opened(settings) as archive, archive.reading() as session:
        return source_states(session, with_discovered_channels(session, sources))


def _memory(settings: Settings, source: Source) -> SiteMemory:
    """What was learnt of the source's site; before there is an archive, nothing."""
    if not settings.database_url and not (settings.home / "archive.sqlite").exists():
        return SiteMemory()
    with opened(settings) as archive, archive.reading() as session:
        return site_memory(session, source.id)


def _signals(settings: Settings, source: Source) -> SignalCounts:
    """How many articles bear signals of the source; before there is an archive, none."""
    if not has_archive(settings):
        return SignalCounts()
    with open_archive(settings).reading() as session:
        return signal_counts(session, source.id)


def _speaks(tag: str, wanted: str) -> bool:
    """Return whether a tag is the wanted one or a variety of it (RFC 4647, basic filtering)."""
    return tag.lower() == wanted.lower() or tag.lower().startswith(wanted.lower() + "-")


def _row(state: SourceState) -> dict[str, Any]:
    """What every listing tells of a source."""
    source = state.source
    return {
        "id": source.id,
        "name": source.name,
        "homepage": source.homepage,
        "country": source.country,
        "languages": list(source.language),
        "timezone": source.timezone,
        "kind": source.kind,
        "status": source.status,
        "state": state.why_not or "polled",
        "enabled": state.enabled,
        "verified_at": state.verified_at,
        "newest_at": state.newest_at,
        "channels": _channels(state),
    }


def _channels(state: SourceState) -> list[dict[str, Any]]:
    health = {channel.key: channel for channel in state.channels}
    rows = []
    origin = "autodiscovery" if state.source.found else "registry"
    for channel in state.source.discover:
        seen = health.get(channel.key)
        rows.append(
            {
                "kind": channel.kind,
                "url": channel.url,
                "named_by": origin,
                "outcome": seen.outcome if seen else None,
                "detail": seen.detail if seen else None,
                "polled_at": seen.polled_at if seen else None,
                "items": seen.items if seen else None,
                "newest_at": seen.newest_at if seen else None,
                "failures": seen.failures if seen else 0,
            }
        )
    return rows


def _details(state: SourceState) -> dict[str, Any]:
    """What only `show` tells: the rest of the registry entry."""
    source, rules, css = state.source, state.source.article_urls, state.source.extract
    return {
        "schedule": source.schedule,
        "delay": source.delay,
        "render": render_entry(source),
        "allow": [rule.pattern for rule in rules.allow],
        "deny": [rule.pattern for rule in rules.deny],
        "extract": {name: value for name in css.__slots__ if (value := getattr(css, name))},
        "expect_per_day": list(source.expect_per_day) if source.expect_per_day else None,
        "note": source.note,
        "added_at": state.added_at,
        "origin": source.origin,
    }


CHANNELS = (
    Column("kind", wrap=False),
    Column("url", "address", address=True),
    Column("outcome", "last poll", show=lambda value: str(value or "never")),
    Column("items", align="right", show=lambda value: "·" if value is None else str(value)),
    Column("newest_at", "newest", wrap=False, show=_day),
    Column("failures", align="right", leave_out=1, show=lambda value: str(value) if value else "·"),
    Column("detail"),
)


def _print_entry(row: Mapping[str, Any]) -> None:
    console = out()
    for key, value in row.items():
        if key == "channels" or value in (None, [], {}, False):
            continue
        shown = json_value(value)
        if isinstance(shown, list):
            shown = ", ".join(str(part) for part in shown)
        elif isinstance(shown, dict):
            shown = "; ".join(f"{name}: {part}" for name, part in shown.items())
        fact(console, key.replace("_", " "), str(shown), width=14)
