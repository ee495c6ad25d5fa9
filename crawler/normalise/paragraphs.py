"""The lines of a text, without what is not the author's: leftovers of the CMS, the headline again, captions, the lead again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.extract.document import Document
from crawler.normalise.text import is_leftover, is_shortcode, key_of, tidy


def clean_lines(lines: Iterable[str], title: str | None, captions: Sequence[str] = ()) -> list[str]:
    """`lines` without leftovers, without the headline among the first three, and without lines that are captions."""
    known = {key for text in captions if (key := key_of(text))}
    kept: list[str] = []
    for line in lines:
        text = line.strip("|¦ \t") if line[:1] in "|¦" or line[-1:] in "|¦" else line
        if is_leftover(text) or key_of(text) in known:
            continue
        if title is not None and len(kept) < 3 and same_line(text, title):
            continue
        kept.append(text)
    return kept


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
    return key_of(a) == key_of(b)
