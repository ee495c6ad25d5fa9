"""Text around a match, cut out of the stored text and not of the prepared one. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.search.language import Query, Term
from archive.search.prepare import fold_with_places

WIDTH = 220
"""Characters of a snippet, about."""
BEFORE = 70
"""Of these, before the first match."""
SEARCHED = 300_000
"""Characters from the start of a text in which a match is looked for."""

_SLACK = 20
_BLANK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Snippet:
    """One line of text. `marks` has the places (start, end) of the words in it."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet(text: str | None, query: Query | None) -> Snippet:
    """The stretch of `text` around the first word of the query, or its start where there is no such word."""
    text = (text or "")[:SEARCHED].strip()
    pattern = _pattern(query) if query else None
    first = next(iter(_found(text, pattern, 1)), None) if pattern else None
    start = _cut(text, max(0, first[0] - BEFORE), +1) if first else 0
    end = _cut(text, start + WIDTH, -1)
    shown = _BLANK.sub(" ", text[start:end])
    line = ("… " if start else "") + shown + (" …" if end < len(text) else "")
    return Snippet(line, tuple(_found(line, pattern, None)) if pattern else ())


def _pattern(query: Query) -> re.Pattern[str]:
    terms = [term for group in query.all_of for term in group]
    return re.compile("|".join(map(_expression, terms)))


def _expression(term: Term) -> str:
    """A regular expression for the term in text folded character by character."""
    pieces = []
    for run, script in term.runs:
        letters = [re.escape(char) for char in run]
        dotted = script == "word" and len(letters) <= 4  # U.S. is one word to the index
        pieces.append((r"\.?" if dotted else "").join(letters))
    starts = r"(?<!\w)" if term.runs[0][1] == "word" else ""
    ends = r"(?!\w)" if term.runs[-1][1] == "word" and not term.starred else r"\w*" if term.starred else ""
    return starts + r"\W*".join(pieces) + ends


def _found(text: str, pattern: re.Pattern[str], most: int | None) -> list[tuple[int, int]]:
    folded, places = fold_with_places(text)
    spans = []
    for match in pattern.finditer(folded):
        spans.append((places[match.start()], places[match.end() - 1] + 1))
        if len(spans) == most:
            break
    return spans


def _cut(text: str, at: int, direction: int) -> int:
    """`at`, moved to a blank nearby so that no word is cut."""
    if at <= 0 or at >= len(text):
        return max(0, min(at, len(text)))
    for step in range(_SLACK):
        place = at + direction * step
        if not 0 < place < len(text):
            break
        if text[place].isspace():
            return place + 1 if direction > 0 else place
    return at
