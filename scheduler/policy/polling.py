"""Decide when a channel is polled next. Pure: (history, limits, now) -> due.

*Learning.* Items per hour, for each hour of the day and each six-hour quarter of the week (UTC), weighed against the time watched;
both fade with `MEMORY`. A channel's rate at a time is that of the hour, times how much busier the quarter is on this weekday
than on all; bins that were watched little lean on the channel's mean, which leans on a guess while the channel is new.

*Deciding.* Items that wait for a poll cost their waiting time, a poll costs `PRICE`. The next poll comes when the expected
waiting time of what has been published since the last one reaches that price. For a steady rate r this is a pause of
sqrt(2 price / r); with a rhythm, nights pass with few polls and the morning is met in time. Nobody's pause may let the channel's window of items roll over, nor exceed the limits; what the
publisher asks for (`ttl`, `skipHours`, Retry-After …) is kept in any case.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.model.clock import LONGEST_PAUSE
from archive.model.history import HOURS, ChannelHistory, Rhythm
from scheduler.policy.backoff import pause_after
from scheduler.policy.due import Due, in_words

MEMORY = timedelta(days=21)
"""The age at which what was seen weighs 1/e."""
BACKLOG = timedelta(days=21)
"""How old a publication time in the first answer may be, to be believed."""

PRICE = timedelta(seconds=5)
"""The price of a poll of a channel that publishes once a day, as the waiting time of one item."""
BUSY = 0.8
"""For a busier channel, the price is multiplied by its items a day to this power. A thousand items need no thousandfold care."""
RARE = 3.0
"""For a rarer channel, the price is multiplied by its days between two items to this power. What comes once a week may be found
some hours later."""

GUESS_PER_HOUR = 0.5
"""The items in an hour that are expected of a channel that nobody has watched yet."""
GUESS_ITEMS = 0.5
"""The weight of this expectation, in items that were seen."""
LEAN_ITEMS = 1.0
"""The weight of the channel's mean in the estimate for an hour or a quarter, in items that were seen."""
NEIGHBOURS = (0.5, 1.0, 0.5)
"""Weights of the hour before, the hour itself and the hour after."""

WINDOW_SHARE = 0.5
"""The share of a channel's window that may be expected to turn over between two polls, with the largest burst so far."""
WINDOW_LEAST = 0.25
"""The share that may always turn over, however large that burst was."""
AGE_SHARE = 0.5
"""The longest pause as a share of the age of the window's oldest item, because the window may turn over again in that time."""
FRESH_SHARE = 1 / 3
"""If one poll brought more than this share of the window, the next pause is shorter than that poll's in proportion."""

RETRY = timedelta(minutes=15)
"""A channel that has failed for less than a day is tried again sooner if its window could turn over, but not sooner than this."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_QUARTERS_A_DAY = 4
_SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the pause between two polls (settings `poll_shortest` and `poll_longest`)."""

    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=24)


def learn(rhythm: Rhythm, arrivals: Sequence[datetime], *, polled_at: datetime, since: datetime | None) -> Rhythm:
    """The rhythm after one more successful poll.

    `arrivals` holds the publication time of each item that was first seen in this answer, or `polled_at` for an item without
    one. `since` is the time of the previous successful poll. If the whole window was new, it is the time of its oldest item,
    because nobody knows what came before that. `since` is None for the first answer. Then the time that its publication times
    span is learnt from, and nothing if there are no such times.
    """
    if since is None:
        backlog = [at for at in arrivals if polled_at - BACKLOG <= at < polled_at]
        if not backlog:
            return Rhythm(learnt_at=polled_at)
        since = min(backlog)
        # The oldest item opens the window and was not waited for.
        arrivals = sorted(backlog)[1:]
        most = 1.0
    else:
        # An item dated before the last poll came in later than its date says: it arrived since.
        arrivals = [at if since < at <= polled_at else polled_at for at in arrivals]
        most = float(max(Counter(map(_next_hour, arrivals)).values(), default=0))
    learnt_at = rhythm.learnt_at or since
    gap = max(timedelta(0), polled_at - since)
    keep = math.exp(-max(timedelta(0), polled_at - learnt_at) / MEMORY)
    hour_items = [value * keep for value in rhythm.hour_items]
    hour_watched = [value * keep for value in rhythm.hour_watched]
    quarter_items = [value * keep for value in rhythm.quarter_items]
    quarter_watched = [value * keep for value in rhythm.quarter_watched]
    for at in arrivals:
        hour_items[at.hour] += 1.0
        quarter_items[_quarter(at)] += 1.0
    at = polled_at - min(gap, BACKLOG)
    while at < polled_at:
        until = min(polled_at, _next_hour(at))
        hours = (until - at) / _HOUR
        hour_watched[at.hour] += hours
        quarter_watched[_quarter(at)] += hours
        at = until
    return Rhythm(
        polled_at,
        tuple(hour_items),
        tuple(hour_watched),
        tuple(quarter_items),
        tuple(quarter_watched),
        max(most, rhythm.most * keep),
    )


