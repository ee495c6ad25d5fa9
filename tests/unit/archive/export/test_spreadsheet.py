from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.export.spreadsheet import LONGEST, Sheet, cell, shortened


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (-5, "-5"),
        (-0.25, "-0.25"),
        ("-5", "-5"),
        ("+3,5 %", "+3,5 %"),
        (datetime(2026, 11, 2, 9, tzinfo=UTC), "2026-11-02T09:00:00Z"),
        ("2026-11-02T09:00:00Z", "2026-11-02T09:00:00Z"),
        (["Ada Whitlock", "Kim Jiwoo"], "Ada Whitlock; Kim Jiwoo"),
        ([], ""),
        ({"robots": 3, "HTTP 404": 1, "none": None}, "robots: 3; HTTP 404: 1"),
        ([{"kind": "feed", "items": None, "tags": ["a", "b"]}], "kind: feed, tags: a, b"),
        ("a\x1b[31mb\u202ec\nd", "a[31mbc\nd"),
        ("a 'quoted' word", "a 'quoted' word"),
    ],
)
def test_cells_are_plain(value: Any, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    "text", ["=SUM(A1)", "+1 of them", "-fishing", "@home", "\t=1", "\r=1", "＝1+1", "－", "+49 30 1234", "-", "--"]
)
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert cell(text).startswith("'")
    assert cell([text]).startswith("'")
    assert cell({text: 1}).startswith("'")


def test_no_formula_is_uncovered_by_what_is_dropped() -> None:
    assert cell("\u202e=SUM(A1)").startswith("'")
    assert cell("\x00=SUM(A1)").startswith("'")


def test_rows_are_written_as_they_come() -> None:
    stream = io.StringIO()
    sheet = Sheet(stream, ["a", "b"], bom=True)
    assert stream.getvalue() == "\ufeffa,b\n"
    sheet.write({"a": 'x "y", z', "c": 1})
    assert list(csv.reader(io.StringIO(stream.getvalue().lstrip("\ufeff")))) == [["a", "b"], ['x "y", z', ""]]


def test_a_cell_holds_so_much() -> None:
    assert shortened(None) == (None, False)
    assert shortened("x" * (LONGEST - 1)) == ("x" * (LONGEST - 1), False)
    text, cut = shortened("=" * LONGEST)
    assert cut
    assert len(cell(text)) <= LONGEST
