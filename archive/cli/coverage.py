"""`dateline coverage`: what was found and captured day by day, drawn; and when nobody looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from archive.cli.output import Column, Format, FormatOption, emit, err, out
from archive.cli.reading import SinceDayOption, UntilDayOption, archive_of, counted, days, now
from archive.cli.terminal import safe, span
from archive.query import DayCoverage, SourceCoverage
from archive.query import coverage as coverage_of

DAYS = 30
"""Shown where nobody says since when."""
LONGEST_NAME, SHORTEST_NAME = 28, 12
NUMBERS = 26
"""Columns for the totals behind the days."""
INDENT = "    "
MOST_REASONS = 3
LISTED_GAPS = 6
HOUR = 3600

COLUMNS = tuple(
    Column(key)
    for key in (
        "source", "day", "expected", "found", "captured", "excluded", "failed", "pending", "polls_ok", "polls_failed",
        "walks", "gap_seconds", "counted_at",
    )
)  # fmt: skip

BARS = "▁▂▃▄▅▆▇█"
NOTHING_FOUND = "_"
NOT_LOOKED = "x"
UNKNOWN = "·"
LEGEND = (
    f"{BARS[0]}..{BARS[-1]} found/expected   {NOTHING_FOUND} none found   {NOT_LOOKED} nobody looked   "
    f"{UNKNOWN} unknown   ^ part unseen"
)
"""Where nothing is learnt yet a full bar is the source's busiest day."""


def register(app: typer.Typer) -> None:
    """Add `coverage` to the front door's app."""

    @app.command()
    def coverage(
        ctx: typer.Context,
        ids: Annotated[
            list[str] | None,
            typer.Argument(metavar="ID", help="These sources, with their gaps (default: all).", show_default=False),
        ] = None,
        since: SinceDayOption = None,
        until: UntilDayOption = None,
        fmt: FormatOption = Format.table,
    ) -> None:
        """Show per source and day what was found and captured, against what its rhythm lets expect, and where gaps are.

        Tells "not published" from "not collected". Without --since the last 30 days are shown.

        Examples:

            dateline coverage
            dateline coverage yonhap-en --since 2026-11-01
            dateline coverage --since 2026-11-01 --until 2026-11-30 --format csv
        """
        first, last = days(since, until, now())
        console = out()
        with archive_of(ctx) as archive:
            found = coverage_of(archive, ids or [], since=first, until=last, days=DAYS, now=datetime.now(UTC))
        if fmt is not Format.table:
            emit(rows(found), COLUMNS, fmt)
        elif any(source.known for source in found):
            render(console, found, in_full=bool(ids))
            if all(day.counted_at is None for source in found for day in source.known):
                err().print("only polls are noted so far: `dateline daemon` counts the days")
        else:
            err().print("the ledger is empty: polls fill it, and the daemon counts it")


def rows(found: Sequence[SourceCoverage]) -> Iterator[Mapping[str, Any]]:
    """One row for each source and day that is known."""
    for source in found:
        for day in source.known:
            yield {"source": source.source} | asdict(day)


def render(console: Console, found: Sequence[SourceCoverage], *, in_full: bool = False) -> None:
    """Draw the ledger. Where the days do not fit beside each other, they go on below."""
    days = max((list(source.days) for source in found), key=len)  # in some zones it is tomorrow already
    widest = min(LONGEST_NAME, max(SHORTEST_NAME, console.width - NUMBERS - 2 - min(DAYS, len(days))))
    name = min(widest, max(len("source"), *(len(source.source) for source in found if source.known)))
    width = max(7, console.width - name - NUMBERS - 2)
    parts = [days[i : i + width] for i in range(0, len(days), width)]
    for place, part in enumerate(parts):
        whole = place == len(parts) - 1
        console.print(_heading(part, name, numbers=whole))
        for source in found:
            if not source.known:
                continue
            line = Text(f"{_cut(safe(source.source), name):<{name}} ", style="bold", no_wrap=True)
            scale = _scale(source)
            for day in part:
                line.append(*(_cell(source.days[day], scale) if day in source.days else (" ", "")))
            if whole:
                line.append(_numbers(source), style="not bold")
            console.print(line, soft_wrap=True)
            for note in _notes(source, part, name, whole=whole):
                console.print(note, soft_wrap=True)
            if in_full and whole:
                for gap in _gaps(source):
                    console.print(gap, soft_wrap=True)
        console.print()
    console.print(Text(LEGEND, style="dim"))


