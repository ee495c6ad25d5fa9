"""`dateline schedule`: what is due when and why; hold a source back, let it go on, poll it now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from archive.cli.console.context import settings_of
from archive.cli.console.groups import defaulting_to
from archive.cli.console.help import App
from archive.cli.console.output import Column, Format, FormatOption, emit, json_value, out, room, tell
from archive.cli.console.query_options import archive_of, counted
from archive.cli.console.running_processes import RunningProcesses, clock, running_processes
from archive.cli.console.wrapping import cells, cut, shortened
from archive.errors import UsageError
from archive.planning import hosts, polls, revisits
from archive.planning.polls import Firing
from archive.queue.jobs import count_jobs
from archive.registry import RegistryError, registry_for
from archive.sources.discovered_channels import complete_registry
from archive.sources.state import SourceState, known_ids, source_states
from scheduler.policy.due import in_words

app = App(
    cls=defaulting_to("list"),
    help="""Show which source is polled next and why; pause, resume or poll one.

    `dateline schedule` without a command does the same as `dateline schedule list`.
    """,
)

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="The sources to list. Without an id all are listed.", show_default=False),
]
OneOrMore = Annotated[list[str], typer.Argument(metavar="ID", help="The ids of the sources.")]

COLUMNS = (
    Column("due", wrap=False),
    Column("at", "at (UTC)", wrap=False),
    Column("source", style="bold", wrap=False),
    Column("channel", wrap=False),
    Column("why", wrap=False),
    Column("last", "last poll", wrap=False),
)
ROOM = {"channel": 72, "last": 120, "at": 150}
"""Columns that are shown from this width of the terminal on."""
LENGTHS = ((120, (24, 22)), (0, (20, 18)))
"""From which width on a source's id and its channel are shown at which length."""
GUTTER = 2
LAST = 24
LEAST = 16
"""Characters that `why` gets in any case."""


def register(front: typer.Typer) -> None:
    """Add `schedule` to the front door's app."""
    front.add_typer(app, name="schedule")


@app.command("list")
def show(ctx: typer.Context, ids: Ids = None, fmt: FormatOption = Format.table) -> None:
    """List which channel is polled when, and why.

    `list` may be left out.

    Examples:

        dateline schedule
        dateline schedule yonhap-en --format json
    """
    now = datetime.now(UTC)
    with archive_of(ctx) as archive, archive.reading() as session:
        running = running_processes(archive, session, settings_of(ctx))
        found = polls.firings(session, known_ids(session, ids or []))
        waiting = count_jobs(session)
        look_at = revisits.next_look_at(session)
    rows = [_row(firing, now, running) for firing in found]
    emit(
        rows,
        fitting(rows, width) if fmt is Format.table and (width := room(out())) else COLUMNS,
        fmt,
        empty="Nothing is scheduled yet. `dateline daemon` makes the schedule while it runs.",
    )
    if fmt is not Format.table or not found:
        return
    under_way = waiting.get("leased", 0) + waiting.get("fetching", 0)
    jobs = f"{counted(waiting.get('ready', 0), 'job')} waiting, {under_way:,} under way"
    looks = (
        f"The next known article to look at again: {running.due(look_at, now)}."
        if look_at
        else "No known article is planned to be looked at again."
    )
    tell(f"{counted(len(found), 'channel')}; {jobs}. {looks}")
    if (because := running.nothing_because) is not None:
        tell(f"Nothing of this is done for now: {because}; {running.helps}.")


@app.command()
def pause(ctx: typer.Context, ids: OneOrMore) -> None:
    """Stop polling sources until they are resumed.

    Their articles are not looked at again meanwhile. Links that were found wait.

    Examples:

        dateline schedule pause yonhap-en
    """
    now = datetime.now(UTC)
    with archive_of(ctx) as archive, archive.writing() as session:
        for source_id in ids:
            polls.pause(session, source_id, now)
    tell(f"paused: {', '.join(ids)}")


@app.command()
def resume(ctx: typer.Context, ids: OneOrMore) -> None:
    """Poll paused sources again.

    Examples:

        dateline schedule resume yonhap-en
    """
    with archive_of(ctx) as archive, archive.writing() as session:
        for source_id in ids:
            polls.resume(session, source_id)
    tell(f"resumed: {', '.join(ids)}")


