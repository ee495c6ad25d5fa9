"""`dateline backfill`: what was published in days that are over."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Protocol

import typer

from archive.cli.console.context import CommandContext, is_quiet, is_talkative, settings_of
from archive.cli.console.groups import defaulting_to
from archive.cli.console.help import App
from archive.cli.console.output import Format, FormatOption, emit, out, room, tell
from archive.cli.console.query_options import SinceDayOption, UntilDayOption, archive_of, days
from archive.config import Settings
from archive.errors import UsageError
from archive.model.clock import SystemClock
from archive.model.days import day_of
from archive.model.job import Order
from archive.model.period import Period
from archive.model.source import Channel, Source
from archive.planning import backfills
from archive.planning.backfills import Window
from archive.registry import Registry, registry_for
from archive.sources.state import choose_sources, known_ids, source_states, sync_sources
from archive.storage.session import Archive, open_archive
from scheduler.backfill.run import Backfilling, Outcome
from scheduler.backfill.windows import channels_for, orders, split
from scheduler.cli.backfill_tables import (
    ESTIMATE,
    STATUS,
    SUMMARY,
    WIDE,
    fitting,
    outcome_sentence,
    show_progress,
    status_row,
    summary_row,
)
from scheduler.cli.daemon import worker_command
from scheduler.monitoring.host_waits import Wait


class Estimator(Protocol):
    """The function that says what a backfill would cost, one row for each channel; the crawler's room provides it.

    It walks channels, but fetches no article and stores nothing.
    """

    def __call__(
        self,
        settings: Settings,
        archive: Archive,
        wanted: Sequence[tuple[Source, Sequence[tuple[Channel, Sequence[Period]]]]],
    ) -> list[dict[str, Any]]: ...


IdsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID",
        help="The sources. Without an id all are taken that are enabled and verified.",
        show_default=False,
    ),
]
ShownIdsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="The sources to show. Without an id all are shown.", show_default=False),
]
ViaOption = Annotated[
    str | None,
    typer.Option(
        metavar="CHANNEL",
        help="Read only this channel: its kind (feed, sitemap, listing, archive, json, ids, wayback or warc), its key or "
        "its address.",
        show_default=False,
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help="Estimate how many requests and how much time it takes. Nothing is saved."),
]
AgainOption = Annotated[bool, typer.Option("--again", help="Read days again that are finished.")]


def register(app: typer.Typer, estimate: Estimator) -> None:
    """Add `backfill` to the front door's app."""
    group = App(
        cls=defaulting_to("start", also_for_help=True),
        help="""Collect what was published on days in the past.

        A backfill may be interrupted at any time. The same command continues where it stopped.
        `dateline backfill ID --since DAY` is short for `dateline backfill start ID --since DAY`.
        """,
    )
    app.add_typer(group, name="backfill")
    _add_start(group, estimate)
    group.command()(status)


def _add_start(group: typer.Typer, estimate: Estimator) -> None:
    @group.command()
    def start(
        ctx: typer.Context,
        ids: IdsArgument = None,
        since: SinceDayOption = None,
        until: UntilDayOption = None,
        via: ViaOption = None,
        dry_run: DryRunOption = False,
        again: AgainOption = False,
        fmt: FormatOption = Format.table,
    ) -> None:
        """Collect what sources published on these days. The word `start` may be left out.

        Every channel that reaches back is read, and the articles of these days are fetched. At the end each link that was
        found is either captured or has a reason why not. If a daemon is running, the daemon does the work, and this command
        shows the progress. A backfill may be stopped at any time. The same command continues where it stopped, even after a
        crash.

        The exit status is 1 if the backfill was stopped, or if a channel could not be read at all.

        Examples:

            dateline backfill yonhap-en --since 2024-03-01 --until 2024-03-31 --dry-run
            dateline backfill yonhap-en --since 2024-03-01 --until 2024-03-31
            dateline backfill us-state --since 2023-01-01 --via sitemap
            dateline backfill status
        """
        settings = settings_of(ctx)
        registry = registry_for(settings)
        now = datetime.now(UTC)
        archive = open_archive(settings, create=True)
        ctx.call_on_close(archive.engine.dispose)
        with archive.writing() as session:
            sync_sources(session, registry, now)
        chosen = _choose(archive, registry, ids or [])
        wanted = [(source, channels) for source in chosen if (channels := _channels(source, via, named=bool(ids)))]
        if not wanted:
            raise UsageError(f"no source has a channel {via}", hint="`dateline sources show ID` lists the channels.")
        period = _period(since, until, chosen, now)
        if dry_run:
            walks = [(source, [(c, split(c, period)) for c in channels]) for source, channels in wanted]
            _print_estimate(estimate(settings, archive, walks), period, fmt)
            return
        _tell_of_short_reach(ctx, wanted)
        _run(ctx, settings, archive, wanted, period, again, fmt)


