"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.model.link import Hints, Link
from archive.model.text.urls import clean_url, is_http
from crawler.discover.feeds.head import read_json_head
from crawler.discover.feeds.model import SUMMARY_LIMIT, TITLE_LIMIT, Entry, Feed, assemble
from crawler.discover.parsing.claims import UNSAFE, moment, plain_text
from crawler.extract.markup.json_text import read_json


def parse_json_feed(body: bytes, url: str) -> Feed:
    """Read a JSON Feed. Members of a wrong type count as absent."""
    try:
        data = read_json(body.decode("utf-8-sig", "replace"))
    except ValueError as error:
        return Feed(problem=f"broken-json: {str(error)[:120]}")
    if not isinstance(data, Mapping) or "jsonfeed.org/version/" not in str(data.get("version")):
        return Feed(problem="not-a-feed: JSON of another kind")
    items = data.get("items")
    language = _text(data, "language")
    entries = [
        _entry(item, url, language) for item in (items if isinstance(items, list) else []) if isinstance(item, Mapping)
    ]
    title = plain_text(_text(data, "title"), TITLE_LIMIT)
    return assemble("json", title, language, entries, paging=read_json_head(data, url))


def _entry(item: Mapping[str, Any], base: str, language: str | None) -> Entry:
    guid = _text(item, "id")
    if guid is None and isinstance(number := item.get("id"), int):
        guid = str(number)
    address = _text(item, "url")
    if address is None and guid is not None and is_http(guid):  # "if id is an URL, it may stand for url"
        address = guid
    cleaned = clean_url(address, base) if address else None
    published, updated = _text(item, "date_published"), _text(item, "date_modified")
    published_at, published_zoned = moment(published)
    updated_at, updated_zoned = moment(updated)
    time = max((at for at in (published_at, updated_at) if at), default=None)
    if cleaned is None:
        return Entry(None, time)
    hints = Hints(
        title=plain_text(_text(item, "title"), TITLE_LIMIT),
        summary=plain_text(_text(item, "summary"), SUMMARY_LIMIT),
        authors=_authors(item),
        published=published,
        published_at=published_at if published_zoned else None,
        updated=updated,
        updated_at=updated_at if updated_zoned else None,
        language=_text(item, "language") or language,
        guid=guid,
    )
    return Entry(Link(cleaned, hints), time)


def _authors(item: Mapping[str, Any]) -> tuple[str, ...]:
    people = item.get("authors")
    if not isinstance(people, list):  # version 1.0
        people = [item.get("author")]
    names = (plain_text(_text(person, "name"), TITLE_LIMIT) for person in people if isinstance(person, Mapping))
    return tuple(dict.fromkeys(name for name in names if name))


def _text(item: Mapping[str, Any], key: str) -> str | None:
    """A member that is a string with something in it; without characters that cannot be stored."""
    value = item.get(key)
    return UNSAFE.sub("", value).strip() or None if isinstance(value, str) else None
