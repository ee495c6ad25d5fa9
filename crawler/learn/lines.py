"""Lines that recur across a site's articles: their keys, and a text without them."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

from crawler.normalise.text import key_of


def line_key(line: str) -> str:
    """What tells a line: its letters and digits, digested."""
    return blake2b(key_of(line).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def without_blocks(lines: list[str], blocks: Collection[str]) -> list[str]:
    """`lines` without those that recur on the site; all of them where hardly anything else is there: such a page may be made
    of them."""
    if not blocks:
        return lines
    kept = [line for line in lines if line_key(line) not in blocks]
    if 2 * sum(map(len, kept)) < sum(map(len, lines)):
        return lines
    return kept
