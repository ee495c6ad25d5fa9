"""Listings as all commands print them: a table for people; json, jsonl and csv for programs. Data goes to stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain, islice
from typing import Annotated, Any, Literal, TextIO

import typer
from rich.console import Console
from rich.text import Text

from archive.cli.console.safe_text import safe
from archive.cli.console.tables import Head, drawn
from archive.cli.console.wrapping import cells, longest_word, wrapped
from archive.export.spreadsheet import Sheet
from archive.model.text.printable import to_json

FIXED_WIDTH = 100
"""Columns of what goes to no terminal, unless COLUMNS says otherwise."""


class Format(StrEnum):
    """The format of a listing."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


FormatOption = Annotated[
    Format, typer.Option("--format", help="Print a table for people, or json, jsonl or csv for programs.")
]

SHOWN = 20
"""Rows of a long listing that people see where they do not say how many; programs get all."""
LimitOption = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        help=f"Show no more than this many. Without it the table shows {SHOWN}, and the other formats show all.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a listing: the key in the rows, which is the name in json and csv, and how a person sees it.

    If a terminal is too narrow, a column that does not `wrap` is never broken, an `address` is shortened in its middle, and
    columns with a number in `leave_out` are left out, 1 first (`archive.cli.console.tables` has the whole rule). `cell` is how
    a spreadsheet shows it, where the plain value would not do.
    """

    key: str
    title: str | None = None
    align: Literal["left", "right"] = "left"
    style: str | None = None
    wrap: bool = True
    address: bool = False
    leave_out: int = 0
    show: Callable[[Any], str] = lambda value: "" if value is None else str(value)
    cell: Callable[[Any], Any] = lambda value: value


def out() -> Console:
    """The console for data. It is made at each call, so that it writes to today's sys.stdout, which tests and pipes replace.

    A string is printed as it is: what a page, a file or a user wrote is never read as markup or as the name of an emoji. What
    is to have a style is a `Text`.
    """
    return _console(sys.stdout)


def err() -> Console:
    """The console for messages, logs and progress. Strings are printed as they are, as by `out`."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    """Where `stream` is no terminal, its width does not depend on the terminal that other streams go to."""
    told = os.environ.get("COLUMNS", "").isdigit()
    width = None if stream.isatty() or told else FIXED_WIDTH
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def room(console: Console) -> int | None:
    """The number of cells of a line for people. None means that text goes to a file or another program, and COLUMNS gives no
    width.
    """
    return console.width if console.is_terminal or os.environ.get("COLUMNS", "").isdigit() else None


def say(console: Console, text: str | Text, *, style: str = "", first: str = "", rest: str = "") -> None:
    """Print prose. Lines are broken between words, and addresses stay whole. Without a terminal a paragraph is a line.

    `first` begins the first line, `rest` the others. A str is made safe for a terminal, and no markup is read in it.
    """
    whole = Text(safe(text)) if isinstance(text, str) else text
    if style:
        whole.stylize_before(style)
    for line in wrapped(whole, room(console), first=first, rest=rest):
        console.print(line, soft_wrap=True)


def fact(console: Console, name: str, value: str, *, width: int = 10) -> None:
    """Print a value behind its name. An address that has no room beside its name gets a line of its own, whole."""
    label = f"{name:<{width}} "
    line_room = room(console)
    shown = Text(safe(value))
    if line_room is not None and longest_word(shown.plain) > line_room - cells(label):
        console.print(Text(name, style="dim"))
        say(console, shown)
        return
    lines = wrapped(shown, line_room, first=label, rest=" " * len(label))
    lines[0].stylize("dim", 0, len(label))
    for line in lines:
        console.print(line, soft_wrap=True)


def tell(text: str | Text, *, label: str = "", style: str = "") -> None:
    """Print a message for the person at the terminal, on stderr. `style` is that of the `label` before it. Without a label it
    is that of all.
    """
    whole = Text(safe(text)) if isinstance(text, str) else text
    if label:
        whole, style = Text.assemble((safe(label), style), " ", whole), ""
    say(err(), whole, style=style)


def data_stream() -> TextIO:
    """Today's stdout for data. In files and pipes it is UTF-8, whatever the locale says (RFC 8259, section 8.1)."""
    stream: Any = sys.stdout
    if hasattr(stream, "reconfigure") and not stream.isatty():
        stream.reconfigure(encoding="utf-8", errors="strict")
    return sys.stdout


BOM_WANTED: ContextVar[bool] = ContextVar("bom_wanted", default=False)
"""Whether the running command was given `--bom`: every command with a `--format` has it (see `archive.cli.console.common_options`)."""


def json_value(value: Any) -> Any:
    """A value as JSON can hold it. Times become RFC 3339 in UTC."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(k): json_value(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [json_value(v) for v in value]
    return value


def emit(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[Column],
    fmt: Format,
    *,
    empty: str = "Nothing was found.",
) -> None:
    """Print rows. Programs get every key of a row, or in csv the columns only. People get the columns, or `empty` on stderr."""
    rows = _begun(rows)
    if fmt is Format.json:
        _emit_json(rows, data_stream())
        return
    if fmt is Format.jsonl:
        stream = data_stream()
        for row in rows:
            stream.write(to_json(json_value(row)) + "\n")
        return
    if fmt is Format.csv:
        sheet = Sheet(data_stream(), [c.key for c in columns], bom=BOM_WANTED.get())
        for row in rows:
            sheet.write({c.key: c.cell(row.get(c.key)) for c in columns})
        return
    shown = [_cells(columns, row) for row in rows]
    if shown:
        print_table([head_of(column) for column in columns], shown)
    else:
        tell(empty)


def head_of(column: Column) -> Head:
    """The column as a table draws it."""
    return Head(
        column.title if column.title is not None else column.key.replace("_", " "),
        kind="address" if column.address else "prose" if column.wrap else "word",
        right=column.align == "right",
        style=column.style or "",
        leave_out=column.leave_out,
    )


def print_table(heads: Sequence[Head], rows: Sequence[Sequence[Text]]) -> None:
    """Draw a table for people on stdout."""
    console = out()
    for line in drawn(heads, rows, room(console), whole=not console.is_terminal):
        console.print(line, soft_wrap=True)


def _cells(columns: Sequence[Column], row: Mapping[str, Any]) -> list[Text]:
    return [Text(safe(column.show(json_value(row.get(column.key)))).replace("\t", " ")) for column in columns]


def _begun(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The same rows; what is wrong with the first is raised now, before anything is printed."""
    coming = iter(rows)
    first = list(islice(coming, 1))
    return chain(first, coming)


def emit_one(value: Any) -> None:
    """Print one value as JSON."""
    data_stream().write(to_json(json_value(value), indent=2) + "\n")


def _emit_json(rows: Iterable[Mapping[str, Any]], stream: TextIO) -> None:
    """One array, written row by row: a listing may be longer than memory."""
    between = "[\n"
    for row in rows:
        stream.write(between + "  " + to_json(json_value(row), indent=2).replace("\n", "\n  "))
        between = ",\n"
    stream.write("[]\n" if between == "[\n" else "\n]\n")


def tell_of_rest(shown: int, total: int, counted_to: int) -> None:
    """Print that a listing for people was cut. `counted_to` is the number at which counting stopped."""
    of = f"{total:,}" if total < counted_to else f"more than {counted_to - 1:,}"
    tell(f"{shown:,} of {of} shown. --limit N shows more, and --format csv, json or jsonl gives all.")
