"""`dateline status`: what the archive holds, how its sources fare, and what is being fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from archive.cli.console.context import settings_of
from archive.cli.console.output import Column, Format, FormatOption, emit, out, room, tell
from archive.cli.console.progress import live
from archive.cli.console.query_options import archive_of, counted
from archive.cli.console.running_processes import RunningProcesses, running_processes
from archive.cli.console.safe_text import safe, span
from archive.cli.console.signals import added, signal_sentences
from archive.cli.console.wrapping import cut, shortened, wrapped
from archive.config import Settings
from archive.errors import UsageError
from archive.query import Overview, SourceStatus, overview
from archive.query import status as status_of
from archive.search import search_is_current
from archive.storage.session import Archive

REFRESH = 2.0
"""Seconds between two looks of --watch; longer where the archive takes long to answer."""
SHARE = 0.25
"""Share of the time that --watch may keep the database busy."""
LONGEST_NAME = 32
SHORTEST_POLLS = 12
DROPPED_FIRST = (
    "captures",
    "excluded",
    "noarchive",
    "withheld",
    "gone",
    "polls",
    "revisions",
    "failed",
    "pending",
    "articles",
)
"""Columns that a narrow terminal does not show, in this order."""
HIDDEN = frozenset({"disabled"})
"""What a source is that people are told the number of only."""
LABEL = 10
"""Cells of the word that begins each line of the head."""
ALARMS = 8
"""Alarms that are told in full; the table names all."""


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and value else "·"


COLUMNS = (
    Column("source", style="bold", wrap=False),
    Column("health", wrap=False),
    Column("articles", align="right", wrap=False, show=_number),
    Column("revisions", align="right", wrap=False, show=_number),
    Column("captures", align="right", wrap=False, show=_number),
    Column("gone", align="right", wrap=False, show=_number),
    Column("noarchive", align="right", wrap=False, show=_number),
    Column("withheld", align="right", wrap=False, show=_number),
    Column("pending", align="right", wrap=False, show=_number),
    Column("excluded", align="right", wrap=False, show=_number),
    Column("failed", align="right", wrap=False, show=_number),
    Column("polled_at", "last poll", wrap=False),
    Column("next_poll_at", "next", wrap=False),
    Column("polls", "channels"),
)
SPARSE = ("gone", "noarchive", "withheld", "pending", "excluded", "failed", "next_poll_at")
"""Columns that people see only if something stands in them."""


@dataclass(frozen=True, slots=True)
class StatusScreen:
    """The content of one screen."""

    sources: Sequence[SourceStatus]
    overview: Overview
    now: datetime
    running: RunningProcesses


def register(app: typer.Typer) -> None:
    """Add `status` to the front door's app."""
    app.command()(status)


def status(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="The sources to show. Without an id all are shown.", show_default=False),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Keep the screen up to date until Ctrl-C.")] = False,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Show all sources, the disabled ones as well. Without this a terminal shows as many as fit.",
        ),
    ] = False,
    fmt: FormatOption = Format.table,
) -> None:
    """Show how the sources are doing and what is being fetched.

    Sources with open alarms come first. Disabled sources are only counted, unless --all is given or they are named.

    Some columns count links:

        pending    links that wait to be fetched
        excluded   links that are not wanted or must not be fetched
        failed     links that were given up

    Two count articles by the signals of their publishers:

        noarchive  articles that are kept for you alone
        withheld   articles that are not kept

    Examples:

        dateline status
        dateline status --watch
        dateline status yonhap-en --format json   with every channel and alarm
    """
    if watch and fmt is not Format.table:
        raise UsageError("--watch is for people", hint="Programs ask again: dateline status --format json")
    with archive_of(ctx) as archive:
        if watch:
            _watch(archive, settings_of(ctx), ids or [])
            return
        with archive.reading() as session:
            found = status_of(session, ids or [])
            current = search_is_current(session)
            shown = _screen(archive, session, found, settings_of(ctx))
    if fmt is not Format.table:
        emit(map(row, found), COLUMNS, fmt)
    elif found:
        _print(shown, found, settings_of(ctx), in_full=every or bool(ids))
    else:
        tell("The archive has no sources yet. `dateline init` takes them from the registry.")
    if not current:
        tell("The full-text index was made by another version of Dateline. `dateline reindex` rebuilds it.")


def _screen(archive: Archive, session: Session, found: Sequence[SourceStatus], settings: Settings) -> StatusScreen:
    now = datetime.now(UTC)
    return StatusScreen(
        sorted_by_alarm(found), overview(session, now), now, running_processes(archive, session, settings)
    )


def _print(shown: StatusScreen, found: Sequence[SourceStatus], settings: Settings, *, in_full: bool) -> None:
    """Print the screen once. `in_full` shows all sources, whether they fit or not."""
    console = out()
    fits = console.height - 2 if console.is_terminal and not in_full else None
    hidden = frozenset() if in_full else HIDDEN
    console.print(render(shown, room(console), fits, hidden=hidden), soft_wrap=not console.is_terminal)
    tell(_totals(found))
    for line in signal_sentences(added(source.signals for source in found), settings.rights_policy):
        tell(line)


