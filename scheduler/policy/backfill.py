"""The order by which a backfill walks one channel for one window. Pure."""

from __future__ import annotations

from datetime import datetime

from archive.model.job import Order, Priority
from archive.model.period import Period


def order_for(source_id: str, channel: str, window: Period, now: datetime) -> Order:
    """Make the order to walk one channel for one window."""
    return Order(
        source_id,
        "backfill",
        key=f"{channel} {window}",
        due_at=now,
        why=f"backfill of {window}",
        priority=Priority.backfill,
        channel=channel,
        window=window,
    )
