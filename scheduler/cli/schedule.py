"""`dateline schedule`: what is due when and why; hold a source back, let it go on, poll it now."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from archive import schedule
from archive.cli.context import settings_of
from archive.cli.output import Column, Format, FormatOption, emit, err
from archive.cli.reading import archive_of
from archive.jobs import count_jobs
from archive.schedule import Firing
from archive.session import open_archive
from scheduler.policy.due import in_words

app = typer.Typer(help="What is due when and why; pause, resume and run sources.", no_args_is_help=False)

Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="These sources (default: all).", show_default=False)
]
OneOrMore = Annotated[list[str], typer.Argument(metavar="ID", help="Source ids.")]

COLUMNS = (
    Column("due", wrap=False),
    Column("at", "at (UTC)", wrap=False),
    Column("source", style="bold", wrap=False),
    Column("channel"),
    Column("why"),
    Column("last", "last poll"),
)


@app.callback(invoke_without_command=True)
def _default(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        show(ctx, None, Format.table)


@app.command("list")
def show(ctx: typer.Context, ids: Ids = None, fmt: FormatOption = Format.table) -> None:
    """List what is due when, and why. `dateline schedule` alone does the same.

    Examples:

        dateline schedule
        dateline schedule list yonhap-en --format json
    """
    now = datetime.now(UTC)
    with archive_of(ctx) as archive, archive.reading() as session:
        found = schedule.firings(session, ids or [])
        waiting = count_jobs(session)
        look = schedule.next_look_at(session)
    emit(
        (_row(firing, now) for firing in found),
        COLUMNS,
        fmt,
        empty="nothing is scheduled yet: `dateline daemon` makes the schedule when it runs",
    )
    if fmt is Format.table and found:
        jobs = f"{waiting.get('ready', 0)} jobs wait, {waiting.get('leased', 0)} are under way"
        looks = f"next article to look at again: {_when(look, now)}" if look else "no article is due by schedule"
        err().print(f"{len(found)} channels; {jobs}; {looks}")


@app.command()
def pause(ctx: typer.Context, ids: OneOrMore) -> None:
    """Hold back polls and revisits of sources until they are resumed. What was found stays pending.

    Example: dateline schedule pause yonhap-en
    """
    now = datetime.now(UTC)
    with open_archive(settings_of(ctx)).writing() as session:
        for source_id in ids:
            schedule.pause(session, source_id, now)
    err().print(f"paused: {', '.join(ids)}")


@app.command()
def resume(ctx: typer.Context, ids: OneOrMore) -> None:
    """Let paused sources go on.

    Example: dateline schedule resume yonhap-en
    """
    with open_archive(settings_of(ctx)).writing() as session:
        for source_id in ids:
            schedule.resume(session, source_id)
    err().print(f"resumed: {', '.join(ids)}")


@app.command()
def run(ctx: typer.Context, ids: OneOrMore) -> None:
    """Let the daemon poll sources now, before everything else.

    Example: dateline schedule run yonhap-en
    """
    now = datetime.now(UTC)
    with open_archive(settings_of(ctx)).writing() as session:
        for source_id in ids:
            schedule.ask_for_run(session, source_id, now)
    err().print(f"the daemon will poll within seconds: {', '.join(ids)}")


def _row(firing: Firing, now: datetime) -> dict[str, Any]:
    return asdict(firing) | {
        "due": "paused" if firing.paused else _when(firing.at, now),
        "source": firing.source_id,
        "channel": firing.key,
        "last": f"{in_words(now - firing.polled_at)} ago: {firing.outcome}" if firing.polled_at else "never",
    }


def _when(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "being planned"
    if at <= now:
        return f"now ({in_words(now - at)} late)" if now - at > timedelta(minutes=1) else "now"
    return f"in {in_words(at - now)}"
