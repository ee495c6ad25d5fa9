"""The running text of a page whose text stands in one place: found by where its sentences are, without a model.

Most news pages keep their paragraphs in one container. On those a count of sentences finds it in a few milliseconds, and at
least as well as trafilatura does; `running_text` says None about all others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set
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
_OTHERS = re.compile(
    r"\W*(?:related(?: (?:articles?|stories|content|news|posts|topics|links|coverage|reading))?|you (?:may|might) (?:also )?(?:like|be interested in).*|more (?:from|on|stories|news|like this)\b.*|read (?:more|also|next)|see also|also read|recommended(?: (?:for you|articles|reading))?|most (?:read|popular|viewed)|"
    r"latest (?:news|articles|stories|posts)|trending(?: now)?|don['’]t miss|about the authors?|mehr zum thema|mehr (?:aus|von|zu)\b.*|lesen sie auch|auch interessant|weitere (?:artikel|meldungen|videos|themen)|zum thema|(?:das )?könnte (?:sie|dich) auch interessieren|à lire aussi|lire aussi|sur le même sujet|articles? (?:liés|similaires)|"
    r"lea también|le puede interesar|te puede interesar|noticias? relacionadas?|más sobre\b.*|leia (?:também|mais)|notícias relacionadas|leggi anche|articoli correlati|potrebbe interessarti.*|lees ook|lees meer|meer (?:over|nieuws)\b.*|läs (?:också|mer|även)|les også|læs også|lue myös|czytaj (?:też|także|więcej)|přečtěte si.*|související(?: články)?|"
    r"читайте также|по теме|похожие (?:материалы|новости)|читайте також|за темою|baca juga|berita terkait|artikel terkait|tin liên quan|tin cùng chuyên mục|có thể bạn quan tâm|xem thêm|đọc thêm|ilgili haberler|اقرأ أيضا|اقرأ أيضاً|مواضيع ذات صلة|مطالب مرتبط|اخبار مرتبط|相关(?:阅读|新闻|文章|链接)|相關(?:新聞|文章)|延伸閱讀|推荐阅读|関連(?:記事|ニュース|リンク)|あわせて読みたい|관련\s?(?:기사|뉴스)|ข่าวที่เกี่ยวข้อง)\W*",
    re.IGNORECASE,
)
"""Headings over links to other articles."""
_LEAST_PROSE = 40  # letters of an alphabet in a line that counts as prose
_ONE_PLACE = 0.65
"""Share of the page's prose that one element must hold."""
_MOST_LINES = 20_000
_NAMED_STEPS = 3
_NUMBERS = re.compile(r"\d+")
"""In names they tell one article or column from another."""
_STEPS = 14
"""How far out from a line its place is looked for."""
_FADING = 0.6
"""What a line counts for an element that is one step further out."""
_LEAST_TEXT, _LEAST_BELOW = 600, 60
"""Letters of prose from which on a page has a text; below a headline that is shown, a sentence is one."""
_TOO_MUCH = 0.4
"""Share of the page's prose that stands beside no text."""
_INTRODUCTION = 0.15
"""Share of the page's prose that may stand between the headline and the place of the text."""
_NEVER_BESIDE = frozenset(["article", "main", "h1", "h2", "h3", "h4", "h5", "h6"])
_NO_PLACE = frozenset(
    ["ul", "ol", "li", "dl", "dd", "table", "tbody", "tr", "td", "blockquote", "p", "h2", "h3", "h4", "span"]
)
"""Parts of a text: their parent is its place."""
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_ITEMS = frozenset(["li", "tr", "dd", "dt", "pre"])
_LONG = 60
_NEARLY_ALL = 0.7
_BEGINNING = 40
_LINKED = 0.8
"""Share of a line in links that makes it a link to another page."""
_PLACEHOLDER = 4
"""How often a paragraph must come to be what stands in the place of something that cannot be shown."""
_TWICE = 5
"""Paragraphs that come twice if a text is there once for each width of screen."""
_MOSTLY = 0.8
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


@dataclass(frozen=True, slots=True)
class RunningText:
    """The lines of an article, and the element that holds them (all or nearly all)."""

    lines: list[str]
    place: Element


