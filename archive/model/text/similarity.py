"""How much two texts share."""

from __future__ import annotations

from archive.model.text.comparable import comparable

_GRAM = 6
_LONGEST = 20_000
"""Characters of each text that are looked at: enough to tell one article from another."""


def overlap(a: str | None, b: str | None) -> float:
    """The share of the shorter text's character 6-grams that the other text has, too: 0 to 1. It works in any script."""
    first, second = grams(a), grams(b)
    if not first or not second:
        return 0.0
    return len(first & second) / min(len(first), len(second))


def grams(text: str | None) -> set[str]:
    """The different 6-grams of a text in comparable form, in small letters."""
    folded = comparable(text)[:_LONGEST].casefold()
    return {folded[i : i + _GRAM] for i in range(max(0, len(folded) - _GRAM + 1))}
