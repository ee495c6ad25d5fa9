"""Why a revision is there that no edit made, and which of a site's lines stand in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from benchmarks.world.pieces import Page
from benchmarks.world.product import Revision

_NOT_WORD = re.compile(r"[\W_]+")
SEVERAL = " + "
"""Between several causes of one finding."""
SHORTEST_PART = 12
"""Letters and digits from which a site's line is recognised inside a longer one."""


def key(text: str) -> str:
    """What counts of a text when texts are compared: letters and digits."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def site_lines(revision: Revision, page: Page) -> list[str]:
    """What the page's site printed and the revision holds as lead or text. `page` must have been rendered."""
    truth = key("\n".join((page.story.title, page.story.text, page.story.caption or "")))
    lines = [line for line in map(key, revision.text.splitlines()) if line and line not in truth]
    printed = [(what, key(text)) for what, text in page.printed if key(text) and key(text) not in truth]
    return sorted({what for what, text in printed if any(_stands(text, line) for line in lines)})


def _stands(printed: str, line: str) -> bool:
    return printed == line or (len(printed) >= SHORTEST_PART and printed in line)


def cause(before: Revision, after: Revision, pages: Iterable[Page]) -> tuple[str, str]:
    """What differs between two revisions of one text, and in detail.

    Either lines of the site, or fields, or lines of the text itself.
    """
    lines = set(map(key, before.text.splitlines())) ^ set(map(key, after.text.splitlines()))
    printed = {(what, key(text)) for page in pages for what, text in page.printed}
    whats = sorted({what for what, text in printed if text and any(_stands(text, line) for line in lines)})
    if whats:
        return kinds_of(whats), ", ".join(whats)
    fields = ", ".join(sorted(after.changes)) or "nothing"
    other = "" if before.extractor == after.extractor else ", read by another version"
    return f"fields: {fields}{other}", ""


def kinds_of(whats: Iterable[str]) -> str:
    """The kinds of lines, without where on the page they stand."""
    return SEVERAL.join(dict.fromkeys(what.partition(" at ")[0] for what in whats))