def running_text(
    document: Document, heading: Element | None = None, noise: Set[str] = frozenset()
) -> RunningText | None:
    """The page's article, or None where it does not stand in one place. `heading` shows the headline: nothing before it is
    text. `noise`: names of boxes that are known to hold none."""
    frame = document.tree.find("body")
    if frame is None:
        return None
    lines = _heard(_lines(frame), noise)
    if len(lines) > _MOST_LINES:
        return None
    shown = set() if heading is None else set(heading.iter())
    around = {mark for line in lines if line.box in shown for mark in line.marks}
    everything = sum(width(line.text) for line in lines if line.prose)
    lines = _without_copies(_without_boxes(_behind(lines, heading, shown), around))
    total = sum(width(line.text) for line in lines if line.prose)
    if total < _LEAST_TEXT and (heading is None or total < _LEAST_BELOW or 2 * total < everything):
        return None
    place = _widened(_place(lines, frame), lines, total)
    boxes = set(place.iter())
    within = [line.box in boxes for line in lines]
    found = sum(width(line.text) for line, inside in zip(lines, within, strict=True) if inside and line.prose)
    begin = within.index(True)
    before = [line for line in lines[:begin] if line.prose]
    if found < _ONE_PLACE * total or sum(width(line.text) for line in before) > _INTRODUCTION * total:
        return None
    text = _readable([*before, *(line for line, inside in zip(lines, within, strict=True) if inside)])
    return RunningText(text, place) if text else None


def text_within(place: Element, heading: Element | None = None, noise: Set[str] = frozenset()) -> list[str]:
    """The lines of an article that is known to stand in `place`."""
    shown = set() if heading is None else set(heading.iter())
    return _readable(_without_copies(_without_boxes(_behind(_heard(_lines(place), noise), heading, shown), set())))


def boxes_of(document: Document) -> dict[str, Element]:
    """The box in which each line of the page stands, by the line's text; of one that comes several times the first."""
    frame = document.tree.find("body")
    found: dict[str, Element] = {}
    for line in () if frame is None else _lines(frame):
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


def _heard(lines: Iterator[_Line], noise: Set[str]) -> list[_Line]:
    return [line for line in lines if box_name(line.box) not in noise] if noise else list(lines)


def prose(document: Document) -> list[str]:
    """Every line of a page that is prose and not beside a text. For pages too large to be read more closely."""
    frame = document.tree.find("body")
    lines = [] if frame is None else _without_boxes(list(_lines(frame)), set())
    return [line.text for line in lines if line.prose][:_MOST_LINES]


def _behind(lines: list[_Line], heading: Element | None, shown: set[Element]) -> list[_Line]:
    """The lines behind the headline, up to the next headline of the same rank: the next article's."""
    if heading is None:
        return lines
    own = [index for index, line in enumerate(lines) if line.box in shown]
    if not own:
        return lines
    lines = lines[own[-1] + 1 :]
    if heading.tag == "h1":
        begun = next((index for index, line in enumerate(lines) if line.prose), len(lines))
        other = (
            i for i, line in enumerate(lines) if i > begun and line.box.tag == "h1" and _is_others(line.box, heading)
        )
        lines = lines[: next(other, len(lines))]
    return lines


def _without_copies(lines: list[_Line]) -> list[_Line]:
    """Without the long lines that hold a paragraph and those behind it once more: copies of the text for machines."""
    begun: set[str] = set()
    kept = []
    for line in lines:
        start = line.text[:_BEGINNING]
        if line.prose and len(line.text) > 10 * _BEGINNING and start in begun:
            continue
        if line.prose:
            begun.add(start)
        kept.append(line)
    return kept


def _is_others(head: Element, heading: Element) -> bool:
    """Whether `head` is in an `<article>` without `heading`."""
    article = next(head.iterancestors("article"), None)
    return article is not None and article not in heading.iterancestors()


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
    boxes = set()  # elements around one that begins a line
    for element in frame.iter("br", *_BOXES):
        node = element.getparent()
        while node is not None and node not in boxes:
            boxes.add(node)
            node = node.getparent()
    # (element, its children still to come, the boxes beside the text around it)
    stack: list[tuple[Element, Iterator[Element], tuple[str, ...]]] = []
    links = 0  # links around the element
    run: list[str] = []
    linked = 0

    def flush(box: Element, marks: tuple[str, ...]) -> Iterator[_Line]:
        nonlocal linked
        raw = "".join(run)
        text = "\t".join(filter(None, map(tidy, raw.split(_CELL)))) if _CELL in raw else tidy(raw)
        run.clear()
        share, linked = len(text) if links else linked, 0
        if text:
            prose = 2 * share < len(text) and width(text) >= _LEAST_PROSE and _has_sentence(text)
            yield _Line(text, share, box, prose, marks)

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
            elif tag in _BOXES or child in boxes:
                yield from flush(element, marks)
                run.append(child.text or "")
                links += tag == "a" and _leads_away(child)
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
            links -= element.tag == "a" and _leads_away(element)
            if stack:
                run.append(element.tail or "")


def _has_sentence(text: str) -> bool:
    """Whether a sentence ends in the text."""
    if _ENDS.search(text) is not None:
        return True
    return not text.isascii() and _ENDS_UNSPACED.search(text) is not None


def _linked(link: Element) -> int:
    """Characters of a link that leads away."""
    return len(link.text_content().strip()) if _leads_away(link) else 0


