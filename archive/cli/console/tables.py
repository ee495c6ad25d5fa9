"""How a listing is drawn for people, by one rule for all of them.

1. A table is drawn as wide as its cells are if the terminal has the room, and wherever there is no terminal: one row is one
   line there, and nothing is left out.
2. Else prose is broken between words and addresses are shortened in their middle, as far as both stay readable.
3. If that is not enough, the least important columns are left out, in the order that the listing gives (`leave_out`).
4. If that is not enough either, each row becomes a record: one line for each field, each address whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.text import Text

from archive.cli.console.wrapping import SHORTEST_ADDRESS, cells, longest_word, shortened, wrapped

Kind = Literal["word", "prose", "address"]
GUTTER = 2
LEAST_PROSE = 16
"""Cells of a column of prose at least, if its text is that long."""
MOST_LINES = 6
"""Lines of a cell at most: prose in a narrower column is not read, but spelt."""
EMPTY = ("", "·")


@dataclass(frozen=True, slots=True)
class Head:
    """A column as it is drawn.

    A `word` is never broken. Of `leave_out`, 1 is left out first, and 0 stays.
    """

    title: str
    kind: Kind = "prose"
    right: bool = False
    style: str = ""
    leave_out: int = 0


def drawn(
    heads: Sequence[Head], rows: Sequence[Sequence[Text]], width: int | None, *, whole: bool = False
) -> Iterator[Text]:
    """Yield the lines of a listing, at most `width` cells wide. None means as wide as they are.

    `whole` leaves no column out and shortens no address, because the listing goes to a file or another program.
    """
    shown = list(range(len(heads)))
    natural = [_natural(head, [row[i] for row in rows]) for i, head in enumerate(heads)]
    while True:
        widths = _fitted(heads, rows, shown, natural, width, whole)
        if widths is not None:
            yield from _table(heads, rows, widths)
            return
        may_go = [] if whole else [i for i in shown if heads[i].leave_out]
        if not may_go:
            break
        shown.remove(min(may_go, key=lambda i: heads[i].leave_out))
    assert width is not None, "what may be as wide as it is fits"
    yield from _records(heads, rows, width)


def _natural(head: Head, column: Sequence[Text]) -> int:
    return max([cells(head.title), *(cells(line) for cell in column for line in cell.plain.split("\n"))])


def _fitted(
    heads: Sequence[Head],
    rows: Sequence[Sequence[Text]],
    shown: Sequence[int],
    natural: Sequence[int],
    width: int | None,
    whole: bool,
) -> dict[int, int] | None:
    """The width of each column that is shown, or None if they do not fit."""
    whole_widths = {i: natural[i] for i in shown}
    if width is None:
        return whole_widths
    room = width - GUTTER * (len(shown) - 1)
    if sum(whole_widths.values()) <= room:
        return whole_widths
    least = {i: _least(heads[i], [row[i] for row in rows], natural[i], whole) for i in shown}
    spare = room - sum(least.values())
    if spare < 0:
        return None
    lacking = {i: natural[i] - least[i] for i in shown}
    wanted = sum(lacking.values())
    widths = {i: least[i] + (spare * lacking[i] // wanted if wanted else 0) for i in shown}
    broken = [i for i in shown if heads[i].kind == "prose" and widths[i] < natural[i]]
    return None if _are_high(rows, broken, widths) else widths


def _are_high(rows: Sequence[Sequence[Text]], broken: Sequence[int], widths: Mapping[int, int]) -> bool:
    """Return whether some cell of the columns that are broken into lines would take too many of them."""
    return any(cells(row[i].plain) > widths[i] * MOST_LINES for row in rows for i in broken)


def _least(head: Head, column: Sequence[Text], natural: int, whole: bool) -> int:
    if head.kind == "address" and not whole:
        return min(natural, max(SHORTEST_ADDRESS, cells(head.title)))
    if head.kind == "prose":
        words = max(longest_word(head.title), *(longest_word(line) for c in column for line in c.plain.split("\n")), 0)
        return min(natural, max(words, LEAST_PROSE))
    return natural


def _table(heads: Sequence[Head], rows: Sequence[Sequence[Text]], widths: dict[int, int]) -> Iterator[Text]:
    titles = [wrapped(Text(heads[i].title, style="bold"), width) for i, width in widths.items()]
    yield from _side_by_side(titles, heads, widths)
    for row in rows:
        yield from _side_by_side([_cell(heads[i], row[i], width) for i, width in widths.items()], heads, widths)


def _cell(head: Head, text: Text, width: int) -> list[Text]:
    if head.kind == "address":
        lines = [Text(shortened(line, width)) for line in text.plain.split("\n")]
    else:
        lines = wrapped(text.copy(), width)
    for line in lines:
        line.style = line.style or head.style
    return lines


def _side_by_side(columns: Sequence[list[Text]], heads: Sequence[Head], widths: dict[int, int]) -> Iterator[Text]:
    for at in range(max(len(lines) for lines in columns)):
        line = Text()
        for place, ((i, width), lines) in enumerate(zip(widths.items(), columns, strict=True)):
            part = lines[at] if at < len(lines) else Text()
            space = " " * (width - cells(part.plain))
            line.append(" " * GUTTER if place else "")
            line.append(space if heads[i].right else "").append_text(part).append("" if heads[i].right else space)
        line.rstrip()
        yield line


def _records(heads: Sequence[Head], rows: Sequence[Sequence[Text]], width: int) -> Iterator[Text]:
    """Each row as lines of their own: what it is, and below that each field."""
    room = max(cells(head.title) for head in heads[1:]) if len(heads) > 1 else 0
    for place, row in enumerate(rows):
        if place:
            yield Text()
        name = row[0].copy()
        if name.plain.strip():
            name.stylize("bold")
            yield from _whole(name, width, "") if heads[0].kind == "address" else wrapped(name, width)
        for head, cell in zip(heads[1:], row[1:], strict=True):
            if cell.plain.strip() in EMPTY:
                continue
            label = f"  {head.title:<{room}}  "
            if head.kind == "address":
                yield from _whole(cell, width, label)
            else:
                text = cell.copy()
                text.style = text.style or head.style
                yield from _labelled(text, width, label)


def _whole(cell: Text, width: int, label: str) -> Iterator[Text]:
    """An address: on the line of its label if there is room, else on a line of its own, from the first column on."""
    for address in cell.plain.split("\n"):
        if cells(label) + cells(address) <= width:
            yield Text(label, style="dim").append(address, style="default")
        else:
            if label.strip():
                yield Text(label.rstrip(), style="dim")
            yield Text(address)


def _labelled(text: Text, width: int, label: str) -> Iterator[Text]:
    if longest_word(text.plain) > width - cells(label):  # a long word is better off without the label beside it
        yield Text(label.rstrip(), style="dim")
        yield from wrapped(text, width, first="    ", rest="    ")
        return
    lines = wrapped(text, width, first=label, rest=" " * cells(label))
    lines[0].stylize("dim", 0, len(label))
    yield from lines