def expected(rhythm: Rhythm, start: datetime, end: datetime) -> float:
    """The number of items that are expected between two times."""
    mean = _mean(rhythm)
    total = 0.0
    while start < end:
        until = min(end, _next_hour(start))
        total += _rate(rhythm, mean, start) * ((until - start) / _HOUR)
        start = until
    return total


def usual_gap(rhythm: Rhythm) -> timedelta | None:
    """The mean time between two items. It is None before three items have been seen."""
    items, watched = rhythm.items, rhythm.watched
    return None if items < 2.5 or watched <= 0 else timedelta(hours=watched / items)


def next_poll(history: ChannelHistory, limits: Limits, now: datetime) -> Due:
    """Decide when the channel is polled next.

    The time is never before what the publisher asks for. A time in the past means that the poll is overdue.
    """
    if history.polled_at is None:
        return _politely(history, Due(history.added_at, "first poll"))
    if history.failures > 0:
        pause = max(limits.shortest, min(pause_after(history.failures, longest=limits.longest), _patience(history)))
        why = f"retry {in_words(pause)} after {history.outcome or 'a failure'} ({history.failures:g} weighted in a row)"
        return _politely(history, Due(history.polled_at + pause, why))
    at, why = _affordable(history.rhythm, history.polled_at, limits)
    for bound, reason in _window_bounds(history):
        if history.polled_at + bound < at:
            at, why = max(history.polled_at + bound, history.polled_at + limits.shortest), reason
    if history.at_least is not None and at < history.polled_at + history.at_least:
        pause = min(history.at_least, limits.longest)
        at, why = max(at, history.polled_at + pause), f"the publisher asks for {in_words(pause)} between polls"
    return _politely(history, Due(at, why))


def _patience(history: ChannelHistory) -> timedelta:
    """The longest pause while a channel fails. For a day it is kept short enough to lose nothing when the channel is back."""
    if history.polled_at is None or history.answered_at is None or history.polled_at - history.answered_at > _DAY:
        return timedelta.max
    return max(RETRY, min((bound for bound, _ in _window_bounds(history)), default=timedelta.max))


def _affordable(rhythm: Rhythm, polled_at: datetime, limits: Limits) -> tuple[datetime, str]:
    """The time at which the expected waiting time of new items reaches the price of a poll, within the limits, and the reason."""
    mean = _mean(rhythm)
    a_day = mean * HOURS
    price = (PRICE / _HOUR) * (math.pow(a_day, BUSY) if a_day >= 1 else math.pow(a_day, -RARE))
    waiting = items = 0.0
    at, end = polled_at, polled_at + limits.longest
    while at < end:
        until = min(end, _next_hour(at))
        hours = (until - at) / _HOUR
        rate = _rate(rhythm, mean, at)
        ahead = waiting + items * hours + rate * hours * hours / 2
        if ahead >= price:
            # rate/2 x² + items x + waiting = price
            x = (math.sqrt(items * items + 2 * rate * (price - waiting)) - items) / rate
            at += timedelta(hours=x)
            break
        waiting, items, at = ahead, items + rate * hours, until
    at = min(max(at, polled_at + limits.shortest), end)
    return at, _in_short(mean, rhythm)


