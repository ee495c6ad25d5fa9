"""A web page opened for its links: tree and base address. No network, no entities: HTML knows none that it did not define."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree, html

from archive.model.text.urls import clean_url
from crawler.discover.parsing.claims import UNSAFE
from crawler.extract.markup.decode import decode_html
from crawler.extract.markup.tags import bounded_tags

Element: TypeAlias = Any
"""An `lxml.html.HtmlElement`; the stubs of lxml leave out what those can do."""

LONGEST_URL = 4_000


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page. `base` is what relative addresses count from."""

    tree: Element
    url: str
    base: str

    def address(self, href: str | None) -> str | None:
        """The clean absolute address of a link.

        None for what leads nowhere else (`#top`, `javascript:`, nothing), and for what is too long to be one.
        """
        href = (href or "").strip()
        return clean_url(href, self.base) if 0 < len(href) <= LONGEST_URL and not href.startswith("#") else None


def open_page(body: bytes, url: str, content_type: str | None = None) -> Page | None:
    """Parse the page in `body`. None where there is no element in it."""
    return open_markup(decode_html(body, content_type)[0], url)


def open_markup(text: str, url: str) -> Page | None:
    """Parse the page or fragment of a page in `text`. None where there is no element in it."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    data = bounded_tags(UNSAFE.sub("", text)).encode("utf-8", "ignore")
    try:
        tree: Element = html.document_fromstring(data, parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError):  # nothing but white space or comments
        return None
    base = next((found for e in tree.iter("base") if (found := clean_url(e.get("href") or "", url))), url)
    return Page(tree, url, base)
