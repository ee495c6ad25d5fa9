"""The standfirst that is printed between headline and text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from crawler.extract.markup.block_text import block_lines
from crawler.extract.markup.document import Document, Element, following, shown
from crawler.normalise.text import key_of, width

_CLASS = re.compile(
    r"(?:^|[\s_-])(?:stand-?first|sapo|chapo|chapeau|dek|deck|lead|lede|leadtext|ingress|vorspann|teaser-?text|subtitle|sub-?title|sub-?headline|sub-?heading|"
    r"summary|excerpt|intro|introduction|description|abstract|bajada|entradilla|catenaccio|sommario|occhiello|perex|anons|article-?dek|strapline|spot)(?:$|[\s_-])",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"standfirst|sapo|chapo|articlelead|articleintro|articlesummary|articledescription|leadtext|articlesubtitle|headersubtitle",
    re.IGNORECASE,
)
_NAMES = ("class", "id", "itemprop", "data-testid", "data-component")
_TAGS = frozenset(["p", "div", "h2", "h3", "h4", "span", "strong", "section", "header"])
_SHORTEST, _SHORT, _LONGEST = 30, 240, 700
_BYLINE = 60


def printed_lead(
    document: Document, heading: Element | None, description: str | None, body: Sequence[str]
) -> tuple[str | None, str | None]:
    """Find the standfirst and where it stands. Both are None where none is printed.

    It is marked as one by class or itemprop, or repeats the page's description. It stands behind the headline and not
    behind the beginning of the text.
    """
    total = sum(map(len, body))
    wanted = key_of(description or "")
    for element in _candidates(document, heading):
        marked = _is_marked(element)
        text = _first_line(element) if marked else _if_like(element, description, wanted)
        if text is None or width(text) < _SHORTEST or len(text) > _LONGEST:
            continue
        if len(text) > _SHORT and 2 * len(text) > total:
            continue  # that is the text itself
        if not marked and not (description and _same(text, description) and _distinct(element, text)):
            continue
        if _is_among(text, body[2:]):
            continue
        return text, "visible:class" if marked else "visible:description"
    return None, None


def lead_in(element: Element, body: Sequence[str]) -> str | None:
    """The standfirst in an element that is known to hold it. None where what is there today cannot be one."""
    text = _first_line(element)
    if text is None or width(text) < _SHORTEST or len(text) > _LONGEST or _is_among(text, body[2:]):
        return None
    return None if len(text) > _SHORT and 2 * len(text) > sum(map(len, body)) else text


def _is_among(text: str, lines: Sequence[str]) -> bool:
    key = key_of(text)
    return any(key_of(line) == key for line in lines)


def _if_like(element: Element, description: str | None, wanted: str) -> str | None:
    """The text of an element that begins as the description does, whose key is `wanted`. None where it begins
    otherwise."""
    if not description:
        return None
    begin = next(filter(None, map(key_of, element.itertext())), "")
    return shown(element, len(description) + 100) if begin.startswith(wanted) or wanted.startswith(begin) else None


def _first_line(element: Element) -> str | None:
    """The text of an element of one line, or its first line where only a byline or a date follows. None for any
    other."""
    if not shown(element, 2 * _LONGEST):
        return None
    lines = block_lines(element)
    return lines[0] if lines and all(len(line) <= _BYLINE for line in lines[1:]) and len(lines) <= 4 else None


def _candidates(document: Document, heading: Element | None) -> Iterator[Element]:
    behind = following(heading) if heading is not None else document.tree.iter()
    return islice((e for e in behind if e.tag in _TAGS), 40)


def _is_marked(element: Element) -> bool:
    name = " ".join(filter(None, map(element.get, _NAMES)))
    return bool(name) and _names_lead(name)


@lru_cache(maxsize=4096)  # a page's elements share a few dozen names, a site's pages as well
def _names_lead(name: str) -> bool:
    return _CLASS.search(name) is not None or _JOINED.search(re.sub(r"[\s_-]", "", name)) is not None


def _distinct(element: Element, text: str) -> bool:
    """Return whether the element looks unlike the paragraphs of the text: bold, a heading, or outside their
    container."""
    if element.tag in ("h2", "h3", "h4", "strong"):
        return True
    if any(len(shown(e)) >= 0.9 * len(text) for e in element.iter("strong", "b", "em")):
        return True
    siblings = [e for e in element.itersiblings() if e.tag == "p" and e.get("class") == element.get("class")]
    return len(siblings) < 2


def _same(text: str, description: str) -> bool:
    a, b = key_of(text), key_of(description)
    return a == b or (len(b) > 60 and a.startswith(b.rstrip(".")))