@app.command()
def run(ctx: typer.Context, ids: OneOrMore) -> None:
    """Ask the daemon to poll sources now, before everything else.

    Without a daemon the wish is kept until one runs.

    Examples:

        dateline schedule run yonhap-en
    """
    now = datetime.now(UTC)
    settings = settings_of(ctx)
    named = list(dict.fromkeys(ids))
    with archive_of(ctx) as archive:
        with archive.writing() as session:
            for source_id in named:
                polls.request_run(session, source_id, now)
            with suppress(RegistryError):  # the daemon goes on with the registry that it has read
                registry = complete_registry(session, registry_for(settings))
                _refuse_unpolled(named, source_states(session, [s for i in named if (s := registry.sources.get(i))]))
            pauses = {source_id: hosts.pauses_of(session, source_id, now) for source_id in named}
        with archive.reading() as session:
            running = running_processes(archive, session, settings)
    said = ", ".join(named)
    if (because := running.nothing_because) is not None:
        tell(f"Noted: {said} will be polled first. For now {because}; {running.helps}.")
    else:
        tell(f"The daemon polls within seconds: {said}")
    for source_id, paused in pauses.items():
        for pause in paused:
            tell(
                f"{source_id}: {pause.origin} asked to be left alone until {clock(pause.until, now)} UTC "
                f"({pause.reason}); it is not asked before that."
            )


def _refuse_unpolled(ids: Sequence[str], states: Sequence[SourceState]) -> None:
    """Raises UsageError for a source that the daemon does not poll: the wish would be lost. `states`: of those of the sources
    that the registry names."""
    if gone := [source_id for source_id in ids if source_id not in {state.source.id for state in states}]:
        raise UsageError(
            f"{', '.join(gone)}: the registry does not name this source any more, so it is not polled",
            hint="`dateline sources list` shows those that it names.",
        )
    for state in states:
        if (reason := state.why_not) is not None:
            what, hint = _UNPOLLED[reason]
            raise UsageError(f"{state.source.id}: {what}", hint=hint.format(id=state.source.id))


_UNPOLLED = {
    "refused": ("this source refuses crawlers and is not polled", "`dateline sources show {id}` says why."),
    "disabled": ("this source is disabled and is not polled", "Let it be polled with: dateline sources enable {id}"),
    "unverified": (
        "no check has found a live channel of this source yet, so it is not polled",
        "Check it with: dateline sources check {id}",
    ),
    "no channel": (
        "this source has no channel that can be polled",
        "`dateline sources show {id}` shows what it has; `dateline sources check {id}` looks around its site for more.",
    ),
}


def _row(firing: Firing, now: datetime, running: RunningProcesses) -> dict[str, Any]:
    return asdict(firing) | {
        "due": "paused" if firing.paused else running.due(firing.at, now) if firing.at else _unplanned(firing, running),
        "source": firing.source_id,
        "channel": firing.key,
        "last": f"{in_words(now - firing.polled_at)} ago: {firing.outcome}" if firing.polled_at else "never",
    }


def fitting(rows: Sequence[Mapping[str, Any]], width: int) -> list[Column]:
    """Choose the columns of a table of `width` characters in which each row is one line.

    Less important columns are left out, and long texts are cut.
    """
    longest, path = next(sizes for least, sizes in LENGTHS if width >= least)
    shown: dict[str, Callable[[Any], str]] = {
        "due": lambda due: str(due).removeprefix("due "),
        "at": lambda at: str(at or "")[:16].replace("T", " "),
        "source": lambda source_id: shortened(source_id, longest),
        "channel": lambda key: shortened(_path(key), path),
        "last": lambda last: cut(last, LAST),
    }
    columns = [column for column in COLUMNS if width >= ROOM.get(column.key, 0)]
    taken = sum(
        max([len(column.title or column.key), *(cells(shown[column.key](json_value(row[column.key]))) for row in rows)])
        for column in columns
        if column.key != "why"
    )
    left = max(LEAST, width - taken - GUTTER * (len(columns) - 1))
    shown["why"] = lambda why: _short(why or "", left)
    return [replace(column, show=shown[column.key]) for column in columns]


def _path(key: str) -> str:
    """A channel's kind, and its URL without the host, which mostly is the source's."""
    kind, _, url = key.partition(":")
    parts = urlsplit(url)
    return f"{kind} {parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def _short(why: str, length: int) -> str:
    """A reason; where it is longer than `length` its first part, without what stands in brackets."""
    if cells(why) > length:
        why = why.partition(";")[0].partition(" (")[0]
    return cut(why, length)


def _unplanned(firing: Firing, running: RunningProcesses) -> str:
    """What is said of a channel for which no time stands: it is to be planned, unless its schedule never fires."""
    if firing.never:
        return "never"
    return "being planned" if running.daemon else "not planned"
