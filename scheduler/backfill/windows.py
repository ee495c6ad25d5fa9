"""Backfill: a range of days -> orders to walk channels for them. Pure.

One order is one channel and one window. A list that has to be turned from its front is walked once for all days: each further
window would turn the same pages again. What is asked by date is cut into windows, so that a backfill of years is many small
steps, of which those that are done are never done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from archive.errors import UsageError
from archive.model.job import Order
from archive.model.period import Period
from archive.model.source import Channel, Source
from archive.model.url_template import finest_unit
from scheduler.policy.backfill import order_for

DAYS = 14
"""Length of a window where every day has a page of its own."""
WEEKS = 4
"""Where every week has one."""


def split(channel: Channel, period: Period) -> list[Period]:
    """Split `period` into the windows in which a channel is walked, oldest first and without overlap.

    Borders lie where those of the channel's own pages do, so that no page belongs to two windows.
    """
    found = []
    first = period.first
    while first <= period.last:
        following = _next_begin(channel, first)
        last = period.last if following is None else min(period.last, following - timedelta(days=1))
        found.append(Period(first, last))
        first = last + timedelta(days=1)
    return found


def _next_begin(channel: Channel, day: date) -> date | None:
    """The day on which the window behind that of `day` begins; None: there is one window only."""
    if channel.kind == "wayback":
        return _next_month(day)
    if channel.kind != "archive":
        return None
    match finest_unit(channel.url):
        case "hour" | "day":
            return day + timedelta(days=DAYS)
        case "week":
            return day + timedelta(weeks=WEEKS, days=-day.weekday())
        case "month":
            return _next_month(day)
        case "year":
            return date(day.year + 1, 1, 1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def channels_for(source: Source, via: str | None) -> tuple[Channel, ...]:
    """Choose the channels that a backfill of `source` walks.

    They are those of the kind, the key or the address `via`. Without it they are all that the registry names.

    Raises:
        UsageError: The source has no such channel.
    """
    found = tuple(c for c in source.discover if via is None or via in (c.kind, c.key, c.url))
    if found:
        return found
    if not source.discover:
        raise UsageError(
            f"{source.id}: the registry names no channel of it",
            hint=f"Add a channel to its entry ({source.origin}). `dateline help channels` explains how.",
        )
    raise UsageError(
        f"{source.id} has no channel {via}",
        hint="It has: " + ", ".join(channel.key for channel in source.discover),
    )


def orders(
    source: Source,
    channels: Iterable[Channel],
    period: Period,
    finished: Mapping[str, Sequence[Period]],
    now: datetime,
) -> list[Order]:
    """Make the orders by which `channels` of `source` are walked for `period`.

    `finished` names the windows that need no walk any more, by channel key.
    """
    return [
        order_for(source.id, channel.key, window, now)
        for channel in channels
        for window in split(channel, period)
        if not any(holds(done, window) for done in finished.get(channel.key, ()))
    ]


def holds(done: Period, window: Period) -> bool:
    """Return whether all days of `window` are days of `done`."""
    return done.first <= window.first and window.last <= done.last
