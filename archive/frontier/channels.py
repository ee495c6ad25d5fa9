"""What the archive remembers about channels: validators for the next poll, and how the last one went."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.model.decisions.gaps import rolled_over, unattended_gap
from archive.model.failure import WEIGHTS, kind_of
from archive.model.frontier import AnswerFacts, ChannelMemory
from archive.monitoring import coverage_ledger
from archive.tables import ChannelRow
from archive.writer.writer import Transaction

UNFINISHED = "unfinished"
"""Outcome of a poll that is turning pages, or that could not read all of them."""


def load_channels(session: Session, source_ids: Iterable[str]) -> dict[tuple[str, str], ChannelMemory]:
    """The memory of the channels of these sources, by source id and channel key."""
    wanted = select(ChannelRow).where(ChannelRow.source_id.in_(list(source_ids)))
    return {
        (row.source_id, row.key): ChannelMemory(
            row.etag, row.last_modified, row.body_digest, row.ok_at, row.outcome == UNFINISHED
        )
        for row in session.scalars(wanted)
    }


def record_poll(
    tx: Transaction,
    source_id: str,
    key: str,
    *,
    memory: ChannelMemory,
    polled_at: datetime,
    outcome: str,
    shown: AnswerFacts | None = None,
    detail: str | None = None,
) -> None:
    """Record a poll that was carried out to the end, in the transaction that records its links.

    `memory` replaces what was known of the channel. `shown` says what the answers held. It is None if there were none to read.
    `detail` says what was missing of them. The coverage ledger counts the poll, and records what was left unseen.
    """
    row = _row(tx, source_id, key)
    coverage_ledger.count_poll(tx, source_id, coverage_ledger.day_at(tx, source_id, polled_at), True)
    _note_gaps(tx, row, polled_at, shown)
    row.etag = memory.etag
    row.last_modified = memory.last_modified
    row.body_digest = memory.body_digest
    row.polled_at = polled_at
    row.outcome = outcome
    row.detail = detail
    row.failures = 0
    row.weight = 0.0
    row.ok_at = polled_at
    row.look_by = None
    row.next_poll_at = None  # to be planned anew
    if shown is not None:
        row.items = shown.items
        row.fresh = shown.fresh
        row.newest_at = shown.newest_at
        row.oldest_at = shown.oldest_at
        if shown.newest_at is not None:
            row.latest_at = max(row.latest_at or shown.newest_at, shown.newest_at)
        row.at_least = int(shown.at_least.total_seconds()) if shown.at_least is not None else None
        row.skip_hours = sorted(shown.skip_hours) or None
        row.skip_days = sorted(shown.skip_days) or None


def record_unfinished_poll(tx: Transaction, source_id: str, key: str) -> None:
    """Record that some links of a poll are recorded and more pages are to come. Until its end is recorded, the poll counts as
    broken off.
    """
    _row(tx, source_id, key).outcome = UNFINISHED


def record_failed_poll(tx: Transaction, source_id: str, key: str, *, polled_at: datetime, reason: str) -> None:
    """Record a poll that gave nothing usable. The validators stay, so that the next poll asks as if this one had not been."""
    row = _row(tx, source_id, key)
    coverage_ledger.count_poll(tx, source_id, coverage_ledger.day_at(tx, source_id, polled_at), False)
    if row.look_by is None and row.ok_at is not None:
        row.look_by = row.next_poll_at or polled_at
    row.polled_at = polled_at
    row.outcome = "failed"
    row.detail = reason
    row.failures += 1
    row.weight += WEIGHTS[kind_of(reason)]
    row.next_poll_at = None  # to be planned anew


def _note_gaps(tx: Transaction, row: ChannelRow, polled_at: datetime, shown: AnswerFacts | None) -> None:
    if shown is not None and shown.known is not None:
        unseen = rolled_over(
            answered_at=row.ok_at,
            items_before=row.items,
            polled_at=polled_at,
            items=shown.items,
            known=shown.known,
            oldest_at=shown.oldest_at,
        )
        if unseen is not None:
            coverage_ledger.record_gap(tx, row.source_id, row.key, unseen, "rolled-over")
    late = unattended_gap(answered_at=row.ok_at, planned_at=row.look_by or row.next_poll_at, until=polled_at)
    if late is not None:
        coverage_ledger.record_gap(tx, row.source_id, row.key, late, "unattended")


def _row(tx: Transaction, source_id: str, key: str) -> ChannelRow:
    row = tx.session.get(ChannelRow, (source_id, key))
    if row is None:
        row = ChannelRow(source_id=source_id, key=key, failures=0, weight=0.0, added_at=tx.now)
        tx.session.add(row)
    return row
