"""JSON-LD: what the publisher says about the page in schema.org's words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.model.text.urls import url_key
from crawler.extract.markup.json_text import read_json, read_json_behind
from crawler.extract.markup.lenient_json import lenient_values

Node = Mapping[str, Any]

_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|DiscussionForumPosting)$")
_LESSER = frozenset({"VideoObject", "AudioObject", "PodcastEpisode", "Review", "ClaimReview", "Event", "NewsMessage"})
_LISTING = frozenset({"CollectionPage", "SearchResultsPage", "ItemList", "ImageGallery", "Blog"})
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>|/\*\s*\]\]>\s*\*/|;)\s*$"
)
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_BETWEEN = re.compile(r"[\s,;]*+")
_LIMIT = 20_000  # nodes of one page
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|br|cite|em|font|i|mark|p|q|s|small|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
"""Tags in a text that schema.org wants plain."""
_UNIX_DIGITS = (10, 13)
"""Digits of a Unix time in seconds or milliseconds."""
_HOLDERS = ("@list", "@set")
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]+")
"""Scripts in which the family name stands first, without a blank behind it."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The JSON-LD of one page. `article` is the node that describes this page's article, empty where none does;
    `page` the WebPage node around it."""

    article: Node = field(default_factory=dict)
    page: Node = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    by_id: Mapping[str, Node] = field(default_factory=dict)

    @property
    def lists(self) -> bool:
        """Whether the page calls itself a list of pages, and nothing on it an article."""
        return not self.article and not _LISTING.isdisjoint(self.types)

    def strings(self, key: str) -> tuple[str, ...]:
        """The article's values of `key` that are text, in order."""
        return tuple(v for v in as_list(self.article.get(key)) if isinstance(v, str) and v.strip())

    def nodes(self, key: str) -> tuple[Node, ...]:
        """The article's values of `key` that are objects, references followed. Text becomes an object with a name."""
        return tuple(self.resolve(value) for value in as_list(self.article.get(key)))

    def resolve(self, value: Any) -> Node:
        """The object that a value is or refers to by its `@id`. Text becomes an object with a name, anything else an
        empty one."""
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict):
            known = self.by_id.get(str(value.get("@id"))) if set(value) <= {"@id", "@type"} else None
            return known or value
        return {}


def read_linked(scripts: Iterable[str], url: str) -> Linked:
    """Read the JSON-LD in the texts of `<script type="application/ld+json">`. A broken block does not harm the
    others."""
    nodes = [node for script in scripts for node in _walk(_parse(script))]
    types = [types_of(node) for node in nodes]
    typed = list(zip(nodes, types, strict=True))
    articles = [node for node, names in typed if any(map(_ARTICLE.search, names))]
    pages = (node for node, names in typed if any(map(_is_page_type, names)))
    return Linked(
        _own(articles, url) or _own(_lesser(typed), url),
        next(pages, {}),
        frozenset(name for names in types for name in names),
        _by_id(nodes),
    )


def _lesser(typed: Iterable[tuple[Node, tuple[str, ...]]]) -> list[Node]:
    """The nodes, given with their types, that describe a page's article where none is called one: a video, a review."""
    return [node for node, names in typed if not _LESSER.isdisjoint(names) and node.get("headline", node.get("name"))]


def _is_page_type(name: str) -> bool:
    return name.endswith("WebPage") or name == "ItemPage"


def _by_id(nodes: Iterable[Node]) -> Mapping[str, Node]:
    """The nodes that have an `@id`, by it. Of several with one `@id`, the one that says most."""
    by_id: dict[str, Node] = {}
    for node in nodes:
        if isinstance(identity := node.get("@id"), str) and len(node) > len(by_id.get(identity, ())):
            by_id[identity] = node
    return by_id


def types_of(node: Node) -> tuple[str, ...]:
    """The node's types without the vocabulary's address."""
    return tuple(str(t).rpartition("/")[2].rpartition(":")[2] for t in as_list(node.get("@type")))


def as_list(value: Any) -> list[Any]:
    """A value as one flat list, in order: lists in lists, `@list` and `@set` are opened. None becomes the empty one."""
    if value is None:
        return []
    if not isinstance(value, (list, dict)):
        return [value]
    flat: list[Any] = []
    rest = [value]
    while rest and len(flat) < _LIMIT:
        item = rest.pop()
        held = item if isinstance(item, list) else _held(item)
        if held is None:
            flat.append(item)
        else:
            rest.extend(reversed(held))
    return flat


