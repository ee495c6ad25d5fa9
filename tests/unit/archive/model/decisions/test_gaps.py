"""When items may have been missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.model.decisions.gaps import GRACE, LONGEST_PLAN, rolled_over, seconds_within, unattended_gap

BEFORE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NOW = BEFORE + timedelta(hours=6)
HOUR = timedelta(hours=1)


def answer(**fields: Any) -> Any:
    defaults: dict[str, Any] = {
        "answered_at": BEFORE, "items_before": 20, "polled_at": NOW, "items": 20, "known": 0, "oldest_at": NOW - 2 * HOUR
    }  # fmt: skip
    return rolled_over(**defaults | fields)


def test_a_window_without_anything_known_has_rolled_over() -> None:
    assert answer() == (BEFORE, NOW - 2 * HOUR)


def test_without_dates_everything_until_now_may_be_missing() -> None:
    assert answer(oldest_at=None) == (BEFORE, NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"known": 1},
        {"items": 0},
        {"answered_at": None},  # read for the first time
        {"items_before": 0},  # it was empty: whatever came is here
        {"items_before": None},
        {"oldest_at": BEFORE - HOUR},  # new addresses, but it reaches back far enough
    ],
)
def test_no_gap(fields: dict[str, Any]) -> None:
    assert answer(**fields) is None


def test_a_plan_that_is_kept_leaves_no_gap() -> None:
    plan = BEFORE + timedelta(minutes=15)
    assert unattended_gap(answered_at=BEFORE, planned_at=plan, until=plan + GRACE) is None
    assert unattended_gap(answered_at=BEFORE, planned_at=BEFORE + timedelta(days=1), until=NOW) is None


def test_downtime_is_a_gap_after_some_grace() -> None:
    plan = BEFORE + timedelta(minutes=15)
    assert unattended_gap(answered_at=BEFORE, planned_at=plan, until=NOW) == (plan + GRACE, NOW)


def test_rare_polls_may_be_later_in_proportion() -> None:
    plan = BEFORE + 10 * HOUR
    assert unattended_gap(answered_at=BEFORE, planned_at=plan, until=plan + 4 * HOUR) is None
    assert unattended_gap(answered_at=BEFORE, planned_at=plan, until=plan + 6 * HOUR) == (
        plan + 5 * HOUR,
        plan + 6 * HOUR,
    )


def test_without_a_plan_a_day_is_expected() -> None:
    late = BEFORE + LONGEST_PLAN * 1.5
    for plan in (None, BEFORE - HOUR):
        assert unattended_gap(answered_at=BEFORE, planned_at=plan, until=late) is None
        assert unattended_gap(answered_at=BEFORE, planned_at=plan, until=late + HOUR) == (late, late + HOUR)


def test_what_was_never_read_or_is_never_to_be_has_no_gap() -> None:
    assert unattended_gap(answered_at=None, planned_at=BEFORE, until=NOW) is None
    never = datetime(9999, 1, 1, tzinfo=UTC)
    assert unattended_gap(answered_at=BEFORE, planned_at=never, until=NOW) is None


def test_seconds_within_count_overlaps_once() -> None:
    stretches = [(NOW - HOUR, NOW + HOUR), (NOW - 2 * HOUR, NOW), (NOW + 5 * HOUR, NOW + 6 * HOUR)]
    assert seconds_within(stretches, NOW - 10 * HOUR, NOW + 10 * HOUR) == 4 * 3600
    assert seconds_within(stretches, NOW, NOW + 2 * HOUR) == 3600
    assert seconds_within([], NOW, NOW + HOUR) == 0
    assert seconds_within(stretches, NOW + 2 * HOUR, NOW + 3 * HOUR) == 0
