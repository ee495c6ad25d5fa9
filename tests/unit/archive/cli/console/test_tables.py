"""The rule by which every listing is drawn."""

from __future__ import annotations

from rich.text import Text

from archive.cli.console.tables import Head, drawn
from archive.cli.console.wrapping import cells

HEADS = (
    Head("id", "word"),
    Head("address", "address"),
    Head("why"),
    Head("items", "word", right=True, leave_out=2),
    Head("robots", "word", leave_out=1),
)
ADDRESS = "https://www.mofa.go.jp/announce/press/archive/english/rss/index.xml?lang=en"
WHY = "The publisher answers with an error, and nothing was read."


def lines(width: int | None, *, whole: bool = False) -> list[str]:
    row = [Text("mofa-jp"), Text(ADDRESS), Text(WHY), Text("12"), Text("allowed")]
    return [line.plain for line in drawn(HEADS, [row, row], width, whole=whole)]


def test_a_row_is_a_line_where_there_is_room_or_no_terminal() -> None:
    for drawing in (lines(None), lines(200), lines(None, whole=True)):
        assert len(drawing) == 3
        assert ADDRESS in drawing[1]
        assert WHY in drawing[1]
        assert drawing[1].split()[-2:] == ["12", "allowed"]


def test_prose_wraps_and_addresses_are_shortened_where_that_is_enough() -> None:
    drawing = lines(90)
    assert drawing[0].split() == ["id", "address", "why", "items", "robots"]
    assert ADDRESS not in "".join(drawing)
    assert "https://www." in drawing[1] and "…" in drawing[1]
    assert max(map(cells, drawing)) <= 90


def test_then_the_least_important_columns_go() -> None:
    assert lines(70)[0].split() == ["id", "address", "why", "items"]
    assert lines(60)[0].split() == ["id", "address", "why"]


def test_then_each_row_is_a_record_with_its_address_whole() -> None:
    assert lines(40)[:8] == [
        "mofa-jp",
        "  address",
        ADDRESS,
        "  why      The publisher answers with an",
        "           error, and nothing was read.",
        "  items    12",
        "  robots   allowed",
        "",
    ]


def test_what_goes_to_a_file_is_never_shortened_or_left_out() -> None:
    assert "…" not in "".join(lines(90, whole=True))
    assert any("allowed" in line for line in lines(66, whole=True))


def test_an_empty_field_of_a_record_is_left_out() -> None:
    row = [Text("a"), Text(ADDRESS), Text(""), Text("·"), Text("x")]
    assert [line.plain for line in drawn(HEADS, [row], 20)] == ["a", "  address", ADDRESS, "  robots   x"]
