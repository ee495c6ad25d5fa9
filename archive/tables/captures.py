"""Captures: HTTP exchanges, with the place of their bytes in a WARC file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base, Key


class CaptureRow(Base):
    """One exchange (a chain of redirects is one row: its hops are WARC records of their own, listed in `redirects`)."""

    __tablename__ = "captures"
    __table_args__ = (Index("ix_captures_warc_file_warc_offset", "warc_file", "warc_offset"),)

    pk: Mapped[Key]
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), index=True)
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(index=True)
    final_url: Mapped[str]
    requested_at: Mapped[datetime]
    captured_at: Mapped[datetime] = mapped_column(index=True)
    """When the publisher had answered: to whom, says `origin`."""
    origin: Mapped[str] = mapped_column(default="live", server_default=text("'live'"))
    """`live`: we asked ourselves; `wayback`: a web archive had asked, and replayed it to us at `requested_at`; `warc`: it was
    read then from a WARC file that others made."""
    origin_url: Mapped[str | None]
    """Where the web archive replays it, or where the WARC file lies."""
    origin_offset: Mapped[int | None]
    """Byte of that file at which its record begins."""
    status: Mapped[int]
    headers: Mapped[list[Any]]
    """[[name, value], …] as received."""
    redirects: Mapped[list[Any]]
    """[{"url", "status", "location"}, …] in order."""
    ip: Mapped[str | None]
    truncated: Mapped[str | None]
    payload_digest: Mapped[str | None]
    """`sha256:<hex>` of the body as transferred."""
    content_digest: Mapped[str | None]
    """`sha256:<hex>` of the body after content decoding: equal pages are equal here whatever the compression."""
    length: Mapped[int]
    """Bytes of the body as transferred."""
    kept: Mapped[str]
    """`response` (whole, in the WARC file), `revisit` (a WARC revisit record), `digest` (headers and digests only:
    the text had not changed), `withheld` (the publisher does not allow keeping it: headers and digests only)."""
    withheld_because: Mapped[str | None]
    rights: Mapped[dict[str, Any]]
    robots_state: Mapped[str | None]
    warc_file: Mapped[str | None]
    """File name within the WARC folder."""
    warc_offset: Mapped[int | None]
    """Byte at which the answering record starts; it is the last record of its exchange."""
    warc_length: Mapped[int | None]
    warc_record_id: Mapped[str | None]
