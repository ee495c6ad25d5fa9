"""Who wrote it: the names that the page marks as its authors', as strings, best source first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from lxml import etree

from crawler.extract.markup.document import Document, Element, following, select, shown
from crawler.extract.markup.jsonld import Node, names_of, types_of
from crawler.normalise.authors import BY_WORDS
from crawler.normalise.text import tidy

_METAS = ("author", "article:author", "article:author_name", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl", "twitter:misc:written by", "cxenseparse:author", "citation_author", "authors", "author_name", "writer", "byline")  # fmt: skip
_WRITTEN_BY = (
    "Written by",
    "Verfasst von",
    "Écrit par",
    "Escrito por",
    "Scritto da",
    "Geschreven door",
    "Автор",
    "Ditulis oleh",
    "Được viết bởi",
    "Yazan",
    "Napisane przez",
)
_NOT_NAMES = ("http://", "https://", "@")
_BYLINE_CLASS = re.compile(
    r"by-?line|(?:^|[\s_-])(?:written-?by|posted-?by|penulis|nguoi-?viet|tac-?gia|redaktur|yazar|muhabir|skribent|gijanom|journalists?|reporters?|writers?)(?:$|[\s_-])"
    r"|(?<![a-z])(?:[a-z]+)?authors?(?![a-z])|authors?(?:names?|list|info|box|link|wrap)|(?<![a-z])(?:autor(?:es|en|ka)?|auteurs?|autore)(?![a-z])"
)
_NO_BYLINE_CLASS = re.compile(r"comment|reply|avatar|(?:bio|description|image|photo|social|follow|more)(?:$|[\s_-])")
_AUTHOR_PATH = re.compile(
    r"/(?:authors?|autor(?:es|en|in|i|as)?|auteurs?|autore|autori|byline|journalists?|reporters?|redakteure?|contributors?|columnists?|writers?|our-people|penulis|tac-gia|yazar(?:lar)?|skribent(?:er)?|journaliste?s?|periodistas?)/[^/?#]{3,}",
    re.IGNORECASE,
)
_LABEL = re.compile(rf"\s*(?:{BY_WORDS})\s*[:：]?\s*", re.IGNORECASE)
_SIGNED = re.compile(
    rf"\s*(?:(?:{BY_WORDS})(?:\s*[:：]\s*|\s+)\S|[^\s\d]{{2,6}}\s?(?:기자|특파원|記者|记者)(?:\W|$))", re.IGNORECASE
)
"""A line that begins with the word for "by", or ends a name with the word for "reporter"."""
_BYLINE_TAGS = (
    "a",
    "td",
    "span",
    "p",
    "div",
    "li",
    "address",
    "cite",
    "ul",
    "strong",
    "b",
    "em",
    "small",
    "h3",
    "h4",
    "h5",
)
_LABEL_TAGS = ("span", "p", "div", "li", "strong", "b", "em", "small", "dt", "th", "td", "label")
_NEAR, _LONGEST = 80, 120
_MOST = 6
_BY_REL = etree.XPath("descendant::a[contains(concat(' ', @rel, ' '), ' author ')]")
_BY_ITEMPROP = etree.XPath("descendant::*[contains(concat(' ', @itemprop, ' '), ' author ')]")


def author_candidates(document: Document, heading: Element | None = None) -> Iterator[tuple[str, list[str]]]:
    """Yield lists of names with their source, the most trustworthy first, without the organisations of JSON-LD.

    The search through visible text costs time and is rarely needed, so it is done only when the caller gets there.
    `heading` shows the headline. Only bylines shortly behind it are looked for here.
    """
    linked = document.linked.nodes("author") or document.linked.nodes("creator")
    yield "json-ld", [name for node in linked if not _is_organisation(node) for name in names_of(node)]
    if document.meta("twitter:label1") in _WRITTEN_BY and (name := document.meta("twitter:data1")):
        yield "meta:twitter:data1", [name]
    for wanted in _METAS:
        values = [content for content in document.contents(wanted) if not content.startswith(_NOT_NAMES)]
        if values:
            yield f"meta:{wanted}", values
    tree = document.tree
    yield "rel:author", [shown(e, 80) for e in select(_BY_REL, tree)][:5]
    yield "itemprop:author", [_item_name(e) for e in select(_BY_ITEMPROP, tree)][:5]
    near = [] if heading is None else list(islice(following(heading), _NEAR))
    for names in islice(_bylines(near, signed=True), _MOST):
        yield "visible:byline", names
    yield "visible:author-link", _author_links(near)


def stray_candidates(document: Document) -> Iterator[tuple[str, list[str]]]:
    """Yield names that the page prints as an author's anywhere, perhaps of another article that it shows."""
    tree = document.tree
    for names in islice(_bylines(tree.iter(*_BYLINE_TAGS), signed=False), _MOST):
        yield "visible:byline", names
    yield "visible:author-link", _author_links(tree.iter("a"))
    for names in islice(_labelled(tree), _MOST):
        yield "visible:label", names


