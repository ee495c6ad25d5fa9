"""How backfills are shown: while they run, at their end, as a status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from archive.cli.console.output import Column, err, tell
from archive.cli.console.progress import live
from archive.cli.console.query_options import counted
from archive.cli.console.safe_text import safe, span
from archive.model.walk import Tally
from archive.planning.backfills import Window
from scheduler.backfill.run import Outcome, View
from scheduler.monitoring.host_waits import Wait

MOST_REASONS = 3
MOST_WAITS = 3
LISTED = 10


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and value else "·"


def _reasons(counts: object) -> str:
    assert isinstance(counts, Mapping)
    return ", ".join(f"{n:,} {reason}" for reason, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _total(reasons: object) -> str:
    assert isinstance(reasons, Mapping)
    return _number(sum(reasons.values()))


def short_channel(key: str) -> str:
    """The kind and the path of a channel. Its host is mostly the source's."""
    kind, _, url = key.partition(":")
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return f"{kind} {path}" if parts.netloc else key


_COUNTS = (
    Column("found", align="right", show=_number),
    Column("captured", align="right", show=_number),
    Column("excluded", "excluded (why)", show=_reasons, cell=_reasons),
    Column("failed", "failed (why)", style="red", show=_reasons, cell=_reasons),
    Column("waiting", align="right", show=_number),
)
SUMMARY = (
    Column("source", style="bold", wrap=False),
    Column("windows", "finished", align="right", wrap=False),
    *_COUNTS,
    Column("unread", "not readable", style="red", show=lambda channels: ", ".join(channels)),
)
STATUS = (
    Column("source", style="bold", wrap=False),
    Column("channel", address=True, show=short_channel),
    Column("window", "days", leave_out=2, show=lambda window: str(window).replace("..", " ")),
    Column("state"),
    *_COUNTS,
    Column("since", "since (UTC)", show=lambda value: str(value or "·")[:16].replace("T", " ")),
)
WIDE = 130
"""Columns of a terminal from which the reasons stand in the status."""
ESTIMATE = (
    Column("source", style="bold", wrap=False),
    Column("channel", address=True, show=short_channel),
    Column("lists", align="right", wrap=False, leave_out=2, show=_number),
    Column("articles", align="right", show=_number),
    Column("known", align="right", wrap=False, leave_out=1, show=_number),
    Column("requests", align="right", show=_number),
    Column("delay", align="right", show=lambda value: f"{value:g} s"),
    Column("seconds", "about", align="right", show=lambda value: span(timedelta(seconds=value))),
    Column("note"),
)


def fitting(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], width: int = WIDE) -> list[Column]:
    """Choose the columns in which something stands. On a narrow terminal numbers stand in the place of reasons."""
    may_go = {"failed", "waiting", "unread", "excluded"}
    show_progress = [c for c in columns if c.key not in may_go or any(row.get(c.key) for row in rows)]
    if width >= WIDE:
        return show_progress
    show_progress = [c for c in show_progress if c.key != "since"]
    return [
        replace(c, title=c.key, align="right", show=_total) if c.key in ("excluded", "failed") else c
        for c in show_progress
    ]


def counts(tally: Tally) -> dict[str, Any]:
    """The counts of one line.

    `captured` counts articles of these days. Articles of other days or without a date are excluded.
    """
    excluded = Counter(tally.excluded)
    excluded.update({"outside-window": tally.outside})
    return {
        "found": tally.links,
        "captured": tally.captured + tally.undated,
        "undated": tally.undated,
        "excluded": {reason: n for reason, n in sorted(excluded.items()) if n},
        "failed": dict(sorted(tally.failed.items())),
        "waiting": tally.pending,
        "lists_read": tally.pages["read"],
        "lists_failed": tally.pages["failed"],
        "lists_waiting": tally.pages["waiting"],
    }


def is_unread(window: Window, tally: Tally) -> bool:
    """Return whether a channel could not be read at all."""
    return window.state == "refused" or (
        window.state == "finished" and tally.pages["failed"] > 0 and tally.pages["read"] == 0
    )


def status_row(window: Window, tally: Tally) -> dict[str, Any]:
    """The row of one channel and one stretch of days."""
    return {
        "source": window.source_id,
        "channel": window.channel,
        "window": str(window.window),
        "state": f"{window.state}: {window.reason}" if window.state == "refused" else window.state,
        "since": window.since,
        "ended_at": window.ended_at,
        "reason": window.reason,
    } | counts(tally)


