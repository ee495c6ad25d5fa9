"""The links of a list page, each with what stands beside it: headline and date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from urllib.parse import quote

from archive.model.link import Hints, Link
from archive.model.source import Channel
from archive.model.text.urls import clean_url
from crawler.discover.feeds.model import TITLE_LIMIT
from crawler.discover.lists.guess import guess_links
from crawler.discover.parsing.claims import moment, plain_text
from crawler.discover.parsing.page import Element, Page
from crawler.extract.markup.document import shown
from crawler.normalise.dates import read_time

LINK_LIMIT = 5_000
"""Links of one page that are looked at."""
DATE_LIMIT = 1_000
"""Texts of one page that are tried as dates."""
_LONGEST_DATE = 60
_LONGEST_READ = 200
"""Characters: whoever reads dates in the end reads no longer ones."""
_NEAR = 80
"""Elements of an item in which a date is searched for."""
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_GROUP_HEADINGS = frozenset({*_HEADINGS, "dt"})
_GROUP_LEVELS = 2
_GROUP_SIZE = 50
"""Siblings that are passed on the way up to the heading of a group of items."""
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"\d{4}")
_DATE_IN_TITLE = re.compile(r"(?<!\d)(?:\d{1,2}\.?\s+\w{3,12}\.?,?\s+\d{4}|\w{3,12}\.?\s+\d{1,2},\s+\d{4}|\d{4}[-./年]\s?\d{1,2}[-./月]\s?\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})(?!\d)")  # fmt: skip


def list_links(page: Page, channel: Channel, languages: tuple[str, ...]) -> tuple[tuple[Link, ...], int]:
    """Find the links of `page` by the channel's selectors, each address once, and count those that had no address.

    `languages` (BCP 47, likeliest first) tell how to read dates in words.
    """
    found: dict[str, Link] = {}
    skipped, dates = 0, _Dates(languages)
    for element, item in _pairs(page, channel):
        address = link_address(page, element, channel)
        if address is None:
            skipped += 1
        elif address not in found:
            title = _title(page, item, element, address, channel)
            found[address] = Link(address, _hints(title, _printed_date(item, channel, title, dates)))
    return tuple(found.values()), skipped


class _Dates:
    """Tells dates from other texts, so many times a page: a date in words takes a millisecond or more to read."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._languages = languages
        self._left = DATE_LIMIT

    def can_read(self, text: str) -> bool:
        if len(text) > _LONGEST_READ or self._left <= 0 or not _YEAR.search(text):
            return False
        self._left -= 1
        return read_time(text, self._languages) is not None


def link_address(page: Page, element: Element, channel: Channel) -> str | None:
    """The address to which a link leads: by the id that `pattern` finds in its `onclick` or `href`, else by its `href`.
    None if it leads nowhere."""
    if channel.pattern is not None and channel.view is not None:
        return view_address(page.base, channel, " ".join(element.get(name) or "" for name in ("onclick", "href")))
    return page.address(element.get("href"))


def view_address(base: str, channel: Channel, text: str) -> str | None:
    """The address template `view` with the id that `pattern` finds in `text` (the whole text without a pattern). None
    without an id."""
    if channel.view is None:
        return None
    text = text[:2_000].strip()
    if channel.pattern is not None:
        match = re.search(channel.pattern, text)
        text = (match[1] or "") if match else ""
    return clean_url(channel.view.format(id=quote(text, safe="/")), base) if text else None


def _pairs(page: Page, channel: Channel) -> Iterator[tuple[Element, Element]]:
    """(link, item) pairs; the item is what stands around this link and no other."""
    if channel.items is not None:
        for item in page.tree.cssselect(channel.items)[:LINK_LIMIT]:
            inside = item.cssselect(channel.links) if channel.links else [item, *item.iter("a")]
            if (element := _first_link(inside)) is not None:
                yield element, item
        return
    if channel.links is None:
        elements = guess_links(page)
    else:
        elements = [link for found in page.tree.cssselect(channel.links) if (link := _first_link([found])) is not None]
    elements = elements[:LINK_LIMIT]
    addresses = {element: link_address(page, element, channel) or "" for element in elements}
    shared = _shared(elements, addresses)
    for element in elements:
        yield element, _item_of(element, shared)


