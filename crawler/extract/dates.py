"""Where a page prints when it was published and modified: strings with their source, the most trustworthy first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawler.extract.markup.document import Document, Element, following, preceding, select, shown
from crawler.extract.markup.jsonld import as_list, text_of
from crawler.extract.markup.lines import lies_over
from crawler.extract.printed_segments import segments
from crawler.normalise.date_order import NUMBERS
from crawler.normalise.date_words import MODIFIED_WORDS, PUBLISHED_WORDS
from crawler.normalise.dates import plain
from crawler.normalise.text import tidy

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "date_published", "publish-date", "publishdate",
    "publish_date", "pubdate", "publication_date", "published_time", "published-date", "og:published_time", "og:pubdate", "parsely-pub-date", "sailthru.date", "dcterms.created", "dc.date.issued",
    "dcterms.issued", "dc.date.created", "dc.date", "dcterms.date", "cxenseparse:recs:publishtime", "citation_publication_date", "citation_date", "article_date_original", "originalpublicationdate", "weibo:article:create_at",
    "rbpubdate", "release_date", "displaydate", "iso-8601-publish-date", "lastpublished", "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "date_modified", "last-modified", "lastmod", "dcterms.modified",
    "dc.date.modified", "weibo:article:update_at", "article:updated_time", "revised", "updated_time",
)  # fmt: skip
_PUBLISHED_CLASS = re.compile(r"publi[sc]|posted|pub-?date|entry-date|created|dateline", re.IGNORECASE)
_MODIFIED_CLASS = re.compile(r"modif|updat|revis|aktualis|actualiz", re.IGNORECASE)
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|time|timestamp|published?|pubdate|datetime|ngay|tanggal|waktu|fecha|datum|posted-on|dateline|updated|modified)(?:$|[\s_-])",
    re.IGNORECASE,
)
_PATH_DATE = re.compile(
    r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|\d{0,12}(?:\.|/|$|-))"
)
# One pass over the elements (`//a | //b` would be two, and a sort), with the test that most fail first.
_DATED = etree.XPath(
    "descendant::*[self::time or @itemprop][(self::time and @datetime) or ((@itemprop='datePublished' or @itemprop='dateModified')"
    " and (@datetime or @content or self::time or self::span))]"
)
_DIGIT = re.compile(r"\d|[〇零一二三四五六七八九]月")
_LABEL = re.compile(
    r"\s*(?:(?:date|published|posted|publication date|release date|datum|veröffentlicht|erschienen|stand|date de publication|publié le|fecha|publicado|data|pubblicato|geplaatst|gepubliceerd|publicerad|publisert|"
    r"опубликовано|дата(?: публикации)?|опубліковано|tanggal|diterbitkan|ngày(?: đăng| đưa tin)?|yayın(?:lanma)? tarihi|tarih|تاريخ(?: النشر)?|تاریخ(?: انتشار)?|发布时间|发布日期|發布時間|發布日期|日期|时间|時間|公開日|掲載日|등록일|게시일|작성일|입력|วันที่)"
    r"|(?P<modified>updated|last updated|modified|aktualisiert|mis à jour|actualizado|atualizado|aggiornato|обновлено|diperbarui|cập nhật|güncelleme|更新时间|更新時間|更新日|최종수정|수정))\s*[:：]?\s*",
    re.IGNORECASE,
)
_UNIX_TIME = re.compile(r"1\d{9}(?:\d{3})?")
_ISO_TIME = re.compile(
    r"(?:19|20)\d{2}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})(?:\[[\w/+-]+\])?"
)
"""A time to the minute with its zone: as the whole value of an attribute it is a time, whatever the attribute's name."""
_READERS = re.compile(
    r"(?:^|[\s_-])(?:discussion|replies|respond|user-?posts?|reader-?(?:posts?|letters?))(?:$|[\s_-])", re.I
)
"""Class or id of what the page's readers wrote, beside those that `lies_over` knows."""
_PROSE, _PARAGRAPHS = 80, 2
"""Characters of a paragraph of prose; such paragraphs between the headline and a `<time>` that stands behind the text."""
_TIME_NAME = re.compile(r"time|date|stamp|epoch|unix|publi", re.IGNORECASE)
_DATED_TAGS = ("time", "span", "div", "p", "small", "li", "td", "em", "i", "font", "h6", "h5", "b")
_PLAIN_TIME = 0.6
"""Trust in a `<time>` that does not say which time it is."""
_ZONE_LIKE = re.compile(r"[A-ZА-Я]{2,5}\b|[+-]\d{1,2}|\w{3,}")
_BEHIND, _BEFORE, _MOST = 60, 20, 6
"""Elements behind and before the headline that are near it; dates of one kind that are looked at."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A date as found on a page, and how far it is trusted, from 0 to 1. `modified` tells a date of the last edit
    from one of publication."""

    raw: str
    source: str
    confidence: float
    modified: bool = False


