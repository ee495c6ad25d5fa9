"""Decide whether an article that is not at its address is gone. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive.model.revision import LookOutcome

CONFIRMED_AFTER = timedelta(hours=1)
"""A second look confirms that a missing article is gone if it comes at another time: so much later than the first."""


def is_confirmed_gone(outcome: LookOutcome, status: str, looked_at: datetime, now: datetime) -> bool:
    """Return whether a look at `now` that found nothing (404, or a page that says so) makes a missing article a gone one.

    `status` and `looked_at` are those of the look before.
    """
    return outcome in ("missing", "soft-404") and status == "missing" and now - looked_at >= CONFIRMED_AFTER
