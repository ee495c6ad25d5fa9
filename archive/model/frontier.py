"""What the archive remembers for the next visit: of a link to be fetched, of a known article, of a channel. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.model.capture import Headers
from archive.model.link import Hints


@dataclass(frozen=True, slots=True)
class PendingLink:
    """A link to be fetched.

    `take_as_is` says that its page named another address as canonical, which could not be fetched or
    shows another text.
    """

    pk: int
    source_id: str
    url: str
    url_key: str
    hints: Hints
    take_as_is: bool


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page whose bytes are kept, and the headers with which it was answered.

    They are apart, because the record of a memento speaks of the web archive instead.
    """

    warc_file: str
    warc_offset: int
    url: str
    headers: Headers

    def header(self, name: str) -> str | None:
        """The first value of a header of the answer, by case-insensitive name. None means that there is no such header."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """An article as the last look left it. `shown` is the last kept capture that shows its state, or None."""

    pk: int
    id: str
    source_id: str
    url: str
    etag: str | None
    last_modified: str | None
    content_digest: str | None
    state_extractor: str
    hints: Hints
    withheld: bool = False
    """Its text may not be kept; the next look must read the page to learn whether that still holds."""
    shown: KeptPage | None = None
    state_layout: str | None = None
    """How its page was laid out when its state was read."""


@dataclass(frozen=True, slots=True)
class ChannelMemory:
    """Validators and digest of the last poll whose links were all recorded. They are None where the server gave none.

    `ok_at` is the time at which a poll was last answered. `unfinished` says that the last poll broke off before its end.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    ok_at: datetime | None = None
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What a channel's answer held: the number of links, and of those never seen before, and the publication times at both ends
    of its window (UTC).

    `at_least`, `skip_hours` (GMT) and `skip_days` (Monday = 0) are what the publisher asks of pollers.
    """

    items: int
    fresh: int
    newest_at: datetime | None = None
    oldest_at: datetime | None = None
    at_least: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    known: int | None = None
    """Links that the archive had seen before, the unwanted ones included; None: not counted. None of them: the window has
    moved on farther than it reaches."""
