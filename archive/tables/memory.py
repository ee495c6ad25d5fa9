"""Rows about what was learnt of the sources' sites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base, Key


class SiteMemoryRow(Base):
    """The state of learning for one source, and how its present template does."""

    __tablename__ = "site_memories"

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    seen: Mapped[int] = mapped_column(default=0)
    """Distinct articles since learning last began: it goes in steps of these."""
    recent: Mapped[str] = mapped_column(default="")
    """The last pages read by template, the newest last, a letter each (`archive.model.site_memory.mark`)."""
    fitted: Mapped[int] = mapped_column(default=0)
    misfitted: Mapped[int] = mapped_column(default=0)
    """Pages since the present template was learnt."""
    checked_at: Mapped[datetime | None]
    last_misfit: Mapped[str | None]
    """What did not fit last, and where."""
    redesigned_at: Mapped[datetime | None]
    """When a template was last retired because the pages had changed; None once another one is learnt."""
    redesign: Mapped[str | None]
    """What was seen then."""


class TemplateRow(Base):
    """What was learnt of a source at one time. The row that is not retired is in force."""

    __tablename__ = "templates"
    __table_args__ = (Index("ix_templates_source_id", "source_id"),)

    pk: Mapped[Key]
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    format: Mapped[int]
    """`archive.model.site_memory.FORMAT` of the code that learnt it; others ignore it."""
    digest: Mapped[str]
    """Part of the extractor's version for pages that were read with it."""
    learnt: Mapped[dict[str, Any]]
    """`archive.model.site_memory.Learnt` as JSON."""
    seen: Mapped[int]
    """Distinct articles seen when it was learnt."""
    learnt_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_because: Mapped[str | None]


class EvidenceRow(Base):
    """What the page of one article teaches, until that is learnt."""

    __tablename__ = "evidence"

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    article_pk: Mapped[int] = mapped_column(ForeignKey("articles.pk"), primary_key=True)
    format: Mapped[int]
    noted_at: Mapped[datetime]
    evidence: Mapped[dict[str, Any]]
    """`archive.model.site_memory.Evidence` as JSON."""
