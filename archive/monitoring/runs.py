"""Runs: one row for each crawl, written at its start and completed at its end."""

from __future__ import annotations

from typing import Any

from archive.tables import RunRow
from archive.writer.writer import Transaction


def start_run(tx: Transaction, kind: str) -> int:
    """Record that a crawl begins, and return the row's key."""
    row = RunRow(kind=kind, started_at=tx.now)
    tx.session.add(row)
    tx.session.flush()
    return row.pk


def finish_run(tx: Transaction, pk: int, sources: list[dict[str, Any]]) -> None:
    """Record that the crawl `pk` has ended, with its counts by source."""
    row = tx.session.get_one(RunRow, pk)
    row.finished_at = tx.now
    row.summary = {"sources": sources}
