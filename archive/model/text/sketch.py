"""A sketch of a text: small enough to keep where the text is not, large enough to tell whether another one is the same story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from archive.model.text.comparable import text_hash
from archive.model.text.similarity import grams

SIZE = 128
"""Hashes that a sketch has at most (Broder, "On the resemblance and containment of documents", 1997)."""

Sketch = Mapping[str, Any]
"""`grams`: how many different 6-grams the text has. `least`: the least of their hashes. `title`: the hash of its headline, or
None."""


def sketch_of(text: str | None, title: str | None = None) -> dict[str, Any] | None:
    """The sketch of a text. None where there is none, or too little to tell anything."""
    hashes = _hashes(text)
    if not hashes:
        return None
    return {"grams": len(hashes), "least": sorted(hashes)[:SIZE], "title": title_hash(title)}


def title_hash(title: str | None) -> str | None:
    """The hash of a headline, whatever its capitals. None where there is none."""
    return text_hash(title.casefold()) if title else None


def overlap_with(sketch: Sketch, text: str | None) -> float:
    """About the share of the shorter text's 6-grams that the other text has, too: 0 to 1."""
    hashes = _hashes(text)
    least = sketch["least"]
    if not hashes or not least:
        return 0.0
    shared: float = sum(value in hashes for value in least) / len(least) * sketch["grams"]
    shorter: int = min(len(hashes), sketch["grams"])
    return min(1.0, shared / shorter)


def _hashes(text: str | None) -> set[int]:
    return {crc32(gram.encode("utf-8", "surrogatepass")) for gram in grams(text)}
