"""What a feed says of itself: how often it wants to be asked, and where its older entries are.

Read apart from the entries, because feedparser keeps the last of repeated elements only (`<hour>`, `<day>`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lxml import etree

from archive.model.text.urls import clean_url
from crawler.discover.feeds.model import Paging, Rhythm

LONGEST_CLAIM = timedelta(days=366)
"""A feed that asks for a longer pause is taken at this: the number must fit into a timedelta, whatever is written."""

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RELATIONS = "http://www.iana.org/assignments/relation/"
_HEADS = frozenset({"channel", "feed"})
_ENTRIES = frozenset({"item", "entry"})
_DIGITS = 12


def read_head(document: bytes, url: str) -> tuple[Rhythm, Paging]:
    """Read the rhythm and the paging links of the XML feed at `url`. `document` is free of entities and DOCTYPE.

    Elements count by their local name, since feeds use prefixes that they do not declare. A document that breaks off
    gives what stood before. What cannot be read is the business of the reader of entries.
    """
    head = _Head(url)
    try:
        events = etree.iterparse(
            io.BytesIO(document), events=("end",), recover=True, resolve_entities=False, no_network=True
        )
        for _, element in events:
            head.take(element)
    except etree.XMLSyntaxError:
        pass  # nothing there that could be parsed; the reader of entries names it
    return head.rhythm(), head.paging()


def read_json_head(data: Mapping[str, Any], url: str) -> Paging:
    """Read the paging links of a JSON Feed, which knows `next_url` (older entries) and nothing else of the kind."""
    following = data.get("next_url")
    address = clean_url(following, url) if isinstance(following, str) else None
    return Paging(next=address if address != clean_url(url) else None)


class _Head:
    """Collects what stands in the head of a feed, element by element."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = clean_url(url)
        self._texts: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._marks: set[str] = set()
        self._hours: set[int] = set()
        self._days: set[int] = set()

    def take(self, element: etree._Element) -> None:
        name, parent = _name(element), element.getparent()
        above = _name(parent)
        if name in _ENTRIES:
            _drop(element)  # memory: a feed of 50 MB is one of its entries at a time
        elif above in _HEADS:
            self._take_of_head(name, element)
        elif parent is not None and _name(parent.getparent()) in _HEADS:
            self._take_of_list(above, (element.text or "").strip().lower())

    def _take_of_head(self, name: str, element: etree._Element) -> None:
        if name in ("ttl", "updateperiod", "updatefrequency"):
            self._texts.setdefault(name, (element.text or "").strip().lower())
        elif name in ("complete", "archive") and not (element.text or "").strip():
            self._marks.add(name)
        elif name == "link" and (relation := element.get("rel")):
            address = clean_url(element.get("href") or "", self._base(element))
            if address is not None and address != self._own:  # a page that follows itself
                self._links.setdefault(relation.strip().lower().removeprefix(_RELATIONS), address)

    def _base(self, element: etree._Element) -> str:
        try:
            return clean_url(element.base or "", self._url) or self._url
        except ValueError:  # an xml:base that libxml2 cannot join
            return self._url

    def _take_of_list(self, list_name: str, text: str) -> None:
        if list_name == "skiphours" and text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= 24:
            self._hours.add(int(text) % 24)  # RSS 0.91 counted from 1 to 24
        elif list_name == "skipdays" and text in _DAYS:
            self._days.add(_DAYS.index(text))

    def rhythm(self) -> Rhythm:
        pauses = [pause for pause in (self._ttl(), self._syndication()) if pause is not None]
        return Rhythm(
            at_least=max(pauses, default=None),
            # A feed that names all of them would never be asked: a mistake.
            skip_hours=frozenset(self._hours) if len(self._hours) < 24 else frozenset(),
            skip_days=frozenset(self._days) if len(self._days) < 7 else frozenset(),
        )

    def _ttl(self) -> timedelta | None:
        minutes = _whole(self._texts.get("ttl"))
        return min(timedelta(minutes=minutes), LONGEST_CLAIM) if minutes else None

    def _syndication(self) -> timedelta | None:
        """RSS 1.0 syndication module: so many times in a period; a day and once where one of the two is left out."""
        period, frequency = self._texts.get("updateperiod"), self._texts.get("updatefrequency")
        if period is None and frequency is None:
            return None
        length = _PERIODS.get(period or "daily")
        times = _whole(frequency) if frequency is not None else 1
        return length / times if length is not None and times else None

    def paging(self) -> Paging:
        return Paging(
            next=self._links.get("next"),
            previous=self._links.get("previous") or self._links.get("prev"),
            prev_archive=self._links.get("prev-archive"),
            next_archive=self._links.get("next-archive"),
            current=self._links.get("current"),
            complete="complete" in self._marks,
            archive="archive" in self._marks,
        )


def _name(element: etree._Element | None) -> str:
    """Local name in lower case; the empty string for comments and for nothing."""
    if element is None or not isinstance(element.tag, str):
        return ""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower()


def _drop(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None and _name(before) in _ENTRIES:
        parent.remove(before)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None
