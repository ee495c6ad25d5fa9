"""Crawl jobs and the processes that carry them out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, ForeignKey, Index, TextClause, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base, Key

OPEN = "state IN ('ready', 'leased')"
BACKFILL = "kind = 'backfill'"
"""A condition of an index must stand in a question as it stands there, without parameters, or SQLite does not use the index."""


class WorkerRow(Base):
    """One fetching process from its start to its end.

    Its key is the fence of all that it leases: a process that lost its lease can neither complete a job nor commit a look.
    """

    __tablename__ = "workers"

    pk: Mapped[Key]
    name: Mapped[str]
    """`machine:pid:mark`; see archive/queue/workers.py."""
    started_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    """By the database's clock: leases are about processes, not about the time in which articles appear."""
    committed: Mapped[int] = mapped_column(default=0)
    """Number of the last group of works that it committed: after a broken connection it tells whether a COMMIT came about."""
    ended_at: Mapped[datetime | None]
    """By the database's clock. None: it works, or died and is not missed yet."""
    ended_because: Mapped[str | None]
    """`stopped`, `recycled: <why>` or `lost`."""


class JobRow(Base):
    """One order of work. At most one is ready or leased for each source, kind and key."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "uq_jobs_open",
            "source_id",
            "kind",
            "key",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index("ix_jobs_backfill", "kind", sqlite_where=text(BACKFILL), postgresql_where=text(BACKFILL)),
        Index("ix_jobs_finished_at", "finished_at"),
    )

    pk: Mapped[Key]
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    kind: Mapped[str]
    """`poll`, `revisit`, `backfill` or `check`."""
    key: Mapped[str]
    """What tells apart the jobs of a source and kind: a channel's key, a window of days, or nothing."""
    payload: Mapped[dict[str, Any]]
    priority: Mapped[int]
    """Lower goes first."""
    why: Mapped[str | None]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    state: Mapped[str]
    """`ready`, `leased`, `fetching`, `done` or `failed`; of checks also `resting`: to be ordered anew once it is due."""
    worker_pk: Mapped[int | None] = mapped_column(ForeignKey("workers.pk"), index=True)
    """Who has it, or had it last."""
    leases: Mapped[int] = mapped_column(default=0)
    """How often it was taken: more than once where a process died or handed it back."""
    leased_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    @classmethod
    def is_in(cls, *states: str) -> ColumnElement[bool]:
        """The condition for jobs in one of these states, none of which is an end.

        The jobs that are over stay for a day, and are a hundred times as many. The index of `finished_at` leaves them out.
        """
        return and_(cls.finished_at.is_(None), cls.state.in_(states))

    @classmethod
    def is_backfill(cls) -> TextClause:
        """The condition for jobs of backfills, in the words of their index."""
        return text(f"jobs.{BACKFILL}")


class HostSlotRow(Base):
    """A host as a unit of politeness: who may ask it, from when on, and how often it was asked today."""

    __tablename__ = "host_slots"

    host: Mapped[str] = mapped_column(primary_key=True)
    """Host name, with its port unless that is the scheme's own."""
    worker_pk: Mapped[int | None] = mapped_column(ForeignKey("workers.pk"), index=True)
    next_at: Mapped[datetime | None]
    """No request before this time: the delay that the last holder left."""
    delay: Mapped[float] = mapped_column(Float, default=0.0)
    """Seconds between requests as its holder keeps them: what must pass first if the holder dies."""
    day: Mapped[str | None]
    """The day (UTC, YYYY-MM-DD) to which `requests` belongs."""
    requests: Mapped[int] = mapped_column(default=0)
    failures: Mapped[float] = mapped_column(Float, default=0.0)
    """Weight of the failures in a row (see archive/queue/host_slots.py)."""
    failed_at: Mapped[datetime | None]
    """The last of them."""
