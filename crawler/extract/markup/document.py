"""A parsed page: one tree, its metadata in lists, ready for the readers of single fields."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias, cast

from lxml import etree, html

from archive.model.text.urls import clean_url
from crawler.extract.markup.jsonld import Linked, read_linked
from crawler.extract.markup.shadow import show_shadow_trees
from crawler.extract.markup.tags import bounded_tags
from crawler.normalise.text import tidy

Element: TypeAlias = Any
"""An `lxml.html.HtmlElement`; the stubs of lxml leave out what those can do."""

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
"""Elements that begin and end a line."""

_CHROME = ("nav", "footer", "aside", "menu", "dialog", "noscript")
"""Elements that hold what belongs to the site and not to the article (trafilatura leaves them out as well)."""

_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_XML_DECLARATION = re.compile(rb"\s*<\?xml[^>]*\?>")
_RELATIONS = frozenset(["canonical", "amphtml"])
# One class for all elements: lxml.html's own lookup is a Python call for every element that anybody touches, and only
# serves forms.
_CLASSES = etree.ElementDefaultClassLookup(element=html.HtmlElement)
_LINK = re.compile(r"<a\s(?:[^<>]*?\bhref\b|[^<>]*(?:<(?!a\s)[^<>]*?)+?\bhref\b)", re.IGNORECASE)
_DEEPEST = 200
"""Elements around each other. Real pages have thirty; a template that closes none has thousands, and whoever looks at each
element's ancestors, as trafilatura and justext do, takes minutes for them or ends with a RecursionError."""
_NESTS_DEEPLY = etree.XPath(f"boolean({'/*' * (_DEEPEST + 1)})")  # far cheaper than to count every element's ancestors
_NOTE = 300  # characters of what a page says to those whose browser runs no scripts
_TEXT = 1_000  # characters of paragraphs in an `<article>` that are no teaser's
_NOT_SHOWN = ("style", "template", "svg", "iframe", "object", "embed", "canvas")
_READINGS = ("rt", "rp")
"""How the characters of a ruby annotation are read, and the brackets around that: they stand above the text, not in it."""


@dataclass(frozen=True, slots=True)
class Document:
    """One page.

    `tree` holds no styles and no frame (navigation, footer, asides) any more, and scripts only where they hold the
    text as data. The readers that take parts out of it change it.
    """

    tree: Element
    url: str
    base: str
    metas: tuple[tuple[str, str], ...]
    """(name, content) of every `<meta>`; the name is its name, property, itemprop or http-equiv in lower case."""
    links: tuple[tuple[str, str], ...]
    """(rel, absolute address) of the `<link>` elements that tell where the article lives."""
    linked: Linked
    title: str
    source: str
    """The page's HTML, of which nothing is taken out."""
    markers: frozenset[str]
    """Names of vendors whose scripts tell a challenge page (`cloudflare-challenge`, …)."""
    named: Mapping[str, tuple[str, ...]]
    """The contents of `metas` by folded name, in order."""

    def meta(self, *names: str) -> str | None:
        """The first content of the first of these names that the page has, however its words are joined. None where
        it has none."""
        return next((found[0] for name in names if (found := self.contents(name))), None)

    def contents(self, name: str) -> tuple[str, ...]:
        """All contents of a name: `article:author` is also `articleAuthor` and `article_author`."""
        return self.named.get(folded(name), ())

    @property
    def links_total(self) -> int:
        """How many links the page has, those of its frame included."""
        return sum(1 for _ in _LINK.finditer(self.source))

    def link(self, rel: str) -> str | None:
        """The first address of a `<link>` of this relation. None where there is none."""
        return next((href for name, href in self.links if name == rel), None)


def parse(text: str, url: str) -> Document | None:
    """Parse a page. None where there is no element in it.

    Nesting deeper than libxml2's limit (2,048) is cut, and what is deeper than `_DEEPEST` is lifted.
    """
    text = bounded_tags(text)
    tree = _tree(text)
    if tree is None:
        return None
    found: dict[str, list[Element]] = {"base": [], "script": [], "title": []}
    for element in tree.iter(*found):
        found[element.tag].append(element)
    base = next((href for e in found["base"] if (href := clean_url(e.get("href") or "", url))), url)
    scripts = [(script, script.text or "") for script in found["script"]]
    linked = read_linked((code for script, code in scripts if "ld+json" in (script.get("type") or "").lower()), url)
    markers = frozenset(_markers(scripts))
    title = next((tidy(e.text_content()) for e in found["title"] if e.getparent().tag in ("head", "html", "body")), "")
    _strip(tree, scripts)
    metas = tuple(_metas(tree))
    return Document(tree, url, base, metas, tuple(_links(tree, base)), linked, title, text, markers, _by_name(metas))


def _tree(text: str) -> Element | None:
    """The page's elements. None where there is none."""
    parser = etree.HTMLParser(  # type: ignore[call-arg]  # the stubs do not know default_doctype
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
        huge_tree=True,
    )
    parser.set_element_class_lookup(_CLASSES)
    try:
        return html.document_fromstring(_safe(text), parser=parser, ensure_head_body=True)
    except etree.ParserError:  # nothing but white space or comments
        return None


def _strip(tree: Element, scripts: list[tuple[Element, str]]) -> None:
    """Take out of the tree what no field is read from, and lift what is nested too deeply. `scripts`: each with its code."""
    # Scripts are emptied, not taken out: trafilatura takes them for borders between texts, and falls back on articleBody.
    for script, code in scripts:
        if code and "articleBody" not in code:
            script.text = None
    show_shadow_trees(tree)
    etree.strip_elements(tree, *_NOT_SHOWN, *_READINGS, with_tail=False)
    _strip_chrome(tree)
    if _NESTS_DEEPLY(tree):
        _flatten(tree)


