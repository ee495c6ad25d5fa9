"""Lines that recur across a site's articles: their keys, and a text without them."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

from crawler.normalise.text import key_of

_BEGINNING, _SHORTEST = 60, 20
"""Letters by which a description is known again."""


def line_key(line: str) -> str:
    """What tells a line: its letters and digits, digested."""
    return blake2b(key_of(line).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def describes(own: str | None, line: str) -> bool:
    """Return whether a page's description of itself begins as the line does."""
    key, said = key_of(line)[:_BEGINNING], key_of(own or "")[:_BEGINNING]
    return len(said) >= _SHORTEST and (key.startswith(said) or (len(key) >= _SHORTEST and said.startswith(key)))


def without_blocks(lines: list[str], blocks: Collection[str], own: str | None = None) -> list[str]:
    """`lines` without those that recur on the site.

    Those with which the page describes itself (`own`) stay: other pages have them as its teaser. All stay where
    hardly anything else is there: such a page may be made of them.
    """
    if not blocks:
        return lines
    kept = [line for line in lines if line_key(line) not in blocks or describes(own, line)]
    if 2 * sum(map(len, kept)) < sum(map(len, lines)):
        return lines
    return kept
