"""Which sources are checked next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.model.job import rest_after_check
from archive.model.source import Channel
from archive.sources.state import SourceState, wants_check
from archive.testing import a_source
from scheduler.source_checks import choose

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
A, B, C = (a_source(name, status="unverified") for name in "abc")


def rest(begun: float, ends: float) -> tuple[datetime, datetime]:
    """A rest from so many hours ago to so many hours ahead."""
    return NOW - timedelta(hours=begun), NOW + timedelta(hours=ends)


def test_new_ones_go_first_then_the_longest_overdue() -> None:
    resting = {"a": rest(5, -1), "b": rest(5, -2)}
    assert choose([A, B, C], resting, set(), 10, NOW) == [C, B, A]
    assert choose([A, B, C], resting, set(), 2, NOW) == [C, B]


def test_what_rests_or_is_ordered_waits() -> None:
    assert choose([A, B, C], {"a": rest(1, 0.1)}, {"b"}, 10, NOW) == [C]


@pytest.mark.parametrize("room", [0, -3])
def test_without_room_nothing_is_chosen(room: int) -> None:
    assert choose([A], {}, set(), room, NOW) == []


def test_a_rest_noted_by_a_clock_that_went_wrong_ends_soon() -> None:
    assert choose([A], {"a": rest(-24 * 400, 24 * 401)}, set(), 1, NOW) == []
    assert choose([A], {"a": (NOW + timedelta(days=400), NOW)}, set(), 1, NOW) == [A]


def test_rests_grow_to_a_day() -> None:
    hours = [rest_after_check(failures) / timedelta(hours=1) for failures in (0, 1, 2, 3, 4, 5, 500)]
    assert hours == [0.25, 0.25, 1, 4, 16, 24, 24]


def test_what_wants_a_check() -> None:
    feed, past = Channel("feed", "https://a.example/f"), Channel("wayback", "https://a.example/")
    assert wants_check(SourceState(A))
    assert wants_check(SourceState(a_source("a", status="unverified", discover=(feed, past))))
    assert not wants_check(SourceState(a_source("a", status="unverified", discover=(past,))))
    assert not wants_check(SourceState(A, enabled=False))
    assert not wants_check(SourceState(A, verified_at=NOW))
    assert not wants_check(SourceState(a_source("a", status="refused")))
    assert not wants_check(SourceState(a_source("a", status="verified")))
