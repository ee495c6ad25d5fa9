"""What the archive remembers about channels: validators for the next poll, and how the last one went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.tables import ChannelRow
from archive.writer import Transaction


@dataclass(frozen=True, slots=True)
class ChannelMemory:
    """Validators and digest of the last poll whose links were all filed; None where the server gave none."""

    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None


def recall_channels(session: Session, source_ids: Iterable[str]) -> dict[tuple[str, str], ChannelMemory]:
    """Memory by (source id, channel key)."""
    wanted = select(ChannelRow).where(ChannelRow.source_id.in_(list(source_ids)))
    return {
        (row.source_id, row.key): ChannelMemory(row.etag, row.last_modified, row.body_digest)
        for row in session.scalars(wanted)
    }


def remember_poll(
    tx: Transaction,
    source_id: str,
    key: str,
    *,
    memory: ChannelMemory,
    polled_at: datetime,
    outcome: str,
    items: int | None = None,
    newest_at: datetime | None = None,
) -> None:
    """A poll that was carried out to the end. `memory` replaces what was known; must share the transaction of the links."""
    row = _row(tx, source_id, key)
    row.etag = memory.etag
    row.last_modified = memory.last_modified
    row.body_digest = memory.body_digest
    row.polled_at = polled_at
    row.outcome = outcome
    row.detail = None
    row.failures = 0
    if items is not None:
        row.items = items
        row.newest_at = newest_at


def remember_failed_poll(tx: Transaction, source_id: str, key: str, *, polled_at: datetime, reason: str) -> None:
    """A poll that gave nothing usable; the validators stay, so that the next poll asks as if this one had not been."""
    row = _row(tx, source_id, key)
    row.polled_at = polled_at
    row.outcome = "failed"
    row.detail = reason
    row.failures += 1


def _row(tx: Transaction, source_id: str, key: str) -> ChannelRow:
    row = tx.session.get(ChannelRow, (source_id, key))
    if row is None:
        row = ChannelRow(source_id=source_id, key=key, failures=0)
        tx.session.add(row)
    return row