def _window_bounds(history: ChannelHistory) -> list[tuple[timedelta, str]]:
    """The pauses after which the channel's window of items might have turned over, each with a reason."""
    items, bounds = history.items, list[tuple[timedelta, str]]()
    if not items:
        return bounds
    room = max(items * WINDOW_LEAST, items * WINDOW_SHARE - history.rhythm.most)
    peak = _peak(history.rhythm)
    why = f"a window of {items} items must not turn over"
    bounds.append((timedelta(hours=min(room / peak, 24 * 365.0)), why))
    if history.oldest_at is not None and history.polled_at is not None and history.oldest_at < history.polled_at:
        bounds.append(((history.polled_at - history.oldest_at) * AGE_SHARE, why))
    if history.fresh and history.since and history.polled_at and history.fresh > items * FRESH_SHARE:
        shorter = (history.polled_at - history.since) * (items * FRESH_SHARE / history.fresh)
        bounds.append((shorter, f"{history.fresh} of {items} items were new"))
    return bounds


def _politely(history: ChannelHistory, due: Due) -> Due:
    """Move a due time behind Retry-After, and out of the hours and days that the publisher excludes (unless it excludes all)."""
    # A Retry-After further ahead was noted by a clock that was wrong.
    if history.retry_at is not None and due.at < history.retry_at <= due.at + LONGEST_PAUSE:
        due = Due(history.retry_at, "the server said when to come back (Retry-After)")
    at = due.at
    for _ in range(8 * HOURS):
        if at.hour not in history.skip_hours and at.weekday() not in history.skip_days:
            return due if at == due.at else Due(at, f"{due.why}; the publisher excludes hours or days before")
        at = _next_hour(at)
    return due


def _mean(rhythm: Rhythm) -> float:
    """The mean number of items in an hour, over all hours."""
    return (rhythm.items + GUESS_ITEMS) / (rhythm.watched + GUESS_ITEMS / GUESS_PER_HOUR)


def _rate(rhythm: Rhythm, mean: float, at: datetime) -> float:
    """The number of items in an hour that is expected at a time."""
    hour, seen, watched = at.hour, LEAN_ITEMS, LEAN_ITEMS / mean
    for weight, neighbour in zip(NEIGHBOURS, (hour - 1, hour, (hour + 1) % HOURS), strict=True):
        seen += weight * rhythm.hour_items[neighbour]
        watched += weight * rhythm.hour_watched[neighbour]
    return max(_SMALL, seen / watched * _busier(rhythm, mean, _quarter(at)))


def _busier(rhythm: Rhythm, mean: float, quarter: int) -> float:
    """The factor by which this quarter of the day is busier on this weekday than on the mean weekday."""
    every_day = slice(quarter % _QUARTERS_A_DAY, None, _QUARTERS_A_DAY)
    seen = sum(rhythm.quarter_items[every_day])
    watched = sum(rhythm.quarter_watched[every_day])
    usual = (seen + LEAN_ITEMS) / (watched + LEAN_ITEMS / mean)
    return (rhythm.quarter_items[quarter] + LEAN_ITEMS) / (rhythm.quarter_watched[quarter] * usual + LEAN_ITEMS)


def _peak(rhythm: Rhythm) -> float:
    """The number of items in the busiest hour of the day, on the busiest day."""
    mean = _mean(rhythm)
    bins = zip(rhythm.hour_items, rhythm.hour_watched, strict=True)
    busiest = max([(seen + LEAN_ITEMS) / (watched + LEAN_ITEMS / mean) for seen, watched in bins])
    return max(mean, busiest) * 2


def _quarter(at: datetime) -> int:
    return at.weekday() * _QUARTERS_A_DAY + at.hour // 6


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + _HOUR


def _in_short(mean: float, rhythm: Rhythm) -> str:
    gap = usual_gap(rhythm)
    if gap is None:
        return "its rhythm is not known yet" if rhythm.watched < 24 else "publishes hardly anything"
    a_day = mean * 24
    many = f"{a_day:.0f} items a day" if a_day >= 1.5 else f"{a_day * 7:.0f} items a week" if a_day >= 0.2 else "rarely"
    return f"publishes {many}; usual gap {in_words(gap)}"
