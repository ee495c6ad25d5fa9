"""A link: an URL that a channel showed us, with what the channel said about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LinkState = Literal["pending", "done", "alias", "excluded", "failed"]
"""pending: to be fetched; done: an article was recorded; alias: leads to an article known by another URL;
excluded: not wanted or not allowed, with the reason; failed: given up after n tries, with the reason."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a channel claims about an article. Kept apart from what the page says, and weaker than it.

    `published` and `updated` are the strings as printed; `published_at` and `updated_at` the same times in UTC where
    the string names a zone or the format defines one, else None.
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


@dataclass(frozen=True, slots=True)
class Link:
    """An URL shown by a channel (absolute, http or https), and what the channel claims about it."""

    url: str
    hints: Hints = Hints()
