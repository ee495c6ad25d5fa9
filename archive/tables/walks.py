"""Walks: the reading of one channel for a stretch of days, request by request, so that it goes on where it stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, TextClause, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base, Key

OPEN = "state = 'open'"


class WalkRow(Base):
    """A channel walked for a window of days. At most one is open for each channel and window."""

    __tablename__ = "walks"
    __table_args__ = (
        Index(
            "uq_walks_open",
            "source_id",
            "channel",
            "first",
            "last",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )

    pk: Mapped[Key]
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    channel: Mapped[str]
    """`kind:url` of the registry."""
    first: Mapped[str]
    """YYYY-MM-DD in the source's zone, as is `last`; both days are part of the window."""
    last: Mapped[str]
    state: Mapped[str]
    """`open` or `ended`."""
    reason: Mapped[str | None]
    """Why it ended."""
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @classmethod
    def is_open(cls) -> TextClause:
        """The condition for walks that have not ended, in the words of their index."""
        return text(f"walks.{OPEN}")


class WalkPageRow(Base):
    """One list request of a walk: what is needed to make it again, and what is kept of its answer."""

    __tablename__ = "walk_pages"
    __table_args__ = (UniqueConstraint("walk_pk", "key"), Index("ix_walk_pages_walk_pk_state", "walk_pk", "state"))

    pk: Mapped[Key]
    walk_pk: Mapped[int] = mapped_column(ForeignKey("walks.pk"))
    key: Mapped[str]
    """What tells the request from others: its address as a key, and its form."""
    url: Mapped[str]
    method: Mapped[str]
    form: Mapped[list[Any]]
    """[[name, value], …] sent by POST."""
    chain: Mapped[str]
    """Key of the request with which the list began that this one carries on; its own where it begins one."""
    number: Mapped[int]
    """Place in the chain, from 1; of a sitemap, how many indexes lead to it."""
    state: Mapped[str]
    """`waiting`, `read`, `failed` (given up after n tries) or `passed` (left out on purpose)."""
    reason: Mapped[str | None]
    """Why it failed or was left out; of a page that was read, why the list was not followed farther."""
    attempts: Mapped[int] = mapped_column(default=0)
    links: Mapped[int | None]
    """Links that the answer showed, …"""
    fresh: Mapped[int | None]
    """… those never seen before, …"""
    newest: Mapped[str | None]
    """… the newest day (YYYY-MM-DD) that one of them bears, …"""
    shown: Mapped[str | None]
    """… and a digest of their addresses: a server that answers two requests with one page goes in circles."""
    done_at: Mapped[datetime | None]
    offset: Mapped[int | None]
    """Of a WARC file: the byte at which the first record begins that is not recorded yet."""


class MementoRow(Base):
    """A capture that a web archive lists of a link's address, until it is recorded or carries a reason."""

    __tablename__ = "mementos"
    __table_args__ = (UniqueConstraint("link_pk", "channel", "timestamp"),)

    pk: Mapped[Key]
    link_pk: Mapped[int] = mapped_column(ForeignKey("links.pk"))
    channel: Mapped[str]
    """Key of the channel that names the web archive."""
    timestamp: Mapped[str]
    """YYYYMMDDhhmmss, UTC: with the address, the archive's name for the capture."""
    url: Mapped[str]
    """The address as the archive lists it."""
    digest: Mapped[str | None]
    """Of the content, as the archive lists it."""
    state: Mapped[str]
    """`waiting`, `done`, `excluded` or `failed`."""
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]


class WalkLinkRow(Base):
    """A link that a walk found."""

    __tablename__ = "walk_links"
    __table_args__ = (Index("ix_walk_links_link_pk", "link_pk"),)

    walk_pk: Mapped[int] = mapped_column(ForeignKey("walks.pk"), primary_key=True)
    link_pk: Mapped[int] = mapped_column(ForeignKey("links.pk"), primary_key=True)
    reason: Mapped[str | None]
    """Why the walk does not want it: `outside-window`, `rule`, `other-site`; None: it is to be fetched, or was."""
