"""From the evidence of several pages to what a site's pages have in common. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from math import ceil

from archive.model.site_memory import Block, BodyPlace, Evidence, FieldName, Learnt, Line, Place, Template
from crawler.learn.selector import is_bare, rank

LEAST = 5
"""Distinct articles from which on something is learnt."""
TRUSTED = 0.9
"""Share of the pages that have a field on which its place must be right."""
LEAST_ALIKE, BODY_ALIKE = 0.9, 0.95
"""Agreement of a place's text with the generic reading's for the place to be right on a page; and on average."""
_NEARLY = 0.02
COMMON: Mapping[FieldName, float] = {"title": 0.9, "authors": 0.5, "date": 0.5, "lead": 0.3}
"""Share of all pages on which the field's place must be seen at least."""
AGREEING = 0.5
"""Share of the pages that must tell where the body is: those whose description is in what was read."""
LEAST_LETTERS = 120
"""Letters of a body that tells where bodies are."""
SAME_ARTICLE = 0.6
"""Share of text in common from which two pages are one article under two addresses."""
LEAST_ARTICLES = 3
MOST_BLOCKS = 150
NOISY, LEAST_NOISE = 0.6, 6
"""Share of the lines in boxes of one name that other pages have as well, and how many there must be, for all such boxes to
hold no text."""


def learn(pages: Sequence[Evidence], before: Learnt | None = None, *, least: int = LEAST) -> Learnt:
    """Learn what the pages have in common. Each is another article's, the newest first.

    `before` is what was learnt last time. A template that says the same as before stays as it is, so that its version
    does not change. Lines that were found to recur stay so, as long as there is room: pages of that time may be
    looked at again.
    """
    articles = distinct(pages)
    if len(articles) < least:
        return before or Learnt()
    blocks = {block.key: block for block in before.blocks} if before else {}
    noise = noisy_boxes(articles)
    blocks |= {block.key: block for block in recurring(articles, noise)}
    template = _template(articles, noise, blocks.keys(), least)
    old = before.template if before else None
    if old and template and old.selectors == template.selectors and _holds(old, template):
        template = old
    most = sorted(blocks.values(), key=lambda block: (-block.articles, block.key))[:MOST_BLOCKS]
    return Learnt(template, tuple(most))


def distinct(pages: Sequence[Evidence]) -> list[Evidence]:
    """The pages without those whose article another one shows as well: copies, and the same text under another address."""
    kept: list[tuple[Evidence, dict[str, int]]] = []
    for page in pages:
        weights = {page.lines[i].key: page.lines[i].letters for i in page.body}
        if not any(_is_same(weights, other) for _, other in kept):
            kept.append((page, weights))
    return [page for page, _ in kept]


def _is_same(a: Mapping[str, int], b: Mapping[str, int]) -> bool:
    """Return whether two pages, given as the letters of their lines, have most of their text in common."""
    common = sum(a[key] for key in a.keys() & b.keys())
    return common > SAME_ARTICLE * min(sum(a.values()), sum(b.values()))


# --- lines that recur


def recurring(articles: Sequence[Evidence], noise: Set[str] = frozenset()) -> Iterable[Block]:
    """Yield the lines that so many of these distinct articles share, in boxes of one name, that they are the site's.

    The longer a line, the more articles it takes. What stands in boxes that are `noise` is left out with these:
    teasers are the beginnings of other articles.
    """
    counts: Counter[tuple[str, str]] = Counter(
        each for article in articles for each in {(line.key, line.box) for line in article.lines}
    )
    lines = {line.key: line for article in articles for line in article.lines}
    several = {key for article in articles for key, times in _times(article).items() if times > 1}
    for (key, box), number in counts.items():
        if box in noise:
            continue
        needed = max(LEAST_ARTICLES, ceil(_share(lines[key].letters) * len(articles)))
        if number >= needed and key not in several:  # what comes again within a text is part of it: a speaker's name
            yield Block(key, lines[key].text, number)


def _times(article: Evidence) -> Counter[str]:
    return Counter(line.key for line in article.lines)


def _share(letters: int) -> float:
    """The share of the articles on which a line must be. Whole sentences are repeated by writers as well: as background."""
    return 0.15 if letters < 40 else 0.3 if letters < 80 else 0.5


def noisy_boxes(articles: Sequence[Evidence]) -> frozenset[str]:
    """The names of boxes most of whose lines stand on other pages as well, such as teasers.

    The boxes which hold most of what is said only once are never among them.
    """
    counts: Counter[str] = Counter(key for article in articles for key in {line.key for line in article.lines})
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    pages: defaultdict[str, set[int]] = defaultdict(set)
    for number, article in enumerate(articles):
        for line in article.lines:
            lines[line.box].append(line)
            pages[line.box].add(number)
    own = {box: sum(line.letters for line in found if counts[line.key] == 1) for box, found in lines.items()}
    main = max(own, key=lambda box: own[box], default="")
    return frozenset(
        box
        for box, found in lines.items()
        if box not in ("", main)
        and len(found) >= LEAST_NOISE
        and len(pages[box]) >= LEAST_ARTICLES
        and sum(counts[line.key] > 1 for line in found) >= NOISY * len(found)
    )


