"""From the evidence of several pages to what a site's pages have in common. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from archive.model.memory import Block, Evidence, FieldName, Learnt, Place, Template
from crawler.learn.selector import rank

LEAST = 5
"""Distinct articles from which on something is learnt."""
TRUSTED = 0.9
"""Share of the pages that have a field on which its place must be right."""
BODY_ALIKE = 0.96
"""Agreement of the body's place with the generic reading, on average over the pages where it is right."""
COMMON: dict[FieldName, float] = {"title": 0.9, "body": 0.9, "authors": 0.5, "date": 0.5, "lead": 0.3}
"""Share of all pages on which the field's place must be seen at least."""
SAME_ARTICLE = 0.6
"""Share of text in common from which two pages are one article under two addresses."""
LEAST_ARTICLES = 3
MOST_BLOCKS = 150


def learn(pages: Sequence[Evidence], before: Learnt | None = None, *, least: int = LEAST) -> Learnt:
    """What the pages (each another article's, the newest first) have in common; `before`: what was learnt last time.

    A template that says the same as before stays as it is, so that its version does not change. Lines that were found to
    recur stay so, as long as there is room: pages of that time may be looked at again.
    """
    articles = distinct(pages)
    if len(articles) < least:
        return before or Learnt()
    template = _template(articles)
    old = before.template if before else None
    if old and template and old.selectors == template.selectors and _holds(old, template):
        template = old
    blocks = {block.key: block for block in before.blocks} if before else {}
    blocks |= {block.key: block for block in recurring(articles)}
    most = sorted(blocks.values(), key=lambda block: (-block.articles, block.key))[:MOST_BLOCKS]
    return Learnt(template, tuple(most))


def distinct(pages: Sequence[Evidence]) -> list[Evidence]:
    """The pages without those whose article another one shows as well: copies, and the same text under another address."""
    kept: list[tuple[Evidence, dict[str, int]]] = []
    for page in pages:
        weights = {key: len(text) for key, text in page.lines}
        if not any(_is_same(weights, other) for _, other in kept):
            kept.append((page, weights))
    return [page for page, _ in kept]


def _is_same(a: dict[str, int], b: dict[str, int]) -> bool:
    common = sum(a[key] for key in a.keys() & b.keys())
    return common > SAME_ARTICLE * min(sum(a.values()), sum(b.values()))


def recurring(articles: Sequence[Evidence]) -> Iterable[Block]:
    """The lines that so many of these distinct articles share that they are the site's: the longer a line, the more."""
    counts: Counter[str] = Counter(key for article in articles for key, _ in article.lines)
    texts = {key: text for article in articles for key, text in article.lines}
    for key, number in counts.items():
        if number >= max(LEAST_ARTICLES, ceil(_share(texts[key]) * len(articles))):
            yield Block(key, texts[key], number)


def _share(text: str) -> float:
    """The share of the articles on which a line must be. Whole sentences are repeated by writers as well: as background."""
    return 0.15 if len(text) < 40 else 0.3 if len(text) < 80 else 0.5


def _template(articles: Sequence[Evidence]) -> Template | None:
    found = {name: _place(name, [article.places.get(name) or {} for article in articles]) for name in COMMON}
    places = {name: place for name, place in found.items() if place is not None}
    if "body" not in places and "title" not in places:
        return None
    letters = [article.letters for article in articles]
    return Template(
        places,
        pages=len(articles),
        shortest=min(letters),
        longest=max(letters),
        outside=max(article.outside for article in articles),
    )


def _place(name: FieldName, found: Sequence[Mapping[str, float]]) -> Place | None:
    """The selector that is right on nearly all pages that have the field."""
    votes: defaultdict[str, list[float]] = defaultdict(list)
    having = 0
    for page in found:
        having += bool(page)
        for selector, alike in page.items():
            votes[selector].append(alike)
    asked = len(found) if name in ("title", "body") else having
    needed = max(ceil(TRUSTED * asked), ceil(COMMON[name] * len(found)))
    right = [selector for selector, marks in votes.items() if len(marks) >= needed]
    if name == "body":
        right = [selector for selector in right if sum(votes[selector]) >= BODY_ALIKE * len(votes[selector])]
    if not right:
        return None
    best = min(right, key=lambda selector: (-round(sum(votes[selector]), 3), rank(selector)))
    return Place(best, len(votes[best]), asked)


def _holds(old: Template, new: Template) -> bool:
    """Whether the bounds of an earlier template still tell these pages from others."""
    return old.shortest <= 2 * new.shortest and new.longest <= 2 * old.longest and new.outside <= old.outside + 0.5
