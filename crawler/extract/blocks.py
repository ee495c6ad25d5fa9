"""The running text of a page whose text stands in one place: found by where its sentences are, without a model.

Most news pages keep their paragraphs in one container. On those a count of sentences finds it in a few milliseconds, and at
least as well as trafilatura does; `running_text` says None about all others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from crawler.extract.document import BLOCKS, Document, Element
from crawler.normalise.text import tidy, width

_BOXES = frozenset(BLOCKS) - {"br", "td", "th"}
_CELLS = frozenset(["td", "th"])
_CELL = "\x1f"  # no control character is left in a parsed page
_SKIPPED = frozenset(
    ["script", "style", "noscript", "form", "button", "select", "textarea", "figcaption", "aside", "nav", "footer", "dialog", "menu", "audio", "video", "iframe", "svg", "label", "input", "head", "title"]
)  # fmt: skip
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:related\w*|recommend\w*|more-?(?:on|from|stories|news|articles)|read-?(?:more|also|next)|also-?read|see-?also|baca-?juga|teasers?|promo\w*|newsletter\w*|signup|sign-?up|subscri\w*|abo-?box|"
    r"share\w*|sharing|social\w*|follow-?us|reactions?|(?:post-|entry-|article-)?tags|tag-?(?:list|cloud)|keywords|breadcrumbs?|author-?(?:bio|box|info|card|description|profile)|about-?author|bio|byline|"
    r"advert\w*|ads?|cta\w*|call-to-action\w*|pull-?quotes?|inline-?video|video-(?:title|info|footer|duration)|adbox|ad-?(?:slot|unit|container|wrapper)|banner|sponsor\w*|outbrain|taboola|widgets?|sidebar|side-?bar|popular|trending|most-?(?:read|viewed)|latest|"
    r"paywall|pay-?wall|login|toolbar|tooltip|print-?only|sr-only|visually-?hidden|screen-?reader\w*|offscreen|disclaimer|"
    r"captions?|credits?|copyright|timestamp|date-?line|posted-?on|meta|metadata|pagination|pager|navigation|nav|menu|rating|survey|poll|quiz|toc|table-?of-?contents|info-?box|fact-?box|expandable-?box|donat\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Class or id of what stands beside an article's text, unless much of the page's prose does."""
_OVER = re.compile(r"cookie|consent|gdpr|(?:^|[\s_-])(?:modal|pop-?up|overlay|lightbox|comments?|disqus)(?:$|[\s_-])|(?:^|\s)hidden(?:$|\s)(?!.*:(?:block|flex|grid|inline))", re.IGNORECASE)
"""Class or id of what is laid over the page or written by its readers."""
_SENTENCE = re.compile(r"[.!?…。！？؟।։။።]['\"”»’)\]」』]*(?:\s|$)|[。！？]")
_LEAST_PROSE = 40  # letters of an alphabet in a line that counts as prose
_ONE_PLACE = 0.75
"""Share of the page's prose that one element must hold."""
_FADING = 0.6
"""What a line counts for an element that is one step further out."""
_LEAST_TEXT = 600
_TOO_MUCH = 0.4
"""Share of the page's prose that stands beside no text."""
_INTRODUCTION = 0.15
"""Share of the page's prose that may stand between the headline and the place of the text."""
_NEVER_BESIDE = frozenset(["article", "main", "h1", "h2", "h3", "h4", "h5", "h6"])
_NO_PLACE = frozenset(["ul", "ol", "li", "dl", "dd", "table", "tbody", "tr", "td", "blockquote", "p", "h2", "h3", "h4", "span"])
"""Parts of a text: their parent is its place."""
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_ITEMS = frozenset(["li", "tr", "dd", "dt", "pre"])
_LONG = 60
_LINKED = 0.8
"""Share of a line in links that makes it a link to another page."""
_PLACEHOLDER = 4
"""How often a paragraph must come to be what stands in the place of something that cannot be shown."""
_SEVERAL = 3
"""Paragraphs beside a linked heading that make it one of a list in the text."""


