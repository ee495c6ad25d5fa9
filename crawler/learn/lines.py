"""Lines that recur across a site's articles: their keys, and a text without them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import blake2b

from crawler.normalise.text import key_of

_AT_EACH_END = 40
_BEGINNING = 80


def line_key(line: str) -> str:
    """What tells a line: its letters and digits, digested."""
    return blake2b(key_of(line).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def keyed(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(key, beginning) of the lines, each once; of a long text the first and the last ones. Lines without letters and those
    that come several times in one text (a speaker's name) tell nothing."""
    chosen = lines if len(lines) <= 2 * _AT_EACH_END else [*lines[:_AT_EACH_END], *lines[-_AT_EACH_END:]]
    found: dict[str, str] = {}
    several: set[str] = set()
    for line in chosen:
        if not key_of(line):
            continue
        key = line_key(line)
        if key in found:
            several.add(key)
        found.setdefault(key, line[:_BEGINNING])
    return tuple((key, text) for key, text in found.items() if key not in several)


def without_blocks(lines: list[str], blocks: Collection[str]) -> list[str]:
    """`lines` without those that recur on the site; all of them where hardly anything else is there: such a page may be made
    of them."""
    if not blocks:
        return lines
    kept = [line for line in lines if line_key(line) not in blocks]
    if 2 * sum(map(len, kept)) < sum(map(len, lines)):
        return lines
    return kept
