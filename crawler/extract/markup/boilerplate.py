"""The lines of a page without what is no text: headlines of others, copies, boxes beside the text, links, related articles."""

from __future__ import annotations

import re
from collections import Counter

from crawler.extract.markup.document import Element
from crawler.extract.markup.lines import Line, has_sentence, lies_over

_OTHERS = re.compile(
    r"\W*(?:related(?: (?:articles?|stories|content|news|posts|topics|links|coverage|reading))?|you (?:may|might) (?:also )?(?:like|be interested in).*|more (?:from|on|stories|news|like this)\b.*|read (?:more|also|next)|see also|also read|recommended(?: (?:for you|articles|reading))?|most (?:read|popular|viewed)|"
    r"latest (?:news|articles|stories|posts)|trending(?: now)?|don['’]t miss|about the authors?|mehr zum thema|mehr (?:aus|von|zu)\b.*|lesen sie auch|auch interessant|weitere (?:artikel|meldungen|videos|themen)|zum thema|(?:das )?könnte (?:sie|dich) auch interessieren|à lire aussi|lire aussi|sur le même sujet|articles? (?:liés|similaires)|"
    r"lea también|le puede interesar|te puede interesar|noticias? relacionadas?|más sobre\b.*|leia (?:também|mais)|notícias relacionadas|leggi anche|articoli correlati|potrebbe interessarti.*|lees ook|lees meer|meer (?:over|nieuws)\b.*|läs (?:också|mer|även)|les også|læs også|lue myös|czytaj (?:też|także|więcej)|přečtěte si.*|související(?: články)?|"
    r"читайте также|по теме|похожие (?:материалы|новости)|читайте також|за темою|baca juga|berita terkait|artikel terkait|tin liên quan|tin cùng chuyên mục|có thể bạn quan tâm|xem thêm|đọc thêm|ilgili haberler|اقرأ أيضا|اقرأ أيضاً|مواضيع ذات صلة|مطالب مرتبط|اخبار مرتبط|相关(?:阅读|新闻|文章|链接)|相關(?:新聞|文章)|延伸閱讀|推荐阅读|関連(?:記事|ニュース|リンク)|あわせて読みたい|관련\s?(?:기사|뉴스)|ข่าวที่เกี่ยวข้อง)\W*",
    re.IGNORECASE,
)
"""Headings over links to other articles."""
_TOO_MUCH = 0.4
"""Share of the page's prose that stands beside no text."""
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


# --- of the page


def behind_heading(lines: list[Line], heading: Element | None, shown: set[Element]) -> list[Line]:
    """The lines behind the headline, up to the next headline of the same rank, which is the next article's.

    `shown` are the elements of the heading. All lines stay where no line is the heading's.
    """
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


def _is_others(head: Element, heading: Element) -> bool:
    """Return whether `head` is in an `<article>` without `heading`."""
    article = next(head.iterancestors("article"), None)
    return article is not None and article not in heading.iterancestors()


def without_copies(lines: list[Line]) -> list[Line]:
    """The lines without the long ones that hold a paragraph and those behind it once more. They are copies for
    machines."""
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


def without_boxes(lines: list[Line], around: set[str]) -> list[Line]:
    """The lines without those in boxes that stand beside the text.

    Boxes of one name that hold much of the page's prose are named for what they hold as well ("with-sidebar",
    "paywall"). They stay, as do those `around` the headline.
    """
    weights: dict[str, int] = {}
    total = 0
    seen: set[str] = set()
    for line in lines:
        if line.prose and line.text not in seen:
            seen.add(line.text)  # a placeholder for a video comes again and again
            total += len(line.text)
            for mark in set(line.marks):
                weights[mark] = weights.get(mark, 0) + len(line.text)
    text = {mark for mark, weight in weights.items() if weight > _TOO_MUCH * total and not lies_over(mark)} | around
    return [line for line in lines if text.issuperset(line.marks)]


# --- of the place that holds the text


def readable(lines: list[Line]) -> list[str]:
    """The lines of the place that are text.

    Links alone go, and what is short before the first paragraph or behind the last, except for lists and tables, and
    headings without text below.
    """
    paragraphs = Counter(line.box.getparent() for line in lines if line.prose)
    lines = _without_links(_before_others(lines), paragraphs)
    lines = _without_short_end(_without_short_beginning(_without_repetitions(lines)))
    return [line.text for index, line in enumerate(lines) if not _is_empty(line, lines[index + 1 : index + 2])]


def _without_links(lines: list[Line], paragraphs: Counter[Element]) -> list[Line]:
    """The lines without links to other pages. A heading beside several `paragraphs` stays: it is one of a list in the text."""
    return [
        line
        for line in lines
        if line.linked <= _LINKED * len(line.text)
        or (line.box.tag in _HEADINGS and paragraphs[line.box.getparent()] >= _SEVERAL)
    ]


def _without_repetitions(lines: list[Line]) -> list[Line]:
    """The lines without paragraphs that come again and again, and each only once if most of the text is there twice."""
    times = Counter(line.text for line in lines if line.prose and line.box.tag != "li")
    again = sum(1 for count in times.values() if count == 2)
    twice = again >= _TWICE and again >= _MOSTLY * len(times)
    kept: list[Line] = []
    seen: set[str] = set()
    for line in lines:
        if times[line.text] >= _PLACEHOLDER or (twice and line.text in seen and times[line.text]):
            continue
        seen.add(line.text)
        kept.append(line)
    return kept


def _without_short_beginning(lines: list[Line]) -> list[Line]:
    """The lines without the short ones before the first paragraph, but for those that stand beside it."""
    first = next((index for index, line in enumerate(lines) if line.prose), 0)
    place = lines[first].box.getparent() if lines else None
    return [line for i, line in enumerate(lines) if i >= first or len(line.text) >= _LONG or _begins(line, place)]


def _without_short_end(lines: list[Line]) -> list[Line]:
    """The lines without the short ones behind the last paragraph, but for lists, tables, and what stands beside it."""
    place = next((line.box.getparent() for line in reversed(lines) if line.prose), None)
    end = len(lines)
    while end and not (lines[end - 1].prose or lines[end - 1].box.tag in _ITEMS or _continues(lines[end - 1], place)):
        end -= 1
    return lines[:end]


def _before_others(lines: list[Line]) -> list[Line]:
    """The lines without "Related articles" and the like.

    What is behind such a heading goes as well, if it is little and stands in elements of another kind than the text.
    """
    total = sum(len(line.text) for line in lines if line.prose)
    kept: list[Line] = []
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


def _kind(line: Line) -> tuple[str, str | None]:
    """The kind of element that a line stands in."""
    parent = line.box.getparent()
    return parent.tag, parent.get("class")


def _is_empty(line: Line, behind: list[Line]) -> bool:
    """Return whether a heading has the next one of its rank right below."""
    if line.prose or line.box.tag not in _HEADINGS or not behind:
        return False
    return behind[0].box.tag in _HEADINGS and not behind[0].box.tag > line.box.tag


def _begins(line: Line, parent: Element | None) -> bool:
    """Return whether a short line stands in a paragraph, a heading or a list beside the first long one."""
    box = line.box
    if box.tag == "li":
        box = box.getparent()
    return (box.tag in ("p", "ul", "ol") or box.tag in _HEADINGS) and box.getparent() is parent and parent.tag == "div"


def _continues(line: Line, parent: Element | None) -> bool:
    """Return whether a short line stands in a paragraph beside the last long one."""
    ends = not line.linked or has_sentence(line.text)
    return line.box.tag == "p" and ends and line.box.getparent() is parent