@dataclass(slots=True)
class _Line:
    """One line of a page: its text, how much of it is linked, and the box it stands in."""

    text: str
    linked: int
    box: Element
    prose: bool
    marks: tuple[str, ...]
    """The names of the boxes around it that say that they stand beside the text."""


def running_text(document: Document, heading: Element | None = None) -> list[str] | None:
    """The lines of the page's article, or None where they do not stand in one place. `heading` shows the headline: nothing
    before it is text."""
    frame = document.tree.find("body")
    if frame is None:
        return None
    lines = list(_lines(frame))
    around = {mark for line in lines if heading is not None and _is_in(line.box, heading) for mark in line.marks}
    lines = _without_boxes(_behind(lines, heading), around)
    total = sum(width(line.text) for line in lines if line.prose)
    if total < _LEAST_TEXT:
        return None
    place = _place(lines, frame)
    within = [_is_in(line.box, place) for line in lines]
    found = sum(width(line.text) for line, inside in zip(lines, within, strict=True) if inside and line.prose)
    begin = within.index(True)
    before = [line for line in lines[:begin] if line.prose]
    if found < _ONE_PLACE * total or sum(width(line.text) for line in before) > _INTRODUCTION * total:
        return None
    return _readable([*before, *(line for line, inside in zip(lines, within, strict=True) if inside)])


def _behind(lines: list[_Line], heading: Element | None) -> list[_Line]:
    """The lines behind the headline, up to the next headline of the same rank: the next article's."""
    if heading is None:
        return lines
    own = [index for index, line in enumerate(lines) if _is_in(line.box, heading)]
    if not own:
        return lines
    lines = lines[own[-1] + 1 :]
    if heading.tag == "h1":
        begun = next((index for index, line in enumerate(lines) if line.prose), len(lines))
        other = (i for i, line in enumerate(lines) if i > begun and line.box.tag == "h1" and _is_others(line.box, heading))
        lines = lines[: next(other, len(lines))]
    return lines


def _is_others(head: Element, heading: Element) -> bool:
    """Whether `head` is in an `<article>` without `heading`."""
    article = next(head.iterancestors("article"), None)
    return article is not None and not _is_in(heading, article)


def _without_boxes(lines: list[_Line], around: set[str]) -> list[_Line]:
    """Without the lines in boxes that stand beside the text. Boxes of one name that hold much of the page's prose are named
    for what they hold as well ("with-sidebar", "paywall"): they stay, as do those `around` the headline."""
    weights: dict[str, int] = {}
    total = 0
    seen: set[str] = set()
    for line in lines:
        if line.prose and line.text not in seen:
            seen.add(line.text)  # a placeholder for a video comes again and again
            total += len(line.text)
            for mark in set(line.marks):
                weights[mark] = weights.get(mark, 0) + len(line.text)
    text = {mark for mark, weight in weights.items() if weight > _TOO_MUCH * total and not _OVER.search(mark)} | around
    return [line for line in lines if text.issuperset(line.marks)]


def _lines(frame: Element) -> Iterator[_Line]:
    """The lines of a page in document order. Depth is no matter: the walk keeps its own stack."""
    boxes = set()
    for element in frame.iter(*_BOXES):
        node = element.getparent()
        while node is not None and node not in boxes:
            boxes.add(node)
            node = node.getparent()
    # (element, its children still to come, the boxes beside the text around it)
    stack: list[tuple[Element, Iterator[Element], tuple[str, ...]]] = []
    run: list[str] = []
    linked = 0

    def flush(box: Element, marks: tuple[str, ...]) -> Iterator[_Line]:
        nonlocal linked
        raw = "".join(run)
        text = "\t".join(filter(None, map(tidy, raw.split(_CELL)))) if _CELL in raw else tidy(raw)
        run.clear()
        share, linked = linked, 0
        if text:
            prose = 2 * share < len(text) and width(text) >= _LEAST_PROSE and _SENTENCE.search(text)
            yield _Line(text, share, box, bool(prose), marks)

    stack.append((frame, iter(frame), ()))
    run.append(frame.text or "")
    while stack:
        element, children, marks = stack[-1]
        for child in children:
            tag = child.tag
            if tag in _SKIPPED or not isinstance(tag, str):
                if tag in _BOXES:
                    yield from flush(element, marks)
                run.append(child.tail or "")
            elif tag == "br":
                yield from flush(element, marks)
                run.append(child.tail or "")
            elif tag in _BOXES or child in boxes or child.find(".//br") is not None:
                yield from flush(element, marks)
                run.append(child.text or "")
                stack.append((child, iter(child), (*marks, name) if (name := _beside(child)) else marks))
                break
            else:
                text = child.text_content()
                run.append(text)
                if text:
                    if tag == "a":
                        linked += _linked(child)
                    elif len(child):
                        linked += sum(map(_linked, child.iter("a")))
                run.append(_CELL if tag in _CELLS else child.tail or "")
        else:
            yield from flush(element, marks)
            stack.pop()
            if stack:
                run.append(element.tail or "")


