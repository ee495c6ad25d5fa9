"""The text of an article that a page carries only as data: found by its shape, beside the headline, and not by the site.

Somewhere in the data is an object that holds the headline. In it, or close around it, is the member that holds most of the
prose: a list of paragraphs, HTML in a string, or a text with empty lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import Any

from lxml import etree, html

from crawler.extract.markup.document import Document
from crawler.extract.markup.lines import page_lines, prose_letters
from crawler.extract.markup.page_data import page_data
from crawler.normalise.text import key_of, tidy

_LEAST = 120
"""Letters of prose from which on data are a text."""
_AROUND = 3
"""Steps out from the headline to what holds the text."""
_FORMS = 3
"""Members of an object that holds a headline in several forms."""
_LEAST_STRING = 25
"""Characters of a string that may be a sentence."""
_MOST_NODES = 300_000
_MOST_TEXT = 1_000_000
_DEEPEST = 120
_HTML = re.compile(
    r"<(?:p|br|div|h[1-6]|ul|ol|li|blockquote|section|article|span|strong|em|b|i|a)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]+>")
_FULL_STOP = re.compile(r"[.!?…。！？؟।][\"'”»’)\]」』]*$")
_BREAKS = re.compile(r"\n\s*\n|\r\n|\n")
_BESIDE = frozenset(
    ["alt", "alttext", "caption", "captions", "credit", "credits", "copyright", "image", "images", "media", "video", "videos", "related", "relatedarticles", "recommended", "recommendations", "promo", "promoitems", "seo", "meta", "metadata", "comments", "author", "authors", "byline", "bio", "newsletter", "tags", "breadcrumb", "breadcrumbs", "ads", "i18n", "messages", "translations", "footer", "navigation", "menu", "sidebar"]
)  # fmt: skip
"""Members that hold what stands beside a text, by their letters."""
_NO_TEXT = frozenset(
    ["id", "uid", "uuid", "key", "type", "typename", "kind", "class", "classname", "style", "url", "uri", "href", "src", "link", "slug", "path", "target", "rel", "lang", "align", "name", "marks", "attrs", "title", "headline"]
)  # fmt: skip
"""Members of a paragraph that do not show its text."""
_LEAVES = frozenset(
    ["text", "#text", "textnode", "inline", "link", "a", "strong", "em", "bold", "italic", "b", "i", "span"]
)
"""What richly formatted texts call the pieces of one paragraph."""
_ADDRESSES = ("url", "href", "link", "slug", "permalink", "canonicalurl", "canonical_url")
_HEADS = ("headline", "title", "heading")


@dataclass(frozen=True, slots=True)
class DataText:
    """The lines of a text in data, and what kind of data it stood in."""

    lines: list[str]
    source: str


def text_in_data(document: Document, title: str | None) -> DataText | None:
    """Find the text of the page's article in JSON-LD or in the data of its scripts. None where there is none.

    `title` is its headline.
    """
    said = document.linked.article.get("articleBody")
    lines = _lines_of(said) if isinstance(said, str) else []
    if _letters(lines) >= _LEAST:
        return DataText(lines, "json-ld:articleBody")
    if title is None or not key_of(title):
        return None
    lines = _Searcher(key_of(title)).text(page_data(document.source))
    return DataText(lines, "page-data") if _letters(lines) >= _LEAST else None


def _letters(lines: list[str]) -> int:
    return sum(prose_letters(line, 0) for line in lines)


def _lines_of(text: str) -> list[str]:
    """The paragraphs of a string: of HTML its lines, of anything else what stands between line feeds."""
    text = text[:_MOST_TEXT]
    if _HTML.search(text):
        try:
            frame = html.fragment_fromstring(text, create_parent="div")
        except (etree.ParserError, ValueError):
            return []
        return [line.text for line in page_lines(frame) if 2 * line.linked < len(line.text) or line.prose]
    return [line for part in _BREAKS.split(text) if (line := tidy(_unescaped(part)))]


def _unescaped(text: str) -> str:
    """A text without character references, which publishers leave in data."""
    return unescape(text) if "&" in text else text


class _Searcher:
    """Looks for the text of one headline, in bounded time."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.left = _MOST_NODES
        self.weights: dict[int, int] = {}
        self.places: list[tuple[Any, ...]] = []
        """What holds the headline: each with what is around it, the innermost last."""

    def text(self, values: list[Any]) -> list[str]:
        """The lines beside the headline in the best of the values. Empty where none has any."""
        for value in values:
            self.look_at(value, ())
        best: Any = None
        for around in self.places:
            place = next((a for a in reversed(around[-_AROUND:]) if self.weight(a) >= _LEAST), None)
            if place is not None and self.weight(place) > self.weight(best):
                best = place
        return [] if best is None else list(dict.fromkeys(self.lines(self.densest(best), 0)))

    def weight(self, value: Any) -> int:
        """How much prose there is in a value."""
        if isinstance(value, str):
            return _letters(_lines_of(value)) if len(value) > _LEAST_STRING else 0
        return self.weights.get(id(value), 0)

    def look_at(self, value: Any, around: tuple[Any, ...]) -> int:
        """Count the prose in a value and in each of its members, and note where the headline is. Teasers hold none."""
        self.left -= 1
        if len(around) > _DEEPEST or self.left < 0:
            return 0
        if isinstance(value, str):
            return self.weight(value)
        around = (*around, value)
        if isinstance(value, dict) and any(map(self.is_headline, value.values())):
            self.places.append(around)
        elif _is_teaser(value):
            return 0
        total = sum(self.look_at(member, around) for _, member in _members(value))
        self.weights[id(value)] = total
        return total

    def is_headline(self, value: Any) -> bool:
        """Return whether a member is the headline, as a text or as an object that holds it alone (`{"basic": …}`)."""
        if isinstance(value, dict) and 0 < len(value) <= _FORMS:
            return all(isinstance(text, str) for text in value.values()) and any(map(self.is_headline, value.values()))
        return isinstance(value, str) and len(value) < 500 and key_of(_TAG.sub("", _unescaped(value))) == self.key

    def densest(self, value: Any) -> Any:
        """The member that holds most of the prose, as far in as one member holds most of it."""
        for _ in range(_DEEPEST):
            if isinstance(value, str):
                break
            members = [member for _, member in _members(value)]
            best = max(members, key=self.weight, default=None)
            if best is None or not self.weight(best) or self.is_text(value, members, best):
                break
            value = best
        return value

    def is_text(self, value: Any, members: list[Any], best: Any) -> bool:
        """Return whether the members of a value are the parts of a text, and `best` only the longest of them.

        Of an object's members two may be the same text in two forms.
        """
        if isinstance(value, dict) and isinstance(best, str):
            return len(_lines_of(best)) < 2 and _are_numbered(value)
        several = isinstance(value, list) or sum(1 for member in members if self.weight(member)) > 2
        return several and 2 * self.weight(best) <= self.weight(value)

    def lines(self, value: Any, depth: int) -> Iterator[str]:
        """Yield the lines of the text in a value."""
        if depth > _DEEPEST:
            return
        if isinstance(value, str):
            yield from _lines_of(value)
        elif isinstance(value, list) and _is_paragraph(value):
            yield from _lines_of("".join(_pieces(value, 0)))
        else:
            for _, member in _members(value):
                if not _is_teaser(member):
                    yield from self.lines(member, depth + 1)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the members of an object or a list that can hold text, with their keys."""
    if isinstance(value, list):
        yield from (("", member) for member in value if isinstance(member, (str, dict, list)))
    elif isinstance(value, dict):
        for key, member in value.items():
            letters = key_of(key)
            if letters in _BESIDE or (isinstance(member, str) and letters in _NO_TEXT):
                continue
            if isinstance(member, (str, dict, list)):
                yield key, member


def _is_teaser(value: Any) -> bool:
    """Return whether an object among paragraphs is a link to another page: it has a headline and an address."""
    return isinstance(value, dict) and any(map(value.get, _ADDRESSES)) and any(map(value.get, _HEADS))


def _are_numbered(value: dict[str, Any]) -> bool:
    """Return whether the members of an object are paragraphs whose keys differ in their numbers only."""
    keys = [re.sub(r"\d+", "", key) for key, member in value.items() if isinstance(member, str) and len(member) > 40]
    return len(keys) > 1 and len(set(keys)) == 1


def _is_paragraph(values: list[Any]) -> bool:
    """Return whether the members of a list are the pieces of one paragraph: formatted words, links, text between."""
    pieces = [value for value in values if isinstance(value, (str, dict))]
    if len(pieces) < len(values) or not pieces:
        return False
    texts = [text for value in pieces if (text := value if isinstance(value, str) else _shown(value))]
    if texts and all(_FULL_STOP.search(text) for text in texts):
        return False  # each is a paragraph
    return any(map(_is_leaf, pieces)) or any(a[-1:].isspace() or b[:1].isspace() for a, b in pairwise(texts))


def _is_leaf(value: Any) -> bool:
    """Return whether a value says that it is a piece of a paragraph: a text, a link, words in bold."""
    return isinstance(value, dict) and _kind(value) in _LEAVES


def _kind(value: dict[str, Any]) -> str:
    kind = next((value[key] for key in ("type", "nodeType", "kind", "tag", "__typename") if key in value), "")
    return kind.lower() if isinstance(kind, str) else ""


def _shown(value: dict[str, Any]) -> str:
    """The text of a piece of a paragraph, where it is one member of it."""
    return next(
        (text for key in ("text", "value", "content", "children") if isinstance(text := value.get(key), str)), ""
    )


def _pieces(value: Any, depth: int) -> Iterator[str]:
    """Yield the texts of the pieces of one paragraph."""
    if isinstance(value, str):
        yield value
    elif depth <= _DEEPEST:
        for _, member in _members(value):
            yield from _pieces(member, depth + 1)
