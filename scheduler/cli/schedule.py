"""`dateline schedule`: what is due when and why; hold a source back, let it go on, poll it now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from archive import schedule
from archive.cli.context import settings_of
from archive.cli.help import App
from archive.cli.output import Column, Format, FormatOption, emit, out, plain, room, tell
from archive.cli.reading import archive_of, counted
from archive.cli.wrapping import cells, cut, shortened
from archive.jobs import count_jobs
from archive.schedule import Firing
from archive.session import open_archive
from scheduler.policy.due import in_words

app = App(
    help="""Show which source is polled next and why; pause, resume or poll one.

    `dateline schedule` without a command does the same as `dateline schedule list`.
    """,
    no_args_is_help=False,
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


@app.callback(invoke_without_command=True)
def _default(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        show(ctx, None, Format.table)


@app.command("list")
def show(ctx: typer.Context, ids: Ids = None, fmt: FormatOption = Format.table) -> None:
    """List which channel is polled when, and why.

    `dateline schedule` alone does the same.

    Examples:

        dateline schedule
        dateline schedule list yonhap-en --format json
    """
    now = datetime.now(UTC)
    with archive_of(ctx) as archive, archive.reading() as session:
        found = schedule.firings(session, ids or [])
        waiting = count_jobs(session)
        look = schedule.next_look_at(session)
    rows = [_row(firing, now) for firing in found]
    emit(
        rows,
        fitting(rows, width) if fmt is Format.table and (width := room(out())) else COLUMNS,
        fmt,
        empty="Nothing is scheduled yet. `dateline daemon` makes the schedule while it runs.",
    )
    if fmt is Format.table and found:
        jobs = f"{counted(waiting.get('ready', 0), 'job')} waiting, {waiting.get('leased', 0):,} under way"
        looks = (
            f"The next known article to look at again: {_when(look, now)}."
            if look
            else "No known article is planned to be looked at again."
        )
        tell(f"{counted(len(found), 'channel')}; {jobs}. {looks}")


@app.command()
def pause(ctx: typer.Context, ids: OneOrMore) -> None:
    """Stop polling sources until they are resumed.

    Their articles are not looked at again meanwhile. Links that were found wait.

    Examples:

        dateline schedule pause yonhap-en
    """
    now = datetime.now(UTC)
    with open_archive(settings_of(ctx)).writing() as session:
        for source_id in ids:
            schedule.pause(session, source_id, now)
    tell(f"paused: {', '.join(ids)}")


@app.command()
def resume(ctx: typer.Context, ids: OneOrMore) -> None:
    """Poll paused sources again.

    Examples:

        dateline schedule resume yonhap-en
    """
    with open_archive(settings_of(ctx)).writing() as session:
        for source_id in ids:
            schedule.resume(session, source_id)
    tell(f"resumed: {', '.join(ids)}")


@app.command()
def run(ctx: typer.Context, ids: OneOrMore) -> None:
    """Ask the daemon to poll sources now, before everything else.

    Examples:

        dateline schedule run yonhap-en
    """
    now = datetime.now(UTC)
    with open_archive(settings_of(ctx)).writing() as session:
        for source_id in ids:
            schedule.ask_for_run(session, source_id, now)
    tell(f"the daemon will poll within seconds: {', '.join(ids)}")


def _row(firing: Firing, now: datetime) -> dict[str, Any]:
    return asdict(firing) | {
        "due": "paused" if firing.paused else _when(firing.at, now),
        "source": firing.source_id,
        "channel": firing.key,
        "last": f"{in_words(now - firing.polled_at)} ago: {firing.outcome}" if firing.polled_at else "never",
    }


def fitting(rows: Sequence[Mapping[str, Any]], width: int) -> list[Column]:
    """The columns of a table of `width` characters in which each row is one line: less important ones are left out, long
    texts are cut."""
    longest, path = next(sizes for least, sizes in LENGTHS if width >= least)
    shown: dict[str, Callable[[Any], str]] = {
        "due": lambda due: str(due).removeprefix("now (").removesuffix(")"),
        "at": lambda at: str(at or "")[:16].replace("T", " "),
        "source": lambda source_id: shortened(source_id, longest),
        "channel": lambda key: shortened(_path(key), path),
        "last": lambda last: cut(last, LAST),
    }
    columns = [column for column in COLUMNS if width >= ROOM.get(column.key, 0)]
    taken = sum(
        max([len(column.title or column.key), *(cells(shown[column.key](plain(row[column.key]))) for row in rows)])
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


def _when(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "being planned"
    if at <= now:
        return f"now ({in_words(now - at)} late)" if now - at > timedelta(minutes=1) else "now"
    return f"in {in_words(at - now)}"