def _first_link(elements: Sequence[Element]) -> Element | None:
    """The first of these that leads somewhere: itself, a link in it, or the link around it."""
    for element in elements:
        if element.get("href") is not None or element.get("onclick") is not None:
            return element
        inside = next((a for a in element.iter("a") if a.get("href") is not None or a.get("onclick") is not None), None)
        around = next(element.iterancestors("a"), None) if inside is None else inside
        if around is not None:
            return around
    return None


def _shared(elements: Sequence[Element], addresses: dict[Element, str]) -> set[Element]:
    """The elements that stand around links of different addresses."""
    around: dict[Element, str] = {}
    shared: set[Element] = set()
    for element in elements:
        for ancestor in element.iterancestors():
            if ancestor in shared:
                break
            if around.setdefault(ancestor, addresses[element]) != addresses[element]:
                shared.update([ancestor, *ancestor.iterancestors()])
                break
    return shared


def _item_of(element: Element, shared: set[Element]) -> Element:
    item = element
    for ancestor in element.iterancestors():
        if ancestor in shared or ancestor.tag in ("body", "html"):
            break
        item = ancestor
    return item


def _title(page: Page, item: Element, element: Element, address: str, channel: Channel) -> str | None:
    """Find the headline of an item: where the channel says, else in a heading, else the text of the link or its image's."""
    if channel.title is not None:
        return next((text for found in item.cssselect(channel.title)[:1] if (text := _text(found))), None)
    heading = next((text for found in _headings(item, element) if (text := _text(found))), None)
    if heading is not None:
        return heading
    links = [element] if channel.pattern else [a for a in item.iter("a") if page.address(a.get("href")) == address]
    longest = max((_text(link) or "" for link in links or [element]), key=len)
    return longest or _text_of_image(element)


def _headings(item: Element, element: Element) -> list[Element]:
    """Return the nearest heading around the link and the first in it; without these, the only one of the item."""
    near = [*element.iterancestors(*_HEADINGS)][:1] + [*element.iter(*_HEADINGS)][:1]
    if near:
        return near
    inside = list(item.iter(*_HEADINGS))
    return inside if len(inside) == 1 else []


def _text_of_image(element: Element) -> str | None:
    """Return the link's `title`, else the text that stands for an image in it."""
    images = (image.get("alt") for image in element.iter("img"))
    return next((plain for raw in (element.get("title"), *images) if (plain := plain_text(raw, TITLE_LIMIT))), None)


def _text(element: Element) -> str | None:
    return plain_text(shown(element).replace("<", "&lt;"), TITLE_LIMIT)


def _printed_date(item: Element, channel: Channel, title: str | None, dates: _Dates) -> str | None:
    """Find the date as printed: where the channel says, else a `time` element, else a short text beside the link that is one,
    else the heading above the group in which the item stands, else one inside the headline."""
    if channel.date is not None:
        found = next(iter(item.cssselect(channel.date)), None)
        return None if found is None else (found.get("datetime") or shown(found))[:200] or None
    beside = (raw for raw in _short_texts(item) if raw != title)
    if (printed := next(filter(dates.can_read, chain(_time_elements(item), beside)), None)) is not None:
        return printed
    if (above := _date_above(item, dates)) is not None:
        return above
    match = _DATE_IN_TITLE.search(title or "")
    return match[0] if match and dates.can_read(match[0]) else None


def _time_elements(item: Element) -> Iterator[str]:
    for time in item.iter("time"):
        raw = str(time.get("datetime") or shown(time)).strip()
        if raw:
            yield raw[:200]


def _date_above(item: Element, dates: _Dates) -> str | None:
    """The date in the heading that stands above a group of items."""
    for element in islice(chain([item], item.iterancestors()), 1 + _GROUP_LEVELS):
        for before in islice(element.itersiblings(preceding=True), _GROUP_SIZE):
            if before.tag in _GROUP_HEADINGS:
                text = shown(before)
                return text if len(text) <= _LONGEST_DATE and dates.can_read(text) else None
    return None


def _short_texts(item: Element) -> Iterator[str]:
    for number, element in enumerate(item.iter()):
        if number >= _NEAR:
            return
        for raw in (element.text, element.tail if element is not item else None):
            text = " ".join(raw.split()) if raw and len(raw) < 500 else ""
            if 4 < len(text) <= _LONGEST_DATE and _DIGIT.search(text):
                yield text


def _hints(title: str | None, printed: str | None) -> Hints:
    at, zoned = moment(printed)
    return Hints(title=title, published=printed, published_at=at if zoned else None)