def printed_dates(document: Document, heading: Element | None) -> list[Printed]:
    """Every date that the page gives for itself, the most trustworthy first. Its visible text is not searched."""
    found: list[Printed] = []
    article, page = document.linked.article, document.linked.page
    for node, trust in ((article, 0.95), (page, 0.85)):
        for key in ("datePublished", "dateCreated", "uploadDate"):
            if raw := _time_of(node.get(key)):
                found.append(
                    Printed(
                        raw,
                        f"json-ld:{key}" if key != "datePublished" else "json-ld",
                        trust if key == "datePublished" else 0.6,
                    )
                )
        if raw := _time_of(node.get("dateModified")):
            found.append(Printed(raw, "json-ld", trust, modified=True))
    found += [
        Printed(raw, f"meta:{name}", 0.9 if i < 4 else 0.8)
        for i, name in enumerate(_PUBLISHED)
        if (raw := document.meta(name))
    ]
    found += [Printed(raw, f"meta:{name}", 0.9, modified=True) for name in _MODIFIED if (raw := document.meta(name))]
    found += _time_elements(document, heading)
    if match := _PATH_DATE.search(urlsplit(document.url).path):
        found.append(Printed("-".join(match.groups()), "url", 0.3))
    return found


def _time_of(value: Any) -> str | None:
    """The time in a JSON-LD value, which may be a number of seconds or milliseconds. None where there is none."""
    for item in as_list(value):
        if isinstance(item, dict):
            item = item.get("@value")
        if isinstance(item, int | float) and not isinstance(item, bool):
            return str(int(item))
    return text_of(value)


def _time_elements(document: Document, heading: Element | None) -> list[Printed]:
    """The dates of `<time>` elements and of microdata.

    A `<time>` that says what it is counts more. Others count only outside lists of other articles, outside of what
    readers wrote, and before the text or at its begin: behind the text stand the times of comments and other articles.
    """
    found: list[Printed] = []
    bare: list[tuple[Element, Printed]] = []
    for element in select(_DATED, document.tree):
        raw = element.get("datetime") or element.get("content") or shown(element)
        if raw and _DIGIT.search(raw):
            date = _time_element(element, raw)
            if date.confidence > _PLAIN_TIME:
                found.append(date)
            elif not _by_readers(element):
                bare.append((element, date))
    # A list of teasers has many bare <time> elements: then none of them speaks for this page.
    if not bare or (len(bare) > 3 and heading is not None):
        return found
    behind = _behind_text(heading)
    return found + [date for element, date in bare if element not in behind][:1]


def _by_readers(element: Element) -> bool:
    """Return whether an element stands in a box of comments, or in one that lies over the page."""
    return any(_is_readers(box) for box in element.iterancestors())


def _is_readers(box: Element) -> bool:
    """Return whether an element is a box of comments, or one that lies over the page."""
    if box.tag in ("body", "html"):
        return False
    return any(name and _names_readers(name) for name in (box.get("class"), box.get("id")))


@lru_cache(maxsize=8192)  # a page's elements share a few dozen classes, a site's pages as well
def _names_readers(name: str) -> bool:
    return lies_over(name) or _READERS.search(name) is not None


