"""Walks: the reading of one channel for a window of days, and what became of all that was found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from archive.model.period import Period

WalkState = Literal["open", "ended"]
PageState = Literal["waiting", "read", "failed", "passed"]
"""waiting: to be asked; read: its links are recorded; failed: given up after n tries; passed: left out on purpose."""


@dataclass(frozen=True, slots=True)
class WalkPage:
    """One list request of a walk.

    `key` tells it from others. `chain` is the key of the request with which its list began, which is its own where it begins
    one. `number` is its place in that list, from 1, or of a sitemap the number of indexes that lead to it. `pk` is the key of
    its row. It is None before it has one.
    """

    key: str
    url: str
    method: Literal["GET", "POST"] = "GET"
    form: tuple[tuple[str, str], ...] = ()
    chain: str = ""
    number: int = 1
    pk: int | None = None
    offset: int = 0
    """Of a WARC file: the byte from which it is to be read."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What is kept of a page that was read.

    These are its request, the number of links, and of those never seen before, the newest day that one bears, and a digest of
    their addresses ("" for none).
    """

    key: str
    links: int
    fresh: int
    newest: date | None = None
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """A channel (its key) that is walked for a window. `reason` says why the walk ended. It is None while it is open."""

    pk: int
    source_id: str
    channel: str
    window: Period
    state: WalkState
    reason: str | None = None


@dataclass(slots=True)
class Tally:
    """What became of a walk's requests (`pages`, by state) and links.

    `captured` counts articles of the window. `outside` and `undated` count captured articles that by their own date are outside
    of it, or have no date. `excluded` and `failed` are counts by the names of reasons. What is `pending` was not asked, or is
    to be asked again.
    """

    pages: Counter[str] = field(default_factory=Counter)
    captured: int = 0
    outside: int = 0
    undated: int = 0
    pending: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    page_reasons: Counter[str] = field(default_factory=Counter)
    """Why requests failed or were left out."""

    @property
    def links(self) -> int:
        """The number of all links that the walk found."""
        kept = self.captured + self.outside + self.undated
        return kept + self.pending + self.excluded.total() + self.failed.total()

    @property
    def complete(self) -> bool:
        """Whether every request and every link has its end."""
        return not self.pending and not self.pages["waiting"]


@dataclass(frozen=True, slots=True)
class WalkGoal:
    """What a walk is for: a `window` (backfill), or what came since the last poll.

    `since` is the time of the last poll. None means that there was none. `unfinished` says that the last poll broke off.
    """

    window: Period | None = None
    since: datetime | None = None
    unfinished: bool = False
