"""List pages: HTML -> links with headline and date, and the request for the next page. No network.

The first pages of lists are HTML; what "load more" answers may be JSON with pieces of HTML inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archive.model.source import Channel
from crawler.discover.lists.items import list_links
from crawler.discover.lists.model import Listing, NextPage
from crawler.discover.lists.next_page import next_of_json, next_of_page
from crawler.discover.parsing.json_paths import PathError
from crawler.discover.parsing.page import open_markup, open_page
from crawler.extract.markup.json_text import read_json

__all__ = ["Listing", "NextPage", "parse_listing"]

_VALUES = 100_000
"""Values of a JSON answer that are looked at."""


def parse_listing(
    body: bytes,
    url: str,
    channel: Channel,
    *,
    content_type: str | None = None,
    number: int = 1,
    list_url: str | None = None,
    languages: tuple[str, ...] = (),
) -> Listing:
    """Read page `number` (the first is 1) of the list that begins at `list_url`. Never raises.

    None for `list_url` means that it begins at `url`. A page without links is an empty list, no problem: whether that
    means the end is for `crawler.discover.lists.stop` to say.
    """
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return _of_json(body, url, channel, number, list_url or url, languages)
    if not start or start.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04")):
        return Listing(problem="not-a-list: empty" if not body.strip() else "not-a-list: no web page")
    page = open_page(body, url, content_type)
    if page is None:
        return Listing(problem="not-a-list: no web page")
    links, skipped = list_links(page, channel, languages)
    return Listing(links, next_of_page(page, channel.next, list_url or url, number), skipped)


def _of_json(
    body: bytes, url: str, channel: Channel, number: int, list_url: str, languages: tuple[str, ...]
) -> Listing:
    try:
        data = read_json(body.decode("utf-8-sig", "replace"))
    except ValueError as error:
        return Listing(problem=f"not-json: {str(error)[:120]}")
    page = open_markup("\n".join(_fragments(data)), url)
    links, skipped = list_links(page, channel, languages) if page is not None else ((), 0)
    try:
        following = next_of_json(data, channel.next, list_url, url, number)
    except PathError as error:
        return Listing(links, None, skipped, f"no-path: {error}")
    return Listing(links, following, skipped)


def _fragments(data: Any) -> Iterator[str]:
    """The strings of a JSON answer that are pieces of HTML with links."""
    waiting, seen = [data], 0
    while waiting and seen < _VALUES:
        value, seen = waiting.pop(), seen + 1
        if isinstance(value, str) and "<a" in value:
            yield value
        elif isinstance(value, dict):
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
