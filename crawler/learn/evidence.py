"""What one page teaches of its site: where the generic reading's values stand on it.

Each page names, for every field, the selectors that would have found the value there. Nothing of the page itself needs to be
kept for learning: what most pages name is the template (crawler/learn/template.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from archive.model.article import Article, ClaimedTime
from archive.model.site_memory import BodyPlace, Evidence, FieldName, Line
from crawler.extract.lead import lead_in
from crawler.extract.markup.blocks import text_within
from crawler.extract.markup.document import Document, Element, following, preceding, shown
from crawler.extract.markup.lines import box_name, boxes_of
from crawler.extract.markup.paragraphs import clean_lines
from crawler.extract.title import shown_headline
from crawler.learn.fit import text_outside
from crawler.learn.lines import line_key
from crawler.learn.selector import selectors_for
from crawler.normalise.text import key_of, width

_OUT = 2
"""Steps from the place of the text outwards that are tried as well."""
_STEPS = 8
_MOST_LINES = 160
_BEGINNING = 60
_LONG_LINE = 60
_DESCRIBED = 40
"""Letters of a page's description that tell whether a text is the described one."""
_NEAR, _BEFORE = 100, 20
_LONGEST = 120
_MOST = 3
"""Elements with a field's value that are considered."""

Names = Callable[[str], tuple[str, ...]]
Claim = Callable[[str], ClaimedTime | None]


def evidence_of(
    document: Document,
    article: Article,
    body: Sequence[str],
    heading: Element | None,
    place: Element | None,
    *,
    hint: str | None,
    names: Names,
    claim: Claim,
) -> Evidence:
    """Collect what a page teaches that was read the generic way as `article`.

    `body` are its lines before any that recur were dropped. `heading` and `place` are the elements that hold headline
    and text. `names` and `claim` read a byline and a date as the reading does.
    """
    tree = document.tree
    places: dict[FieldName, Mapping[str, float]] = {}
    if heading is not None and article.title and shown_headline(document, heading, hint) == article.title:
        places["title"] = dict.fromkeys(selectors_for(heading, tree, bare=True), 1.0)
    if heading is not None:
        near = [*islice(following(heading), _NEAR), *islice(preceding(heading), _BEFORE)]
        if article.lead:
            places["lead"] = _tried(_leads(near, article.lead, body), tree)
        if article.authors and len(article.authors) < 4:
            places["authors"] = _tried(_bylines(near, article.authors, names), tree)
        if article.published and article.published.source.startswith(("json-ld", "meta")):
            places["date"] = _tried(_dates(near, article.published, claim), tree)
    return _with_bodies(
        Evidence({name: found for name, found in places.items() if found}, agreed=_agreed(document, article, body)),
        document,
        article,
        body,
        heading,
        place,
    )


def _agreed(document: Document, article: Article, body: Sequence[str]) -> bool | None:
    """Return whether what the page says of itself is in the text.

    None where that proves nothing: the page says too little, or does not show it anywhere.
    """
    described = key_of(document.meta("description", "og:description", "twitter:description") or "")[:_DESCRIBED]
    if len(described) < _DESCRIBED:
        return None
    if described in key_of("\n".join([article.lead or "", *body[:5]])):
        return True
    return False if described in key_of(document.tree.text_content()) else None


def _with_bodies(
    evidence: Evidence,
    document: Document,
    article: Article,
    body: Sequence[str],
    heading: Element | None,
    place: Element | None,
) -> Evidence:
    """`evidence` with the lines of the body, and those of the elements that may be its place.

    These are what the beginning of the body and its longest line stand in.
    """
    boxes = boxes_of(document)
    lines = _Lines(boxes)
    lead = lines.number(article.lead) if article.lead else None
    captions = [caption.text for caption in article.captions if caption.text]

    def numbers(texts: Iterable[str]) -> tuple[int, ...]:
        return tuple(number for number in lines.numbers(texts) if number != lead)

    chosen = numbers(body)
    held = [(text, boxes[text]) for text in body if text in boxes and width(text) >= _LONG_LINE]
    starts = [held[0][1], max(held, key=lambda each: len(each[0]))[1]] if held else []
    outer = place if place is not None else (held[0][1] if held else None)
    elements: dict[Element, None] = {}
    for start in starts:
        elements |= dict.fromkeys(_around(start, outer))
    found = []
    for element in elements:
        bare = element.tag in ("article", "main")
        if selectors := tuple(selectors_for(element, document.tree, bare=bare)):
            text = clean_lines(text_within(element, heading), article.title, captions, article.authors)
            found.append(BodyPlace(selectors, numbers(text), text_outside(document, element)))
    return replace(evidence, lines=tuple(lines.found), body=chosen, bodies=tuple(found))


