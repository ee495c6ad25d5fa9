"""The lines of a page without what is no text: headlines of others, copies, boxes beside the text, links, related articles."""

from __future__ import annotations

import re
from collections import Counter

from crawler.extract.markup.document import Element
from crawler.extract.markup.lines import Line, has_sentence, letters_of, lies_over

_OTHERS = re.compile(
    r"\W*(?:related(?: (?:articles?|stories|content|news|posts|topics|links|coverage|reading))?|you (?:may|might) (?:also )?(?:like|be interested in).*|more (?:from|on|stories|news|like this)\b.*|read (?:more|also|next)|see also|also read|recommended(?: (?:for you|articles|reading))?|most (?:read|popular|viewed)|"
    r"latest (?:news|articles|stories|posts)|trending(?: now)?|don['’]t miss|about the authors?|mehr zum thema|mehr (?:aus|von|zu)\b.*|lesen sie auch|auch interessant|weitere (?:artikel|meldungen|videos|themen)|zum thema|(?:das )?könnte (?:sie|dich) auch interessieren|à lire aussi|lire aussi|sur le même sujet|articles? (?:liés|similaires)|"
    r"lea también|le puede interesar|te puede interesar|noticias? relacionadas?|más sobre\b.*|leia (?:também|mais)|notícias relacionadas|leggi anche|articoli correlati|potrebbe interessarti.*|lees ook|lees meer|meer (?:over|nieuws)\b.*|läs (?:också|mer|även)|les også|læs også|lue myös|czytaj (?:też|także|więcej)|přečtěte si.*|související(?: články)?|"
    r"читайте также|по теме|похожие (?:материалы|новости)|читайте також|за темою|baca juga|berita terkait|artikel terkait|tin liên quan|tin cùng chuyên mục|có thể bạn quan tâm|xem thêm|đọc thêm|ilgili haberler|اقرأ أيضا|اقرأ أيضاً|مواضيع ذات صلة|مطالب مرتبط|اخبار مرتبط|相关(?:阅读|新闻|文章|链接)|相關(?:新聞|文章)|延伸閱讀|推荐阅读|関連(?:記事|ニュース|リンク)|あわせて読みたい|관련\s?(?:기사|뉴스)|ข่าวที่เกี่ยวข้อง)\W*",
    re.IGNORECASE,
)
"""Headings over links to other articles."""
_NOTICE = re.compile(
    r"\W*(?:(?:legal |copyright )?(?:disclaimer|notice)s?|haftungsausschluss|avertissement légal|clause de non-responsabilité|aviso legal|descargo de responsabilidad|isenção de responsabilidade|avviso legale|"
    r"отказ от ответственности|правовая информация|yasal uyarı|sorumluluk reddi|(?:特别|特別|免责|免責|郑重|鄭重|版权|版權)声?聲?明|免责条款|免責事項|إخلاء مسؤولية|سلب مسئولیت|면책\s?(?:조항|공고))\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)
"""What a platform says of itself under what others write on it: a paragraph that begins with such a word and a colon."""
_TOO_MUCH = 0.4
"""Share of the page's prose that stands beside no text."""
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_ITEMS = frozenset(["li", "tr", "dd", "dt", "pre"])
_LONG = 60
_NEARLY_ALL = 0.7
_BEGINNING = 40
_PLACEHOLDER = 4
"""How often a paragraph must come to be what stands in the place of something that cannot be shown."""
_TWICE = 5
"""Paragraphs that come twice if a text is there once for each width of screen."""
_MOSTLY = 0.8
_FULL_STOP = re.compile(r"[.。।։።။](?:['\"”»’)\]」』]*)$")
_LISTS = frozenset(["ul", "ol", "dl", "table"])
_NESTED = 6
"""Steps from a line out to the list or table that it is in."""
_ANNOUNCEMENT = 30
"""Characters of a paragraph that announces a list; labels such as "Related:" are shorter."""
_TWO = 2
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
    everywhere = letters_of(lines)
    everything, lines = lines, lines[own[-1] + 1 :]
    if heading.tag == "h1":
        return _up_to_another_article(lines, heading)
    if 2 * letters_of(lines) < everywhere:
        return everything  # a headline stands before its text: this one is repeated behind it, or another article's
    return lines


def _up_to_another_article(lines: list[Line], heading: Element) -> list[Line]:
    """The lines before the next `<h1>` that stands behind some prose, and in an article of its own."""
    begun = next((index for index, line in enumerate(lines) if line.prose), len(lines))
    for index, line in enumerate(lines):
        if index > begun and line.box.tag == "h1" and _is_others(line.box, heading):
            return lines[:index]
    return lines


def _is_others(head: Element, heading: Element) -> bool:
    """Return whether `head` is in an `<article>` without `heading`."""
    article = next(head.iterancestors("article"), None)
    return article is not None and article not in heading.iterancestors()


def without_notices(lines: list[Line]) -> list[Line]:
    """The lines without a legal notice that stands in a box of its own behind the text, and what follows it there."""
    kept: list[Line] = []
    notices: set[Element] = set()
    holders: set[Element] = set()
    for line in lines:
        holder = line.box.getparent()
        if holders and holder not in holders and _NOTICE.fullmatch(line.text):
            notices.add(holder)
        if holder in notices:
            continue
        if line.prose:
            holders.add(holder)
        kept.append(line)
    return kept


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
    """The lines without links to other pages.

    A linked line stays where it is part of the text: a heading beside several `paragraphs`, a sentence between
    paragraphs, or a row or an item of a table or list that belongs to the text.
    """
    listed = _lists_of_text(lines)
    return [
        line
        for line in lines
        if not line.is_link
        or (line.box.tag in _HEADINGS and paragraphs[line.box.getparent()] >= _SEVERAL)
        or (line.box.tag == "p" and _says(line) and paragraphs[line.box.getparent()] >= _TWO)
        or _list_around(line) in listed
    ]


def _says(line: Line) -> bool:
    """Return whether a linked line is a sentence or several. Headlines, which links to other articles show, have no full stop."""
    least = _LONG if line.text.isascii() else _LONG // 2
    whole = len(line.text) >= least and _FULL_STOP.search(line.text) is not None
    return whole and sum(1 for _ in line.box.iter("a")) <= 1


def _list_around(line: Line) -> Element | None:
    """The table or list that a line is a part of. None where it is part of neither."""
    box = line.box
    for _ in range(_NESTED):
        if box is None or box.tag in _LISTS:
            return box
        box = box.getparent()
    return None


def _lists_of_text(lines: list[Line]) -> set[Element | None]:
    """The lists and tables that are text although lines of them are links.

    That is: a table with a row that is no link, a list of whole sentences, and what a paragraph that ends in a colon
    announces. A list with pictures is one of teasers.
    """
    if not any(line.is_link for line in lines):
        return set()
    members: dict[Element, list[Line]] = {}
    announced: dict[Element, Line | None] = {}
    before: Line | None = None
    for line in lines:
        if (around := _list_around(line)) is not None:
            members.setdefault(around, []).append(line)
            announced.setdefault(around, before)
        before = line
    return {
        around
        for around, rows in members.items()
        if any(line.is_link for line in rows)
        and next(around.iter("img"), None) is None
        and (_is_of_text(around, rows) or _announces(announced[around], around))
    }


def _is_of_text(around: Element, rows: list[Line]) -> bool:
    """Return whether the rows of a table or the items of a list tell themselves that they are text.

    Rows of several cells, of which one at least is no link, are a table of data. Tables that lay out a page have others.
    """
    if around.tag == "table":
        return all("\t" in row.text and row.box.tag == "tr" for row in rows) and not all(row.is_link for row in rows)
    return all(map(_says, rows))


def _announces(line: Line | None, around: Element) -> bool:
    """Return whether a line is a paragraph that ends in a colon right before what it announces."""
    if line is None or line.is_link or not line.text.endswith((":", "：")) or len(line.text) < _ANNOUNCEMENT:
        return False
    return line.box.tag == "p" and line.box.getparent() is around.getparent()


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
    """The lines without the short ones before the first paragraph, but for those that stand beside it.

    Headings right above it stay as well if the text goes on with headings of their rank.
    """
    first = next((index for index, line in enumerate(lines) if line.prose), 0)
    place = lines[first].box.getparent() if lines else None
    ranks = {line.box.tag for line in lines[first:] if line.box.tag in _HEADINGS}
    heads = first
    while heads and lines[heads - 1].box.tag in ranks:
        heads -= 1
    return [line for i, line in enumerate(lines) if i >= heads or len(line.text) >= _LONG or _begins(line, place)]


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
