"""Links: every URL that a channel ever showed, until it is captured or carries a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, TextClause, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base, Key

FAILED = "state = 'failed'"
"""The state is also the first column of its index: or SQLite takes the one of all states, which has the order of sources."""


class LinkRow(Base):
    """One address of one source. It is written in the transaction that marks its channel as read, so a crash loses no link."""

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("source_id", "url_key"),
        Index("ix_links_state_source_id", "state", "source_id"),
        Index("ix_links_source_id_dated_at", "source_id", "dated_at"),
        Index("ix_links_source_id_found_at", "source_id", "found_at"),
        Index("ix_links_failed", "state", "found_at", sqlite_where=text(FAILED), postgresql_where=text(FAILED)),
    )

    pk: Mapped[Key]
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    url_key: Mapped[str]
    url: Mapped[str]
    channel: Mapped[str | None]
    """Key of the channel that showed it first."""
    hints: Mapped[dict[str, Any]]
    found_at: Mapped[datetime]
    dated_at: Mapped[datetime]
    """The publication time that the channel claims, else `found_at`: to which day of the ledger it belongs."""
    seen_at: Mapped[datetime]
    """When a channel last showed it."""
    state: Mapped[str]
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    """A pending link is left alone until then; None: the next crawl takes it."""
    article_pk: Mapped[int | None] = mapped_column(ForeignKey("articles.pk"), index=True)
    canonical_key: Mapped[str | None] = mapped_column(index=True)
    """For an alias: key of the address that its page names as canonical, and that is fetched in its place."""
    text_sketch: Mapped[dict[str, Any] | None]
    """For an alias that waits for its canonical address: what its text is to be compared with that of the article there by
    (`archive.model.text.sketch`). None: nothing is known of its text."""

    @classmethod
    def is_failed(cls) -> TextClause:
        """The condition for links that were given up, in the words of their index."""
        return text(f"links.{FAILED}")

    @classmethod
    def is_among_these(cls, state: str) -> ColumnElement[bool]:
        """The condition for links in this state, of links that are given by their keys.

        SQLite, which does not count rows, would rather go through all links in that state by its index. With an expression it
        cannot. PostgreSQL goes by the keys either way.
        """
        return cls.state.concat("") == state
