"""One printed text that names several times, cut into one text for each: "8 Nov 2026 | Updated 9 Nov 2026"."""

from __future__ import annotations

import re
from typing import NamedTuple

from crawler.normalise.date_words import MODIFIED_WORDS, PUBLISHED_WORDS
from crawler.normalise.dates import plain

_WORD = re.compile(f"(?P<modified>{MODIFIED_WORDS.pattern})|(?P<published>{PUBLISHED_WORDS.pattern})", re.IGNORECASE)
_WHOLE_DATE = re.compile(
    r"(?<!\d)(?:1[345]|19|20|25)\d{2}(?!\d)|\d{1,2}\s*[./-]\s*\d{1,2}\s*[./-]\s*\d{2,4}|\d{1,3}\s*年|\d{1,2}\s*月\s*\d"
)
"""What every whole date has: a year of four digits, or three numbers."""
_SIGN = re.compile(r"[|(\[·•;]|\s[–—-]\s")
_DIGIT = re.compile(r"\d")


class Segment(NamedTuple):
    """A part of a printed text that has a whole date. `modified` tells what the words beside it say: True of the last
    change, False of publication. It is None where no word says anything."""

    text: str
    modified: bool | None


def segments(text: str) -> list[Segment]:
    """Cut a text before each word of publication or change, or behind it where the text has them behind its dates.

    A date without a word beside one that was updated is that of publication. The text comes back whole where it has no
    such word, or a single date.
    """
    shape = plain(text)
    if len(shape) != len(text):
        text = shape  # positions in one are positions in the other
    words = list(_WORD.finditer(shape))
    if not words:
        return [Segment(text, None)] if _DIGIT.search(shape) else []
    pieces = _behind_dates(shape, words) if _words_behind(shape, words) else _before_dates(shape, words)
    found = [
        Segment(text[start:end].strip(" \t|·•,;/–—-(（"), changed)
        for start, end, changed in pieces
        if _WHOLE_DATE.search(shape[start:end])
    ]
    if len(found) <= 1:
        return found or [Segment(text, words[-1]["modified"] is not None)]
    if any(segment.modified for segment in found):
        return [segment if segment.modified is not None else Segment(segment.text, modified=False) for segment in found]
    return found


_Piece = tuple[int, int, bool | None]
"""Begin, end, and whether a word of change belongs to it. None where no word does."""


def _before_dates(text: str, words: list[re.Match[str]]) -> list[_Piece]:
    """The pieces of a text whose words stand before their dates."""
    cuts = [0, *(word.start() for word in words), len(text)]
    changed = [None, *(word["modified"] is not None for word in words)]
    return list(zip(cuts, cuts[1:], changed, strict=False))


def _behind_dates(text: str, words: list[re.Match[str]]) -> list[_Piece]:
    """The pieces of a text whose words stand behind their dates. A word belongs to the nearest date only."""
    pieces: list[_Piece] = []
    begin = 0
    for word in words:
        seam = _seam(text, begin, word.start())
        if seam is not None:
            pieces.append((begin, seam, None))
        pieces.append((begin if seam is None else seam, word.end(), word["modified"] is not None))
        begin = word.end()
    return pieces


def _seam(text: str, begin: int, end: int) -> int | None:
    """Where a piece with two whole dates is divided by a sign. None where it is not."""
    seams = [begin + sign.start() for sign in _SIGN.finditer(text[begin:end])]
    both = (at for at in seams if _WHOLE_DATE.search(text[begin:at]) and _WHOLE_DATE.search(text[at:end]))
    return max(both, default=None)


def _words_behind(text: str, words: list[re.Match[str]]) -> bool:
    """Return whether the words follow the dates that they name: "2026年11月8日 公開 2026年11月9日 更新"."""
    first, last = words[0], words[-1]
    return _WHOLE_DATE.search(text[: first.start()]) is not None and _DIGIT.search(text[last.end() :]) is None