def _linked(link: Element) -> int:
    """Characters of a link that leads away."""
    return 0 if (link.get("href") or "#").startswith("#") else len(link.text_content().strip())


def _beside(element: Element) -> str | None:
    """The name of an element that says that it stands beside the text."""
    if element.tag in _NEVER_BESIDE:
        return None
    for name in (element.get("class"), element.get("id")):
        if name and _names_beside(name):
            return str(name)
    return "(hidden)" if element.get("hidden") is not None or element.get("aria-hidden") == "true" else None


@lru_cache(maxsize=8192)  # a page's elements share a few dozen classes, a site's pages as well
def _names_beside(name: str) -> bool:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name)
    return _BESIDE.search(words) is not None or _OVER.search(words) is not None


def _place(lines: list[_Line], frame: Element) -> Element:
    """The element that holds most prose closely around it."""
    scores: dict[Element, float] = {frame: 0.0}
    for line in lines:
        if not line.prose:
            continue
        weight: float = width(line.text)
        node = line.box.getparent() if line.box.tag in ("p", "li", "tr", "dd") and line.box is not frame else line.box
        while node is not None:
            scores[node] = scores.get(node, 0.0) + weight
            if node is frame:
                break
            weight *= _FADING
            node = node.getparent()
    place = max(scores, key=lambda node: scores[node])
    while place.tag in _NO_PLACE and place is not frame:
        place = place.getparent()
    return place


def _is_in(element: Element, place: Element) -> bool:
    node = element
    while node is not None:
        if node is place:
            return True
        node = node.getparent()
    return False


def _readable(lines: list[_Line]) -> list[str]:
    """The lines of the place that are text: no links alone, nothing short before the first paragraph or behind the last but
    lists and tables, no headings without text below."""
    several = Counter(line.box.getparent() for line in lines if line.prose)
    repeated = Counter(line.text for line in lines if line.prose and line.box.tag != "li")
    kept: list[_Line] = []
    for line in lines:
        linked = line.linked > _LINKED * len(line.text)
        if linked and not (line.box.tag in _HEADINGS and several[line.box.getparent()] >= _SEVERAL):
            continue
        if repeated[line.text] >= _PLACEHOLDER:
            continue
        kept.append(line)
    first = next((index for index, line in enumerate(kept) if line.prose), 0)
    kept = [line for index, line in enumerate(kept) if index >= first or len(line.text) >= _LONG]
    last = next((line.box.getparent() for line in reversed(kept) if line.prose), None)
    while kept and not (kept[-1].prose or kept[-1].box.tag in _ITEMS or _continues(kept[-1], last)):
        kept.pop()
    return [line.text for index, line in enumerate(kept) if not _is_empty(line, kept[index + 1 : index + 2])]


def _is_empty(line: _Line, behind: list[_Line]) -> bool:
    """Whether a heading has the next one of its rank right below."""
    if line.prose or line.box.tag not in _HEADINGS or not behind:
        return False
    return behind[0].box.tag in _HEADINGS and not behind[0].box.tag > line.box.tag


def _continues(line: _Line, parent: Element | None) -> bool:
    """Whether a short line stands in a paragraph beside the last long one."""
    ends = not line.linked or _SENTENCE.search(line.text) is not None
    return line.box.tag == "p" and ends and line.box.getparent() is parent
