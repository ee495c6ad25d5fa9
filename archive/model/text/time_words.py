"""The words with which a language tells when something was ("hours", "ago", "yesterday", days, months), and small numbers.

They are those of the Unicode CLDR, as dateparser carries and completes them. Of a language that it does not know, or of an unknown
one, only the English words are found. Languages are named by their codes in ISO 639-1, in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    *("december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "am", "pm"),
    *("year", "month", "week", "day", "hour", "minute", "second", "ago"),
)
_SHORTEST = 3
"""Letters of a word that tells a time by itself. Shorter ones, such as "h", do so behind a number only."""
_NUMBER = re.compile(r"\(\\d[^)]*\)(?:\\s\*)?")
_PLAIN = re.compile(r"[\w' ]+(?:\([\w|]+\)\w*)*")
"""A word, or one with several endings. Patterns that look around themselves are none for this module."""
_WITHOUT_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese and Korean, whose words stand side by side or bear endings."""
_OF_ALL = "en"
"""The language whose times stand on pages in any language."""


@cache
def time_words(language: str | None) -> re.Pattern[str]:
    """The pattern of the words of time of a language and of English."""
    words = {word.casefold() for code in _codes(language) for word in _words(code)}
    anywhere = {word for word in words if _WITHOUT_BLANKS.search(word)}
    alone = {word for word in words - anywhere if len(word) >= _SHORTEST}
    short = {word for word in words - anywhere - alone if word.isalpha()}
    forms = [rf"(?<![^\W\d])(?:{_one_of(alone)})(?!\w)"]
    forms += [rf"(?<=\d)\s?(?:{_one_of(short)})(?!\w)"] if short else []
    forms += [_one_of(anywhere)] if anywhere else []
    return re.compile("|".join(forms))


@cache
def number_words(language: str | None) -> re.Pattern[str]:
    """The pattern of the numbers that a language and English write in letters: "an hour", "two comments"."""
    forms = [form for code in _codes(language) for form in _number_forms(code)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)")


def _codes(language: str | None) -> list[str]:
    return [code for code in dict.fromkeys((language, _OF_ALL)) if code]


def _number_forms(code: str) -> Iterator[str]:
    """Yield the patterns of the numbers in letters of one language."""
    for replacement in _info(code).get("simplifications", ()):
        yield from (form for form, number in replacement.items() if number.isdecimal() and _PLAIN.fullmatch(form))


def _one_of(words: Iterable[str]) -> str:
    """The pattern of any of the words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


def _info(code: str) -> dict[str, Any]:
    """What dateparser knows of a language; nothing if it does not know it."""
    if not code.isascii() or not code.isalpha():
        return {}
    try:
        info: dict[str, Any] = import_module(f"dateparser.data.date_translation_data.{code}").info
    except ModuleNotFoundError:
        return {}
    return info


def _words(code: str) -> Iterator[str]:
    """Yield the words of time of one language."""
    info = _info(code)
    for name in _NAMES:
        yield from info.get(name, ())
    for said in info.get("relative-type", {}).values():
        yield from said
    for name, patterns in info.get("relative-type-regex", {}).items():
        if name.endswith("ago"):
            for pattern in patterns:
                yield from filter(None, map(str.strip, _NUMBER.split(pattern)))
