"""Decide how long something that fails is left alone. Pure: (failures, now) -> pause.

Failures are weighed as Media Cloud's rss-fetcher does: a hard one (404, 410, refused by robots, not a feed) counts 1, a soft one
(5xx, timeout, 429) 1/2, a temporary one (name lookup) 1/4. Nothing is ever given up. Pauses grow to a day and stay there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.model.failure import WEIGHTS, FailureKind

FIRST = timedelta(minutes=5)
GROWTH = 4.0
"""A hard failure makes the pause four times as long, a soft one twice."""
LONGEST = timedelta(hours=24)

TRIP = 2.0
"""The weighted failures in a row that open the breaker: two hard, four soft or eight temporary ones."""
TRIAL_LASTS = timedelta(minutes=2)
"""The time after which a trial request without a result counts as lost, and another one may go out."""


def pause_after(failures: float, *, first: timedelta = FIRST, longest: timedelta = LONGEST) -> timedelta:
    """The pause after a number of weighted failures in a row.

    Each hard failure makes it `GROWTH` times as long, up to `longest`.
    """
    if failures <= 0:
        return timedelta(0)
    growth = GROWTH ** min(failures, 64.0)  # the cap is far beyond `longest` and keeps the power finite
    return longest if growth >= longest / first else first * growth


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """The circuit breaker of a host.

    While it is closed, the host may be asked freely. `opened_at` is None then. While it is open, one trial request may go out
    from `trial_at` on.
    """

    failures: float = 0.0
    opened_at: datetime | None = None
    trial_at: datetime | None = None

    @classmethod
    def recalled(cls, failures: float, failed_at: datetime | None) -> CircuitBreaker:
        """Restore the breaker of a host from its weighted failures in a row and the time of the last one."""
        if failed_at is None or failures < TRIP:
            return cls(failures)
        return cls(failures, failed_at, failed_at + pause_after(failures - TRIP + 1))


def may_ask(breaker: CircuitBreaker, now: datetime) -> bool:
    """Return whether a request may go to the host now.

    Call `on_trial` before a request is sent to a host whose breaker is open.
    """
    return breaker.trial_at is None or now >= breaker.trial_at


def on_trial(breaker: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """The breaker when a request is about to be sent. While it is open, no other request may go out until this one has a result."""
    return breaker if breaker.opened_at is None else replace(breaker, trial_at=now + TRIAL_LASTS)


def after_failure(
    breaker: CircuitBreaker,
    kind: FailureKind,
    now: datetime,
    *,
    retry_at: datetime | None = None,
    longest: timedelta = LONGEST,
) -> CircuitBreaker:
    """The breaker after a failure of the host.

    `retry_at` is the time of its Retry-After. It is obeyed even if it is later than the end of our own pause.
    """
    failures = breaker.failures + WEIGHTS[kind]
    if breaker.opened_at is None and failures < TRIP:
        trial_at = retry_at
        opened_at = now if retry_at is not None else None
    else:
        pause = now + pause_after(failures - TRIP + 1, longest=longest)
        trial_at = pause if retry_at is None else max(pause, retry_at)
        opened_at = breaker.opened_at or now
    return CircuitBreaker(failures, opened_at, trial_at)


def after_success(breaker: CircuitBreaker) -> CircuitBreaker:
    """The breaker after an answer of the host. It is closed, and no failures are left."""
    del breaker
    return CircuitBreaker()