def organisation_candidates(document: Document) -> list[str]:
    """The organisations that the page's metadata names as author."""
    return [name for node in document.linked.nodes("author") if _is_organisation(node) for name in names_of(node)]


def _is_organisation(node: Node) -> bool:
    """Return whether JSON-LD calls an author an organisation and no person."""
    types = set(types_of(node))
    return (
        bool(types) and "Person" not in types and any("Organization" in name or name == "Corporation" for name in types)
    )


def _item_name(element: Element) -> str:
    name = element.find(".//*[@itemprop='name']")
    chosen = element if name is None else name
    return shown(chosen, 200) or chosen.get("content") or ""


@lru_cache(maxsize=4096)  # a page's elements share a few dozen classes, a site's pages as well
def _names_byline(name: str) -> bool:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    return _BYLINE_CLASS.search(words) is not None and _NO_BYLINE_CLASS.search(words) is None


def _bylines(elements: Iterable[Element], *, signed: bool) -> Iterator[list[str]]:
    """Yield the names in the short elements of a byline's class; with `signed` also in those that begin with "by"."""
    seen: set[str] = set()
    for element in elements:
        if element.tag not in _BYLINE_TAGS:
            continue
        name = element.get("class")
        if (name and _names_byline(name)) or (signed and _is_signed(element)):
            text = shown(element, _LONGEST)
            if len(text) > 3 and text not in seen and next(element.iterancestors("form"), None) is None:
                seen.add(text)
                if names := _names_in(element, text):
                    yield names


def _names_in(byline: Element, text: str) -> list[str]:
    """The names in a byline, which shows `text`: its links if it has several, else the whole."""
    return [name for name in _linked_names(byline) or [text] if not _is_plain_words(name)]


def _is_plain_words(text: str) -> bool:
    """Return whether a text is of several words without a capital, as in "read more": no name is written so."""
    return " " in text and text.isascii() and text.islower()


def _is_signed(element: Element) -> bool:
    """Return whether an element begins with the word for "by", or ends a name with the word for "reporter"."""
    return _SIGNED.match(shown(element, _LONGEST)) is not None


def _linked_names(element: Element) -> list[str]:
    """The texts of a byline's links to persons' pages. Empty where it has fewer than two."""
    links = [e for e in element.iter("a") if (e.get("href") or "").find("mailto:") < 0 and len(shown(e, 60)) > 3]
    return [shown(link, 60) for link in links][:_MOST] if len(links) > 1 else []


def _author_links(elements: Iterable[Element]) -> list[str]:
    """The first link to an author's page among these elements, with the others of its byline. Empty where there is
    none."""
    for link in elements:
        if link.tag != "a" or not _AUTHOR_PATH.search(link.get("href") or "") or not (name := shown(link, 60)):
            continue
        box = link.getparent()
        others = [e for e in box.iter("a") if e is not link] if shown(box, _LONGEST) else []
        return [name, *(shown(e, 60) for e in others if _AUTHOR_PATH.search(e.get("href") or ""))][:_MOST]
    return []


def _labelled(tree: Element) -> Iterator[list[str]]:
    """What stands behind an element that holds nothing but "Written by", "Autor", "作者" …"""
    for element in tree.iter(*_LABEL_TAGS):
        text = element.text
        if not text or len(text) > 60 or len(element) or not _LABEL.fullmatch(text):
            continue
        behind = element.getnext()
        name = tidy(element.tail) or (shown(behind, 80) if behind is not None else "")
        if name:
            yield [name]
