"""Rows about sources, their channels and hosts: what the registry cannot know and a crawl learns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base


class SourceRow(Base):
    """A source known to this archive. The registry entry says what it is. This row holds its state here."""

    __tablename__ = "sources"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    homepage: Mapped[str]
    country: Mapped[str | None]
    language: Mapped[str | None]
    """Primary language of the registry entry."""
    kind: Mapped[str | None]
    timezone: Mapped[str | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    verified_at: Mapped[datetime | None]
    """When a check last saw live items; None: never."""
    added_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    """Since when `dateline schedule pause` holds its polls and revisits back."""
    run_at: Mapped[datetime | None]
    """`dateline schedule run` asked at this time for a poll at once; None: it was planned."""
    found: Mapped[list[Any] | None]
    """The channels that autodiscovery found, as a registry would name them; for a source whose entry names none."""
    found_at: Mapped[datetime | None]
    """When it last looked for them."""
    habit: Mapped[dict[str, Any] | None]
    """How its articles are edited, as learnt: see `archive.model.history.Habit`."""


class ChannelRow(Base):
    """What the last polls of a channel left: validators, digest and health."""

    __tablename__ = "channels"
    __table_args__ = (
        Index(
            "ix_channels_unplanned",
            "source_id",
            sqlite_where=text("next_poll_at IS NULL"),
            postgresql_where=text("next_poll_at IS NULL"),
        ),
        Index("ix_channels_next_poll_at", "next_poll_at"),
    )

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """`kind:url` of the registry."""
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_digest: Mapped[str | None]
    """Digest of the last body that was processed to the end: some feeds lie with 304, others never send it."""
    polled_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """`ok`, `not-modified`, `same-body` or the name of a failure."""
    detail: Mapped[str | None]
    items: Mapped[int | None]
    newest_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Failed polls in a row."""
    weight: Mapped[float] = mapped_column(Float, default=0.0)
    """The same, weighed by kind (see archive/model/failure.py)."""
    added_at: Mapped[datetime | None]
    ok_at: Mapped[datetime | None]
    """The last poll that was answered usably."""
    look_by: Mapped[datetime | None]
    """When the schedule wanted the first poll after `ok_at`; kept while polls fail, else None."""
    latest_at: Mapped[datetime | None]
    """The latest time of an item that it ever showed, the future left out: `newest_at` behind it goes backwards."""
    fresh: Mapped[int | None]
    """Links never seen before in the last answer that was read."""
    oldest_at: Mapped[datetime | None]
    at_least: Mapped[int | None]
    """Seconds between polls that the server or the feed asks for at least."""
    skip_hours: Mapped[list[Any] | None]
    """Hours (0-23, GMT) in which the feed does not want to be asked (RSS 2.0)."""
    skip_days: Mapped[list[Any] | None]
    """Days, Monday = 0, likewise."""
    rhythm: Mapped[dict[str, Any] | None]
    """The publication rate learnt: see `archive.model.history.Rhythm`."""
    learnt_at: Mapped[datetime | None]
    """Links found until then are part of `rhythm`."""
    next_poll_at: Mapped[datetime | None]
    """None: not planned yet, or something happened since."""
    why: Mapped[str | None]
    """Why then."""
    fired_at: Mapped[datetime | None]
    """When a poll was last ordered."""


class HostRow(Base):
    """A host as a unit of politeness: robots, TDM file, pause. One row for each scheme, name and port."""

    __tablename__ = "hosts"

    origin: Mapped[str] = mapped_column(primary_key=True)
    """`https://example.org` or `http://example.org:8080`."""
    robots_state: Mapped[str | None]
    """`ok` (parsed), `unavailable` (4xx: all allowed), `unreachable` (5xx or no answer: all disallowed)."""
    robots_body: Mapped[str | None]
    robots_fetched_at: Mapped[datetime | None]
    tdm_body: Mapped[str | None]
    """Text of /.well-known/tdmrep.json; None where there is none."""
    tdm_fetched_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    """No request before this time: the host said Retry-After, or keeps failing."""
    pause_reason: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Failed requests in a row, for the length of the next pause."""
