"""Is a page made in the browser? A page that has scripts and hardly anything to read or to follow shows its content only to
who runs them. Pure."""

from __future__ import annotations

from crawler.discover.parsing.page import Element, Page, open_page
from crawler.extract.kind import asks_for_scripts, is_challenge

MANY_LINKS = 5
MUCH_TEXT = 400
"""Characters. A page with so many links or so much text is no empty shell, whatever its scripts add."""
ELEMENTS = 5_000
"""Elements of one name that are looked at."""

_ROOTS = frozenset(["root", "app", "__next", "__nuxt", "___gatsby", "svelte", "q-app", "main-app", "react-root"])


def needs_browser(html: bytes, content_type: str | None = None) -> str | None:
    """Say why the page can be read only with its scripts run. None where it can be read as it is.

    A challenge ("checking your browser") is such a page as well, but one that keeps crawlers out. It is no reason.
    """
    page = open_page(html, "http://page.invalid/", content_type)
    return shell(page) if page is not None else None


def shell(page: Page) -> str | None:
    """Say of an open page why it can be read only with its scripts run. None where it can be read as it is."""
    tree = page.tree
    scripts = len(_some(tree, "script"))
    links = sum(1 for a in _some(tree, "a") if page.address(a.get("href")))
    if not scripts or links >= MANY_LINKS or _letters(tree) >= MUCH_TEXT:
        return None
    title = next((e.text_content() for e in tree.iter("title")), "")
    if any(map(is_challenge, (title, *(e.text_content() for e in _some(tree, "h1"))))):
        return None
    if any(asks_for_scripts(e.text_content()) for e in _some(tree, "noscript")):
        return "the page asks for JavaScript"
    roots = [e for e in _some(tree, "div") if e.get("id") in _ROOTS] + _some(tree, "app-root")
    if any(not e.text_content().strip() for e in roots):
        return "an empty page that a script fills"
    return "scripts, but hardly any text or links"


def _letters(tree: Element) -> int:
    """Characters that the page shows without its scripts."""
    whole = int(tree.xpath("string-length(normalize-space(string(.)))"))
    return whole - sum(
        len(e.text_content()) for tag in ("script", "style", "noscript", "title") for e in _some(tree, tag)
    )


def _some(tree: Element, tag: str) -> list[Element]:
    return [e for e, _ in zip(tree.iter(tag), range(ELEMENTS), strict=False)]
