"""What one page teaches of its site: where the generic reading's values stand on it.

Each page names, for every field, the selectors that would have found the value there. Nothing of the page itself needs to be
kept for learning: what most pages name is the template (crawler/learn/template.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from archive.model.article import Article, ClaimedTime
from archive.model.memory import Evidence, FieldName
from crawler.extract.blocks import place_holding, text_within
from crawler.extract.document import Document, Element, following, preceding, shown
from crawler.extract.lead import lead_in
from crawler.extract.title import shown_headline
from crawler.learn.alike import agreement
from crawler.learn.lines import keyed
from crawler.learn.selector import selectors_for
from crawler.normalise.text import key_of, width

LEAST_ALIKE = 0.9
"""Agreement of a place's text with the generic reading's from which the place may be the body's."""
_OUT = 3
"""Steps from the place of the text outwards that are tried as well."""
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
    """What a page teaches that was read the generic way as `article`.

    `body`: its lines before any that recur were dropped; `heading` and `place`: the elements that hold headline and text;
    `names` and `claim` read a byline and a date as the reading does.
    """
    tree = document.tree
    places: dict[FieldName, Mapping[str, float]] = {}
    if heading is not None and article.title and shown_headline(document, heading, hint) == article.title:
        places["title"] = dict.fromkeys(selectors_for(heading, tree, bare=True), 1.0)
    if place is None:
        place = place_holding(document, body)
    if place is not None:
        places["body"] = _bodies(document, body, heading, place)
    if heading is not None:
        near = [*islice(following(heading), _NEAR), *islice(preceding(heading), _BEFORE)]
        if article.lead:
            places["lead"] = _tried(_leads(near, article.lead, body), tree)
        if article.authors and len(article.authors) < 4:
            places["authors"] = _tried(_bylines(near, article.authors, names), tree)
        if article.published and article.published.source.startswith(("json-ld", "meta")):
            places["date"] = _tried(_dates(near, article.published, claim), tree)
    return Evidence(
        {name: found for name, found in places.items() if found},
        keyed([*([article.lead] if article.lead else []), *body]),
        sum(map(width, body)),
        round(outside(document, place), 2) if place is not None else 0.0,
    )


def outside(document: Document, place: Element) -> float:
    """How much text stands in paragraphs outside `place`, as a share of that in its own; 0 where it has no paragraphs."""
    own = set(place.iter("p"))
    within = sum(len(p.text_content()) for p in own)
    if not within:
        return 0.0
    return sum(len(p.text_content()) for p in document.tree.iter("p") if p not in own) / within


def _bodies(document: Document, body: Sequence[str], heading: Element | None, place: Element) -> Mapping[str, float]:
    """Selectors of the place and what is around it, by how well their text agrees with the body; the inner ones a little
    better than the outer ones with the same text."""
    found: dict[str, float] = {}
    element: Element | None = place
    for step in range(_OUT + 1):
        if element is None or element.tag in ("body", "html"):
            break
        alike = agreement(text_within(element, heading), body) - 0.001 * step
        if alike >= LEAST_ALIKE:
            for selector in selectors_for(element, document.tree, bare=element.tag in ("article", "main")):
                found.setdefault(selector, round(alike, 3))
        element = element.getparent()
    return found


def _tried(elements: Iterable[Element], tree: Element) -> Mapping[str, float]:
    """Selectors of the elements that hold a value, those with the least beside it a little better than the others."""
    found: dict[str, float] = {}
    for number, element in enumerate(sorted(elements, key=lambda element: len(shown(element)))[:_MOST]):
        for selector in selectors_for(element, tree):
            found.setdefault(selector, 1.0 - 0.01 * number)
    return found


def _leads(near: Sequence[Element], lead: str, body: Sequence[str]) -> Iterator[Element]:
    key = key_of(lead)
    for element in near:
        text = shown(element, len(lead) + _LONGEST)
        if text and key in key_of(text) and lead_in(element, body) == lead:
            yield element


def _bylines(near: Sequence[Element], authors: tuple[str, ...], names: Names) -> Iterator[Element]:
    for element in near:
        text = shown(element, _LONGEST)
        if text and all(author in text for author in authors) and names(text) == authors:
            yield element


def _dates(near: Sequence[Element], published: ClaimedTime, claim: Claim) -> Iterator[Element]:
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
    if "day" in (found.precision, published.precision):
        return found.at.date() == published.at.date()
    return found.at.replace(second=0) == published.at.replace(second=0)
