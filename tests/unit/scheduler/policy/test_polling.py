from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.history import ChannelHistory, Rhythm
from scheduler.policy.polling import Limits, expected, learn, next_poll, usual_gap

T0 = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
LIMITS = Limits()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW = ChannelHistory("somewhere", "feed:https://example.org/feed", T0)


def watched(published: Sequence[datetime], *, days: int, every: timedelta = 30 * MINUTE) -> Rhythm:
    """The rhythm of a channel that was polled at fixed times since T0."""
    rhythm, at = Rhythm(learnt_at=T0), T0
    while at < T0 + days * DAY:
        at += every
        arrived = [when for when in published if at - every < when <= at]
        rhythm = learn(rhythm, arrived, polled_at=at, since=at - every)
    return rhythm


def polled(rhythm: Rhythm, at: datetime, **more: object) -> ChannelHistory:
    known = replace(NEW, polled_at=at, answered_at=at, outcome="read", items=100, fresh=0, rhythm=rhythm)
    return replace(known, **more)  # type: ignore[arg-type]


def pause(history: ChannelHistory, limits: Limits = LIMITS) -> timedelta:
    assert history.polled_at is not None
    return next_poll(history, limits, history.polled_at).at - history.polled_at


def steadily(a_day: float, days: int) -> list[datetime]:
    return [T0 + DAY * (number + 0.5) / a_day for number in range(int(a_day * days))]


def test_a_new_channel_is_polled_at_once_and_soon_again() -> None:
    assert next_poll(NEW, LIMITS, T0 + HOUR).at == T0
    assert next_poll(NEW, LIMITS, T0).why == "first poll"
    unknown = polled(learn(Rhythm(), [T0] * 20, polled_at=T0, since=None), T0)  # no dates: nothing learnt
    assert pause(unknown) <= 20 * MINUTE


def test_the_first_answer_teaches_what_its_dates_span() -> None:
    dates = [T0 - 2 * HOUR * number for number in range(1, 21)]
    rhythm = learn(Rhythm(), dates, polled_at=T0, since=None)
    gap = usual_gap(rhythm)
    assert gap is not None and timedelta(hours=1.8) < gap < timedelta(hours=2.4)
    assert expected(rhythm, T0, T0 + DAY) == pytest.approx(12, rel=0.2)


def test_an_ancient_item_in_the_first_answer_teaches_nothing() -> None:
    dates = [T0 - 2 * HOUR * number for number in range(1, 21)]
    assert learn(Rhythm(), [*dates, T0 - 900 * DAY], polled_at=T0, since=None) == learn(
        Rhythm(), dates, polled_at=T0, since=None
    )


@pytest.mark.parametrize("a_day", [1, 4, 20, 100])
def test_expected_is_what_was_seen(a_day: float) -> None:
    rhythm = watched(steadily(a_day, 28), days=28)
    assert expected(rhythm, T0 + 28 * DAY, T0 + 35 * DAY) == pytest.approx(7 * a_day, rel=0.1)


def polls_a_day(a_day: float) -> int:
    rhythm, at, count = watched(steadily(a_day, 21), days=21), T0 + 21 * DAY, 0
    while at < T0 + 22 * DAY:
        at, count = at + pause(polled(rhythm, at)), count + 1
    return count


def test_busier_channels_are_polled_more_often() -> None:
    polls = [polls_a_day(a_day) for a_day in (1 / 7, 1, 10, 100)]
    assert polls == sorted(polls)
    assert polls[0] <= 8  # once a week costs little
    assert polls[-1] <= 24 * 12  # the shortest pause


def test_one_item_a_day_is_met_at_its_hour() -> None:
    rhythm = watched(steadily(1, 21), days=21)  # always at noon
    assert pause(polled(rhythm, T0 + 21.5 * DAY)) <= 10 * MINUTE
    assert pause(polled(rhythm, T0 + 21 * DAY)) >= 20 * MINUTE


def test_the_rhythm_of_day_and_week_is_learnt() -> None:
    working = [T0 + day * DAY + hour * HOUR + 20 * MINUTE for day in range(28) if day % 7 < 5 for hour in range(8, 18)]
    rhythm = watched(working, days=28)
    monday = T0 + 28 * DAY
    office = expected(rhythm, monday + 9 * HOUR, monday + 10 * HOUR)
    night = expected(rhythm, monday + 1 * HOUR, monday + 2 * HOUR)
    sunday = expected(rhythm, monday + 6 * DAY + 9 * HOUR, monday + 6 * DAY + 10 * HOUR)
    assert office > 0.7 and night < 0.1 and sunday < 0.25
    assert pause(polled(rhythm, monday + 9 * HOUR)) < pause(polled(rhythm, monday + 20 * HOUR))


def test_what_changed_its_rate_is_noticed() -> None:
    rhythm = watched(steadily(20, 21), days=90)  # silent since day 21
    assert expected(rhythm, T0 + 90 * DAY, T0 + 91 * DAY) < 1


def test_arrivals_before_the_last_poll_count_when_they_are_seen() -> None:
    rhythm = learn(Rhythm(learnt_at=T0), [T0 - 5 * DAY], polled_at=T0 + HOUR, since=T0)
    assert rhythm.items == 1 and rhythm.watched == pytest.approx(1)


