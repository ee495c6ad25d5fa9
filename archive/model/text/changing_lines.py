"""Lines that may change by themselves: counts, "3 hours ago", today's date, prices. Told by their form, in any language.

Such a line is short and holds a number or a word of time. Its key is what remains of it without them: "1,204 views" and
"987 views" have one key, and so have "12 minutes ago" and "yesterday". Form alone proves nothing, because a row of a table in the
article looks alike. Whether a line is the site's is told by the other articles that bear its key
(`archive.model.decisions.self_changing`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b

from archive.model.text.comparable import comparable
from archive.model.text.time_words import number_words, time_words

LINE, SENTENCE = "line", "sentence"

_LONGEST, _LONGEST_SENTENCE = 120, 80
_MOST = 40
"""Lines of one text. A text with more is a table, and all its numbers are its own."""
_SENTENCE_END = re.compile(r"[.!?。！？।؟…։።]['\")\]]*$")
_BETWEEN_PARTS = re.compile(r"[|·•]")
_NUMBER = re.compile(r"\d(?:[\d.,'\u066b\u066c ]*\d)?(?:\s?(?:mio|mln|млн|тыс|bin|[kmb万億千만천])(?!\w))?")
_MOMENT = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d{1,2}:\d{2}(?::\d{2})?")
_DIGIT = re.compile(r"\d")
_SIGN = re.compile(r"[+\-±▲▼△▽↑↓%]")
_COUNTED = re.compile(r"(?<=0 )([^\W\d]{3})[^\W\d]+|(?<![^\W\d])([^\W\d]{3})[^\W\d]++(?= 0)")
_TIME, _COUNT = "\x01", "0"
_MARKS = re.compile(r"[0\x01](?:[^\w\x01]*+[0\x01])*+")
"""Marks that stand side by side."""
_LETTER = re.compile(r"[^\W\d_\x01]")


@dataclass(frozen=True, slots=True)
class ChangingLines:
    """The lines of a text that may change by themselves.

    `rest` is the text without them. `lines` has their keys, each with the lines of that key as they stand, so that a change shows.
    """

    rest: str
    lines: dict[str, str]


def changing_lines(text: str | None, language: str | None) -> ChangingLines:
    """Find the lines of a text in a language (ISO 639, None if unknown) that may change by themselves."""
    code = language.casefold().partition("-")[0] if language else None
    rest: list[str] = []
    found: dict[str, str] = {}
    before = ""
    for line in (text or "").splitlines():
        if len(line) > _LONGEST or not (own := comparable(line)):
            rest.append(line)
            before = line or before
            continue
        kept, keys = _taken_apart(own, before, code)
        for key, part in keys:
            found[key] = f"{found[key]}\n{part}" if key in found else part
        rest.append(kept)
        before = own
    if not found or len(found) > _MOST:
        return ChangingLines(text or "", {})
    return ChangingLines("\n".join(rest), found)


def _taken_apart(line: str, before: str, code: str | None) -> tuple[str, list[tuple[str, str]]]:
    """What of a line stays, and the keys of its parts that may change by themselves, with the parts."""
    parts = [part.strip() for part in _BETWEEN_PARTS.split(line)]
    masks = [_mask(part, code) for part in parts]
    if len(parts) > 1 and any(mask is not None and not _says_what(mask) for mask in masks):
        # A row of numbers is told by its first cell.
        parts, masks = [line], [_mask(line, code)]
    kept = " | ".join(part for part, mask in zip(parts, masks, strict=True) if mask is None)
    found = [
        (_key(mask, "" if _says_what(mask) else _label(before, code), part), part)
        for part, mask in zip(parts, masks, strict=True)
        if mask is not None and not (_is_sentence(part) and len(part) > _LONGEST_SENTENCE)
    ]
    return (kept, found) if len(found) == sum(mask is not None for mask in masks) else (line, [])


def _mask(part: str, code: str | None) -> str | None:
    """A part of a line with one mark for each number and one for each time. None if it has neither."""
    plain = unicodedata.normalize("NFKC", part).casefold()
    masked = time_words(code).sub(_TIME, _MOMENT.sub(_TIME, plain))
    in_letters = number_words(code)
    if (
        _TIME not in masked
        and not _DIGIT.search(masked)
        and not any(len(n[0]) > 2 for n in in_letters.finditer(masked))
    ):
        return None  # "a" and "an" are numbers beside another mark only
    masked = _NUMBER.sub(f" {_COUNT} ", in_letters.sub(_COUNT, masked))
    masked = "".join(" " if unicodedata.category(letter) == "Sc" else letter for letter in _SIGN.sub(" ", masked))
    masked = _MARKS.sub(_one_time, " ".join(masked.split()))
    return _COUNTED.sub(lambda found: found[1] or found[2], " ".join(masked.split()))


def _one_time(marks: re.Match[str]) -> str:
    """One mark for the numbers and words of a time. Numbers alone stay."""
    return f" {_TIME} " if _TIME in marks[0] else marks[0]


def _says_what(mask: str) -> bool:
    """Return whether a part of a line says by itself what it tells: it has a word, or a time."""
    return _TIME in mask or _LETTER.search(mask) is not None


def _label(before: str, code: str | None) -> str:
    """What the line before a number alone says of it, which may be a count itself."""
    return before if len(before) > _LONGEST else _mask(before, code) or before


def _is_sentence(part: str) -> bool:
    return _SENTENCE_END.search(part) is not None


def _key(mask: str, before: str, part: str) -> str:
    """The key of a part: of which kind it is, and its mask, digested. `before` says what a number alone tells."""
    kind = SENTENCE if _is_sentence(part) else LINE
    digest = blake2b(f"{before}\x1f{mask}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{kind} {digest}"
