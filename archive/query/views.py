"""The answers of queries: plain frozen values, detached from the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.model.article import ArticleStatus, Caption, ClaimedTime, Relation, TextScope
from archive.model.capture import LIVE, Origin
from archive.model.decisions.diff import FieldChange
from archive.model.revision import Outcome
from archive.query.health import AlarmView


@dataclass(frozen=True, slots=True)
class RevisionView:
    """One published state of an article, with the place of the bytes from which it was read.

    `changes` says what changed against the state before it in time.
    """

    number: int
    captured_at: datetime
    title: str | None
    lead: str | None
    body: str | None
    authors: tuple[str, ...]
    captions: tuple[Caption, ...]
    language: str | None
    published: ClaimedTime | None
    modified: ClaimedTime | None
    content_hash: str
    changes: tuple[str, ...]
    extractor: str
    provenance: Mapping[str, str]
    reasons: Mapping[str, str]
    warc_file: str | None
    warc_offset: int | None
    first_captured_at: datetime
    """When the oldest page was captured that shows it: `captured_at` is of the page that it was read from."""
    origin: Origin = LIVE
    """Who made the capture that it was read from."""
    noarchive: bool = False
    """The last look that showed it found `noarchive`: it is for the owner of the archive alone."""
    withheld_because: str | None = None
    """Why the text is left out, where the revision is handed to others."""


@dataclass(frozen=True, slots=True)
class LineageView:
    """The source from which an article was taken.

    `article_id` is given where the archive holds the original, else `url` or only a `name`.
    """

    relation: Relation
    article_id: str | None
    url: str | None
    name: str | None
    evidence: tuple[str, ...]
    copied_share: float | None


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article with all its revisions in the order in which they were published.

    `revision` is the one asked for, by default the one last seen. Of a withheld article there are metadata only: `revision` is
    None, and `withheld_because` says why.
    """

    id: str
    source: str
    source_name: str
    timezone: str
    url: str
    canonical_url: str
    original_url: str | None
    status: ArticleStatus
    text_scope: TextScope
    declared_language: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    looked_at: datetime
    aliases: tuple[str, ...]
    lineage: tuple[LineageView, ...]
    revisions: tuple[RevisionView, ...]
    revision: RevisionView | None
    withheld_because: str | None = None
    duplicate_of: str | None = None
    """Id of the article that is the same piece at its new address."""
    country: str | None = None
    """Of the source."""
    noarchive: bool = False
    """The last look that showed the page found `noarchive`: what is kept of it is for the owner of the archive alone."""


@dataclass(frozen=True, slots=True)
class Look:
    """One observation.

    `wrote` says that it made the revision that it shows. `http_status` is None where there was no answer. `observed_at` is the
    time at which we recorded it. `captured_at` is older for a page that others captured. It is None where there was no answer.
    """

    observed_at: datetime
    captured_at: datetime | None
    origin: Origin
    outcome: Outcome
    detail: str | None
    revision: int | None
    wrote: bool
    http_status: int | None


@dataclass(frozen=True, slots=True)
class History:
    """All that happened to an article: its revisions, and every look at it, by the time of capture, oldest first."""

    article: ArticleView
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class RevisionDiff:
    """What the publisher changed between two revisions of an article."""

    article: ArticleView
    old: RevisionView
    new: RevisionView
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, by its matching revision.

    `snippet` is text around the match, and `marks` are the places of the words found in it (start, end). `current` says that
    the revision is the one last seen. `rank` is None if no text was searched for.
    """

    id: str
    source: str
    url: str
    title: str | None
    snippet: str
    marks: tuple[tuple[int, int], ...]
    language: str | None
    published: ClaimedTime | None
    captured_at: datetime
    status: ArticleStatus
    revision: int
    current: bool
    rank: float | None
    country: str | None
    """Of the source."""
    lead: str | None
    authors: tuple[str, ...]
    first_seen_at: datetime
    noarchive: bool = False
    """The article or this revision is for the owner of the archive alone."""


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """How the last poll of a channel went. `failures` is the number of failed polls in a row."""

    key: str
    polled_at: datetime | None
    outcome: str | None
    detail: str | None
    items: int | None
    newest_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class SignalCounts:
    """Articles by what follows from the signals of their publisher."""

    noarchive: int = 0
    """Kept, and for the owner of the archive alone."""
    withheld_noarchive: int = 0
    """Not kept, because of `noarchive` alone."""
    withheld_tdm: int = 0
    """Not kept, because of a TDM reservation."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What the archive holds of a source, and what is still to be done."""

    source: str
    name: str
    country: str | None
    enabled: bool
    verified_at: datetime | None
    articles: int
    withheld: int
    """Articles that are not kept."""
    gone: int
    revisions: int
    captures: int
    pending: int
    excluded: int
    failed: int
    last_article_at: datetime | None
    channels: tuple[ChannelStatus, ...]
    health: str = "ok"
    """`disabled`, `paused`, `alarm` (one is open), `new` (no poll was answered yet) or `ok`."""
    alarms: tuple[AlarmView, ...] = ()
    next_poll_at: datetime | None = None
    """When the schedule polls next; None: it does not."""
    signals: SignalCounts = SignalCounts()
    """How many articles bear signals of their publisher."""

    @property
    def noarchive(self) -> int:
        """Articles that are kept for the owner of the archive alone."""
        return self.signals.noarchive

    @property
    def polled_at(self) -> datetime | None:
        """The time at which any channel was polled last. None means never."""
        return max((c.polled_at for c in self.channels if c.polled_at), default=None)
