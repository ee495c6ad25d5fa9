"""The lines of a text, without what is not the author's: leftovers of the CMS, the headline again, captions, the lead again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from crawler.extract.markup.document import Document
from crawler.extract.markup.lines import prose_letters
from crawler.normalise.day_names import NAMES_OF_DAYS, WORDS_OF_DATES
from crawler.normalise.text import is_leftover, is_shortcode, key_of, tidy, width

_NUMBER = re.compile(r"\d+")
_ENDS = re.compile(r"[.!?…。！？؟।][\"'”»’)\]」』]*$")
_DATE = re.compile(
    r"(?<!\d)\d{4}\s*[./年년-]\s*\d{1,2}\s*[./月월-]\s*\d{1,2}|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2}(?:\d\d)?(?!\d)|(?<!\d)\d{1,2}[:：]\d{2}(?!\d)|\d\s*月\s*\d+\s*日"
)
"""A day in numbers, or a time of day."""
_MOST_BARS = 3
"""Lines under a headline; more of them are a list of days."""
_BAR, _BESIDE_DATE, _BESIDE_NUMBER = 120, 60, 24
"""Characters of a line under a headline, and letters in it beside a date or a number: names, an agency, what was counted."""
_BYLINE_WORDS = re.compile(
    r"\b(?:by|written|reporting|reporter|staff|writer|correspondent|oleh|penulis|von|de|par|por|da|di|door|av|af|tác giả|"
    r"автор|текст|بقلم|كتب|کتبه)\b|기자|특파원|记者|記者|编辑|通讯员|文",
    re.IGNORECASE,
)


def clean_lines(
    lines: Iterable[str], title: str | None, captions: Sequence[str] = (), authors: Sequence[str] = ()
) -> list[str]:
    """Drop leftovers of the CMS, captions, the headline among the first three, bylines at either end, and
    the line under the headline."""
    known = {key for text in captions if (key := key_of(text))}
    kept: list[str] = []
    for line in lines:
        text = _without_bars(line)
        if is_leftover(text) or (known and key_of(text) in known):
            continue
        if title is not None and len(kept) < 3 and same_line(text, title):
            continue
        kept.append(text)
    kept = without_bars(kept)
    for edge in (*range(min(3, len(kept))), *range(max(3, len(kept) - 3), len(kept))):
        if is_byline(kept[edge], authors):
            kept[edge] = ""
    return [line for line in kept if line]


def without_bars(lines: list[str]) -> list[str]:
    """`lines` without those before the first paragraph that say when, by whom and how often read, in any order.

    Such a line has a date or a number, is no sentence and says little else. Where the text goes on with lines that
    differ from it in their numbers only, it is a heading ("Article 1", "12 March").
    """
    first = next((index for index, line in enumerate(lines) if prose_letters(line, 0)), 0)
    found = [i for i, line in enumerate(lines[:first]) if _is_bar(line)]
    if not found:
        return lines
    later = Counter(map(_without_numbers, lines[first:]))
    bars = {i for i in found if not later[_without_numbers(lines[i])]}
    return lines if len(bars) > _MOST_BARS else [line for i, line in enumerate(lines) if i not in bars]


def _without_numbers(line: str) -> str:
    return " ".join(word for word in map(_letters_of, line.split()) if word not in NAMES_OF_DAYS)


def _letters_of(word: str) -> str:
    return key_of(_NUMBER.sub("", word))


def _is_bar(line: str) -> bool:
    """Return whether a line says when, by whom, or how often read."""
    if len(line) > _BAR or not _NUMBER.search(line) or _ENDS.search(line) or "\t" in line:
        return False
    words = [letters for word in line.split() if (letters := _letters_of(word))]
    said = [word for word in words if word not in WORDS_OF_DATES]
    named = not NAMES_OF_DAYS.isdisjoint(words) and len(_NUMBER.findall(line)) > 1
    if named or _DATE.search(line):
        return sum(map(width, said)) <= _BESIDE_DATE
    return len(said) <= 2 and sum(map(width, said)) <= _BESIDE_NUMBER


def _without_bars(line: str) -> str:
    """A line without the bars that some sites print around it."""
    return line.strip("|¦ \t") if line[:1] in "|¦" or line[-1:] in "|¦" else line


def is_byline(line: str, authors: Sequence[str]) -> bool:
    """Return whether a line holds nothing but names of the authors and words such as `by`, `Oleh`, `기자`."""
    if len(line) > 120 or not any(author in line for author in authors):
        return False
    for author in sorted(authors, key=len, reverse=True):
        line = line.replace(author, " ")
    return not re.sub(r"[\W\d_]+", "", _BYLINE_WORDS.sub(" ", line))


def without(lead: str, lines: Sequence[str]) -> list[str]:
    """`lines` without the lead, which stands once among the first four, whole or as the beginning of a line."""
    target = key_of(lead)
    for index, line in enumerate(lines[:4]):
        key = key_of(line)
        if key == target or (len(key) > 40 and target.startswith(key)):
            return [*lines[:index], *lines[index + 1 :]]
    return list(lines)


def shortcodes_in(document: Document) -> tuple[str, ...]:
    """The advertisement shortcodes that stand alone in a text node of the page."""
    found = []
    for text in document.tree.itertext():
        if "_" in text and "[" in text and is_shortcode(line := tidy(text)):
            found.append(line)
    return tuple(dict.fromkeys(found))


def same_line(a: str, b: str) -> bool:
    """Return whether two lines are alike but for case, blanks and punctuation."""
    return key_of(a) == key_of(b)
