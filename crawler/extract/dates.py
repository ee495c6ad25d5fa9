"""Where a page prints when it was published and modified: strings with their source, the most trustworthy first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from crawler.extract.markup.document import Document, Element, following, preceding, select, shown
from crawler.extract.markup.jsonld import text_of
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
_MODIFIED_WORDS = re.compile(
    r"updat|modif|aktuali|actuali|mis à jour|maj\b|aggiorn|bijgewerkt|opdater|uppdater|oppdater|cập nhật|diperbarui|обновл|измен|оновл|تحديث|更新|修改|수정|güncel|päivitetty|zaktual",
    re.IGNORECASE,
)
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
_DIGIT = re.compile(r"[\d٠-٩۰-۹]")
_LABEL = re.compile(
    r"\s*(?:(?:date|published|posted|publication date|release date|datum|veröffentlicht|erschienen|stand|date de publication|publié le|fecha|publicado|data|pubblicato|geplaatst|gepubliceerd|publicerad|publisert|"
    r"опубликовано|дата(?: публикации)?|опубліковано|tanggal|diterbitkan|ngày(?: đăng| đưa tin)?|yayın(?:lanma)? tarihi|tarih|تاريخ(?: النشر)?|تاریخ(?: انتشار)?|发布时间|发布日期|發布時間|發布日期|日期|时间|時間|公開日|掲載日|등록일|게시일|작성일|입력|วันที่)"
    r"|(?P<modified>updated|last updated|modified|aktualisiert|mis à jour|actualizado|atualizado|aggiornato|обновлено|diperbarui|cập nhật|güncelleme|更新时间|更新時間|更新日|최종수정|수정))\s*[:：]?\s*",
    re.IGNORECASE,
)
_UNIX_TIME = re.compile(r"1\d{9}(?:\d{3})?")
_TIME_NAME = re.compile(r"time|date|stamp|epoch|unix|publi", re.IGNORECASE)
_DATED_TAGS = ("time", "span", "div", "p", "small", "li", "td", "em", "i", "font", "h6", "h5", "b")
_PLAIN_TIME = 0.6
"""Trust in a `<time>` that does not say which time it is."""
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
            if raw := text_of(node.get(key)):
                found.append(
                    Printed(
                        raw,
                        f"json-ld:{key}" if key != "datePublished" else "json-ld",
                        trust if key == "datePublished" else 0.6,
                    )
                )
        if raw := text_of(node.get("dateModified")):
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


def _time_elements(document: Document, heading: Element | None) -> list[Printed]:
    """The dates of `<time>` elements and of microdata.

    A `<time>` that says what it is counts more. Others count only outside lists of other articles.
    """
    found: list[Printed] = []
    plain: list[Printed] = []
    for element in select(_DATED, document.tree):
        raw = element.get("datetime") or element.get("content") or shown(element)
        if raw and _DIGIT.search(raw):
            date = _time_element(element, raw)
            (found if date.confidence > _PLAIN_TIME else plain).append(date)
    # A list of teasers has many bare <time> elements: then none of them speaks for this page.
    return found + (plain[:1] if len(plain) <= 3 or heading is None else [])


def _time_element(element: Element, raw: str) -> Printed:
    """The date of a `<time>` or microdata, trusted by how clearly the element says what it is."""
    item = element.get("itemprop") or ""
    around = f"{element.get('class') or ''} {element.getparent().get('class') or ''} {item}"
    if "dateModified" in item or _MODIFIED_CLASS.search(around) or _MODIFIED_WORDS.search(_label(element)):
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


def searched_date(document: Document) -> Printed | None:
    """Search the page's markup for a day with htmldate, for pages where nothing else is found. None where it finds
    none.

    Its search through the text stays off: it takes copyright lines and years in passing for dates.
    """
    from htmldate import find_date  # here, because processes that only fetch import this module as well

    day = find_date(
        document.tree,
        url=document.url,
        extensive_search=False,
        original_date=True,
        max_date="2100-01-01",
        deferred_url_extractor=True,
    )
    return Printed(day, "htmldate", 0.4) if day else None


def visible_dates(document: Document, heading: Element | None) -> list[Printed]:
    """Dates in the visible text, the most trustworthy first.

    They are short texts of a date's class near the headline, what stands behind "Published:", any short text with
    digits near the headline, and texts of a date's class anywhere.
    """
    tree = document.tree
    near = [] if heading is None else [*islice(following(heading), _BEHIND), *islice(preceding(heading), _BEFORE)]
    found = [*islice(_classed((e for e in near if e.tag in _DATED_TAGS), 0.6), _MOST), *_labelled(tree)]
    if heading is not None:
        found += [Printed(text, "visible", 0.5, _MODIFIED_WORDS.search(text) is not None) for text in _near(heading)]
    return found + list(islice(_classed(tree.iter(*_DATED_TAGS), 0.45), _MOST))


def machine_times(document: Document, heading: Element | None) -> list[Printed]:
    """Unix times, in seconds or milliseconds, in the attributes of elements near the headline
    (`data-timestamp="1709198130"`).

    Nothing else on some pages gives the time of day with its zone.
    """
    near = [] if heading is None else [*islice(following(heading), _BEHIND), *islice(preceding(heading), _BEFORE)]
    found = []
    for element in near:
        for name, value in element.attrib.items():
            if name.startswith("data-") and _UNIX_TIME.fullmatch(value) and _TIME_NAME.search(name):
                modified = _MODIFIED_WORDS.search(shown(element, 90)) or _MODIFIED_CLASS.search(name)
                found.append(Printed(value, "visible:data", 0.5, modified is not None))
    return found


def _classed(elements: Iterable[Element], trust: float) -> Iterator[Printed]:
    """The dates among elements that are `<time>` or have a date's class."""
    for element in elements:
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag != "time" and (name == " " or _DATE_CLASS.search(name) is None):
            continue
        text = shown(element, 90)
        if len(text) >= 6 and _DIGIT.search(text):
            modified = _MODIFIED_WORDS.search(text) or _MODIFIED_CLASS.search(name)
            yield Printed(text, "visible", trust, modified is not None)


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
            found.append(Printed(raw, "visible:label", 0.55, label["modified"] is not None))
    return found[:_MOST]


def _near(heading: Element) -> list[str]:
    """Short texts with digits in the dozen elements before and the two dozen behind the headline."""
    around = [*islice(following(heading), 24), *islice(preceding(heading), 12)]
    texts = (shown(element, 90) for element in around)
    return list(dict.fromkeys(text for text in texts if len(text) >= 8 and _DIGIT.search(text)))[:8]
