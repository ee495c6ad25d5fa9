"""The lines of a page in document order, each with the box that it stands in and with what kind of line it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache

from crawler.extract.markup.document import BLOCKS, Document, Element
from crawler.normalise.text import tidy, width

_BOXES = frozenset(BLOCKS) - {"br", "td", "th"}
_CELLS = frozenset(["td", "th"])
_CELL = "\x1f"  # no control character is left in a parsed page
_SKIPPED = frozenset(
    ["script", "style", "noscript", "form", "button", "select", "textarea", "figcaption", "aside", "nav", "footer", "dialog", "menu", "audio", "video", "iframe", "svg", "label", "input", "head", "title"]
)  # fmt: skip
_LEAVES = _SKIPPED | {"br"}
"""Elements of which no text is read."""
_ENDING_LINES = _BOXES | {"br"}
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:related\w*|recommend\w*|more-?(?:on|from|stories|news|articles)|read-?(?:more|also|next)|also-?read|see-?also|baca-?juga|teasers?|promo\w*|newsletter\w*|signup|sign-?up|subscri\w*|abo-?box|"
    r"share\w*|sharing|social\w*|follow-?us|reactions?|(?:post-|entry-|article-)?tags|tag-?(?:list|cloud)|keywords|breadcrumbs?|author-?(?:bio|box|info|card|description|profile)|about-?author|bio|byline|"
    r"advert\w*|ads?|cta\w*|call-to-action\w*|pull-?quotes?|inline-?video|video-(?:title|info|footer|duration)|adbox|ad-?(?:slot|unit|container|wrapper)|banner|sponsor\w*|outbrain|taboola|widgets?|sidebar|side-?bar|popular|trending|most-?(?:read|viewed)|latest|"
    r"paywall|pay-?wall|login|toolbar|tooltip|print-?only|sr-only|visually-?hidden|screen-?reader\w*|offscreen|disclaimer|"
    r"captions?|credits?|copyright|timestamp|date-?line|posted-?on|(?:post-?|entry-?|pub(?:lish(?:ed)?)?-?)?(?:date|time)|meta|metadata|pagination|pager|navigation|nav|menu|rating|survey|poll|quiz|toc|table-?of-?contents|info-?box|fact-?box|expandable-?box|donat\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Class or id of what stands beside an article's text, unless much of the page's prose does."""
_OVER = re.compile(
    r"cookie|consent|gdpr|(?:^|[\s_-])(?:modal|pop-?up|overlay|lightbox|comments?|comment-?list|disqus)(?:$|[\s_-])|(?:^|\s)hidden(?:$|\s)(?!.*:(?:block|flex|grid|inline))",
    re.IGNORECASE,
)
"""Class or id of what is laid over the page or written by its readers."""
_ENDS = re.compile(r"[.!?…。！？؟।։။።]['\"”»’)\]」』]*(?:\s|$)")
_ENDS_UNSPACED = re.compile(r"[。！？]|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{25}")
"""The end of a sentence in scripts without blanks; Thai, Lao, Burmese and Khmer do not mark it either."""
_LEAST_PROSE = 40  # letters of an alphabet in a line that counts as prose
_NAMED_STEPS = 3
_NUMBERS = re.compile(r"\d+")
"""In names they tell one article or column from another."""
_NEVER_BESIDE = frozenset(["article", "main", "h1", "h2", "h3", "h4", "h5", "h6"])


_LINKED = 0.8
"""Share of a line in links that makes it a link to another page."""


@dataclass(slots=True)
class Line:
    """One line of a page."""

    text: str
    linked: int
    """Characters of the text that are in links."""
    box: Element
    """The element that the line stands in."""
    letters: int
    """How much the line says if it is prose, as `width` counts it; 0 if it is no prose."""
    marks: tuple[str, ...]
    """The names of the boxes around it that say that they stand beside the text."""

    @property
    def prose(self) -> bool:
        """Whether the line is running text: long enough, with the end of a sentence, and mostly not linked."""
        return self.letters > 0

    @property
    def is_link(self) -> bool:
        """Whether nearly all of the line is in links."""
        return self.linked > _LINKED * len(self.text)


def page_lines(frame: Element) -> Iterator[Line]:
    """Yield the lines below `frame` in document order. The walk keeps its own stack, so that any depth can be read."""
    holders = _line_holders(frame)
    # (element, its children still to come, the boxes beside the text around it)
    stack: list[tuple[Element, Iterator[Element], tuple[str, ...]]] = [(frame, iter(frame), ())]
    reading = _UnfinishedLine([frame.text or ""])
    while stack:
        element, children, marks = stack[-1]
        for child in children:
            tag = child.tag
            if tag in _LEAVES or not isinstance(tag, str):
                if tag in _ENDING_LINES and (line := reading.end(element, marks)):
                    yield line
                reading.parts.append(child.tail or "")
            elif tag in _BOXES or child in holders:
                if line := reading.end(element, marks):
                    yield line
                reading.enter(child)
                stack.append((child, iter(child), (*marks, name) if (name := _beside(child)) else marks))
                break
            else:
                reading.take(child)
        else:
            if line := reading.end(element, marks):
                yield line
            stack.pop()
            reading.leave(element)