def _behind_text(heading: Element | None, most: int | None = None) -> set[Element]:
    """The elements that stand behind the headline and some paragraphs of prose, among `most` elements, or all."""
    paragraphs, behind = 0, set()
    for element in islice(following(heading), most) if heading is not None else ():
        if paragraphs >= _PARAGRAPHS:
            behind.add(element)
        elif element.tag == "p" and len(element.text_content()) >= _PROSE:
            paragraphs += 1
    return behind


def _time_element(element: Element, raw: str) -> Printed:
    """The date of a `<time>` or microdata, trusted by how clearly the element says what it is."""
    item = element.get("itemprop") or ""
    around = f"{element.get('class') or ''} {element.getparent().get('class') or ''} {item}"
    if "dateModified" in item or _MODIFIED_CLASS.search(around) or MODIFIED_WORDS.search(_label(element)):
        return Printed(raw, "time", 0.7, modified=True)
    if "datePublished" in item or element.get("pubdate") is not None or _PUBLISHED_CLASS.search(around):
        return Printed(raw, "time", 0.8)
    return Printed(raw, "time", _PLAIN_TIME)


def _label(element: Element) -> str:
    """The end of the text right before an element, which may say what its date is."""
    previous = element.getprevious()
    before = (previous.tail if previous is not None else element.getparent().text) or ""
    if not before.strip() and previous is not None and len(previous) == 0:
        before = previous.text or ""
    return before[-40:]


def searched_date(document: Document, heading: Element | None) -> Printed | None:
    """Search the page's markup for a day with htmldate, for pages where nothing else is found. None where it finds
    none.

    Like a bare `<time>`, dates of comments and times behind the text do not count.
    Its search through the text stays off: it takes copyright lines and years in passing for dates.
    """
    from htmldate import find_date  # here, because processes that only fetch import this module as well

    day = find_date(
        _without_times_of_others(document.tree, heading),
        url=document.url,
        extensive_search=False,
        original_date=True,
        max_date="2100-01-01",
        deferred_url_extractor=True,
    )
    return Printed(day, "htmldate", 0.4) if day else None


def _without_times_of_others(tree: Element, heading: Element | None) -> Element:
    """A copy of the tree without what readers wrote and without the `<time>` elements behind the text."""
    behind = _behind_text(heading)
    copied = deepcopy(tree)
    others = [
        copy
        for element, copy in zip(tree.iter(), copied.iter(), strict=True)
        if _is_readers(element) or (element.tag == "time" and element in behind)
    ]
    for element in others:
        element.drop_tree()
    return copied


def numeric_dates(document: Document) -> list[str]:
    """The numeric dates of the whole page, text and attributes, with a little of what stands beside them."""
    markup = plain(etree.tostring(document.tree, encoding="unicode"))
    return [markup[max(match.start() - 24, 0) : match.end() + 24] for match in NUMBERS.finditer(markup)]


def visible_dates(document: Document, heading: Element | None) -> list[Printed]:
    """Dates in the visible text, the most trustworthy first.

    They are short texts of a date's class near the headline, what stands behind "Published:", any short text with
    digits near the headline, and texts of a date's class anywhere.
    """
    tree = document.tree
    behind = _behind_text(heading)
    named = (e for e in _around(heading) if e.tag in _DATED_TAGS and not (e.tag == "time" and e in behind))
    found = [*islice(_classed(named, 0.6), _MOST), *_labelled(tree)]
    found += [date for text in texts_near(heading) for date in printed_in(text, "visible", 0.5)]
    anywhere = (e for e in tree.iter(*_DATED_TAGS) if not (e.tag == "time" and e in behind))
    return found + list(islice(_classed(anywhere, 0.45), _MOST))


def _around(heading: Element | None) -> list[Element]:
    """The elements near the headline."""
    return [] if heading is None else [*islice(following(heading), _BEHIND), *islice(preceding(heading), _BEFORE)]


def printed_in(text: str, source: str, trust: float, *, modified: bool = False) -> list[Printed]:
    """The dates that one text prints, each told by the words beside it.

    `modified`: whether the text's element says that it holds the time of the last change, for dates that have no word.
    """
    return [
        Printed(one.text, source, trust, modified if one.modified is None else one.modified) for one in segments(text)
    ]


