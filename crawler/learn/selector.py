"""Selectors of the learnt kind: a few steps of CSS, found and tried in microseconds, readable for people.

    div.article__body       h1#title       span[itemprop="name"]       div.head > div > h1

The first element that fits is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from crawler.extract.markup.document import Element

_STEP = re.compile(r'([a-z][a-z0-9-]*)(?:#([A-Za-z_][\w-]*)|((?:\.[A-Za-z_][\w-]*)+)|\[itemprop="([\w-]+)"\])?')
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_NUMBERED = re.compile(r"\d\d")
"""Names with numbers in them are of one article, of a grid or of a style."""
_TAG = re.compile(r"[a-z][a-z0-9-]*")
_FRAME = frozenset(["body", "html"])
_MOST_CLASSES = 5
_MEANT = re.compile(
    r"article|body|content|text|story|entry|post|news|title|head|author|byline|date|time|publi|lead|intro|standfirst|sapo|detail",
    re.IGNORECASE,
)
"""Names that say what stands there, rather than how it looks."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a selector: a tag, with an attribute's value or classes where it names any."""

    tag: str
    attribute: str = ""
    value: str = ""
    classes: frozenset[str] = frozenset()

    def fits(self, element: Element) -> bool:
        """Return whether the step describes an element."""
        if element.tag != self.tag:
            return False
        if self.classes:
            return self.classes.issubset((element.get("class") or "").split())
        return not self.attribute or element.get(self.attribute) == self.value


@lru_cache(maxsize=4096)
def _steps(selector: str) -> tuple[_Step, ...]:
    """The steps of a selector, the last first.

    Raises:
        ValueError: It is no selector of the learnt kind.
    """
    steps = []
    for part in selector.split(" > "):
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(f"{selector!r} is no selector of the learnt kind")
        tag, identity, classes, prop = match.groups()
        if identity:
            steps.append(_Step(tag, "id", identity))
        elif prop:
            steps.append(_Step(tag, "itemprop", prop))
        else:
            steps.append(_Step(tag, classes=frozenset((classes or "").split(".")) - {""}))
    return tuple(reversed(steps))


def find(tree: Element, selector: str) -> Element | None:
    """The first element below `tree` that the selector fits. None where it fits none."""
    last, *above = _steps(selector)
    for element in tree.iter(last.tag):
        if last.fits(element) and _stands_in(element, above):
            return element
    return None


def _stands_in(element: Element, above: list[_Step]) -> bool:
    for step in above:
        element = element.getparent()
        if element is None or not step.fits(element):
            return False
    return True


def selectors_for(element: Element, tree: Element, *, bare: bool = False) -> Iterator[str]:
    """Yield the selectors whose first element in `tree` is this one. With `bare`, a tag alone may do."""
    if not _is_tag(element):
        return
    own = [*_named(element), element.tag]
    for selector in (*own[:-1], *_below(element, own[0]), *(own[-1:] if bare else ())):
        if find(tree, selector) is element:
            yield selector


def _below(element: Element, last: str) -> Iterator[str]:
    """Yield selectors by what the element stands in: its parent, or where that has no name, its parent's parent."""
    parent = element.getparent()
    if parent is None or not _is_tag(parent) or parent.tag in _FRAME:
        return
    names = list(_named(parent))[:2]
    if not names:
        grandparent = parent.getparent()
        if grandparent is None or not _is_tag(grandparent) or grandparent.tag in _FRAME:
            return
        names = [f"{name} > {parent.tag}" for name in list(_named(grandparent))[:2]]
    yield from (f"{name} > {last}" for name in names)


def _named(element: Element) -> Iterator[str]:
    """Yield the steps that name the element by attributes, the surest first."""
    tag = element.tag
    prop = element.get("itemprop")
    if prop and _NAME.fullmatch(prop):
        yield f'{tag}[itemprop="{prop}"]'
    identity = element.get("id")
    if identity and _is_name(identity):
        yield f"{tag}#{identity}"
    classes = [name for name in (element.get("class") or "").split() if _is_name(name)][:_MOST_CLASSES]
    for name in dict.fromkeys(classes):
        yield f"{tag}.{name}"
    if len(classes) > 1:
        yield tag + "".join(f".{name}" for name in sorted(set(classes)))


def _is_tag(element: Element) -> bool:
    return isinstance(element.tag, str) and _TAG.fullmatch(element.tag) is not None


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and _NUMBERED.search(name) is None


def rank(selector: str) -> tuple[int, int, str]:
    """A key that orders selectors which did equally well: those that name what they mean first, then the short ones."""
    steps = selector.split(" > ")
    last = steps[-1]
    if "[" in last:
        kind = 0
    elif "." in last:
        kind = 1 if last.count(".") == 1 else 2
    elif "#" in last:
        kind = 1
    else:
        kind = 4
    kind = 2 * kind + (0 if _MEANT.search(last) else 1)
    return kind + 4 * (len(steps) - 1), len(selector), selector


def is_bare(selector: str) -> bool:
    """Return whether the selector is a tag and nothing else."""
    return _TAG.fullmatch(selector) is not None