def status(ctx: typer.Context, ids: ShownIdsArgument = None, fmt: FormatOption = Format.table) -> None:
    """Show how far the backfills are.

    There is one line for each channel and each stretch of days.

    Examples:

        dateline backfill status
        dateline backfill status yonhap-en --format csv
    """
    with archive_of(ctx) as archive, archive.reading() as session:
        found = backfills.windows(session, known_ids(session, ids or []) or None)
        rows = [status_row(window, backfills.count_outcomes(session, [window])) for window in found]
    columns = fitting(STATUS, rows, room(out()) or WIDE) if fmt is Format.table else STATUS
    emit(rows, columns, fmt, empty="There is no backfill yet. `dateline backfill ID --since DAY` starts one.")


def _run(
    ctx: typer.Context,
    settings: Settings,
    archive: Archive,
    wanted: Sequence[tuple[Source, Sequence[Channel]]],
    period: Period,
    again: bool,
    fmt: Format,
) -> None:
    now = datetime.now(UTC)
    ids = [source.id for source, _ in wanted]
    with archive.reading() as session:
        finished = {} if again else backfills.finished(session, ids)
    every = [order for source, channels in wanted for order in orders(source, channels, period, {}, now)]
    missing = [
        order
        for source, channels in wanted
        for order in orders(source, channels, period, finished.get(source.id, {}), now)
    ]
    backfilling = Backfilling(
        settings,
        archive,
        {source.id: source for source, _ in wanted},
        frozenset(_key(order) for order in (missing if again else every)),
        _command(ctx, ids),
        SystemClock(),
    )
    if not missing:
        tell(f"The backfill of {period} is already finished. --again reads these days once more.")
        _finish(archive, _walked(archive, wanted, period), "done", fmt)
        return
    backfilling.order(missing)
    quiet = is_quiet(ctx)
    with show_progress(sys.stderr.isatty() and not quiet and not is_talkative(ctx), quiet=quiet) as show:
        outcome = asyncio.run(backfilling.see_through(show))
    backfilling.count_days()
    view = backfilling.look()
    _finish(archive, view.windows, outcome, fmt, view.waits)


def _walked(archive: Archive, wanted: Sequence[tuple[Source, Sequence[Channel]]], period: Period) -> list[Window]:
    """What earlier orders walked for these days: perhaps longer windows than this one would have."""
    meant = {(source.id, channel.key) for source, channels in wanted for channel in channels}
    with archive.reading() as session:
        every = backfills.windows(session, [source.id for source, _ in wanted])
    return [window for window in every if (window.source_id, window.channel) in meant and window.window.meets(period)]


def _key(order: Order) -> backfills.Key:
    assert order.channel is not None and order.window is not None, "an order to walk a channel"
    return order.source_id, order.channel, order.window


