"""CSV for spreadsheets: plain cells, none of which is taken for a formula.

A cell is for reading and sorting, so it is not always exact: lists are joined, control characters are dropped, and a text
that begins like a formula gets an apostrophe. JSON has everything as it is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, TextIO

from archive.model.text.printable import safe

BOM = "\ufeff"
"""The byte order mark. Excel reads a file as UTF-8 only if the file begins with it."""
LONGEST = 32_767
"""The number of characters that a cell of Excel holds. Longer texts spill into other rows there."""

_FORMULA = re.compile(r"[=+\-@\t＝＋－＠]")
"""The characters with which a formula begins (OWASP, "CSV Injection"), also in the full width of East Asian scripts.

Carriage returns are not among them, because they are dropped."""
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)*|\.\d+)(?:[eE][+-]?\d+)?\s?%?")


def cell(value: Any) -> str:
    """A value as the text of a cell.

    Lists are joined with `; `, mappings are written as `name: value`, and times are RFC 3339 in UTC.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case datetime():
            return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    text = safe(_joined(value))  # first: what is dropped may uncover a formula
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _joined(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_part(part)}" for name, part in value.items() if part is not None)
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, str):
        return "; ".join(_part(part) for part in value)
    return str(value)


def _part(value: Any) -> str:
    """A value inside another one. Its parts are separated by commas."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_part(part)}" for name, part in value.items() if part is not None)
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, str):
        return ", ".join(_part(part) for part in value)
    return cell(value) if value is None or isinstance(value, bool | int | float | datetime) else str(value)


def shortened(text: str | None) -> tuple[str | None, bool]:
    """Cut a text to the length of a cell. Returns the text, and whether something was cut off."""
    if text is None or len(text) < LONGEST:  # one less: it may get an apostrophe
        return text, False
    return f"{text[: LONGEST - 2]}…", True


class Sheet:
    """A CSV table that is written to a stream row by row. The names of the columns come first."""

    def __init__(self, stream: TextIO, columns: Sequence[str], *, bom: bool = False) -> None:
        if bom:
            stream.write(BOM)
        self._columns = columns
        self._writer = csv.writer(stream, lineterminator="\n")
        self._writer.writerow(columns)

    def write(self, row: Mapping[str, Any]) -> None:
        """Write one row. Values whose keys are not columns are left out."""
        self._writer.writerow([cell(row.get(column)) for column in self._columns])