def summary_row(source_id: str, windows: Sequence[tuple[Window, Tally]], together: Tally) -> dict[str, Any]:
    """The row of one source. `unread` names its channels of which no list could be read."""
    done = sum(window.state in ("finished", "refused") for window, _ in windows)
    unread = dict.fromkeys(window.channel for window, tally in windows if is_unread(window, tally))
    return {"source": source_id, "windows": f"{done}/{len(windows)}"} | counts(together) | {"unread": list(unread)}


# --- while it runs


@contextmanager
def show_progress(on: bool, *, quiet: bool = False) -> Iterator[Callable[[View], None]]:
    """Show the progress on stderr while the block lasts, if the display is `on`.

    Hosts that are waited for are named in any case, each wait once, unless it is to be `quiet`.
    """
    if not on:
        yield (lambda view: None) if quiet else _Waits().tell
        return
    with live(err()) as shown_now:
        yield lambda view: shown_now.update(picture(view), refresh=True)


class _Waits:
    """Names each wait for a host once."""

    def __init__(self) -> None:
        self._told: set[Wait] = set()

    def tell(self, view: View) -> None:
        for wait in view.waits:
            if wait not in self._told:
                self._told.add(wait)
                tell(str(wait))


def picture(view: View) -> Group:
    """Draw how far a backfill is, in three lines. Below them stand the hosts that are left alone for now."""
    tally = counts(view.tally)
    grid = Table.grid(padding=(0, 1))
    grid.add_row(
        Text("backfill", style="bold"),
        ProgressBar(total=max(1, tally["found"]), completed=tally["found"] - tally["waiting"], width=24),
        Text(f"{view.done}/{counted(len(view.windows), 'window')}"),
        Text(_pace(view)),
    )
    facts = [f"{tally['found']:,} found", f"{tally['captured']:,} captured", f"{tally['waiting']:,} waiting"]
    facts += [f"{sum(tally['failed'].values()):,} failed"] if tally["failed"] else []
    lists = f"{tally['lists_read']:,} lists read"
    lists += f", {tally['lists_waiting']:,} to read" if tally["lists_waiting"] else ""
    second = Text(" · ".join([*facts, lists]))
    third = Text(f"excluded: {_most(tally['excluded'])}" if tally["excluded"] else "", style="dim")
    waits = [Text(safe(wait), style="yellow") for wait in view.waits[:MOST_WAITS]]
    if (more := len(view.waits) - MOST_WAITS) > 0:
        waits.append(Text(f"and {counted(more, 'host')} more are left alone for now", style="yellow"))
    return Group(grid, second, third, *waits)


def _pace(view: View) -> str:
    if view.by == "another":
        return "waiting for another process that is fetching"
    facts = ["by the daemon"] if view.by == "daemon" else []
    if view.rate:
        facts.append(f"{view.rate * 60:,.0f} a minute")
    if view.eta is not None:
        facts.append(f"{span(view.eta)} left")
    return ", ".join(facts)


def _most(reasons: Mapping[str, int]) -> str:
    most = Counter(reasons).most_common(MOST_REASONS)
    rest = sum(reasons.values()) - sum(n for _, n in most)
    return ", ".join([*(f"{n:,} {safe(reason)}" for reason, n in most), *([f"{rest:,} others"] if rest else [])])


# --- at the end


def outcome_sentence(
    found: Sequence[Window], tally: Tally, left: Sequence[str], outcome: Outcome, waits: Sequence[Wait] = ()
) -> Iterator[str]:
    """Say what became of all links that were found, and what to do next."""
    number = counts(tally)
    excluded, failed = sum(number["excluded"].values()), sum(number["failed"].values())
    yield (
        f"{counted(number['found'], 'link')} found: {number['captured']:,} captured, {excluded:,} excluded, "
        f"{failed:,} failed, {number['waiting']:,} waiting. {counted(number['lists_read'], 'list')} read, "
        f"{number['lists_failed']:,} failed, {number['lists_waiting']:,} still to be read."
    )
    if number["failed"] or number["lists_failed"]:
        yield "--again tries once more what has failed."
    finished = all(window.state in ("finished", "refused") for window in found)
    if finished and not left:
        yield "The backfill is complete: every link is captured or has a reason why not."
    elif finished:
        yield f"{counted(len(left), 'link')} without a capture or a reason: {', '.join(left[:LISTED])}"
    match outcome:
        case "resting":
            yield from map(safe, waits)
            yield (
                "Some links wait: those that failed are tried again later, and some hosts have reached their daily limit. "
                "A running daemon continues by itself. Otherwise give the same command again."
            )
        case "stopped":
            yield "The backfill was stopped before its end. Nothing is lost: the same command continues where it stopped."
        case "left to the daemon":
            yield "The daemon continues the backfill. `dateline backfill status` shows how far it is."