def _command(ctx: typer.Context, ids: Sequence[str]) -> list[str]:
    """A fetching process for these backfills. It says only what goes wrong, unless it was asked to say more: the progress
    stands on the same screen."""
    context: CommandContext = ctx.obj
    quiet = replace(context, verbosity=context.verbosity if context.verbosity > 0 else -1)
    return [*worker_command(quiet), "--backfill-of", ",".join(ids)]


def _finish(
    archive: Archive, found: Sequence[Window], outcome: Outcome, fmt: Format, waits: Sequence[Wait] = ()
) -> None:
    """The summary, the ledger's verdict, and what to do next."""
    with archive.reading() as session:
        rows = [
            summary_row(
                i,
                [(w, backfills.count_outcomes(session, [w])) for w in windows],
                backfills.count_outcomes(session, windows),
            )
            for i, windows in backfills.by_source(found).items()
        ]
        left = backfills.unaccounted_addresses(session, found)
        together = backfills.count_outcomes(session, found)
    emit(rows, fitting(SUMMARY, rows) if fmt is Format.table else SUMMARY, fmt)
    for line in outcome_sentence(found, together, left, outcome, waits):
        tell(line)
    if outcome == "stopped" or any(row["unread"] for row in rows):
        raise typer.Exit(1)


def _print_estimate(rows: list[dict[str, Any]], period: Period, fmt: Format) -> None:
    emit(rows, ESTIMATE, fmt)
    tell(
        f"{period}: This is an estimate from the links listed for these days, the delay of each host and its daily limit. "
        "Nothing was saved."
    )


# --- what is meant


def _choose(archive: Archive, registry: Registry, ids: Sequence[str]) -> list[Source]:
    """The sources named, else those that are followed. Raises UsageError."""
    chosen = choose_sources(registry, ids) if ids else list(registry.sources.values())
    with archive.reading() as session:
        states = source_states(session, chosen)
    if not ids:
        followed = [
            s.source for s in states if s.source.discover and s.why_not not in ("refused", "disabled", "unverified")
        ]
        if not followed:
            raise UsageError(
                "no source is enabled and verified",
                hint="Name a source: `dateline backfill ID --since DAY`. `dateline sources check` finds out which sources work.",
            )
        return followed
    for state in states:
        if state.source.status == "refused":
            raise UsageError(
                f"{state.source.id}: the publisher refuses crawlers, so it is not asked",
                hint=f"`dateline sources show {state.source.id}` says why.",
            )
        if not state.enabled:
            raise UsageError(
                f"{state.source.id} is disabled",
                hint=f"`dateline sources enable {state.source.id}` enables it.",
            )
    return chosen


def _channels(source: Source, via: str | None, *, named: bool) -> tuple[Channel, ...]:
    """Raises UsageError where a source that was named has no such channel; others are passed over."""
    try:
        return channels_for(source, via)
    except UsageError:
        if named:
            raise
        return ()


def _period(since: str | None, until: str | None, sources: Sequence[Source], now: datetime) -> Period:
    """Raises UsageError."""
    if not since:
        raise UsageError(
            "--since is missing", hint="For example: dateline backfill ID --since 2024-03-01 --until 2024-03-31"
        )
    today = max(date.fromisoformat(day_of(now, source.timezone)) for source in sources)
    first, last = days(since, until, now.astimezone())
    assert first is not None, "it was given"
    if first > today:
        raise UsageError(f"--since {first} is in the future", hint="`dateline daemon` collects news as it appears.")
    return Period(first, min(last or today, today))


def _tell_of_short_reach(ctx: typer.Context, wanted: Sequence[tuple[Source, Sequence[Channel]]]) -> None:
    """A feed shows what it still holds; that is mostly some days."""
    if is_quiet(ctx):
        return
    short = [source.id for source, channels in wanted if all(channel.kind == "feed" for channel in channels)]
    if short:
        more = f" and {len(short) - 5} more" if len(short) > 5 else ""
        tell(
            f"{', '.join(short[:5])}{more}: only feeds are known, and feeds mostly reach back a few days. "
            "`dateline help channels` explains other channels."
        )
