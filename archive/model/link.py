"""Links: addresses that a channel showed, with what the channel said about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

LinkState = Literal["pending", "done", "alias", "excluded", "failed"]
"""pending: to be fetched; done: an article was recorded; alias: leads to an article known by another URL;
excluded: not wanted or not allowed, with the reason; failed: given up after n tries, with the reason."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a channel claims about an article. It is kept apart from what the page says, and is weaker than it.

    `published` and `updated` are the strings as printed. `published_at` and `updated_at` are the same times in UTC. They are
    None unless the string names a zone or the format defines one.
    """

    title: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_at: datetime | None = None
    updated: str | None = None
    updated_at: datetime | None = None
    language: str | None = None
    guid: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """An address shown by a channel (absolute, http or https), and what the channel claims about it."""

    url: str
    hints: Hints = Hints()


def hints_of(stored: Mapping[str, Any]) -> Hints:
    """Hints from their stored form."""
    return Hints(
        title=stored.get("title"),
        summary=stored.get("summary"),
        authors=tuple(stored.get("authors") or ()),
        published=stored.get("published"),
        published_at=_time(stored.get("published_at")),
        updated=stored.get("updated"),
        updated_at=_time(stored.get("updated_at")),
        language=stored.get("language"),
        guid=stored.get("guid"),
        keywords=tuple(stored.get("keywords") or ()),
    )


_FIELDS = tuple(field.name for field in fields(Hints))


def stored_hints(hints: Hints) -> dict[str, Any]:
    """The form in which hints are stored in a row. What is unknown is left out."""
    values = {name: getattr(hints, name) for name in _FIELDS}
    values |= {"published_at": _text(hints.published_at), "updated_at": _text(hints.updated_at)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
