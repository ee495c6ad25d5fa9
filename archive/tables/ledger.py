"""The coverage ledger, and the alarms about sources."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base, Key


class CoverageRow(Base):
    """One source on one day of its own time zone."""

    __tablename__ = "coverage"
    __table_args__ = (
        Index("ix_coverage_day", "day"),
        Index(
            "ix_coverage_pending",
            "source_id",
            sqlite_where=text("pending > 0"),
            postgresql_where=text("pending > 0"),
        ),
    )

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    """YYYY-MM-DD in the source's zone."""
    expected: Mapped[float | None] = mapped_column(Float)
    """Items that the learnt rate lets expect, up to `counted_at` where the day is not over; None while nothing is learnt."""
    found: Mapped[int] = mapped_column(default=0)
    """Links that channels showed for that day (by the date that they claim, else the day we found them)."""
    captured: Mapped[int] = mapped_column(default=0)
    excluded: Mapped[dict[str, Any]]
    """By reason."""
    failed: Mapped[dict[str, Any]]
    """By reason: given up after all tries."""
    pending: Mapped[int] = mapped_column(default=0)
    polls_ok: Mapped[int] = mapped_column(default=0)
    polls_failed: Mapped[int] = mapped_column(default=0)
    walks: Mapped[int] = mapped_column(default=0)
    """Backfills that walked a channel over that day, after it had ended, to the end."""
    gap_seconds: Mapped[int] = mapped_column(default=0)
    """For so long of that day nobody looked, or items may have left the channel unseen."""
    counted_at: Mapped[datetime | None]


class GapRow(Base):
    """A time in which items of a channel may have appeared and left it unseen."""

    __tablename__ = "gaps"
    __table_args__ = (
        Index("ix_gaps_source_id_since", "source_id", "since"),
        Index("ix_gaps_until", "until"),
        Index("ix_gaps_noted_at", "noted_at"),
    )

    pk: Mapped[Key]
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    channel: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str]
    """`rolled-over`: the channel's window had moved on since the last poll. `unattended`: no usable answer for longer than
    was planned."""
    noted_at: Mapped[datetime]


class AlarmRow(Base):
    """Something about a source that somebody should look at. It is open until the source is well again."""

    __tablename__ = "alarms"
    __table_args__ = (
        Index("ix_alarms_source_id_kind", "source_id", "kind"),
        Index(
            "uq_alarms_open",
            "source_id",
            "kind",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    pk: Mapped[Key]
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    kind: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    detail: Mapped[str]
    opening_told_at: Mapped[datetime | None]
    """When the webhook took the news."""
    closing_told_at: Mapped[datetime | None]
