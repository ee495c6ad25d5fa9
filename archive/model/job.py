"""Crawl jobs: orders of work. The scheduler makes them, the crawler carries them out. Neither imports the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Literal

from archive.model.period import Period
from archive.model.source import Channel, Source

JobKind = Literal["poll", "revisit", "backfill", "check"]
RevisitMode = Literal["due", "all", "none"]


class Priority(IntEnum):
    """The urgency of a job. Lower numbers go first: fresh polls never wait for anything else."""

    asked = 0
    """Somebody wants it now."""
    poll = 10
    pending = 20
    """Links that an earlier job left."""
    revisit = 30
    backfill = 40


BACKFILL_SHARE = 0.8
"""Of the requests that a host gets in a day, backfills bring it to no more than this: the rest is for what is new."""


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """A job with what is needed to carry it out.

    - `poll`: ask the channels for new links and fetch them, with the links that earlier jobs left. Without channels, fetch only the latter.
    - `revisit`: look again at the articles with these keys (`articles.pk`).
    - `backfill`: walk the channels for what was published in `window`.
    - `check`: find out whether the source has a live channel (`archive.planning.checks`).

    `limit` is the largest number of articles. None means all. `pk` is the key of the job's row, or None if it has none.
    `priority` orders the requests to one host. `unchecked` says that nobody has seen the source alive, so a poll checks it
    first.
    """

    source: Source
    kind: JobKind
    channels: tuple[Channel, ...] = ()
    articles: tuple[int, ...] = ()
    limit: int | None = None
    pk: int | None = None
    priority: int = Priority.poll
    window: Period | None = None
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A job to be put into the queue. `JobRow` describes the fields.

    `due_at` is UTC. `why` is for people. For a backfill, `channel` is the key of the channel to walk and `window` the days to
    walk it for. For a check, `entry` is the source's registry entry, and `failures` counts the checks in a row that saw no live
    channel.
    """

    source_id: str
    kind: JobKind
    key: str
    due_at: datetime
    why: str
    priority: int
    articles: tuple[int, ...] = ()
    channel: str | None = None
    window: Period | None = None
    entry: Mapping[str, Any] | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class LeasedJob:
    """A job that a worker has taken."""

    pk: int
    source_id: str
    kind: JobKind
    key: str
    priority: int
    articles: tuple[int, ...] = ()
    channel: str | None = None
    window: Period | None = None
    entry: Mapping[str, Any] | None = None
    failures: int = 0


FIRST_REST = timedelta(minutes=15)
REST_GROWTH = 4
LONGEST_REST = timedelta(hours=24)
REST_OFFLINE = timedelta(minutes=5)
"""A machine that is not online says nothing about sources: they are looked at again after so long."""


def rest_after_check(failures: int) -> timedelta:
    """The pause before a source is checked again that had no live channel in so many checks in a row.

    It is 15 minutes, an hour, 4 hours, 16 hours, then a day each time.
    """
    growth: int = REST_GROWTH ** min(max(0, failures - 1), 8)
    return min(LONGEST_REST, FIRST_REST * growth)
