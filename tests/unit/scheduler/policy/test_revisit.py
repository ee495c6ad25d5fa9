from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.model.article import ArticleStatus
from archive.model.decisions.disappearance import CONFIRMED_AFTER
from archive.model.history import ArticleHistory, Habit
from scheduler.policy.revisit import (
    FIRST_CEILING,
    LONGEST,
    SHORTEST,
    change_clock,
    gain,
    is_due,
    learn,
    next_look,
)

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
UNKNOWN = Habit()


def history(
    *,
    looked: timedelta,
    changed: timedelta = timedelta(0),
    changes: int = 0,
    status: ArticleStatus = "live",
    published: datetime | None = None,
    updated: datetime | None = None,
) -> ArticleHistory:
    return ArticleHistory(
        1, status, T0, T0 + changed, T0 + looked, published, changes=changes, looks=2, updated_at=updated
    )


def pause(seen: ArticleHistory, habit: Habit = UNKNOWN) -> timedelta:
    due = next_look(seen, habit, seen.looked_at)
    assert due is not None
    return due.at - seen.looked_at


AGES = [timedelta(minutes=m) for m in (1, 30, 180, 24 * 60, 7 * 24 * 60, 200 * 24 * 60)]


def test_the_pauses_grow_with_quiet() -> None:
    pauses = [pause(history(looked=age)) for age in AGES]
    assert pauses == sorted(pauses)
    assert SHORTEST <= pauses[0] <= timedelta(minutes=30)
    assert pauses[-1] == LONGEST


def test_an_edit_brings_short_pauses_back() -> None:
    edited = history(looked=timedelta(days=8), changed=timedelta(days=8), changes=1)
    assert pause(edited) < timedelta(hours=2) < pause(history(looked=timedelta(days=8)))


def test_what_was_edited_often_is_watched_closely() -> None:
    pauses = [pause(history(looked=timedelta(hours=5), changed=timedelta(hours=4), changes=n)) for n in (1, 3, 9)]
    assert pauses == sorted(pauses, reverse=True)
    assert pauses[-1] < timedelta(minutes=45)


def test_a_source_that_edits_much_is_watched_more_closely() -> None:
    seldom, often = Habit(looks=500, exposure=100, changes=10), Habit(looks=500, exposure=100, changes=200)
    seen = history(looked=timedelta(hours=1))
    assert pause(seen, often) < pause(seen, seldom)


def test_old_articles_are_left_in_peace() -> None:
    old = history(looked=timedelta(days=361))
    assert next_look(old, UNKNOWN, old.looked_at) is None


def test_an_article_found_long_after_its_publication_is_not_busy() -> None:
    found_late = history(looked=timedelta(minutes=1), published=T0 - timedelta(days=20))
    assert pause(found_late) > timedelta(days=3)


@pytest.mark.parametrize("age", AGES)
def test_no_removal_stays_unseen_for_longer_than_the_ceiling(age: timedelta) -> None:
    never_edits = Habit(looks=1e4, exposure=1500)
    assert pause(history(looked=age), never_edits) <= max(FIRST_CEILING, age / 4)


@pytest.mark.parametrize("status", ["gone", "moved"])
def test_what_is_gone_is_not_asked_for_again(status: ArticleStatus) -> None:
    quiet = history(looked=timedelta(0), status=status)
    assert next_look(quiet, UNKNOWN, T0) is None
    assert gain(quiet, UNKNOWN, T0 + timedelta(days=1)) == 0


def test_a_missing_article_is_looked_at_once_more_at_another_time() -> None:
    missing = history(looked=timedelta(days=9), status="missing")
    assert pause(missing) == CONFIRMED_AFTER
    assert not is_due(missing, missing.looked_at + timedelta(minutes=59))
    assert is_due(missing, missing.looked_at + CONFIRMED_AFTER)
    assert gain(missing, UNKNOWN, missing.looked_at + CONFIRMED_AFTER) == 1


def test_a_claimed_update_makes_an_article_due_at_once() -> None:
    looked = timedelta(days=9)
    now = T0 + looked + timedelta(minutes=2)
    hinted = history(looked=looked, updated=T0 + looked + timedelta(minutes=1))
    due = next_look(hinted, UNKNOWN, now)
    assert due is not None and due.at == now and "updated" in due.why
    assert gain(hinted, UNKNOWN, now) > 0.7 > gain(replace(hinted, updated_at=None), UNKNOWN, now)


def test_a_claim_that_was_answered_or_lies_in_the_future_changes_nothing() -> None:
    seen = history(looked=timedelta(days=9))
    for claimed in (seen.looked_at, seen.looked_at + timedelta(days=400)):
        hinted = replace(seen, updated_at=claimed)
        assert next_look(hinted, UNKNOWN, seen.looked_at) == next_look(seen, UNKNOWN, seen.looked_at)


def test_a_source_that_claims_updates_without_changes_is_not_believed_for_long() -> None:
    habit = UNKNOWN
    hinted = history(looked=timedelta(days=9), updated=T0 + timedelta(days=9, minutes=1))
    now = T0 + timedelta(days=9, minutes=2)
    for _ in range(60):
        habit = learn(habit, hinted, now, changed=False)
    due = next_look(hinted, habit, now)
    assert due is not None and due.at > now


def test_the_gain_grows_with_the_time_since_the_last_look() -> None:
    seen = history(looked=timedelta(minutes=10))
    gains = [gain(seen, UNKNOWN, seen.looked_at + age) for age in AGES]
    assert gains == sorted(gains)
    assert 0 < gains[0] < gains[-1] < 1


def test_the_clock_of_change_is_one_after_a_day_and_mostly_over_then() -> None:
    assert change_clock(timedelta(0)) == 0
    assert change_clock(timedelta(days=1)) == pytest.approx(1)
    first_day = 1 / change_clock(timedelta(days=7))
    assert 0.78 < first_day < 0.86  # of a week's changes: 82 % (Global Difference Graph)


def test_a_habit_is_learnt_and_forgets() -> None:
    habit = UNKNOWN
    first = history(looked=timedelta(minutes=1))
    for _ in range(5000):
        habit = learn(habit, first, T0 + timedelta(days=1), changed=True)
    assert habit.exposure < 2100
    assert habit.changes / habit.exposure == pytest.approx(1, abs=0.05)
    assert Habit.from_dict(habit.as_dict()).changes == pytest.approx(habit.changes, abs=1e-3)
