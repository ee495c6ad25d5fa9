from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from archive.model.failure import FailureKind
from scheduler.policy.backoff import (
    FIRST,
    LONGEST,
    TRIAL_LASTS,
    CircuitBreaker,
    after_failure,
    after_success,
    may_ask,
    on_trial,
    pause_after,
)

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_pauses_grow_to_a_day_and_stay_there() -> None:
    pauses = [pause_after(failures / 4) for failures in range(40)]
    assert pauses[0] == timedelta(0) and FIRST < pauses[1] < 2 * FIRST
    assert all(earlier <= later for earlier, later in pairwise(pauses))
    assert pauses[-1] == pause_after(1e9) == LONGEST


def test_a_hard_failure_weighs_as_much_as_two_soft_ones_or_four_temporary_ones() -> None:
    def weight(kind: FailureKind, times: int) -> float:
        breaker = CircuitBreaker()
        for _ in range(times):
            breaker = after_failure(breaker, kind, T0)
        return breaker.failures

    assert weight("hard", 1) == weight("soft", 2) == weight("temporary", 4)


@pytest.mark.parametrize(("kind", "until_open"), [("hard", 2), ("soft", 4), ("temporary", 8)])
def test_failures_in_a_row_open_the_breaker(kind: FailureKind, until_open: int) -> None:
    breaker = CircuitBreaker()
    for _ in range(until_open - 1):
        breaker = after_failure(breaker, kind, T0)
        assert may_ask(breaker, T0)
    breaker = after_failure(breaker, kind, T0)
    assert breaker.opened_at == T0 and not may_ask(breaker, T0)
    assert breaker.trial_at is not None and may_ask(breaker, breaker.trial_at)


def opened() -> CircuitBreaker:
    return after_failure(after_failure(CircuitBreaker(), "hard", T0), "hard", T0)


def test_only_one_trial_goes_out_at_a_time() -> None:
    breaker = opened()
    assert breaker.trial_at is not None
    trying = on_trial(breaker, breaker.trial_at)
    assert not may_ask(trying, breaker.trial_at)
    assert may_ask(trying, breaker.trial_at + TRIAL_LASTS)  # the trial was lost
    assert on_trial(CircuitBreaker(), T0) == CircuitBreaker()


def test_a_failed_trial_lengthens_the_pause_and_never_closes_for_good() -> None:
    breaker, now, pauses = opened(), T0, []
    for _ in range(12):
        assert breaker.trial_at is not None
        pauses.append(breaker.trial_at - now)
        now = breaker.trial_at
        breaker = after_failure(on_trial(breaker, now), "soft", now)
    assert pauses == sorted(pauses) and pauses[-1] == LONGEST
    assert breaker.opened_at == T0


def test_an_answer_forgives_everything() -> None:
    assert after_success(opened()) == CircuitBreaker()


def test_retry_after_is_obeyed_whatever_its_length() -> None:
    told = after_failure(CircuitBreaker(), "soft", T0, retry_at=T0 + timedelta(days=3))
    assert not may_ask(told, T0 + timedelta(days=2)) and may_ask(told, T0 + timedelta(days=3))
    short = after_failure(opened(), "soft", T0, retry_at=T0 + timedelta(seconds=1))
    assert not may_ask(short, T0 + timedelta(minutes=5))  # our own pause is longer
