"""Gaps: stretches of time in which a channel's items may have appeared and left it unseen. Pure. Times are aware, in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

GapReason = Literal["rolled-over", "unattended"]
Stretch = tuple[datetime, datetime]
"""[since, until)"""

GRACE = timedelta(hours=1)
"""A planned look may come so much later, …"""
GRACE_SHARE = 0.5
"""… or by this share of the pause that was planned, if that is longer."""
LONGEST_PLAN = timedelta(hours=24)
"""Where no plan is known, a channel should be read this often."""


def rolled_over(
    *, answered_at: datetime | None, items_before: int | None, polled_at: datetime, known: int, items: int,
    oldest_at: datetime | None,
) -> Stretch | None:  # fmt: skip
    """The stretch that a usable answer leaves unseen. None means that the answer joins on to what was seen before.

    `answered_at` and `items_before` are of the channel's previous usable answer. `known` is the number of its `items` now that
    the archive had seen before. `oldest_at` is the oldest item's time. An answer that reaches back behind the previous one
    leaves nothing unseen, even if all of it is new.
    """
    if answered_at is None or not items_before or items == 0 or known > 0:
        return None
    until = min(oldest_at or polled_at, polled_at)
    return (answered_at, until) if until > answered_at else None


def unattended_gap(*, answered_at: datetime | None, planned_at: datetime | None, until: datetime) -> Stretch | None:
    """The stretch before `until` in which nobody looked, though somebody should have. None means that the plan was kept.

    `planned_at` is the time at which the schedule, after the usable answer of `answered_at`, wanted the next one. A channel
    that was never answered has no such stretch, because nothing is known of what it shows.
    """
    if answered_at is None or (planned_at is not None and planned_at >= until):
        return None
    if planned_at is None or planned_at <= answered_at:
        planned_at = answered_at + LONGEST_PLAN
    since = planned_at + max(GRACE, (planned_at - answered_at) * GRACE_SHARE)
    return (since, until) if since < until else None


def seconds_within(stretches: Iterable[Stretch], start: datetime, end: datetime) -> int:
    """The seconds of [start, end) that are in at least one of the stretches."""
    covered = timedelta(0)
    reached = start
    for since, until in sorted(stretches):
        since, until = max(since, reached), min(until, end)
        if until > since:
            covered += until - since
            reached = until
    return round(covered.total_seconds())
