"""Addresses that a page gives for itself (canonical, AMP) and for the piece that it was taken from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.model.text.urls import clean_url, same_site, url_key
from crawler.extract.markup.document import BLOCKS, Document, Element
from crawler.extract.markup.jsonld import as_list
from crawler.normalise.text import is_shortcode, is_source_word, tidy

_NOT_TEXT = frozenset(["figure", "figcaption", "picture", "header", "form", "footer", "nav", "aside"])


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses that a page gives for itself.

    `canonical` is this page's address where no plausible other is named. `elsewhere` is a canonical on another site.
    `amp` and `elsewhere` are None where the page names none.
    """

    canonical: str
    canonical_from: str
    amp: str | None = None
    elsewhere: str | None = None


def addresses(document: Document, homepage: str | None) -> Addresses:
    """What the page says its address is.

    A canonical that names the home page, a section above the page, or nothing with a path is a mistake of the
    template and is ignored.
    """
    here = clean_url(document.url) or document.url
    elsewhere = None
    for source, raw in _canonicals(document):
        url = clean_url(raw, document.base)
        if url is None:
            continue
        if not same_site(url, here):
            if source == "link:canonical":
                elsewhere = url
            continue
        if _plausible(url, here, homepage):
            return Addresses(url, source, _amp(document, here), elsewhere)
    return Addresses(here, "url", _amp(document, here), elsewhere)


def _canonicals(document: Document) -> list[tuple[str, str]]:
    found = [("link:canonical", href) for rel, href in document.links if rel == "canonical"][:1]
    if (og := document.meta("og:url")) is not None:
        found.append(("meta:og:url", og))
    for value in as_list(document.linked.article.get("mainEntityOfPage")):
        address = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(address, str):
            found.append(("json-ld", address))
    return found


def _plausible(url: str, here: str, homepage: str | None) -> bool:
    if url_key(url) == url_key(here):
        return True
    path, own = urlsplit(url).path.rstrip("/"), urlsplit(here).path.rstrip("/")
    if not path and not urlsplit(url).query:
        return False
    if homepage is not None and url_key(url) == url_key(homepage):
        return False
    # A folder above this page is its section, unless the page is a variant below its article (…/amp, …/print).
    if own.startswith(path + "/"):
        rest = own[len(path) + 1 :].lower()
        return (
            re.fullmatch(r"(?:amp|print|mobile|m|embed|full|all|index|page/?\d+|\d{1,2})(?:[./].*)?", rest) is not None
        )
    return True


def _amp(document: Document, here: str) -> str | None:
    url = document.link("amphtml")
    return url if url is not None and url_key(url) != url_key(here) else None


@dataclass(frozen=True, slots=True)
class SourceLink:
    """The link with which a copy names its original: alone in its line, called nothing but "Source"."""

    url: str
    word: str
    shortcode: str | None


def take_source_link(document: Document) -> SourceLink | None:
    """Find the bare source link of an article, take it out of the tree, and say where it leads. None where there is
    none.

    Links in figures name the picture's source, links in the site's frame nothing. Where several lead to different
    places, only the one behind an advertisement shortcode counts.
    """
    found = [(element, link) for element in document.tree.iter("a") if (link := _source_link(element, document))]
    distinct = {url_key(link.url) for _, link in found}
    chosen = found if len(distinct) == 1 else [(element, link) for element, link in found if link.shortcode]
    for element, _ in chosen:
        element.drop_tree()
    return chosen[-1][1] if chosen else None


def _source_link(element: Element, document: Document) -> SourceLink | None:
    """The source link that an element is.

    None where it is called something else, does not stand alone in the text, or leads nowhere else.
    """
    word = tidy(element.text_content()) if len(element) < 4 else ""
    if not word or len(word) > 40 or not is_source_word(word) or not _alone(element):
        return None
    if next(element.iterancestors(*_NOT_TEXT), None) is not None:
        return None
    url = clean_url(element.get("href") or "", document.base)
    if url is None or url_key(url) == url_key(document.url):
        return None
    return SourceLink(url, word, _shortcode_before(element))


_LONGEST_LINE = 60
"""Characters: a line longer than this around a link makes it part of a sentence; no need to read on."""


def _line_before(element: Element) -> tuple[str, Element | None]:
    """The text between the last line break before `element` and it, and the element that ends the line before.

    That element is None where nothing does, or the line is too long to be read to its beginning.
    """
    line, node = "", element
    while True:
        previous = node.getprevious()
        while previous is not None:
            line = (previous.tail or "") + line
            if previous.tag in BLOCKS:
                return tidy(line), previous
            line = previous.text_content() + line
            if len(line) > _LONGEST_LINE and len(tidy(line)) > _LONGEST_LINE:
                return tidy(line), None
            previous = previous.getprevious()
        parent = node.getparent()
        if parent is None:
            return tidy(line), None
        line = (parent.text or "") + line
        if parent.tag in BLOCKS:
            return tidy(line), parent
        node = parent


def _line_after(element: Element) -> str:
    line, node = "", element
    while True:
        line += node.tail or ""
        following = node.getnext()
        if following is not None:
            if following.tag in BLOCKS:
                return tidy(line)
            line += following.text_content()
            if len(line) > _LONGEST_LINE and len(tidy(line)) > _LONGEST_LINE:
                return tidy(line)
            node = following
            continue
        parent = node.getparent()
        if parent is None or parent.tag in BLOCKS:
            return tidy(line)
        node = parent


def _alone(element: Element) -> bool:
    before, _ = _line_before(element)
    return (not before or is_shortcode(before)) and not _line_after(element).strip(" .|")


def _shortcode_before(element: Element) -> str | None:
    """The shortcode printed on the line or block right before the source link. None where none is."""
    before, boundary = _line_before(element)
    if is_shortcode(before):
        return before
    texts: list[str] = []
    node = boundary
    for _ in range(4):  # br, an empty paragraph, the paragraph with the shortcode
        if node is None:
            break
        if node.tag != "br":
            texts.append(tidy(node.text_content())[-40:] if node.getnext() is not None or node.tag in BLOCKS else "")
        previous = node.getprevious()
        texts.append(
            tidy(
                (
                    previous.tail
                    if previous is not None
                    else node.getparent().text
                    if node.getparent() is not None
                    else ""
                )
                or ""
            )[-40:]
        )
        node = previous if previous is not None else node.getparent()
    return next((text for text in texts if is_shortcode(text)), None)
