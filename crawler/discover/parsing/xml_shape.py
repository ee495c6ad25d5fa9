"""How an XML document is built, counted by a parser that keeps nothing: what a costly reader must know before it begins.

Expat looks at each byte once, so that this is linear in the document's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a document's elements.

    `attributes` is the most that one element has. `depth` is that of the innermost element; the first has 1. Of a
    document that is not well formed, they are those of what stands before the first fault.
    """

    well_formed: bool
    elements: int
    attributes: int
    depth: int


def shape_of(document: bytes) -> Shape:
    """The shape of a document. Namespaces count: a prefix that nobody declared is a fault."""
    counter = _Counter()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    try:
        parser.Parse(document, True)
    except expat.ExpatError:
        return counter.shape(well_formed=False)
    return counter.shape(well_formed=True)


class _Counter:
    def __init__(self) -> None:
        self._elements = self._attributes = self._depth = self._deepest = 0

    def start(self, _name: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        self._deepest = max(self._deepest, self._depth)
        self._attributes = max(self._attributes, len(attributes))

    def end(self, _name: str) -> None:
        self._depth -= 1

    def shape(self, *, well_formed: bool) -> Shape:
        return Shape(well_formed, self._elements, self._attributes, self._deepest)
