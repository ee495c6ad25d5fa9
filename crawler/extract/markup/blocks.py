"""The running text of a page whose text stands in one place: found by where its sentences are, without a model.

Most news pages keep their paragraphs in one container. On those a count of sentences finds it in a few milliseconds,
and at least as well as trafilatura does. For all others `running_text` returns None.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from crawler.extract.markup.boilerplate import (
    behind_heading,
    readable,
    without_boxes,
    without_copies,
    without_notices,
)
from crawler.extract.markup.document import Document, Element
from crawler.extract.markup.lines import Line, letters_of, page_lines, without_noise

_ONE_PLACE = 0.65
"""Share of the page's prose that one element must hold."""
_MOST_LINES = 20_000
_STEPS = 14
"""How far out from a line its place is looked for."""
_FADING = 0.6
"""What a line counts for an element that is one step further out."""
_LEAST_TEXT, _LEAST_BELOW = 600, 60
"""Letters of prose from which on a page has a text; below a headline that is shown, a sentence is one."""
_INTRODUCTION = 0.15
"""Share of the page's prose that may stand between the headline and the place of the text."""
_NO_PLACE = frozenset(
    ["ul", "ol", "li", "dl", "dd", "table", "tbody", "tr", "td", "blockquote", "p", "h2", "h3", "h4", "span"]
)
"""Parts of a text: their parent is its place."""


@dataclass(frozen=True, slots=True)
class RunningText:
    """The lines of an article, and the element that holds them (all or nearly all)."""

    lines: list[str]
    place: Element


def running_text(
    document: Document, heading: Element | None = None, noise: Set[str] = frozenset()
) -> RunningText | None:
    """Find the page's article. None where it does not stand in one place.

    `heading` shows the headline. Nothing before it is text. `noise` are the names of boxes that are known to hold
    none.
    """
    frame = document.tree.find("body")
    if frame is None:
        return None
    lines = without_notices(without_noise(page_lines(frame), noise))
    if len(lines) > _MOST_LINES:
        return None
    shown = set() if heading is None else set(heading.iter())
    around = {mark for line in lines if line.box in shown for mark in line.marks}
    everything = letters_of(lines)
    lines = without_copies(without_boxes(behind_heading(lines, heading, shown), around))
    total = letters_of(lines)
    if total < _LEAST_TEXT and (heading is None or total < _LEAST_BELOW or 2 * total < everything):
        return None
    place = _widened(_place(lines, frame), lines, total)
    text = readable(_lines_of_place(place, lines, total))
    return RunningText(text, place) if text else None


def _lines_of_place(place: Element, lines: list[Line], total: int) -> list[Line]:
    """The lines in the place and the prose before it, which is its introduction or the part that is shown first.

    There are none where the place holds too little of the page's prose, which is `total`, or too much stands before
    it.
    """
    boxes = set(place.iter())
    within = [line for line in lines if line.box in boxes]
    begin = next(index for index, line in enumerate(lines) if line.box in boxes)
    before = [line for line in lines[:begin] if line.prose]
    if letters_of(before) > _INTRODUCTION * total:
        return _both_parts(place, lines, before, within, total)
    return [*before, *within] if letters_of(within) >= _ONE_PLACE * total else []


def _both_parts(place: Element, lines: list[Line], before: list[Line], within: list[Line], total: int) -> list[Line]:
    """The lines of a text of which a part is shown, and the rest, in `place`, stands beside that and is opened by a link.

    There are none where anything but links stands between the two, or they hold too little of the page's prose.
    """
    beside = set(place.getparent().iter()) if place.getparent() is not None else set()
    first, last = lines.index(before[0]), lines.index(within[0])
    text = [*lines[first:last], *within]
    between = lines[first:last]
    one = any(map(_leads_on, between)) and all(
        line.box in beside and (line.prose or _leads_on(line)) for line in between
    )
    return text if one and letters_of(text) >= _ONE_PLACE * total else []


def _leads_on(line: Line) -> bool:
    """Return whether a line is a link, as it stands between the parts of one text."""
    return line.linked >= len(line.text)


def text_within(place: Element, heading: Element | None = None, noise: Set[str] = frozenset()) -> list[str]:
    """The lines of an article that is known to stand in `place`."""
    shown = set() if heading is None else set(heading.iter())
    lines = behind_heading(without_noise(page_lines(place), noise), heading, shown)
    return readable(without_copies(without_notices(without_boxes(lines, set()))))


def prose(document: Document) -> list[str]:
    """Every line of a page that is prose and not beside a text. For pages too large to be read more closely."""
    frame = document.tree.find("body")
    lines = [] if frame is None else without_boxes(list(page_lines(frame)), set())
    return [line.text for line in lines if line.prose][:_MOST_LINES]


def _place(lines: list[Line], frame: Element) -> Element:
    """The element that holds most prose closely around it."""
    scores: dict[Element, float] = {frame: 0.0}
    for line in lines:
        if not line.prose:
            continue
        weight: float = line.letters
        node = line.box.getparent() if line.box.tag in ("p", "li", "tr", "dd") else line.box
        for _ in range(_STEPS):
            scores[node] = scores.get(node, 0.0) + weight
            if node is frame:
                break
            weight *= _FADING
            node = node.getparent()
    place = max(scores, key=lambda node: scores[node])
    while place.tag in _NO_PLACE and place is not frame:
        place = place.getparent()
    return place


def _widened(place: Element, lines: list[Line], total: int) -> Element:
    """The place, or what holds its siblings of the same kind as well where it holds too little, but never more than
    the article.

    So a text is found that advertisements or pictures cut into several containers.
    """
    kind = (place.tag, place.get("class"))
    node = place
    for _ in range(_STEPS):
        parent = node.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        boxes = set(node.iter())
        if letters_of(line for line in lines if line.box in boxes) >= _ONE_PLACE * total:
            return node
        alike = sum(1 for e in parent.iter(kind[0]) if e.get("class") == kind[1]) > 1
        if not alike and node.tag in ("article", "main"):
            break
        node = parent
    return place
