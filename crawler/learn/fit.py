"""Whether a page is one of those that a template was learnt from: cheap checks on every page."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from archive.model.site_memory import Template
from crawler.extract.markup.document import Document, Element
from crawler.normalise.text import width

_SHORTEST = 60
"""Letters: below, a sentence is missing."""
_SHORTER, _LONGER = 10, 5
"""How much shorter or longer than all texts that it was learnt from a text may be …"""
_NEVER_TOO_LONG = 20_000
"""… and letters that are never too many."""
_MORE_OUTSIDE = 2_000
"""Characters that may stand outside in any case, beside twice as many as ever stood there."""
SAMPLE = 32
"""One page in so many is read the generic way as well; once that contradicts, all of them for a while."""
ALIKE = 0.6
"""Agreement of the two readings below which the template did not fit."""


def misfit(document: Document, template: Template, place: Element, lines: Sequence[str]) -> str | None:
    """What is wrong with the text found in `place`. None where nothing is."""
    letters = sum(map(width, lines))
    if letters < _SHORTEST or _SHORTER * letters < min(template.shortest, 1_000):
        return "body: too short"
    if letters > max(_LONGER * template.longest, _NEVER_TOO_LONG):
        return "body: too long"
    if text_outside(document, place) > 2 * template.outside + _MORE_OUTSIDE:
        return "body: the text is elsewhere"
    return None


def is_sampled(url: str) -> bool:
    """Return whether the page at `url` is one of the sample that the generic extractor checks.

    They are always the same ones.
    """
    return crc32(url.encode("utf-8", "surrogatepass")) % SAMPLE == 0


def text_outside(document: Document, place: Element) -> int:
    """How many characters in paragraphs stand outside `place`."""
    own = set(place.iter("p"))
    return sum(len(p.text_content()) for p in document.tree.iter("p") if p not in own)