def _heading(days: Sequence[str], name: int, *, numbers: bool) -> Text:
    """The first day and every Monday after it, as far as there is room."""
    marks = [" "] * len(days)
    free = 0
    for place, day in enumerate(days):
        at = date.fromisoformat(day)
        label = f"{at.day} {at:%b}" if place == 0 or at.weekday() == 0 else ""
        if label and place >= free and place + len(label) <= len(days):
            marks[place : place + len(label)] = label
            free = place + len(label) + 1
    line = Text(f"{'source':<{name}} " + "".join(marks), style="bold", no_wrap=True)
    if numbers:
        line.append(f"{'found':>8}{'expect.':>8}{'captured':>10}")
    return line


def _numbers(source: SourceCoverage) -> str:
    expected = f"{source.expected:,.0f}" if source.expected is not None else "·"
    # What was excluded on purpose is not missing.
    wanted = source.found - sum(source.excluded.values())
    share = f"{100 * source.captured / wanted:.0f} %" if wanted > 0 else "·"
    return f"{source.found:>8,}{expected:>8}{share:>10}"


def _scale(source: SourceCoverage) -> float:
    """What a full bar means where nothing is expected yet: the busiest day."""
    return float(max((day.found for day in source.known), default=0) or 1)


def _cell(day: DayCoverage | None, busiest: float) -> tuple[str, str]:
    """One day as a character, and its style."""
    if day is None or day.counted_at is None:
        return UNKNOWN, "not bold dim"
    unseen = day.gap_seconds > day.seconds / 2
    if day.found == 0:
        if unseen or (day.polls_ok == 0 and day.polls_failed > 0 and not day.walks):
            return NOT_LOOKED, "not bold red"
        looked = day.polls_ok or day.walks
        return (NOTHING_FOUND, "not bold yellow" if (day.expected or 0) >= 1 else "not bold dim") if looked else (
            UNKNOWN, "not bold dim"
        )  # fmt: skip
    share = day.found / (day.expected if day.expected is not None and day.expected > 0.5 else busiest)
    bar = BARS[min(len(BARS) - 1, max(0, round(share * len(BARS)) - 1))]
    lost = day.captured + day.pending < (day.found - sum((day.excluded or {}).values())) / 2
    return bar, "not bold red" if unseen else "not bold yellow" if lost else "not bold green"


def _notes(source: SourceCoverage, days: Sequence[str], name: int, *, whole: bool) -> Iterator[Text]:
    """Below a source: marks under the days with gaps, and why not everything was captured."""
    known = [source.days.get(each) for each in days]
    marks = "".join("^" if day and day.gap_seconds >= HOUR and day.found else " " for day in known).rstrip()
    if marks:
        yield Text(" " * (name + 1) + marks, style="red")
    if not whole:
        return
    facts = []
    if source.gap_seconds >= HOUR:
        facts.append(f"unseen {span(timedelta(seconds=source.gap_seconds))}")
    if source.pending:
        facts.append(f"pending {source.pending:,}")
    for word, reasons in (("excluded", source.excluded), ("failed", source.failed)):
        if reasons:
            facts.append(f"{word} {_reasons(reasons)}")
    if facts:
        yield Text(INDENT + "; ".join(facts), style="dim")


def _reasons(reasons: Counter[str]) -> str:
    shown = [f"{number:,} {safe(reason)}" for reason, number in reasons.most_common(MOST_REASONS)]
    rest = sum(reasons.values()) - sum(number for _, number in reasons.most_common(MOST_REASONS))
    return ", ".join([*shown, *([f"{rest:,} for other reasons"] if rest else [])])


def _gaps(source: SourceCoverage) -> Iterator[Text]:
    for gap in source.gaps[-LISTED_GAPS:]:
        yield Text(
            f"{INDENT}{gap.since:%Y-%m-%d %H:%M} to {gap.until:%Y-%m-%d %H:%M} UTC ({span(gap.until - gap.since)})"
            f" {gap.reason}: {safe(gap.channel)}",
            style="red",
        )
    if (more := len(source.gaps) - LISTED_GAPS) > 0:
        yield Text(f"{INDENT}and {counted(more, 'earlier gap')}", style="red")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
