"""Runs: what each crawl did, for `dateline status` and for whoever asks later what was tried. The archive's own name is here,
too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base, Key


class RunRow(Base):
    """One crawl from start to end. `finished_at` stays None if the process died."""

    __tablename__ = "runs"

    pk: Mapped[Key]
    kind: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    summary: Mapped[dict[str, Any] | None]
    """Per source: counts by outcome and by reason."""


class MetaRow(Base):
    """Facts about the archive itself. `archive_id` is its random name, which its WARC files carry."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
