"""`dateline coverage`: what was found and captured day by day, drawn, and when nobody looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from archive.cli.console.output import Column, Format, FormatOption, emit, out, say, tell
from archive.cli.console.query_options import SinceDayOption, UntilDayOption, archive_of, counted, days, now
from archive.cli.console.safe_text import safe, span
from archive.cli.console.wrapping import cells, shortened, wrapped
from archive.query import DayCoverage, SourceCoverage
from archive.query import coverage as coverage_of

DAYS = 30
"""Shown where nobody says since when."""
LONGEST_NAME, SHORTEST_NAME = 28, 16
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
LEGEND = "   ".join(
    # The words of one meaning stay together where the line is broken.
    meaning.replace(" ", "\N{NO-BREAK SPACE}")
    for meaning in (
        f"{BARS[0]}..{BARS[-1]} found, compared with expected",
        f"{NOTHING_FOUND} none found",
        f"{NOT_LOOKED} not looked at",
        f"{UNKNOWN} unknown",
        "^ not watched all day",
    )
)
"""Where nothing is learnt yet a full bar is the source's busiest day."""


def register(app: typer.Typer) -> None:
    """Add `coverage` to the front door's app."""
    app.command()(coverage)


def coverage(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID",
            help="The sources to show, with their gaps. Without an id all are shown.",
            show_default=False,
        ),
    ] = None,
    since: SinceDayOption = None,
    until: UntilDayOption = None,
    fmt: FormatOption = Format.table,
) -> None:
    """Show how much was collected each day, and where something is missing.

    The amount is compared with how much the source usually publishes on such a day. So you can tell days on which nothing
    was published from days on which nothing was collected. Days are counted in the time zone of each source.
    Without --since the last 30 days are shown.

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
            tell("The days are not counted yet. `dateline daemon` counts them while it runs.")
    else:
        tell("Nothing was collected yet. `dateline crawl` or `dateline daemon` collects news.")


def rows(found: Sequence[SourceCoverage]) -> Iterator[Mapping[str, Any]]:
    """Yield one row for each source and day that is known."""
    for source in found:
        for day in source.known:
            yield {"source": source.source} | asdict(day)


def render(console: Console, found: Sequence[SourceCoverage], *, in_full: bool = False) -> None:
    """Draw the ledger. If the days do not fit beside each other, they go on below."""
    days = max((list(source.days) for source in found), key=len)  # in some zones it is tomorrow already
    widest = min(LONGEST_NAME, max(SHORTEST_NAME, console.width - NUMBERS - 2 - min(DAYS, len(days))))
    name = min(widest, max(len("source"), *(len(source.source) for source in found if source.known)))
    width = max(7, console.width - name - NUMBERS - 2)
    parts = [days[i : i + width] for i in range(0, len(days), width)]
    for place, part in enumerate(parts):
        whole = place == len(parts) - 1
        console.print(_heading(part, name, numbers=whole))
        for source in found:
            if source.known:
                _print_source(console, source, part, name, last=whole, in_full=in_full)
        console.print()
    for line in wrapped(Text(LEGEND, style="dim"), console.width):
        console.print(line, soft_wrap=True)


def _print_source(
    console: Console, source: SourceCoverage, part: Sequence[str], name: int, *, last: bool, in_full: bool
) -> None:
    """Draw some days of a source. Its numbers and notes stand at the last of them."""
    line = Text(f"{_name(safe(source.source), name)} ", style="bold", no_wrap=True)
    scale = _scale(source)
    for day in part:
        line.append(*(_cell(source.days[day], scale) if day in source.days else (" ", "")))
    if last:
        line.append(_numbers(source), style="not bold")
    console.print(line, soft_wrap=True)
    if marks := _marks(source, part, name):
        console.print(marks, soft_wrap=True)
    if last:
        for note in [*_notes(source), *(_gaps(source) if in_full else ())]:
            say(console, note, first=INDENT, rest=INDENT + "  ")


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
        return _empty_cell(day, unseen)
    share = day.found / (day.expected if day.expected is not None and day.expected > 0.5 else busiest)
    bar = BARS[min(len(BARS) - 1, max(0, round(share * len(BARS)) - 1))]
    lost = day.captured + day.pending < (day.found - sum((day.excluded or {}).values())) / 2
    return bar, "not bold red" if unseen else "not bold yellow" if lost else "not bold green"


def _empty_cell(day: DayCoverage, unseen: bool) -> tuple[str, str]:
    """A day on which nothing was found: because nobody looked, or because there was nothing."""
    looked = day.polls_ok > 0 or day.walks > 0
    if unseen or (day.polls_failed > 0 and not looked):
        return NOT_LOOKED, "not bold red"
    if not looked:
        return UNKNOWN, "not bold dim"
    return NOTHING_FOUND, "not bold yellow" if (day.expected or 0) >= 1 else "not bold dim"


def _marks(source: SourceCoverage, days: Sequence[str], name: int) -> Text | None:
    """Marks under the days with gaps."""
    known = [source.days.get(each) for each in days]
    marks = "".join("^" if day and day.gap_seconds >= HOUR and day.found else " " for day in known).rstrip()
    return Text(" " * (name + 1) + marks, style="red") if marks else None


def _notes(source: SourceCoverage) -> Iterator[Text]:
    """Below a source: why not everything was captured."""
    facts = []
    if source.gap_seconds >= HOUR:
        facts.append(f"not watched for {span(timedelta(seconds=source.gap_seconds))}")
    if source.pending:
        facts.append(f"pending {source.pending:,}")
    for word, reasons in (("excluded", source.excluded), ("failed", source.failed)):
        if reasons:
            facts.append(f"{word} {_reasons(reasons)}")
    if facts:
        yield Text("; ".join(facts), style="dim")


def _reasons(reasons: Counter[str]) -> str:
    shown = [f"{number:,} {safe(reason)}" for reason, number in reasons.most_common(MOST_REASONS)]
    rest = sum(reasons.values()) - sum(number for _, number in reasons.most_common(MOST_REASONS))
    return ", ".join([*shown, *([f"{rest:,} for other reasons"] if rest else [])])


def _gaps(source: SourceCoverage) -> Iterator[Text]:
    for gap in source.gaps[-LISTED_GAPS:]:
        yield Text(
            f"{gap.since:%Y-%m-%d %H:%M} to {gap.until:%Y-%m-%d %H:%M} UTC ({span(gap.until - gap.since)})"
            f" {gap.reason}: {safe(gap.channel)}",
            style="red",
        )
    if (more := len(source.gaps) - LISTED_GAPS) > 0:
        yield Text(f"and {counted(more, 'earlier gap')}", style="red")


def _name(text: str, width: int) -> str:
    """An id in so many cells; the middle of a long one is left out."""
    shown = shortened(text, width)
    return shown + " " * (width - cells(shown))
