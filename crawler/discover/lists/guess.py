"""The links of a page that most look like a list of articles, without selectors: the repeated block.

Links with the same place in the markup (the tags and classes above them) make a block; the block with the most
article-like links on the own site wins, and links elsewhere on the page with addresses of the same shape join it.
"""

from __future__ import annotations

from collections import defaultdict

from archive.model.text.urls import same_site, url_key
from crawler.discover.parsing.article_like import LIKELY, points, shape
from crawler.discover.parsing.page import Element, Page
from crawler.extract.markup.document import shown

FEWEST = 3
"""Links that make a block."""
_FRAME = ("nav", "footer", "header", "aside", "menu")
_WITHIN = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "span", "strong", "em", "b", "i", "font", "figure", "picture"}
)
"""What stands inside an item, and not always the same."""
_LEVELS = 3
_LIMIT = 5_000


def guess_links(page: Page) -> list[Element]:
    """Find the `a` elements of the article-like block, in the page's order. There are none if the page has no such
    block."""
    candidates = _candidates(page)
    blocks: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for element, address, found in candidates:
        block = blocks[_place(element)]
        block[address] = max(block.get(address, 0), found)
    # Deterministic: the sum of the points decides, then the place's name.
    ranked = sorted(
        ((sum(block.values()), place) for place, block in blocks.items() if len(block) >= FEWEST), reverse=True
    )
    if not ranked:
        return []
    best = blocks[ranked[0][1]]
    shapes = {shape(address) for address in best}
    return [element for element, address, _ in candidates if address in best or shape(address) in shapes]


def _candidates(page: Page) -> list[tuple[Element, str, int]]:
    own = url_key(page.url)
    found = []
    for number, element in enumerate(page.tree.iter("a")):
        if number >= _LIMIT:
            break
        address = page.address(element.get("href"))
        if address is None or url_key(address) == own or not same_site(address, page.url):
            continue
        if any(True for _ in element.iterancestors(*_FRAME)):
            continue
        score = points(address, shown(element)[:200])
        if score >= LIKELY:
            found.append((element, address, score))
    return found


def _place(element: Element) -> tuple[str, ...]:
    """Tags and classes of the elements above, nearest first; numbers in classes (`post-123`) do not count."""
    names: list[str] = []
    for ancestor in element.iterancestors():
        if ancestor.tag in _WITHIN:
            continue
        classes = sorted(name for name in (ancestor.get("class") or "").split() if not any(c.isdigit() for c in name))
        names.append(".".join([str(ancestor.tag), *classes[:4]]))
        if len(names) == _LEVELS:
            break
    return tuple(names)
