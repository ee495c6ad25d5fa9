"""The running text of an article, as lines.

Where a page keeps its text in one place, `markup.blocks` finds it. Trafilatura reads the others, about one page in seven of the
sample pages, and its tree becomes lines.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Set
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache
from typing import cast

from lxml import etree

from crawler.extract.data_text import text_in_data
from crawler.extract.kind import asks_for_scripts
from crawler.extract.markup.block_text import INLINE_BREAK, block_lines, fold_breaks
from crawler.extract.markup.blocks import prose, running_text
from crawler.extract.markup.document import Document, Element
from crawler.extract.markup.lines import Line, has_sentence, lies_over, page_lines
from crawler.normalise.text import key_of, tidy, width

# It logs a warning for every page without text; what became of a page is in its reading.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_SENTENCE, _PARAGRAPH = 20, 200
"""Letters of an alphabet from which on a sentence is a text, and lines without any sentence are (a list, a poem, results)."""
_FLASH = 1_000  # characters of a page that may hold no more than a headline and a sentence
_HUGE = 300_000  # characters of a page on which a second opinion would cost too much
_ENORMOUS = 60_000  # elements; real articles have a tenth of that
_ELEMENTS = etree.XPath("count(descendant::*)")
_TOO_LITTLE, _TOO_MUCH, _WHOLE = 0.15, 0.97, 0.9
"""Shares of the page's text (measured on 500 pages of news sites and blogs)."""


@cache
def _config() -> ConfigParser:
    from trafilatura.settings import DEFAULT_CONFIG

    config = ConfigParser()
    config.read_dict(DEFAULT_CONFIG)
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "200")
    return config


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs of an article, in order; table rows have their cells separated by tabs. `source`: what found them;
    `place`: the element that holds them, where it is known."""

    lines: list[str]
    source: str
    place: Element | None = None


def find_body(
    document: Document, heading: Element | None = None, noise: Set[str] = frozenset(), title: str | None = None
) -> Body:
    """Find the lines of the page's article. There may be none.

    `heading` shows the headline, which is `title`. `noise` are the names of boxes that are known to hold no text. A
    text that stands in one place needs no model. Other pages are trafilatura's. On a page of so many elements that
    trafilatura would take minutes, all prose is taken. Where the markup holds no text, the page's data may.
    """
    if int(cast("float", _ELEMENTS(document.tree))) > _ENORMOUS:
        return Body(prose(document), "prose")
    if text := running_text(document, heading, noise):
        return Body(text.lines, "blocks", text.place)
    lines = _by_trafilatura(document)
    if is_text(document, lines, heading):
        return Body(lines, "trafilatura")
    if data := text_in_data(document, title):
        return Body(data.lines, data.source)
    return Body([], "trafilatura")


def is_text(document: Document, lines: list[str], heading: Element | None) -> bool:
    """Return whether lines that were found on a page are a text, and not the site's logo, its menus, or "Loading…".

    One of them is prose, or together they say as much as a paragraph. What is linked, stands in the site's header, or
    lies over the page does not count.
    """
    frame = document.tree.find("body")
    beside = set() if frame is None else {key_of(line.text) for line in page_lines(frame) if _is_sites(line, heading)}
    own = [line for line in lines if key_of(line) not in beside and not asks_for_scripts(line)]
    return any(map(_is_sentence, own)) or sum(map(width, own)) >= _PARAGRAPH


def _is_sentence(line: str) -> bool:
    """Return whether a line is a sentence; "Loading…" and "Please wait..." are none."""
    return width(line) >= _SENTENCE and has_sentence(line) and not line.endswith(("…", "..."))


def _is_sites(line: Line, heading: Element | None) -> bool:
    """Return whether a line is the site's: a link, a part of its header, or of what is laid over the page."""
    if line.is_link or any(map(lies_over, line.marks)):
        return True
    header = next(line.box.iterancestors("header"), None) if line.box.tag != "header" else line.box
    if header is None or next(header.iterancestors("article", "main"), None) is not None:
        return False
    return heading is None or header not in heading.iterancestors()


def _by_trafilatura(document: Document) -> list[str]:
    """Read the lines of the page's article with trafilatura.

    Its fast way is as good as its full one, unless it found hardly anything of the page, or nothing but the whole
    page. Then the full one is asked, which has second opinions.
    """
    lines = _extract(document, fast=True)
    frame = document.tree.find("body")
    data = sum(len(script.text or "") for script in frame.iter("script"))
    found, page = sum(map(len, lines)), len(tidy(frame.text_content())) - data
    if page < _HUGE and (found < _TOO_LITTLE * page or found > _TOO_MUCH * page):
        lines = _extract(document, fast=False) or lines
    if len(lines) == 1 and len(lines[0]) > _WHOLE * page:
        return _all_lines(frame, page) or lines
    return lines


def _all_lines(frame: Element, page: int) -> list[str]:
    """The lines of a page of which trafilatura gives back all text as one. Of a short page only its paragraphs."""
    for script in frame.iter("script"):
        script.text = None
    paragraphs = [p for p in frame.iter("p") if next(p.iterancestors("p", "form", "header"), None) is None]
    return (selected_lines(paragraphs) if page < _FLASH else []) or block_lines(frame)


def _extract(document: Document, *, fast: bool) -> list[str]:
    from trafilatura import bare_extraction  # here, because processes that only fetch import this module as well

    found = bare_extraction(document.tree, url=document.url, fast=fast, include_comments=False, config=_config())
    if found is None or found.body is None:  # type: ignore[union-attr]  # as_dict is off: a Document
        return []
    return [line for block in found.body for line in _lines(block)]  # type: ignore[union-attr]


def selected_lines(elements: list[Element]) -> list[str]:
    """The paragraphs of elements that a registry entry names."""
    return [line for element in elements for line in block_lines(element)]


def _lines(block: etree._Element) -> Iterator[str]:
    """The lines of one block of trafilatura's tree (p, head, list, quote, table, code …)."""
    if block.tag == "table":
        for row in block.iter("row"):
            cells = [tidy(" ".join(map(str, cell.itertext()))) for cell in row.iter("cell")]
            if any(cells):
                yield "\t".join(cell for cell in cells if cell)
        return
    parts: list[str] = []
    for event, node in etree.iterwalk(block, events=("start", "end")):
        breaks = node.tag in ("lb", "p", "item", "head", "quote", "list", "table", "row")
        parts.append(INLINE_BREAK if breaks else "")
        parts.append((node.text if event == "start" else node.tail if node is not block else "") or "")
    for part in fold_breaks(parts).split("\n"):
        if line := tidy(part):
            yield line
    if tail := tidy(block.tail):
        yield tail