def test_no_window_turns_over_between_two_polls() -> None:
    rhythm = watched(steadily(100, 14), days=14)
    at = T0 + 14 * DAY
    few, many = polled(rhythm, at, items=10), polled(rhythm, at, items=1000)
    assert expected(rhythm, at, at + pause(few)) < 5
    assert pause(few) < 3 * HOUR
    slow = Limits(HOUR * 6, DAY)
    assert pause(few, slow) == 6 * HOUR  # the owner's limit is kept even so
    assert pause(many) >= pause(few)


def test_a_window_that_was_filled_within_an_hour_is_watched() -> None:
    rhythm = watched(steadily(0.2, 21), days=21)
    at = T0 + 21 * DAY
    history = polled(rhythm, at, items=20, oldest_at=at - HOUR, newest_at=at)
    assert pause(history) <= 30 * MINUTE < pause(replace(history, oldest_at=at - 90 * DAY))


def test_a_poll_that_brought_much_shortens_the_next_pause() -> None:
    rhythm = watched(steadily(1, 21), days=21)
    at = T0 + 21 * DAY
    history = polled(rhythm, at, items=30, fresh=30, since=at - 15 * MINUTE)
    due = next_poll(history, LIMITS, at)
    assert due.at == at + 5 * MINUTE and due.why == "30 of 30 items were new"


def test_what_the_publisher_asks_for_is_kept() -> None:
    busy = watched(steadily(100, 7), days=7)
    at = T0 + 7 * DAY
    assert pause(polled(busy, at, at_least=HOUR)) == HOUR
    assert pause(polled(busy, at, at_least=90 * DAY)) == LIMITS.longest  # a `ttl` of months is a mistake
    assert pause(polled(busy, at, retry_at=at + 3 * DAY)) == 3 * DAY
    assert pause(polled(busy, at, retry_at=at - DAY)) < HOUR
    assert pause(polled(busy, at, retry_at=at + 3_650 * DAY)) < HOUR  # a clock was wrong when that was noted
    skipping = polled(busy, at, skip_hours=frozenset(range(6)))
    assert next_poll(skipping, LIMITS, at).at == at + 6 * HOUR
    assert next_poll(polled(busy, at, skip_days=frozenset({0, 1})), LIMITS, at).at == at + 2 * DAY
    never = polled(busy, at, skip_hours=frozenset(range(24)))
    assert pause(never) < HOUR  # excluding everything excludes nothing


def test_failures_lengthen_the_pause_and_never_end_it() -> None:
    pauses = [
        pause(polled(Rhythm(), T0, failures=failures, outcome="failed")) for failures in (0.25, 0.5, 1, 2, 4, 1000)
    ]
    assert pauses == sorted(pauses)
    assert pauses[0] < 10 * MINUTE and pauses[-1] == LIMITS.longest
    assert "weighted" in next_poll(polled(Rhythm(), T0, failures=1, outcome="failed"), LIMITS, T0).why


@given(
    a_day=st.floats(0.01, 500),
    items=st.integers(0, 1000),
    fresh=st.integers(0, 1000),
    age=st.floats(0, 1e6),
    hours=st.integers(0, 200),
)
def test_the_limits_hold(a_day: float, items: int, fresh: int, age: float, hours: int) -> None:
    gap = timedelta(days=1 / a_day)
    rhythm = learn(Rhythm(), [T0 - gap * number for number in range(1, 12)], polled_at=T0, since=None)
    at = T0 + hours * HOUR
    history = polled(rhythm, at, items=items, fresh=fresh, since=T0 - HOUR, oldest_at=at - timedelta(seconds=age))
    assert LIMITS.shortest <= pause(history) <= LIMITS.longest


def test_a_usual_gap_needs_evidence() -> None:
    assert usual_gap(Rhythm()) is None
    gap = usual_gap(watched(steadily(24, 7), days=7))
    assert gap is not None and abs(gap - HOUR) < 2 * MINUTE


def test_a_rhythm_survives_storage() -> None:
    rhythm = watched(steadily(7, 10), days=10)
    stored = json.dumps(rhythm.as_dict())
    assert len(stored) < 1500
    again = Rhythm.from_dict(json.loads(stored))
    assert again.learnt_at == rhythm.learnt_at and again.items == pytest.approx(rhythm.items, rel=1e-3)
    assert Rhythm.from_dict(None) == Rhythm()
    with pytest.raises(ValueError, match="24 are expected"):
        Rhythm.from_dict({**rhythm.as_dict(), "hour_items": [1.0]})


def test_a_busy_channel_that_fails_is_tried_often_enough_for_a_day() -> None:
    rhythm, at = watched(steadily(100, 14), days=14), T0 + 14 * DAY
    failing = polled(rhythm, at, failures=4, outcome="failed", items=20, answered_at=at - 3 * HOUR)
    assert pause(failing) <= 2 * HOUR
    assert pause(failing) >= 15 * MINUTE  # politely
    assert pause(replace(failing, answered_at=at - 2 * DAY)) > 12 * HOUR
