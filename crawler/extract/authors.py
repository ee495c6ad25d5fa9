"""Who wrote it: the names that the page marks as its authors', as strings, best source first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from crawler.extract.document import Document, Element, select, shown
from crawler.extract.jsonld import Node, text_of, types_of

_METAS = ("author", "article:author", "article:author_name", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl", "twitter:misc:written by", "cxenseparse:author", "citation_author", "authors")  # fmt: skip
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
    r"(?:^|[\s_-])(?:by-?line|author-?names?|authors?|writer|penulis|reporter|journalist|autor(?:es|en)?|auteurs?|tac-?gia|redaktur)(?:$|[\s_-])",
    re.IGNORECASE,
)

_BYLINE_TAGS = ("a", "span", "p", "div", "li", "address")
_BY_REL = etree.XPath("descendant::a[contains(concat(' ', @rel, ' '), ' author ')]")
_BY_ITEMPROP = etree.XPath("descendant::*[contains(concat(' ', @itemprop, ' '), ' author ')]")


def author_candidates(document: Document) -> Iterator[tuple[str, list[str]]]:
    """Lists of names with their source, the most trustworthy first. Organisations of JSON-LD are left out.

    Lazy: the search through visible text costs time and is rarely needed.
    """
    linked = document.linked.nodes("author") or document.linked.nodes("creator")
    yield "json-ld", [name for node in linked if not _is_organisation(node) and (name := text_of(node.get("name")))]
    if document.meta("twitter:label1") in _WRITTEN_BY and (name := document.meta("twitter:data1")):
        yield "meta:twitter:data1", [name]
    for wanted in _METAS:
        values = [content for name, content in document.metas if name == wanted and not content.startswith(_NOT_NAMES)]
        if values:
            yield f"meta:{wanted}", values
    tree = document.tree
    yield "rel:author", [shown(e, 80) for e in select(_BY_REL, tree)][:5]
    yield "itemprop:author", [_item_name(e) for e in select(_BY_ITEMPROP, tree)][:5]
    yield "visible:byline", _bylines(tree)


def organisation_candidates(document: Document) -> list[str]:
    """The organisations that the page's metadata names as author."""
    return [
        name
        for node in document.linked.nodes("author")
        if _is_organisation(node) and (name := text_of(node.get("name")))
    ]


def _is_organisation(node: Node) -> bool:
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
    return _BYLINE_CLASS.search(name) is not None


def _bylines(tree: Element) -> list[str]:
    """The first short element of a byline's class."""
    for element in tree.iter(*_BYLINE_TAGS):
        if (name := element.get("class")) and _names_byline(name):
            text = shown(element, 80)
            if len(text) > 3:
                return [text]
    return []
