"""The one way in which commands print listings: a table for people; json, jsonl and csv for programs. Data goes to stdout."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.cli.terminal import safe


class Format(StrEnum):
    """How a listing is printed."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


FormatOption = Annotated[
    Format, typer.Option("--format", help="How to print: table for people; json, jsonl or csv for programs.")
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a listing: the key in the rows (which is the name in json and csv), and how a person sees it."""

    key: str
    title: str | None = None
    align: Literal["left", "right"] = "left"
    style: str | None = None
    wrap: bool = True
    show: Callable[[Any], str] = lambda value: "" if value is None else str(value)


def out() -> Console:
    """The console for data. Made at each call, so that it writes to today's sys.stdout (tests and pipes replace it).

    A string is printed as it stands: what a page, a file or a user wrote is never read as markup or as the name of an emoji.
    What is to have a style is a `Text`.
    """
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def err() -> Console:
    """The console for messages, logs and progress. Strings are printed as they stand, as by `out`."""
    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False)


def say(text: str, *, label: str = "", style: str = "") -> None:
    """Tell a person something, on stderr. `label` comes before it and has the `style`; neither it nor `text` is read as
    markup, and control characters are left out of both."""
    line = Text(safe(label), style=style).append(" " if label else "", style="none").append(safe(text), style="none")
    err().print(line, soft_wrap=True)


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
    if fmt is Format.json:
        sys.stdout.write(json.dumps([plain(row) for row in rows], ensure_ascii=False, indent=2) + "\n")
        return
    if fmt is Format.jsonl:
        for row in rows:
            sys.stdout.write(json.dumps(plain(row), ensure_ascii=False) + "\n")
        return
    if fmt is Format.csv:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([c.key for c in columns])
        for row in rows:
            writer.writerow([_cell(plain(row.get(c.key))) for c in columns])
        sys.stdout.write(buffer.getvalue())
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


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