def _watch(archive: Archive, settings: Settings, ids: Sequence[str]) -> None:
    console = out()
    if not console.is_terminal:
        raise UsageError("--watch needs a terminal", hint="Programs ask again: dateline status --format json")
    try:
        with live(console, screen=True) as picture:
            while True:
                began = monotonic()
                picture.update(_look(archive, settings, ids, console), refresh=True)
                sleep(max(REFRESH, (monotonic() - began) / SHARE))
    except KeyboardInterrupt:
        return


def _look(archive: Archive, settings: Settings, ids: Sequence[str], console: Console) -> RenderableType:
    with archive.reading() as session:
        found = status_of(session, ids)
        shown = _screen(archive, session, found, settings)
    foot = Text(f"{_totals(found)} · {shown.now:%Y-%m-%d %H:%M:%S} UTC · Ctrl-C ends", style="dim")
    return Group(render(shown, console.width, console.height - 2), foot)


def sorted_by_alarm(found: Sequence[SourceStatus]) -> list[SourceStatus]:
    """The sources with alarms first, longest open first. The others are sorted by id."""
    return sorted(
        found,
        key=lambda s: (
            not s.alarms,
            min((alarm.opened_at for alarm in s.alarms), default=datetime.max.replace(tzinfo=UTC)),
            s.source,
        ),
    )


def render(
    shown: StatusScreen, width: int | None, lines: int | None = None, *, hidden: frozenset[str] = frozenset()
) -> RenderableType:
    """The screen, at most so many columns wide and so many lines high. A width of None means as wide as it is.

    Sources whose health is one of `hidden` are only counted.
    """
    parts: list[RenderableType] = [
        *(line for fact in _head(shown) for line in wrapped(fact, width, rest=" " * LABEL)),
        Text(),
    ]
    alarms = [(source, alarm) for source in shown.sources for alarm in source.alarms]
    for source, alarm in alarms[:ALARMS]:
        line = Text()
        line.append(safe(source.source), style="bold")
        line.append(f" {alarm.kind} for {span(shown.now - alarm.opened_at)}: ", style="red")
        parts += wrapped(line.append(safe(alarm.detail)), width, first="! ", rest="  ")
    if len(alarms) > ALARMS:
        parts.append(Text(f"  and {len(alarms) - ALARMS} more alarms", style="red"))
    if alarms:
        parts.append(Text())
    listed = [source for source in shown.sources if source.health not in hidden]
    unlisted = len(shown.sources) - len(listed)
    fits = len(listed) if lines is None else max(3, lines - len(parts) - 2 - (unlisted > 0))
    if listed:
        parts.append(_table(shown, listed[:fits], width))
    if (left := len(listed) - fits) > 0:
        parts.append(Text(f"{counted(left, 'source')} more; --all shows them", style="dim"))
    if unlisted:
        parts.append(Text(f"{unlisted:,} disabled; --all shows them", style="dim"))
    return Group(*parts)


def _head(shown: StatusScreen) -> list[Text]:
    found, now = shown.overview, shown.now
    fetching = Text("Fetching  ", style="bold", no_wrap=True, overflow="ellipsis")
    fetching.append(*_fetching(shown))
    if found.last_capture_at is not None:
        fetching.append(f"; last page {span(now - found.last_capture_at)} ago", style="not bold")
    queue = Text("Queue     ", style="bold", no_wrap=True, overflow="ellipsis")
    queue.append(_queue(shown), style="not bold")
    coming = Text("Next      ", style="bold", no_wrap=True, overflow="ellipsis")
    coming.append(_coming(shown), style="not bold")
    health = Text("Sources   ", style="bold")
    states = [(state, n) for state in ("ok", "alarm", "new", "paused", "disabled") if (n := found.health.get(state))]
    for place, (state, number) in enumerate(states):
        health.append(f"{', ' if place else ''}{number:,} ", style="not bold")
        health.append(state, style=_STYLES[state])
    return [health, fetching, queue, coming]


def _fetching(shown: StatusScreen) -> tuple[str, str]:
    """How many processes fetch, and how that is shown; or what helps where none does."""
    alive = sum(worker.alive for worker in shown.overview.workers)
    running = shown.running
    if alive and running.free is not None:
        return f"no: {running.full}", "not bold red"
    if alive:
        return f"{alive} {'process' if alive == 1 else 'processes'}", "not bold"
    if running.daemon:
        return "no: the daemon has no process that fetches; its log says why", "not bold red"
    return "no (start `dateline daemon` or `dateline crawl`)", "not bold yellow"


