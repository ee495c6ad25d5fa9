"""The state of everything at a glance: open alarms, who fetches, what waits, what comes next, how much there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.query.base import Reader, reading
from archive.queue.workers import database_now
from archive.storage.queries import pairs
from archive.tables import (
    AlarmRow,
    ArticleRow,
    CaptureRow,
    ChannelRow,
    JobRow,
    LinkRow,
    RevisionRow,
    SourceRow,
    WorkerRow,
)

FAR = datetime(9000, 1, 1, tzinfo=UTC)
"""What is planned later than this is not planned at all (archive/planning/polls.py)."""
NEXT = 3
"""Polls shown as coming next."""


@dataclass(frozen=True, slots=True)
class AlarmView:
    """Something about a source that somebody should look at. It is open while `closed_at` is None."""

    source: str
    kind: str
    detail: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A fetching process that has not ended.

    `alive` says that it was heard of lately. `jobs` is the number of jobs that it holds.
    """

    name: str
    started_at: datetime
    alive: bool
    jobs: int


@dataclass(frozen=True, slots=True)
class NextPoll:
    """A poll that is planned, and the reason for its time."""

    source: str
    channel: str
    at: datetime
    why: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What goes on in the archive.

    `health` counts the sources by state (see `source_health`), `jobs` counts the jobs by state. `late_since` is the time for
    which the most overdue poll waits. `oldest_due_at` is the time at which the job that waits longest was due. Both are None
    where nothing waits.
    """

    workers: tuple[WorkerView, ...]
    jobs: Mapping[str, int]
    next_polls: tuple[NextPoll, ...]
    late_since: datetime | None
    oldest_due_at: datetime | None
    health: Mapping[str, int]
    alarms: Mapping[str, int]
    last_capture_at: datetime | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How much the archive holds."""

    articles: int
    revisions: int
    captures: int
    links: Mapping[str, int]


def open_alarms(reader: Reader) -> list[AlarmView]:
    """The alarms that are open, oldest first."""
    with reading(reader) as session:
        rows = session.scalars(
            select(AlarmRow).where(AlarmRow.closed_at.is_(None)).order_by(AlarmRow.opened_at, AlarmRow.pk)
        )
        return [AlarmView(row.source_id, row.kind, row.detail, row.opened_at) for row in rows]


def overview(reader: Reader, now: datetime) -> Overview:
    """What goes on in the archive. `now` is the archive's time. Whether a process lives is judged by the database's clock."""
    with reading(reader) as session:
        due = _scheduled()
        late = session.execute(due.where(ChannelRow.next_poll_at <= now).limit(1)).first()
        coming = session.execute(due.limit(NEXT)).all()
        return Overview(
            workers=tuple(_workers(session)),
            jobs=pairs(session, select(JobRow.state, func.count()).group_by(JobRow.state)),
            next_polls=tuple(NextPoll(*row) for row in coming),
            late_since=late[2] if late else None,
            oldest_due_at=session.scalar(select(func.min(JobRow.due_at)).where(JobRow.is_in("ready"))),
            health=Counter(source_health(session).values()),
            alarms=pairs(
                session, select(AlarmRow.kind, func.count()).where(AlarmRow.closed_at.is_(None)).group_by(AlarmRow.kind)
            ),
            last_capture_at=session.scalar(select(func.max(CaptureRow.captured_at))),
        )


def totals(reader: Reader) -> Totals:
    """How much the archive holds. On a large archive this takes seconds."""
    with reading(reader) as session:
        return Totals(
            articles=session.scalar(select(func.count()).select_from(ArticleRow)) or 0,
            revisions=session.scalar(select(func.count()).select_from(RevisionRow)) or 0,
            captures=session.scalar(select(func.count()).select_from(CaptureRow)) or 0,
            links=pairs(session, select(LinkRow.state, func.count()).group_by(LinkRow.state)),
        )


def source_health(session: Session) -> dict[str, str]:
    """The state of each source, as in v_source_health.

    It is `disabled`, `paused`, `alarm` (one is open), `new` (no poll was answered yet) or `ok`.
    """
    alarmed = set(session.scalars(select(AlarmRow.source_id).where(AlarmRow.closed_at.is_(None))))
    answered = set(session.scalars(select(ChannelRow.source_id).where(ChannelRow.ok_at.is_not(None))))
    return {
        source_id: "disabled"
        if not enabled
        else "paused"
        if paused_at is not None
        else "alarm"
        if source_id in alarmed
        else "ok"
        if source_id in answered
        else "new"
        for source_id, enabled, paused_at in session.execute(
            select(SourceRow.id, SourceRow.enabled, SourceRow.paused_at)
        )
    }


def _scheduled() -> Select[*tuple[Any, ...]]:
    return (
        select(ChannelRow.source_id, ChannelRow.key, ChannelRow.next_poll_at, ChannelRow.why)
        .join(SourceRow, SourceRow.id == ChannelRow.source_id)
        .where(ChannelRow.next_poll_at < FAR, SourceRow.enabled, SourceRow.paused_at.is_(None))
        .order_by(ChannelRow.next_poll_at)
    )


def _workers(session: Session) -> list[WorkerView]:
    now = database_now(session)
    leased = pairs(
        session,
        select(JobRow.worker_pk, func.count()).where(JobRow.is_in("leased", "fetching")).group_by(JobRow.worker_pk),
    )
    rows = session.scalars(select(WorkerRow).where(WorkerRow.ended_at.is_(None)).order_by(WorkerRow.pk))
    return [WorkerView(row.name, row.started_at, row.lease_until > now, leased.get(row.pk, 0)) for row in rows]