def _line_holders(frame: Element) -> set[Element]:
    """The elements around one that begins a line."""
    holders: set[Element] = set()
    for element in frame.iter("br", *_BOXES):
        node = element.getparent()
        while node is not None and node not in holders:
            holders.add(node)
            node = node.getparent()
    return holders


@dataclass(slots=True)
class _UnfinishedLine:
    """The line that is being read."""

    parts: list[str]
    linked: int = 0
    """Characters of it that are in links within the line."""
    links: int = 0
    """Links around the whole line."""
    buttons: int = 0
    """Characters of it that are in links to nowhere, which open something on the page."""

    def enter(self, box: Element) -> None:
        """Begin with the text of a box that is entered."""
        self.parts.append(box.text or "")
        if box.tag == "a" and _leads_away(box):
            self.links += 1

    def leave(self, box: Element) -> None:
        """Go on with the text behind a box that ends."""
        self.parts.append(box.tail or "")
        if box.tag == "a" and _leads_away(box):
            self.links -= 1

    def take(self, element: Element) -> None:
        """Go on with an element within the line and the text behind it."""
        text = element.text_content()
        self.parts.append(text)
        if text:
            if element.tag == "a":
                self.count(element)
            elif len(element):
                for link in element.iter("a"):
                    self.count(link)
        self.parts.append(_CELL if element.tag in _CELLS else element.tail or "")

    def count(self, link: Element) -> None:
        """Count the text of a link within the line."""
        length = len(link.text_content().strip())
        href = (link.get("href") or "").strip()
        if _is_button(link, href):
            self.buttons += length
        elif not href.startswith("#") and href:
            self.linked += length

    def end(self, box: Element, marks: tuple[str, ...]) -> Line | None:
        """End the line, which stands in `box`, and begin the next. None where the line has no text."""
        raw = "".join(self.parts)
        self.parts.clear()
        text = "\t".join(filter(None, map(tidy, raw.split(_CELL)))) if _CELL in raw else tidy(raw)
        whole = self.links or self.buttons >= len(text)
        linked, self.linked, self.buttons = len(text) if whole else self.linked, 0, 0
        return Line(text, linked, box, prose_letters(text, linked), marks) if text else None


def letters_of(lines: Iterable[Line]) -> int:
    """How much prose there is in lines."""
    return sum(line.letters for line in lines)


def prose_letters(text: str, linked: int) -> int:
    """How much a line says if it is prose, else 0."""
    if 2 * linked >= len(text) or (letters := width(text)) < _LEAST_PROSE:
        return 0
    return letters if has_sentence(text) else 0


def has_sentence(text: str) -> bool:
    """Return whether a sentence ends in the text."""
    if _ENDS.search(text) is not None:
        return True
    return not text.isascii() and _ENDS_UNSPACED.search(text) is not None


def _leads_away(link: Element) -> bool:
    href = (link.get("href") or "#").strip()
    return not href.startswith("#") and not _is_button(link, href)


def _is_button(link: Element, href: str) -> bool:
    """Return whether a link opens something on the page, such as the rest of the text or what a word means."""
    return href[:11].lower() == "javascript:" or (href in ("", "#") and link.get("href") is not None)


def _beside(element: Element) -> str | None:
    """The name of an element that says that it stands beside the text. None where it says nothing of the kind."""
    if element.tag in _NEVER_BESIDE:
        return None
    identity = None if element.tag == "p" else element.get("id")  # a paragraph's id is an anchor
    for name in (element.get("class"), identity):
        if name and _names_beside(name):
            return str(name)
    return "(hidden)" if element.get("hidden") is not None or element.get("aria-hidden") == "true" else None


@lru_cache(maxsize=8192)  # a page's elements share a few dozen classes, a site's pages as well
def _names_beside(name: str) -> bool:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name)
    return _BESIDE.search(words) is not None or lies_over(words)


def lies_over(name: str) -> bool:
    """Return whether a class or id is that of a box which is laid over the page, or which the page's readers write."""
    return _OVER.search(name) is not None


def boxes_of(document: Document) -> dict[str, Element]:
    """Map each line of the page to the box that it stands in, by the line's text. The first counts where it comes again."""
    frame = document.tree.find("body")
    found: dict[str, Element] = {}
    for line in () if frame is None else page_lines(frame):
        found.setdefault(line.text, line.box)
    return found


def box_name(box: Element) -> str:
    """A name that boxes of one kind share on all pages of a site: the box, and what it stands in."""
    steps: list[str] = []
    element: Element | None = box
    while element is not None and len(steps) < _NAMED_STEPS and element.tag not in ("body", "html"):
        classes = sorted({_NUMBERS.sub("", name) for name in (element.get("class") or "").split()})
        steps.append(".".join([element.tag, *classes]))
        element = element.getparent()
    return " < ".join(steps)


def without_noise(lines: Iterator[Line], noise: Set[str]) -> list[Line]:
    """The lines without those in boxes whose `box_name` is in `noise`: boxes that are known to hold no text."""
    return [line for line in lines if box_name(line.box) not in noise] if noise else list(lines)
