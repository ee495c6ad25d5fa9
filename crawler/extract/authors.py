"""Who wrote it: the names that the page marks as its authors', as strings, best source first."""

from __future__ import annotations

import re

from crawler.extract.document import CHROME, Document, shown, within
from crawler.extract.jsonld import types_of, text_of

_METAS = ("author", "article:author", "article:author_name", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl", "cxenseparse:author", "citation_author", "authors", "twitter:data1:author")  # fmt: skip
_BYLINE_CLASS = re.compile(r"(?:^|[\s_-])(?:by-?line|author-?names?|authors?|writer|penulis|reporter|journalist|autor(?:es|en)?|auteurs?|tac-?gia|redaktur)(?:$|[\s_-])", re.IGNORECASE)


def author_candidates(document: Document) -> list[tuple[str, list[str]]]:
    """Lists of names with their source, the most trustworthy first. Organisations of JSON-LD are left out."""
    found: list[tuple[str, list[str]]] = []
    people = [
        name
        for node in document.linked.nodes("author")
        if not {"Organization", "NewsMediaOrganization", "Corporation"} & set(types_of(node)) and (name := text_of(node.get("name")))
    ]
    found.append(("json-ld", people))
    for wanted in _METAS:
        values = [content for name, content in document.metas if name == wanted and not content.startswith(("http://", "https://", "@"))]
        found.append((f"meta:{wanted}", values))
    tree = document.tree
    found.append(("rel:author", [shown(e) for e in tree.iter("a") if "author" in (e.get("rel") or "").lower().split() and not within(e, CHROME)][:5]))
    found.append(("itemprop:author", [_item_name(e) for e in tree.iter() if isinstance(e.tag, str) and "author" in (e.get("itemprop") or "").lower().split() and not within(e, CHROME)][:5]))
    found.append(("visible:byline", _bylines(document)))
    return [(source, [name for name in names if name]) for source, names in found if any(names)]


def _item_name(element: object) -> str:
    name = element.find(".//*[@itemprop='name']")  # type: ignore[attr-defined]
    if name is None:
        return shown(element) or element.get("content") or ""  # type: ignore[arg-type, attr-defined]
    return shown(name) or name.get("content") or ""


def _bylines(document: Document) -> list[str]:
    """The first short element of a byline's class."""
    for element in document.tree.iter("a", "span", "p", "div", "li", "address"):
        name = element.get("class")
        if name and _BYLINE_CLASS.search(name) and not within(element, CHROME):
            text = shown(element)
            if 3 < len(text) <= 80:
                return [text]
    return []