# --- places


@dataclass(frozen=True, slots=True)
class _Bodies:
    """The elements of one page that may hold its body, each with how well its text agrees with what was read."""

    letters: int
    found: tuple[tuple[BodyPlace, float], ...]


def _template(articles: Sequence[Evidence], noise: frozenset[str], blocks: Set[str], least: int) -> Template | None:
    """What is learnt of where the fields stand. None where there is neither a place that counts nor noise."""
    found = {name: _place(name, [article.places.get(name) or {} for article in articles]) for name in COMMON}
    places = {name: place for name, place in found.items() if place is not None}
    bodies = [each for article in articles if (each := _bodies(article, noise, blocks)) is not None]
    outside = 0
    if len(bodies) >= max(min(least, LEAST), ceil(AGREEING * len(articles))) and (chosen := _body_place(bodies)):
        places["body"], outside = chosen
    if "body" not in places and "title" not in places and not noise:
        return None
    letters = [each.letters for each in bodies] or [0]
    return Template(places, len(articles), min(letters), max(letters), outside, noise)


def _place(name: FieldName, found: Sequence[Mapping[str, float]]) -> Place | None:
    """The selector that is right on nearly all pages that have the field. None where no selector is."""
    votes: defaultdict[str, list[float]] = defaultdict(list)
    for page in found:
        for selector, alike in page.items():
            votes[selector].append(alike)
    asked = len(found) if name == "title" else sum(map(bool, found))
    needed = max(2, ceil(TRUSTED * asked), ceil(COMMON[name] * len(found)))
    right = [selector for selector, marks in votes.items() if len(marks) >= needed]
    if not right:
        return None
    best = min(right, key=lambda selector: (-round(sum(votes[selector]), 3), rank(selector)))
    return Place(best, len(votes[best]), asked)


def _bodies(article: Evidence, noise: Set[str], blocks: Set[str]) -> _Bodies | None:
    """Which elements of a page hold its body, now that it is known what is none. None where the page cannot tell."""
    if article.agreed is False:
        return None

    def weights(numbers: Iterable[int]) -> dict[int, int]:
        lines = ((number, article.lines[number]) for number in numbers)
        return {number: line.letters for number, line in lines if line.box not in noise and line.key not in blocks}

    body = weights(article.body)
    letters = sum(body.values())
    if letters < LEAST_LETTERS:
        return None
    found = []
    for place in article.bodies:
        taken = weights(place.lines)
        common = sum(taken[number] for number in taken.keys() & body.keys())
        found.append((place, 2 * common / (sum(taken.values()) + letters)))
    return _Bodies(letters, tuple(found))


def _body_place(pages: Sequence[_Bodies]) -> tuple[Place, int] | None:
    """The selector of the place of the body, and how many characters stood outside it at most.

    None where no selector is right on nearly all pages.
    """
    votes = _body_votes(pages)
    needed = max(2, ceil(TRUSTED * len(pages)))
    means = {s: sum(alike for alike, _ in v) / len(v) for s, v in votes.items() if len(v) >= needed}
    right = [s for s, mean in means.items() if mean >= BODY_ALIKE and (len(votes[s]) >= LEAST or not is_bare(s))]
    if not right:
        return None
    # Of places with nearly the same text the innermost is surest: what is added to a page some day stands outside it.
    most = max(means[selector] for selector in right)
    close = [selector for selector in right if means[selector] >= most - _NEARLY]
    outside = {selector: max(characters for _, characters in votes[selector]) for selector in close}
    best = min(close, key=lambda selector: (-outside[selector], rank(selector)))
    return Place(best, len(votes[best]), len(pages)), outside[best]


def _body_votes(pages: Sequence[_Bodies]) -> Mapping[str, list[tuple[float, int]]]:
    """For each selector of a place that is right on a page: how well its text agrees there, and how much stands outside it."""
    votes: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for page in pages:
        for place, alike in page.found:
            if alike >= LEAST_ALIKE:
                for selector in place.selectors:
                    votes[selector].append((alike, place.outside))
    return votes


def _holds(old: Template, new: Template) -> bool:
    """Return whether the bounds of an earlier template still tell these pages from others."""
    return (
        new.noise <= old.noise
        and old.shortest <= 2 * new.shortest
        and new.longest <= 2 * old.longest
        and new.outside <= 2 * old.outside + 1_000
    )
