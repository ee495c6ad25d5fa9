"""Text in the lines of a terminal: broken between words and measured in cells, in every script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len, split_graphemes
from rich.text import Text

_SPACES = " \t\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u200b\u205f\u3000"
_NOT_FIRST = frozenset(
    ",.;:!?)]}%>»”’…‥·、。，．；：！？）］｝》〉」』】〕〗％ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NOT_LAST = frozenset("([{<«“‘（［｛《〈「『【〔〖￥＄")
_IDEOGRAPHS = ((0x2E80, 0x2FFF), (0x3001, 0x312F), (0x31A0, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF01, 0xFF60), (0x20000, 0x3FFFD))  # fmt: skip
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F))
SHORTEST_ADDRESS = 28
"""Cells that an address gets at least where it is shortened: both ends have to tell it from others."""


def cells(text: str) -> int:
    """The number of cells that `text` takes on a terminal (UAX #11)."""
    return cell_len(text)


def wrapped(text: str | Text, width: int | None, *, first: str = "", rest: str = "") -> list[Text]:
    """The text in lines of at most `width` cells. None means as long as they are. `first` begins the first line, `rest` the
    others.
    """
    whole = text if isinstance(text, Text) else Text(text)
    lines: list[Text] = []
    for paragraph in whole.split("\n", allow_blank=True) or [Text()]:
        if width is None:
            parts = [paragraph]
        else:
            rooms = [max(8, width - cells(begin)) for begin in (rest if lines else first, rest)]
            parts = list(paragraph.divide(_breaks(paragraph.plain, *rooms)))
        for part in parts:
            part.rstrip()
            begin = rest if lines else first
            lines.append(Text(begin) + part if begin else part)
    return lines


def longest_word(text: str) -> int:
    """The number of cells of the longest piece of `text` that is not broken."""
    return max((piece[2] for piece in _pieces(text) if not _is_unspaced(text[piece[0]])), default=0)


def shortened(address: str, width: int) -> str:
    """The address with its middle left out if it is longer than `width` cells: both ends tell it from others."""
    if cells(address) <= width:
        return address
    end = (width - 1) // 2
    return f"{_head(address, width - 1 - end)}…{_head(address[::-1], end)[::-1]}"


def cut(text: str, width: int) -> str:
    """The words of `text` that fit into `width` cells, with a mark where some were left out."""
    if cells(text) <= width:
        return text
    first = wrapped(text, max(1, width - 2))[0].plain
    return f"{first} …" if cells(first) <= width - 2 else shortened(first, width)


def _head(text: str, width: int) -> str:
    taken = 0
    for start, _, size in split_graphemes(text)[0]:
        taken += size
        if taken > width:
            return text[:start]
    return text


def _breaks(text: str, first: int, rest: int) -> list[int]:
    """Offsets at which lines begin, without the first. `first` and `rest`: cells of the first line, and of each further one."""
    found: list[int] = []
    used, width = 0, first
    for start, end, ink, size in _pieces(text):
        if used + ink <= width:
            used += size
        elif ink <= rest:
            if used:
                found.append(start)
                width = rest
            used = size
        elif _is_unspaced(text[start]):
            for at, _, cell in split_graphemes(text[start:end])[0]:
                if used + cell > width:
                    found.append(start + at)
                    used, width = 0, rest
                used += cell
        else:
            if used:
                found.append(start)
                width = rest
            used = size
    return found


def _pieces(text: str) -> Iterator[tuple[int, int, int, int]]:
    """What stands between two places where a line may be broken: start, end, cells without and with the space behind it."""
    if text.isascii():
        yield from _ascii_pieces(text)
        return
    start, ink, size = 0, 0, 0
    before = ""
    for at, end, cell in split_graphemes(text)[0]:
        here = text[at]
        if end - at > 1 and not here.isascii():
            cell += _spacing_marks(text[at + 1 : end])
        if before and _may_break(before, here):
            yield start, at, ink, size
            start, ink, size = at, 0, 0
        size += cell
        if here not in _SPACES:
            ink = size
        before = here
    if before:
        yield start, len(text), ink, size


def _spacing_marks(marks: str) -> int:
    """Marks such as the vowel signs of Hindi that stand beside their letter: some terminals give them a cell, others none. Lines
    must fit on both."""
    return sum(unicodedata.category(mark) == "Mc" for mark in marks)


def _ascii_pieces(text: str) -> Iterator[tuple[int, int, int, int]]:
    start, length = 0, len(text)
    while start < length:
        end = start
        while end < length and text[end] in " \t":  # space at the beginning belongs to the first word
            end += 1
        while end < length and text[end] not in " \t":
            end += 1
        ink = end - start
        while end < length and text[end] in " \t":
            end += 1
        yield start, end, ink, end - start
        start = end


def _may_break(before: str, here: str) -> bool:
    if here in _SPACES:
        return False
    if before in _SPACES:
        return True
    if here in _NOT_FIRST or before in _NOT_LAST:
        return False
    if _is_unspaced(before) != _is_unspaced(here):
        return (_is_unspaced(before) or _is_unspaced(here)) and before.isalpha() and here.isalpha()
    return _within(before, _IDEOGRAPHS) or _within(here, _IDEOGRAPHS)


def _is_unspaced(character: str) -> bool:
    return _within(character, _UNSPACED)


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    code = ord(character)
    return code > 0xDFF and any(low <= code <= high for low, high in ranges)
