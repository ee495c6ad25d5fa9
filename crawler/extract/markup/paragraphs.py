"""The lines of a text, without what is not the author's: leftovers of the CMS, the headline again, captions, the lead again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crawler.extract.markup.document import Document
from crawler.normalise.text import is_leftover, is_shortcode, key_of, tidy

_BYLINE_WORDS = re.compile(
    r"\b(?:by|written|reporting|reporter|staff|writer|correspondent|oleh|penulis|von|de|par|por|da|di|door|av|af|tác giả|"
    r"автор|текст|بقلم|كتب|کتبه)\b|기자|특파원|记者|記者|编辑|通讯员|文",
    re.IGNORECASE,
)


def clean_lines(
    lines: Iterable[str], title: str | None, captions: Sequence[str] = (), authors: Sequence[str] = ()
) -> list[str]:
    """`lines` without leftovers of the CMS, captions, the headline among the first three, and bylines at either end."""
    known = {key for text in captions if (key := key_of(text))}
    kept: list[str] = []
    for line in lines:
        text = _without_bars(line)
        if is_leftover(text) or (known and key_of(text) in known):
            continue
        if title is not None and len(kept) < 3 and same_line(text, title):
            continue
        kept.append(text)
    for edge in (*range(min(3, len(kept))), *range(max(3, len(kept) - 3), len(kept))):
        if is_byline(kept[edge], authors):
            kept[edge] = ""
    return [line for line in kept if line]


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
