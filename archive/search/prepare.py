"""Text prepared for full-text search, in the same way for what is indexed and for what is asked. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal
from unicodedata import category, decimal, normalize

from archive.model.text.comparable import replaced

PREPARATION = 1
"""Version of these rules. Raise it with every change here: an index made by another version must be rebuilt."""

LONGEST_WORD = 64
"""Characters of a word that count; PostgreSQL refuses lexemes of more than 2046 bytes."""

Script = Literal["word", "pairs"]
"""`word`: written with spaces between words; `pairs`: cut into overlapping pairs."""

_LETTERS = (
    str.maketrans("đħıłøŧð", "dhilotd")
    | str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"})
    | str.maketrans("ٱىیېےکةہھە", "اييييكهههه")
)
_DROPPED = frozenset(
    "\u00ad\u02be\u02bf\u0640\u200b\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Soft hyphen, signs of transliterated hamza and ain, tatweel, and what cannot be seen."""
_SEPARATING_LETTERS = frozenset("\u02b9\u02ba\u02bb\u02bc\u02c8\u200c")
"""Letters that stand for apostrophes, as in Uzbek and Ukrainian, and the non-joiner between parts of Persian words."""
_ABBREVIATION = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])\.?")
_DOT_INSIDE = re.compile(r"\.[^\W\d_]")
_KANA_VOICING = ("\u3099", "\u309a")


def words(text: str) -> list[str]:
    """The tokens of `text` in order, as they are indexed."""
    folded = fold(text)
    # Most texts have no marks, and nothing to be cut into pairs.
    if folded.isascii() or all(_CLASSES[ord(char)] in "w " for char in set(folded)):
        found = replaced(folded, _SPACED).split()
        is_long = max(map(len, found), default=0) > LONGEST_WORD
        return [word[:LONGEST_WORD] for word in found] if is_long else found
    tokens: list[str] = []
    for run, script in _runs(folded):
        if script == "word":
            tokens.append(run)
        else:
            tokens.extend(pairs(run))
    return tokens


def pairs(run: str) -> list[str]:
    """The tokens of a run of script `pairs`: its overlapping pairs, then its last character alone."""
    return [run[i : i + 2] for i in range(len(run))]


def runs(text: str) -> Iterator[tuple[str, Script]]:
    """Yield the folded stretches of letters and digits of one way of writing, in order. Words are cut to `LONGEST_WORD`
    characters.
    """
    return _runs(fold(text))


def _runs(folded: str) -> Iterator[tuple[str, Script]]:
    for found in _RUN.finditer(folded.translate(_CLASSES)):
        run = folded[found.start() : found.end()]
        if found[0][0] == "w":
            yield run[:LONGEST_WORD], "word"
        else:
            yield run, "pairs"


def fold(text: str) -> str:
    """The text without the differences that a reader who searches does not mean. Words are not yet separated."""
    folded = replaced(normalize("NFC", text), _FOLDED)
    if "\u3099" in folded or "\u309a" in folded:  # half-width Kana carries its voicing mark as a second character
        folded = normalize("NFC", folded)
    if _DOT_INSIDE.search(folded) is None:  # told a hundred times faster
        return folded
    return _ABBREVIATION.sub(lambda found: found[0].replace(".", ""), folded)


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """The text (in NFC) folded character by character, and for each character of the result its place in `text`.

    This is for showing where something was found. Abbreviations keep their dots.
    """
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for piece in _FOLDED[ord(char)]:
            folded.append(piece)
            places.append(place)
    return "".join(folded), places


def fold_character(char: str) -> str:
    """One character of NFC text, folded. The result has none, one or several characters."""
    if char in _DROPPED:
        return ""
    if char in _SEPARATING_LETTERS:
        return " "
    kept = []
    for c in normalize("NFKD", normalize("NFKD", char).casefold()).translate(_LETTERS):
        if category(c) in ("Mn", "Me") and not (marks_are_letters(c) or c in _KANA_VOICING):
            continue
        number = decimal(c, None)
        kept.append(c if number is None else str(number))
    return normalize("NFC", "".join(kept))


def marks_are_letters(char: str) -> bool:
    """Return whether `char` is of a script whose combining marks carry the word: Indic to Burmese, Tibetan, Khmer."""
    point = ord(char)
    return (
        0x0900 <= point <= 0x109F  # Devanagari to Sinhala, Thai, Lao, Tibetan, Burmese
        or 0x1780 <= point <= 0x17FF
        or 0xA8E0 <= point <= 0xA8FF
        or 0xA9E0 <= point <= 0xA9FF
        or 0xAA60 <= point <= 0xAA7F
        or 0x11000 <= point <= 0x11FFF
    )


_IN_PAIRS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1100, 0x11FF),  # Hangul
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),
    (0x3041, 0x31FF),  # Kana, Bopomofo
    (0x3400, 0x9FFF),  # CJK ideographs
    (0xA960, 0xA97F),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
"""The scripts that are written without spaces between words, and so are indexed in pairs: first and last character."""


def _class(char: str) -> str:
    """How a folded character is indexed: `w` in words, `p` in pairs, `m` as a mark of the one before. A space separates."""
    point = ord(char)
    kind = category(char)
    if any(first <= point <= last for first, last in _IN_PAIRS):
        return "p" if kind[0] in "LNM" else " "
    if kind[0] in "LN" or kind == "Co":
        return "w"
    return "m" if kind in ("Mn", "Mc") else " "


class _Table(dict[int, str]):
    """A table for str.translate that is filled as characters come by."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, point: int) -> str:
        self[point] = self._rule(chr(point))
        return self[point]


_FOLDED = _Table(fold_character)
_CLASSES = _Table(_class)
_SPACED = _Table(lambda char: " " if _class(char) == " " else char)
_RUN = re.compile("w[wm]*|p[pm]*")