def _leads_away(link: Element) -> bool:
    return not (link.get("href") or "#").startswith("#")


def _beside(element: Element) -> str | None:
    """The name of an element that says that it stands beside the text."""
    if element.tag in _NEVER_BESIDE:
        return None
    for name in (
        element.get("class"),
        None if element.tag == "p" else element.get("id"),
    ):  # a paragraph's id is an anchor
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
        node = line.box.getparent() if line.box.tag in ("p", "li", "tr", "dd") else line.box
        for _ in range(_STEPS):
            scores[node] = scores.get(node, 0.0) + weight
            if node is frame:
                break
            weight *= _FADING
            node = node.getparent()
    place = max(scores, key=lambda node: scores[node])
    while place.tag in _NO_PLACE and place is not frame:
        place = place.getparent()
    return place


def _widened(place: Element, lines: list[_Line], total: int) -> Element:
    """The place itself, or, where it holds too little, what holds its siblings of the same kind as well: a text that
    advertisements or pictures cut into several containers. No further than the article."""
    kind = (place.tag, place.get("class"))
    node = place
    for _ in range(_STEPS):
        parent = node.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        boxes = set(node.iter())
        if sum(width(line.text) for line in lines if line.prose and line.box in boxes) >= _ONE_PLACE * total:
            return node
        alike = sum(1 for e in parent.iter(kind[0]) if e.get("class") == kind[1]) > 1
        if not alike and node.tag in ("article", "main"):
            break
        node = parent
    return place


def _readable(lines: list[_Line]) -> list[str]:
    """The lines of the place that are text: no links alone, nothing short before the first paragraph or behind the last but
    lists and tables, no headings without text below."""
    several = Counter(line.box.getparent() for line in lines if line.prose)
    lines = _before_others(lines)
    repeated = Counter(line.text for line in lines if line.prose and line.box.tag != "li")
    again = sum(1 for count in repeated.values() if count == 2)
    twice = again >= _TWICE and again >= _MOSTLY * len(repeated)
    kept: list[_Line] = []
    seen: set[str] = set()
    for line in lines:
        linked = line.linked > _LINKED * len(line.text)
        if linked and not (line.box.tag in _HEADINGS and several[line.box.getparent()] >= _SEVERAL):
            continue
        if repeated[line.text] >= _PLACEHOLDER or (twice and line.text in seen and repeated[line.text]):
            continue
        seen.add(line.text)
        kept.append(line)
    first = next((index for index, line in enumerate(kept) if line.prose), 0)
    place = kept[first].box.getparent() if kept else None
    kept = [line for i, line in enumerate(kept) if i >= first or len(line.text) >= _LONG or _begins(line, place)]
    last = next((line.box.getparent() for line in reversed(kept) if line.prose), None)
    while kept and not (kept[-1].prose or kept[-1].box.tag in _ITEMS or _continues(kept[-1], last)):
        kept.pop()
    return [line.text for index, line in enumerate(kept) if not _is_empty(line, kept[index + 1 : index + 2])]


def _before_others(lines: list[_Line]) -> list[_Line]:
    """The lines without "Related articles" and the like; without what is behind, if that is little and stands in elements
    of another kind than the text."""
    total = sum(len(line.text) for line in lines if line.prose)
    kept: list[_Line] = []
    kinds: set[tuple[str, str | None]] = set()
    read = 0
    for index, line in enumerate(lines):
        if line.prose:
            kinds.add(_kind(line))
            read += len(line.text)
        elif len(line.text) < _LONG and _OTHERS.fullmatch(line.text):
            goes_on = any(later.prose and _kind(later) in kinds for later in lines[index:])
            if not goes_on and read > _NEARLY_ALL * total:
                return kept
            continue
        kept.append(line)
    return kept


def _kind(line: _Line) -> tuple[str, str | None]:
    """The kind of element that a line stands in."""
    parent = line.box.getparent()
    return parent.tag, parent.get("class")


def _is_empty(line: _Line, behind: list[_Line]) -> bool:
    """Whether a heading has the next one of its rank right below."""
    if line.prose or line.box.tag not in _HEADINGS or not behind:
        return False
    return behind[0].box.tag in _HEADINGS and not behind[0].box.tag > line.box.tag


def _begins(line: _Line, parent: Element | None) -> bool:
    """Whether a short line stands in a paragraph, a heading or a list beside the first long one."""
    box = line.box
    if box.tag == "li":
        box = box.getparent()
    return (box.tag in ("p", "ul", "ol") or box.tag in _HEADINGS) and box.getparent() is parent and parent.tag == "div"


def _continues(line: _Line, parent: Element | None) -> bool:
    """Whether a short line stands in a paragraph beside the last long one."""
    ends = not line.linked or _has_sentence(line.text)
    return line.box.tag == "p" and ends and line.box.getparent() is parent