def _queue(shown: StatusScreen) -> str:
    """What is under way, and what waits."""
    found, now = shown.overview, shown.now
    under_way = found.jobs.get("leased", 0) + found.jobs.get("fetching", 0)
    if not (waiting := found.jobs.get("ready", 0)) and not under_way:
        return "empty"
    said = f"{counted(under_way, 'job')} under way, {waiting:,} waiting"
    if found.oldest_due_at is not None and found.oldest_due_at < now:
        said += f" (the oldest {shown.running.due(found.oldest_due_at, now)})"
    return said


def _coming(shown: StatusScreen) -> str:
    """The next polls, or why there will be none."""
    found, now, running = shown.overview, shown.now, shown.running
    if (because := running.nothing_because) is not None:
        return f"nothing: {because}"
    if found.next_polls:
        return ", ".join(f"{safe(poll.source)} {running.due(poll.at, now)}" for poll in found.next_polls)
    if found.health.get("paused") and not any(found.health.get(state) for state in ("ok", "alarm", "new")):
        return "nothing: all sources are paused (`dateline schedule resume ID` lets one go on)"
    return "being planned" if found.health.get("ok") or found.health.get("new") else "nothing: no source is polled"


_STYLES = {
    "ok": "not bold green",
    "alarm": "not bold red",
    "new": "not bold",
    "paused": "not bold yellow",
    "disabled": "not bold dim",
}


def _table(shown: StatusScreen, sources: Sequence[SourceStatus], width: int | None) -> Table:
    """One line for each source. Where not everything fits, the least telling columns are left out."""
    columns = {c.key: c for c in COLUMNS if c.key not in SPARSE or any(getattr(s, c.key) for s in shown.sources)}
    cells = {
        key: [_cell(column, source, shown.now, shown.running) for source in sources] for key, column in columns.items()
    }
    titles = {key: column.title or key.replace("_", " ") for key, column in columns.items()}
    widths = {key: max(len(titles[key]), *(cell.cell_len for cell in cells[key])) for key in columns}
    if width is not None:
        widths = _fitted(widths, width)
        for key, shorten in (("source", shortened), ("polls", cut)):
            for cell in cells[key] if key in widths else ():
                cell.plain = shorten(cell.plain, widths[key])
    return _drawn(columns, titles, cells, widths)


def _drawn(
    columns: Mapping[str, Column],
    titles: Mapping[str, str],
    cells: Mapping[str, Sequence[Text]],
    widths: Mapping[str, int],
) -> Table:
    """The table of the columns that have a width."""
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for key in widths:
        table.add_column(
            titles[key],
            justify=columns[key].align,
            style=columns[key].style,
            no_wrap=True,
            overflow="ellipsis",
            max_width=widths[key],
        )
    for line in zip(*(cells[key] for key in widths), strict=True):
        table.add_row(*line)
    return table


def _fitted(natural: Mapping[str, int], width: int) -> dict[str, int]:
    """The widths of the columns that have room, of those that are `natural`."""
    widths = dict(natural)
    widths["source"] = min(widths["source"], LONGEST_NAME)
    widths["polls"] = min(widths["polls"], SHORTEST_POLLS)
    for key in DROPPED_FIRST:
        if sum(widths.values()) + len(widths) - 1 > width:
            widths.pop(key, None)
    if "polls" in widths:  # it takes what is left
        widths["polls"] += max(0, width - sum(widths.values()) - len(widths) + 1)
    return widths


def _cell(column: Column, source: SourceStatus, now: datetime, running: RunningProcesses) -> Text:
    match column.key:
        case "health":
            words = ", ".join(alarm.kind for alarm in source.alarms) or source.health
            return Text(words, style=_STYLES[source.health])
        case "polled_at":
            return Text(f"{span(now - source.polled_at)} ago" if source.polled_at else "never")
        case "next_poll_at":
            return Text(running.due(source.next_poll_at, now).removeprefix("due ") if source.next_poll_at else "·")
        case "polls":
            return Text(safe(_polls(source)))
    return Text(safe(column.show(getattr(source, column.key))))


def _totals(found: Sequence[SourceStatus]) -> str:
    return (
        f"{counted(len(found), 'source')}, {counted(sum(s.articles for s in found), 'article')}, "
        f"{counted(sum(s.revisions for s in found), 'revision')}"
    )


def row(found: SourceStatus) -> dict[str, Any]:
    """A source's status as programs get it, with `polls` in words."""
    return asdict(found) | {"noarchive": found.noarchive, "polled_at": found.polled_at, "polls": _polls(found)}


def _polls(found: SourceStatus) -> str:
    """`2 ok, 1 failed: HTTP 500 (3 times in a row)`."""
    fine = Counter(c.outcome or "not polled yet" for c in found.channels if c.outcome != "failed")
    failed = [
        f"{c.key} failed: {c.detail or 'no reason given'}"
        + (f" ({c.failures} times in a row)" if c.failures > 1 else "")
        for c in found.channels
        if c.outcome == "failed"
    ]
    return ", ".join([*(f"{n} {outcome}" for outcome, n in sorted(fine.items())), *failed])
