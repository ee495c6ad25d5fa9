"""The text of an element as lines, one for each block of it."""

from __future__ import annotations

import re

from lxml import etree

from crawler.extract.markup.document import BLOCKS, Element
from crawler.normalise.text import tidy

INLINE_BREAK = "\n"
"""The mark between two lines, in parts of a text that are still to be joined."""


def block_lines(element: Element) -> list[str]:
    """The text of an element, one line for each block of it."""
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        block = node.tag in BLOCKS
        parts.append(INLINE_BREAK if block else "")
        parts.append((node.text if event == "start" else node.tail if node is not element else "") or "")
    return [line for part in re.split(r"\n", fold_breaks(parts)) if (line := tidy(part))]


def fold_breaks(parts: list[str]) -> str:
    """Join the parts, with the line feeds of the source as blanks, so that only our own marks separate lines."""
    return "".join(
        INLINE_BREAK if part == INLINE_BREAK else part.replace("\n", " ").replace("\r", " ") for part in parts
    )
