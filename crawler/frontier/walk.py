"""The walk over one channel that is under way: a poll's, which lives as long as its job, or a backfill's, whose progress is
rows (`archive.frontier.walks`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from archive.model import walk as stored
from archive.model.article import Article
from archive.model.frontier import AnswerFacts, ChannelMemory, PendingLink
from archive.model.source import Channel, Source
from archive.model.walk import PageFacts, WalkGoal, WalkPage

MISSED = "id-missed"
"""Reason with which an id that leads to no article is left out, until the next walk asks for it again."""

LinkEnded = Callable[[PendingLink, Article | None], Awaitable[None]]
"""(the link, the article that it led to)."""


@dataclass(slots=True)
class Ids:
    """How far a walk over sequential ids has come: the ids that lead to an article, with its day where that is known; those
    that do not; those that are being asked; and how many were asked in this job."""

    known: dict[int, date | None] = field(default_factory=dict)
    missed: set[int] = field(default_factory=set)
    outstanding: set[int] = field(default_factory=set)
    asked: int = 0


@dataclass(slots=True, eq=False)
class Walk:
    """What the requests of one walk share. Whoever takes in an answer holds the `lock`."""

    source: Source
    channel: Channel
    goal: WalkGoal
    job: int | None
    priority: int
    before: ChannelMemory = ChannelMemory()  # noqa: RUF009  # immutable
    """What the archive remembered of the channel when the walk began."""
    row: stored.Walk | None = None
    """Its row, if it is a backfill's."""
    asked: set[str] = field(default_factory=set)
    """Keys of all requests."""
    chains: dict[str, list[PageFacts]] = field(default_factory=dict)
    """What the pages of each list showed, by the key of the first one."""
    waiting: int = 0
    """Requests whose end is not known yet."""
    read: int = 0
    missing: int = 0
    """Requests, counted among those read, for which there is no page: days without articles."""
    failed: list[str] = field(default_factory=list)
    """Requests that gave nothing: `URL: reason`."""
    taken: int = 0
    """Links that are articles to be."""
    memory: ChannelMemory = ChannelMemory()  # noqa: RUF009  # immutable
    """What the next poll sends, once this one has come to its end."""
    shown: AnswerFacts = AnswerFacts(0, 0, known=0)  # noqa: RUF009  # immutable
    ids: Ids = field(default_factory=Ids)
    link_ended: LinkEnded | None = None
    """Called when one of its links was looked at, where the walk's way depends on what was found."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_poll(self) -> bool:
        """Whether it is the walk of a poll, which has no row."""
        return self.row is None

    def validates(self, page: WalkPage) -> bool:
        """Return whether a page may be asked for conditionally: one answer stands for the whole channel only if it is its
        first, and the same with every poll."""
        return self.is_poll and page.chain == page.key and self.channel.kind not in ("archive", "ids")

    def add(self, shown: AnswerFacts) -> None:
        """Count one more answer that was read."""
        self.read += 1
        self.shown = merge_answers(self.shown, shown)


def merge_answers(one: AnswerFacts, other: AnswerFacts) -> AnswerFacts:
    """Return what two answers of a channel show, taken as one."""

    def longest(a: timedelta | None, b: timedelta | None) -> timedelta | None:
        return max((pause for pause in (a, b) if pause is not None), default=None)

    def ends(a: datetime | None, b: datetime | None) -> list[datetime]:
        return [at for at in (a, b) if at is not None]

    return AnswerFacts(
        one.items + other.items,
        one.fresh + other.fresh,
        max(ends(one.newest_at, other.newest_at), default=None),
        min(ends(one.oldest_at, other.oldest_at), default=None),
        longest(one.at_least, other.at_least),
        one.skip_hours | other.skip_hours,
        one.skip_days | other.skip_days,
        (one.known or 0) + (other.known or 0),
    )
