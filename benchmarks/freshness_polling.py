"""Polling for `freshness.py`: one feed through a month, asked whenever a rule says so, with the ticks of the daemon."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from freshness_world import DAY, HOUR, MINUTE, Site

from archive.model.history import ChannelHistory
from scheduler.policy import polling
from scheduler.policy.backoff import WEIGHTS

EPOCH = datetime(2026, 11, 2, tzinfo=UTC)
"""The simulation's start, a Monday."""
TICK = 5.0
"""The daemon plans every so many seconds."""
FETCH = 30.0
"""From the poll to the first capture of a new article: its place in the host's queue, and the fetch itself."""
LIMITS = polling.Limits()


@dataclass(frozen=True)
class Answer:
    """What one poll showed: `fresh` are publication times of items never seen before, `window` those of all items."""

    at: float
    fresh: list[float]
    window: list[float]
    failed: bool = False


class Rule(Protocol):
    def after(self, answer: Answer) -> float:
        """When to poll next (seconds); called once for every poll."""


@dataclass
class Polled:
    """A month of one feed. `captured`: first capture of each item published in the month, infinity where it was lost."""

    captured: list[tuple[float, float]] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    lost: int = 0
    unavoidable: int = 0
    """Of `lost`: items that left the window within the shortest pause between polls, at once, or while the site was down."""


def run(site: Site, rule: Rule, *, start: float, end: float) -> Polled:
    done, seen, at = Polled(), 0, start
    previous = -math.inf
    while at < end:
        done.polls.append(at)
        if site.down(at):
            at = _tick(max(rule.after(Answer(at, [], [], failed=True)), at + TICK))
            continue
        shown = bisect.bisect_right(site.published, at)
        first = max(seen, shown - site.window)
        for index in range(seen, shown):
            published = site.published[index]
            if published < start:
                continue
            if index >= first:
                done.captured.append((published, at + FETCH))
                continue
            done.captured.append((published, math.inf))
            done.lost += 1
            left = site.published[index + site.window]
            soonest = previous + max(LIMITS.shortest.total_seconds(), site.ttl) + TICK
            done.unavoidable += left <= soonest or left - published < MINUTE or site.down(left)
        answer = Answer(at, site.published[first:shown], site.published[max(0, shown - site.window) : shown])
        seen, previous = shown, at
        at = _tick(max(rule.after(answer), at + TICK))
    return done


def _tick(at: float) -> float:
    return math.ceil(at / TICK) * TICK


class Dateline:
    """The policies of the product, as the daemon calls them."""

    def __init__(self, site: Site, start: float) -> None:
        self._dated = site.dated
        self._history = ChannelHistory(
            f"site-{site.number}",
            "feed",
            time_of(start),
            at_least=timedelta(seconds=site.ttl) if site.ttl else None,
        )

    def after(self, answer: Answer) -> float:
        before, at = self._history, time_of(answer.at)
        if answer.failed:
            failures = before.failures + WEIGHTS["soft"]
            self._history = replace(before, polled_at=at, outcome="failed", failures=failures)
        else:
            arrivals = [time_of(published) if self._dated else at for published in answer.fresh]
            dates = [
                time_of(published) for published in answer.window[:: max(1, len(answer.window) - 1)] if self._dated
            ]
            self._history = replace(
                before,
                polled_at=at,
                outcome="read",
                failures=0.0,
                answered_at=at,
                since=before.answered_at,
                items=len(answer.window),
                fresh=len(answer.fresh),
                oldest_at=min(dates, default=None),
                newest_at=max(dates, default=None),
                rhythm=polling.learn(before.rhythm, arrivals, polled_at=at, since=before.answered_at),
            )
        due = polling.next_poll(self._history, LIMITS, at)
        return (due.at - EPOCH).total_seconds()


class Every:
    """A fixed pause."""

    def __init__(self, pause: float, ttl: float = 0.0) -> None:
        self._pause = max(pause, ttl)

    def after(self, answer: Answer) -> float:
        return answer.at + self._pause


class Miniflux:
    """Miniflux's `entry_frequency`: 7 days by the entries of the last week times a factor, 5 minutes to 24 hours, at least ttl."""

    def __init__(self, site: Site, factor: float = 1.0) -> None:
        self._ttl, self._factor = site.ttl, factor
        self._known: list[float] = []

    def after(self, answer: Answer) -> float:
        week_ago = answer.at - 7 * DAY
        self._known += answer.fresh
        weekly = len(self._known) - bisect.bisect_left(self._known, week_ago)
        pause = 7 * DAY / (weekly * self._factor) if weekly else DAY
        return answer.at + max(min(max(pause, 5 * MINUTE), 24 * HOUR), self._ttl)


def time_of(at: float) -> datetime:
    """A moment of the simulation as the policies see it."""
    return EPOCH + timedelta(seconds=at)


RULES: dict[str, Callable[[Site, float], Rule]] = {
    "Dateline": Dateline,
    "every 6 h (Media Cloud)": lambda site, start: Every(6 * HOUR, site.ttl),
    "every 15 min (GDELT)": lambda site, start: Every(15 * MINUTE, site.ttl),
    "Miniflux": lambda site, start: Miniflux(site),
    "Miniflux, factor 4": lambda site, start: Miniflux(site, 4.0),
}