def _held(item: Any) -> list[Any] | None:
    """The members of an `@list` or `@set`. None where a value is neither."""
    if not isinstance(item, dict):
        return None
    return next((held for key in _HOLDERS if isinstance(held := item.get(key), list)), None)


def texts_of(value: Any) -> list[str]:
    """The texts in a value, without markup: `"x"`, `["x", "y"]`, `{"@value": "x"}`, `{"name": "x"}`, and the digits of a
    Unix time."""
    found = []
    for item in as_list(value):
        for text in as_list(_said(item) if isinstance(item, dict) else item):
            if isinstance(text, str) and (plain := _MARKUP.sub("", text) if "<" in text else text).strip():
                found.append(plain)
            elif (number := _unix_time(text)) is not None:
                found.append(number)
    return found


def text_of(value: Any) -> str | None:
    """The first text in a value, as `texts_of` finds them. None where there is none."""
    return next(iter(texts_of(value)), None)


def names_of(node: Node) -> list[str]:
    """The names of a person or an organisation: its `name`, else its given and family names."""
    if names := texts_of(node.get("name")):
        return names
    given, family = text_of(node.get("givenName")), text_of(node.get("familyName"))
    if given and family and _CJK.fullmatch(given) and _CJK.fullmatch(family):
        return [family + given]
    return [" ".join(part for part in (given, family) if part)] if family else []


def _said(node: Node) -> Any:
    """What a node says in the place of a text."""
    return node.get("@value") or node.get("name") or (names_of(node) or None) or node.get("@id")


def _unix_time(value: Any) -> str | None:
    """The digits of a number that can be a Unix time. None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e13:
        return None
    digits = str(int(value))
    return digits if len(digits) in _UNIX_DIGITS else None


def is_false(value: Any) -> bool:
    """Return whether a schema.org Boolean says no: false, "False", "http://schema.org/False"."""
    return value is False or (isinstance(value, str) and value.strip().lower().rpartition("/")[2] in ("false", "no"))


def _own(nodes: list[Node], url: str) -> Node:
    """The node that is about this page: the one that names its address, else the first with a headline, else the
    first."""
    here = url_key(url)
    for node in nodes:
        if any(
            url_key(address) == here
            for key in ("url", "mainEntityOfPage", "@id")
            if (address := _address(node.get(key)))
        ):
            return node
    return next((node for node in nodes if node.get("headline")), nodes[0] if nodes else {})


def _address(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return value.partition("#")[0] if isinstance(value, str) else None


def _parse(script: str) -> Any:
    """The values of a script, by the strictest way that reads it. Whoever reads leniently passes over what is broken."""
    for candidate in _readings(script.strip()):
        try:
            return read_json(candidate, strict=False)
        except ValueError:
            continue
    text = _unwrapped(script)
    return _one_after_another(text) or lenient_values(text, escaped=False)


def _readings(script: str) -> Iterator[str]:
    """Yield the script as it is, then without what wraps it, then without trailing commas.

    Repairs come last, for they read a long text slowly.
    """
    yield script
    text = _unwrapped(script)
    yield text
    yield _TRAILING_COMMA.sub(r"\1", text)


def _unwrapped(script: str) -> str:
    """A script without the marks of a comment or of CDATA around it, and its quotation marks as such."""
    text = _WRAPPING.sub("", _WRAPPING.sub("", script.strip())).strip()
    return html.unescape(text) if '"' not in text and "&quot;" in text else text


def _one_after_another(text: str) -> list[Any]:
    """The values of a script that holds several, one behind the other. Empty where anything else stands in it."""
    values: list[Any] = []
    at = 0
    while at < len(text):
        try:
            value, at = read_json_behind(text, at, strict=False)
        except ValueError:
            return []
        values.append(value)
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
    return values


def _walk(value: Any) -> Iterator[Node]:
    """Yield the nodes of a document: top level, `@graph`, and what is the main entity of another.

    Related items are left out.
    """
    queue, seen = [value], 0
    while queue and seen < _LIMIT:
        item = queue.pop(0)
        seen += 1
        if isinstance(item, list):
            queue[:0] = item
        elif isinstance(item, dict):
            yield item
            queue[:0] = [
                item[key]
                for key in ("@graph", "mainEntity", "mainEntityOfPage")
                if isinstance(item.get(key), (dict, list))
            ]
