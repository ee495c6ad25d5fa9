"""The one way in which commands print listings: a table for people; json, jsonl and csv for programs. Data goes to stdout."""

from __future__ import annotations

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
from rich.table import Table
from rich.text import Text

from archive.cli.terminal import safe
from archive.export.spreadsheet import Sheet
from archive.model.printable import to_json


class Format(StrEnum):
    """How a listing is printed."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


FormatOption = Annotated[
    Format, typer.Option("--format", help="How to print: table for people; json, jsonl or csv for programs.")
]

SHOWN = 20
"""Rows of a long listing that people see where they do not say how many; programs get all."""
LimitOption = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        help=f"Show at most this many (default: {SHOWN} in the table, all in the other formats).",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a listing: the key in the rows (which is the name in json and csv), and how a person sees it. `cell`: how a
    spreadsheet shows it, where the plain value would not do."""

    key: str
    title: str | None = None
    align: Literal["left", "right"] = "left"
    style: str | None = None
    wrap: bool = True
    show: Callable[[Any], str] = lambda value: "" if value is None else str(value)
    cell: Callable[[Any], Any] = lambda value: value


def out() -> Console:
    """The console for data. Made at each call, so that it writes to today's sys.stdout (tests and pipes replace it).

    A string is printed as it stands: what a page, a file or a user wrote is never read as markup or as the name of an emoji.
    What is to have a style is a `Text`.
    """
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def err() -> Console:
    """The console for messages, logs and progress. Strings are printed as they stand, as by `out`."""
    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False)


def tell(text: str, *, label: str = "", style: str = "") -> None:
    """Tell a person something, on stderr. `label` comes before it and has the `style`; neither it nor `text` is read as
    markup, and control characters are left out of both."""
    line = Text(safe(label), style=style).append(" " if label else "", style="none").append(safe(text), style="none")
    err().print(line, soft_wrap=True)


def data_stream() -> TextIO:
    """Today's stdout for data. In files and pipes these are UTF-8, whatever the locale says (RFC 8259, section 8.1)."""
    stream: Any = sys.stdout
    if hasattr(stream, "reconfigure") and not stream.isatty():
        stream.reconfigure(encoding="utf-8", errors="strict")
    return sys.stdout


BOM_WANTED: ContextVar[bool] = ContextVar("bom_wanted", default=False)
"""Whether the running command was given `--bom`: every command with a `--format` has it (see `archive.cli.furnish`)."""


def plain(value: Any) -> Any:
    """A value as JSON can hold it: times become RFC 3339 in UTC."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    return value


def emit(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[Column],
    fmt: Format,
    *,
    title: str | None = None,
    empty: str = "nothing found",
) -> None:
    """Print `rows`. Programs get every key of a row (csv: the columns only); people get the columns, or `empty` on stderr."""
    rows = _begun(rows)
    if fmt is Format.json:
        _emit_json(rows, data_stream())
        return
    if fmt is Format.jsonl:
        stream = data_stream()
        for row in rows:
            stream.write(to_json(plain(row)) + "\n")
        return
    if fmt is Format.csv:
        sheet = Sheet(data_stream(), [c.key for c in columns], bom=BOM_WANTED.get())
        for row in rows:
            sheet.write({c.key: c.cell(row.get(c.key)) for c in columns})
        return
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(
            column.title if column.title is not None else column.key.replace("_", " "),
            justify=column.align,
            style=column.style,
            no_wrap=not column.wrap,
            overflow="fold",
        )
    count = 0
    for row in rows:
        table.add_row(*(safe(column.show(plain(row.get(column.key)))) for column in columns))
        count += 1
    if count:
        out().print(table)
    else:
        err().print(empty)


def _begun(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The same rows; what is wrong with the first is raised now, before anything is printed."""
    coming = iter(rows)
    first = list(islice(coming, 1))
    return chain(first, coming)


def emit_one(value: Any) -> None:
    """Print one value as JSON."""
    data_stream().write(to_json(plain(value), indent=2) + "\n")


def _emit_json(rows: Iterable[Mapping[str, Any]], stream: TextIO) -> None:
    """One array, written row by row: a listing may be longer than memory."""
    between = "[\n"
    for row in rows:
        stream.write(between + "  " + to_json(plain(row), indent=2).replace("\n", "\n  "))
        between = ",\n"
    stream.write("[]\n" if between == "[\n" else "\n]\n")


def tell_of_rest(shown: int, total: int, counted_to: int) -> None:
    """Say that a listing for people was cut. `counted_to`: where counting stopped."""
    of = f"{total:,}" if total < counted_to else f"more than {counted_to - 1:,}"
    err().print(
        f"{shown:,} of {of} shown. --limit N shows more, and --format csv, json or jsonl gives all.", soft_wrap=True
    )