def _by_name(metas: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """The contents by folded name, in order."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for name, content in metas:
        named[folded(name)].append(content)
    return {name: tuple(contents) for name, contents in named.items()}


@lru_cache(maxsize=1024)  # sites share their names
def folded(name: str) -> str:
    """The letters and digits of a meta element's name, in lower case."""
    return "".join(filter(str.isalnum, name.lower()))


def copied(document: Document) -> Document:
    """The same page with a tree of its own, for readers take parts out of theirs."""
    return replace(document, tree=deepcopy(document.tree))


def _safe(text: str) -> bytes:
    """The page in UTF-8 without its XML declaration and what XML forbids: control characters, lone surrogates,
    U+FFFE, U+FFFF.

    This is done on the bytes: a table of bytes to delete is many times faster than an expression over characters.
    """
    data = text.encode("utf-8", "ignore").translate(None, _CONTROLS)
    if "\ufffe" in text or "\uffff" in text:
        data = data.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    declaration = _XML_DECLARATION.match(data)
    return data[declaration.end() :] if declaration else data


def _strip_chrome(tree: Element) -> None:
    """Drop the site's frame.

    An element that holds most of the page may be one whose end tag is missing. It stays, unless the page's text is
    elsewhere, or all that it says is a note to those whose browser runs no scripts.
    """
    most = len(tree.text_content()) / 2
    for element in list(tree.iter(*_CHROME)):
        length = len(element.text_content())
        if length <= most or (element.tag == "noscript" and length < _NOTE) or _text_elsewhere(tree, element):
            remove(element)


def _flatten(tree: Element) -> None:
    """Put what is nested more deeply than `_DEEPEST` side by side at that depth, in the order of the document."""
    around: list[Element] = []
    lifted: list[tuple[Element, Element]] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "end":
            around.pop()
            continue
        if len(around) >= _DEEPEST:
            lifted.append((around[_DEEPEST - 2], element))
        around.append(element)
    for holder, element in lifted:
        holder.append(element)


def _text_elsewhere(tree: Element, frame: Element) -> bool:
    """Return whether an `<article>` neither in `frame` nor around it holds enough paragraphs to be the page's text."""
    for article in tree.iter("article"):
        if sum(len(p.text_content()) for p in article.iter("p")) < _TEXT:
            continue
        if frame not in article.iterancestors() and article not in frame.iterancestors():
            return True
    return False


def _metas(tree: Element) -> Iterator[tuple[str, str]]:
    for element in tree.iter("meta"):
        content = tidy(element.get("content"))
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        if content and name:
            yield name.strip().lower(), content


def _links(tree: Element, base: str) -> Iterator[tuple[str, str]]:
    for element in tree.iter("link"):
        for rel in _RELATIONS.intersection((element.get("rel") or "").lower().split()):
            if href := clean_url(element.get("href") or "", base):
                yield rel, href


def _markers(scripts: list[tuple[Element, str]]) -> Iterator[str]:
    for script, text in scripts:
        source = script.get("src") or ""
        if "_cf_chl_opt" in text or "/cdn-cgi/challenge-platform/h/" in source:
            yield "cloudflare-challenge"
        if "captcha-delivery.com" in source or "captcha-delivery.com" in text:
            yield "datadome"
        if "_Incapsula_Resource" in source or "_Incapsula_Resource" in text:
            yield "incapsula"
        if "/ddos-guard/" in source or "ddos-guard" in source:
            yield "ddos-guard"
        if "awsWafCookieDomainList" in text or "awswaf.com" in source:
            yield "aws-waf"


def select(path: etree.XPath, tree: Element) -> list[Element]:
    """The elements that an XPath of ours finds (one that selects elements)."""
    return cast("list[Element]", path(tree))


def shown(element: Element, limit: int = 0) -> str:
    """The text of an element on one line. Block boundaries and line breaks become blanks.

    With a `limit`, in characters, it is empty as soon as the text proves longer: wrappers are then cheap to pass
    over.
    """
    if len(element) == 0:
        text = tidy(element.text)
        return "" if limit and len(text) > limit else text
    parts, length = [], 0
    for event, node in etree.iterwalk(element, events=("start", "end")):
        text = (node.text if event == "start" else node.tail if node is not element else None) or ""
        parts.append(f" {text}" if node.tag in BLOCKS else text)
        length += len(text.strip()) if limit else 0
        if length > limit > 0:
            return ""
    return tidy("".join(parts))


def following(element: Element) -> Iterator[Element]:
    """The elements behind the end of `element`, in document order."""
    node: Element | None = element
    while node is not None:
        for sibling in node.itersiblings():
            yield from sibling.iter()
        node = node.getparent()


def preceding(element: Element) -> Iterator[Element]:
    """The elements before `element` that do not hold it, nearest first."""
    node: Element | None = element
    while node is not None:
        for sibling in node.itersiblings(preceding=True):
            yield from reversed(list(sibling.iter()))
        node = node.getparent()


def blank(element: Element) -> None:
    """Empty an element of what it shows, and leave its place, so that the texts around it do not run together."""
    element.clear(keep_tail=True)
    element.tag = "figure"


def remove(element: Element) -> None:
    """Take an element out of its tree. The text behind it stays."""
    if element.getparent() is not None:
        element.drop_tree()