def _around(start: Element, outer: Element | None) -> Iterator[Element]:
    """Yield the elements around a line, up to a few steps beyond `outer`, the place that was read."""
    left = _STEPS
    element = start.getparent()
    beyond = 0
    within = outer is not None
    while element is not None and element.tag not in ("body", "html") and left > 0 and beyond <= _OUT:
        yield element
        within = within and element is not outer
        beyond += not within
        left -= 1
        element = element.getparent()


class _Lines:
    """The lines of a page, each under its number, no more than `_MOST_LINES`."""

    def __init__(self, boxes: Mapping[str, Element]) -> None:
        self._boxes = boxes
        self._numbers: dict[str, int] = {}
        self.found: list[Line] = []

    def numbers(self, texts: Iterable[str]) -> tuple[int, ...]:
        """The numbers of lines, each once and in order, without those that have none."""
        return tuple(dict.fromkeys(number for text in texts if (number := self.number(text)) is not None))

    def number(self, text: str) -> int | None:
        """The number of a line. None where it has no letters, or there are too many lines."""
        if text not in self._numbers:
            if len(self.found) >= _MOST_LINES or not key_of(text):
                return None
            box = self._boxes.get(text)
            self._numbers[text] = len(self.found)
            self.found.append(
                Line(line_key(text), text[:_BEGINNING], "" if box is None else box_name(box), width(text))
            )
        return self._numbers[text]


def _tried(elements: Iterable[Element], tree: Element) -> Mapping[str, float]:
    """Selectors of the elements that hold a value, with marks: those of the shortest elements are a little better."""
    found: dict[str, float] = {}
    for number, element in enumerate(sorted(elements, key=lambda element: len(shown(element)))[:_MOST]):
        for selector in selectors_for(element, tree):
            found.setdefault(selector, 1.0 - 0.01 * number)
    return found


def _leads(near: Sequence[Element], lead: str, body: Sequence[str]) -> Iterator[Element]:
    """Yield the elements from which the lead would be read."""
    key = key_of(lead)
    for element in near:
        text = shown(element, len(lead) + _LONGEST)
        if text and key in key_of(text) and lead_in(element, body) == lead:
            yield element


def _bylines(near: Sequence[Element], authors: tuple[str, ...], names: Names) -> Iterator[Element]:
    """Yield the elements from which exactly these authors would be read."""
    for element in near:
        text = shown(element, _LONGEST)
        if text and all(author in text for author in authors) and names(text) == authors:
            yield element


def _dates(near: Sequence[Element], published: ClaimedTime, claim: Claim) -> Iterator[Element]:
    """Yield the elements that show the time of publication."""
    for element in near:
        raw = date_text(element)
        if not raw or not any(character.isdigit() for character in raw):
            continue
        found = claim(raw)
        if found is not None and _is_same(found, published):
            yield element


def date_text(element: Element) -> str:
    """What an element says of a time: its attribute for machines, else what it shows."""
    return element.get("datetime") or shown(element, 60)


def _is_same(found: ClaimedTime, published: ClaimedTime) -> bool:
    """Return whether two claims name the same day, or where both know the time of day, the same minute."""
    if "day" in (found.precision, published.precision):
        return found.at.date() == published.at.date()
    return found.at.replace(second=0) == published.at.replace(second=0)