def machine_times(document: Document, heading: Element | None) -> list[Printed]:
    """Times for machines in the attributes of elements near the headline: Unix times in seconds or milliseconds
    (`data-timestamp="1709198130"`), and ISO times with their zone in any attribute (`title`, `data-date`).

    Nothing else on some pages gives the time of day with its zone.
    """
    behind = _behind_text(heading, _BEHIND)
    found = []
    for element in _around(heading):
        for name, value in element.attrib.items():
            if not _for_machines(element, name, value) or element in behind or _by_readers(element):
                continue
            modified = MODIFIED_WORDS.search(shown(element, 90)) or _MODIFIED_CLASS.search(name)
            found.append(Printed(value, "visible:data", 0.5, modified is not None))
    return found


def _for_machines(element: Element, name: str, value: str) -> bool:
    """Return whether an attribute holds a time. Those of `<meta>`, `<link>` and `datetime` are read elsewhere."""
    if name.startswith("data-") and _UNIX_TIME.fullmatch(value) and _TIME_NAME.search(name):
        return True
    stated = element.tag in ("meta", "link", "input") or (element.tag == "time" and name == "datetime")
    return not stated and _ISO_TIME.fullmatch(value.strip()) is not None


def _classed(elements: Iterable[Element], trust: float) -> Iterator[Printed]:
    """The dates among elements that are `<time>` or have a date's class."""
    for element in elements:
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag != "time" and (name == " " or _DATE_CLASS.search(name) is None):
            continue
        text = shown(element, 90)
        if len(text) >= 6 and _DIGIT.search(text) and not _by_readers(element):
            yield from printed_in(text, "visible", trust, modified=_MODIFIED_CLASS.search(name) is not None)


def _labelled(tree: Element) -> list[Printed]:
    """What stands behind an element that holds nothing but "Published", "Datum", "发布时间" …"""
    found = []
    for element in tree.iter("span", "div", "p", "strong", "b", "dt", "th", "td", "li", "em", "small", "label"):
        text = element.text
        if not text or len(text) > 40 or len(element) or not (label := _LABEL.fullmatch(text)):
            continue
        behind = element.getnext()
        raw = tidy(element.tail) or (shown(behind, 90) if behind is not None else "")
        if 6 <= len(raw) <= 90 and _DIGIT.search(raw):
            found += printed_in(raw, "visible:label", 0.55, modified=label["modified"] is not None)
    return found[:_MOST]


def texts_near(heading: Element | None) -> list[str]:
    """Short texts with digits in the dozen elements before and the two dozen behind the headline, and text that stands
    there loose, in no element of its own. There are none without a headline."""
    if heading is None:
        return []
    around = [*islice(following(heading), 24), *islice(preceding(heading), 12)]
    behind = _behind_text(heading, 24)
    texts = [tidy(heading.tail)]
    for element in around:
        own = [text for text in (shown(element, 90), tidy(element.tail)) if len(text) >= 8 and _DIGIT.search(text)]
        if element in behind:  # there a date must say that it is this page's
            own = [text for text in own if PUBLISHED_WORDS.search(text) or MODIFIED_WORDS.search(text)]
        if own and not _is_readers(element) and not _by_readers(element):
            texts += own
    return list(dict.fromkeys(text for text in texts if 8 <= len(text) <= 90 and _DIGIT.search(text)))[:8]


def shown_with_zone(near: Iterable[str], hour: int, minute: int) -> list[Printed]:
    """The dates in the texts near the headline (`texts_near`) that print this clock reading, of 24 or 12 hours, with letters or an offset
    behind it, which may name its zone. Few pages have one."""
    clock = re.compile(rf"(?<![\d:])(?:0?{hour}|0?{hour % 12 or 12})[:.h]{minute:02d}(?!\d)(?P<behind>.*)")
    return [
        date
        for text in near
        if (match := clock.search(plain(text))) and _ZONE_LIKE.search(match["behind"])
        for date in printed_in(text, "visible:zone", 0.5)
    ]
