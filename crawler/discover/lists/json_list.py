"""JSON lists: plain, as JSONP, or in a page's script element -> links with headline and date, and the next request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from archive.model.link import Hints, Link
from archive.model.source import Channel
from archive.model.text.urls import clean_url
from crawler.discover.feeds.model import TITLE_LIMIT
from crawler.discover.lists.items import view_address
from crawler.discover.lists.model import Listing
from crawler.discover.lists.next_page import next_of_json
from crawler.discover.parsing.claims import UNSAFE, moment, plain_text
from crawler.discover.parsing.json_paths import PathError, first_text, search
from crawler.discover.parsing.page import open_page
from crawler.extract.markup.decode import decode_html
from crawler.extract.markup.json_text import read_json_at

ENTRY_LIMIT = 20_000
_NAMES = ("url", "link", "href", "permalink", "canonical_url", "web_url", "shareurl")
_WRAPPING = re.compile(r"^[^{\[]{0,2000}?[=(:]\s*(?=[{\[])")
"""What stands before the data: `callback(`, `window.__DATA__ = `, `)]}',` and the like."""
_GUARD = re.compile(r"^\)\]\}'?,?\s*|^(?:while\(1\)|for\(;;\));\s*")
_EPOCH = range(631_152_000, 4_102_444_800)  # 1990 to 2100, seconds


class NotJson(Exception):
    """The error of an answer in which no JSON is where it should be."""


def parse_json_list(
    body: bytes,
    url: str,
    channel: Channel,
    *,
    content_type: str | None = None,
    number: int = 1,
    list_url: str | None = None,
) -> Listing:
    """Read page `number` (the first is 1) of the JSON list that begins at `list_url`. Never raises.

    None for `list_url` means that it begins at `url`. Entries without an address, or with one of a wrong type, are
    counted and left out.
    """
    try:
        data = data_of(body, url, channel.script, content_type)
        pairs = list(_entries(data, channel))
        following = next_of_json(data, channel.next, list_url or url, url, number)
    except NotJson as error:
        return Listing(problem=f"not-json: {error}")
    except PathError as error:
        return Listing(problem=f"no-path: {error}")
    found: dict[str, Link] = {}
    skipped = 0
    for raw, hints in pairs[:ENTRY_LIMIT]:
        address = None if raw is None else _address(raw, url, channel)
        if address is None:
            skipped += 1
        else:
            found.setdefault(address, Link(address, hints))
    return Listing(tuple(found.values()), following, skipped)


def data_of(body: bytes, url: str, script: str | None = None, content_type: str | None = None) -> Any:
    """Read the JSON in an answer. `script` is the CSS of the element that holds it.

    Raises:
        NotJson: There is no JSON where it should be.
    """
    if script is not None:
        page = open_page(body, url, content_type)
        element = next(iter(page.tree.cssselect(script)), None) if page is not None else None
        if element is None:
            raise NotJson(f"no element {script}")
        text = element.text_content()
    else:
        text = decode_html(body, content_type)[0]
    text = _GUARD.sub("", text.lstrip("\ufeff \t\r\n\x00"))
    try:
        if text.startswith(("{", "[")):
            return read_json_at(text)
        match = _WRAPPING.match(text)
        if match is None:
            raise NotJson("HTML page" if text.startswith("<") else "something else" if text else "empty")
        return read_json_at(text, match.end())
    except ValueError as error:
        raise NotJson(str(error)[:120]) from error


def _entries(data: Any, channel: Channel) -> Iterator[tuple[str | None, Hints]]:
    """(address as written, hints) of each entry. Raises PathError."""
    if channel.items is not None:
        items = search(channel.items, data)
        if items is None:
            return
        for item in items if isinstance(items, list) else [items]:
            address = search(channel.links, item) if channel.links else _named(item)
            title = search(channel.title, item) if channel.title else None
            date = search(channel.date, item) if channel.date else None
            yield first_text(address), _hints(first_text(title), first_text(date))
        return
    values = search(channel.links, data) if channel.links else list(_search_addresses(data))
    if values is not None and not isinstance(values, list | str | int):
        raise PathError(f"{channel.links} gives no addresses")
    for value in values if isinstance(values, list) else [] if values is None else [values]:
        yield first_text(value), Hints()


def _address(raw: str, base: str, channel: Channel) -> str | None:
    return view_address(base, channel, raw) if channel.view is not None else clean_url(raw, base)


def _named(item: Any) -> Any:
    return next((item[name] for name in _NAMES if item.get(name)), None) if isinstance(item, dict) else item


def _search_addresses(data: Any) -> Iterator[Any]:
    """The members of any object that are named like addresses, in the order of the answer."""
    waiting, seen = [data], 0
    while waiting and seen < 10 * ENTRY_LIMIT:
        value, seen = waiting.pop(), seen + 1
        if isinstance(value, dict):
            if isinstance(address := _named(value), str):
                yield address
            waiting.extend(reversed([member for member in value.values() if isinstance(member, dict | list)]))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def _hints(title: str | None, date: str | None) -> Hints:
    printed = UNSAFE.sub("", date)[:200] if date else None
    at, zoned = moment(printed)
    if printed and re.fullmatch(r"\d{9,13}(?:\.\d+)?", printed):
        at, zoned = _epoch(printed), True
    return Hints(title=plain_text(title, TITLE_LIMIT), published=printed, published_at=at if zoned else None)


def _epoch(text: str) -> datetime | None:
    """Unix time in seconds or milliseconds."""
    seconds = int(text.partition(".")[0])
    seconds = seconds // 1000 if seconds not in _EPOCH else seconds
    return datetime.fromtimestamp(seconds, UTC) if seconds in _EPOCH else None
