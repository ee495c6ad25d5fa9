"""When to look at a known article again. Pure: (history, now) -> due.

The steps follow the time since the article last changed, as NewsDiffs does (website/frontend/models.py: 15 min in the
first 3 h, 1 h in the first day, 3 h in the first week, 3 days in the first month, 30 days in the first year): most edits
fall in the first hours, and an article that has just been edited is the likeliest to be edited again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from archive.model.history import ArticleHistory

STEPS: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(hours=3), timedelta(minutes=15)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(hours=3)),
    (timedelta(days=30), timedelta(days=3)),
    (timedelta(days=360), timedelta(days=30)),
)
"""(unchanged for less than, look again after). Older articles are left in peace."""

CONFIRMATION = timedelta(hours=1)
"""After this long a missing article is looked at again: only a second look at another time makes it gone."""

QUIET = frozenset({"gone", "moved"})
"""States that no further look is spent on."""


def next_look(history: ArticleHistory) -> datetime | None:
    """When the article should be looked at next; None: never again by schedule."""
    if history.status in QUIET:
        return None
    if history.status == "missing":
        return history.looked_at + CONFIRMATION
    # A publication date in the far past means that we found an old article: its busy hours are over.
    born = (
        min(history.changed_at, history.published_at)
        if _never_edited(history) and history.published_at
        else history.changed_at
    )
    quiet_for = history.looked_at - born
    interval = next((pause for age, pause in STEPS if quiet_for < age), None)
    return None if interval is None else history.looked_at + interval


def is_due(history: ArticleHistory, now: datetime) -> bool:
    """Whether the time for the next look has come."""
    at = next_look(history)
    return at is not None and at <= now


def _never_edited(history: ArticleHistory) -> bool:
    return history.changed_at == history.first_seen_at
