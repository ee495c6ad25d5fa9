"""A walk: the reading of one channel for a window of days, and what became of all that it came across."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from archive.model.period import Period

WalkState = Literal["open", "ended"]
PageState = Literal["waiting", "read", "failed", "passed"]
"""waiting: to be asked; read: its links are filed; failed: given up after n tries; passed: left out on purpose."""


@dataclass(frozen=True, slots=True)
class WalkPage:
    """One list request of a walk.

    `key` tells it from others; `chain` is the key of the request with which its list began (its own where it begins one);
    `number` its place in that list, from 1, or of a sitemap how many indexes lead to it. `pk`: its row, once it has one.
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
    """What is left of a page that was read: its request, how many links, how many of them never seen before, the newest day
    that one bears, and a digest of their addresses ("" for none)."""

    key: str
    links: int
    fresh: int
    newest: date | None = None
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """A channel (its key) walked for a window. `reason`: why it ended."""

    pk: int
    source_id: str
    channel: str
    window: Period
    state: WalkState
    reason: str | None = None


@dataclass(slots=True)
class Tally:
    """What became of a walk's requests (`pages`, by state) and links.

    `captured`: articles of the window; `outside` and `undated`: articles captured that by their own date lie outside of it,
    or have none; `excluded` and `failed` by the names of reasons. What is `pending` was not asked, or is to be asked again.
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
        """All links that the walk came across."""
        kept = self.captured + self.outside + self.undated
        return kept + self.pending + self.excluded.total() + self.failed.total()

    @property
    def complete(self) -> bool:
        """Whether every request and every link has its end."""
        return not self.pending and not self.pages["waiting"]


@dataclass(frozen=True, slots=True)
class WalkGoal:
    """What a walk is for: a `window` (backfill), or what came since the last poll (`since`; None: there was none).

    `unfinished`: the last poll broke off."""

    window: Period | None = None
    since: datetime | None = None
    unfinished: bool = False
