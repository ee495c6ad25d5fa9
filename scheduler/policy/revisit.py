"""Decide when a known article is looked at again. Pure: (history, habit, now) -> due.

*How likely is a change?* An article's time of change runs on a clock of its own, `change_clock`: fast in the first hours after
publication and ever slower later; 1 is the first day. (Of a week's body changes 82 % fall in the first day: GDELT's
Global Difference Graph, 2020. Most of these in the first hours: NewsDiffs; Flemish online news, 35 % updated within a day.) Each
seen change sets a smaller clock going again, because edits come in bursts. On this clock an article changes at a
rate of its own (the hazard of an edit): few articles are edited often, most never (over 80 % of the edited ones once or twice, 5 % more than nine
times). So the rate has a gamma distribution; each look narrows it: `(SHAPE + changes) / (SHAPE / mean + exposure)`. The mean is
the source's habit, which is learnt and leans on `MEAN` while the source is new.

*When is a look worth it?* A version that is replaced between two looks is lost. The expected loss grows with the square of
the pause, and a look costs `PRICE` versions: the best pause lets the article's clock run on by the root of
`2 PRICE / (a (a + 1))` of what it has run so far, `a` being the gamma shape. A ceiling that grows with the
article's age finds removals (0.7 % in the first day, 1.6 % in a week).
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from archive.model.decisions.disappearance import CONFIRMED_AFTER
from archive.model.history import ArticleHistory, Habit
from scheduler.policy.due import Due, in_words

SHAPE = 0.4
MEAN = 0.7
"""Changes in an article's first day, where the source's habit is not known."""
MEAN_WEIGHT = 10.0
"""The weight of `MEAN`, in first days of articles that were watched."""
FORGET = 2000.0
"""The largest exposure on which a habit rests. Older looks fade."""

YOUNG = timedelta(minutes=30)
TAIL = 0.3
"""After an age of `YOUNG` the rate of change falls with the power 1 + `TAIL` of the age."""
AFTERSHOCK = 0.5
"""The clock that a change sets going, compared with the one that publication sets going."""

PRICE = 0.0015
"""The cost of a look, in versions."""

SHORTEST = timedelta(minutes=5)
FIRST_CEILING = timedelta(hours=2)
CEILING_SHARE = 0.25
LONGEST = timedelta(days=30)
"""The pause is never longer than this share of the age, but `FIRST_CEILING` may always pass, and never more than `LONGEST`."""
LEFT_ALONE = timedelta(days=360)
"""The time without a change after which an article is not looked at by schedule any more."""

QUIET = frozenset({"gone", "moved"})
"""The states in which an article is not looked at again."""

HINT_YIELD = 0.8
HINT_WEIGHT = 4.0
"""A feed's `updated` is believed to mean a change in so many cases, with the weight of so many hints."""
HINT_BELIEVED = 0.1
"""A source whose hints prove true less often is not looked at because of them."""

DELETED_PER_CLOCK = 0.007
"""Removals run on about the same clock: 0.7 % of the articles in the first day."""

_UNKNOWN = Habit()
_DAY_H = 24.0


def next_look(history: ArticleHistory, habit: Habit, now: datetime) -> Due | None:
    """Decide when the article is looked at next. None means never again by schedule."""
    if history.status in QUIET:
        return None
    if history.status == "missing":
        return Due(history.looked_at + CONFIRMED_AFTER, "missing: a second look decides whether it is gone")
    if _hinted(history, now) and _hint_yield(habit) >= HINT_BELIEVED:
        return Due(now, "the publisher says that it was updated")
    age = history.looked_at - _born(history)
    quiet_for = history.looked_at - max(_born(history), history.changed_at if history.changes else _born(history))
    if quiet_for >= LEFT_ALONE:
        return None
    ceiling = min(max(FIRST_CEILING, age * CEILING_SHARE), LONGEST)
    pause = _pause(history, habit, ceiling)
    if pause >= ceiling:
        return Due(history.looked_at + ceiling, f"{in_words(age)} old, quiet for {in_words(quiet_for)}: still there?")
    edits = {0: "not edited yet", 1: "edited once"}.get(history.changes, f"edited {history.changes} times")
    return Due(history.looked_at + pause, f"{in_words(age)} old, {edits}")


def is_due(history: ArticleHistory, now: datetime, habit: Habit = _UNKNOWN) -> bool:
    """Return whether the time for the next look has come."""
    due = next_look(history, habit, now)
    return due is not None and due.at <= now


def gain(history: ArticleHistory, habit: Habit, now: datetime) -> float:
    """The number of new versions (or removals) that a look now is expected to find, between 0 and 1."""
    if history.status in QUIET:
        return 0.0
    if history.status == "missing":
        return 1.0
    shape, clock = _belief(history, habit)
    run = _clock(history, now) - _clock(history, history.looked_at)
    unchanged = math.pow(clock / (clock + run), shape) * math.exp(-DELETED_PER_CLOCK * run)
    if _hinted(history, now):
        unchanged *= 1 - _hint_yield(habit)
    return 1 - unchanged


def learn(habit: Habit, before: ArticleHistory, looked_at: datetime, *, changed: bool) -> Habit:
    """The source's habit after one more look at one of its articles, whose history was `before`."""
    if habit.exposure > FORGET:
        habit = habit.faded(0.5)
    hinted = _hinted(before, looked_at)
    return Habit(
        looks=habit.looks + 1,
        exposure=habit.exposure + max(0.0, _clock(before, looked_at) - _clock(before, before.looked_at)),
        changes=habit.changes + changed,
        hints=habit.hints + hinted,
        hints_true=habit.hints_true + (hinted and changed),
    )


def change_clock(age: timedelta) -> float:
    """The reading of the clock of change at an age: 0 at publication, 1 after a day, at most about 1.45."""
    hours = max(0.0, age.total_seconds() / 3600)
    return _power(hours) / _power(_DAY_H)


def _power(hours: float) -> float:
    return 1 - math.pow(1 + hours / (YOUNG.total_seconds() / 3600), -TAIL)


def _age_at(reading: float) -> timedelta:
    """The age at which the clock shows a reading. A reading beyond its end gives `timedelta.max`."""
    left = 1 - reading * _power(_DAY_H)
    if left <= 1e-6:
        return timedelta.max
    return YOUNG * (math.pow(left, -1 / TAIL) - 1)


def _clock(history: ArticleHistory, at: datetime) -> float:
    """The reading of the article's clock: its own age, and the aftershocks of its changes.

    Of the earlier changes, the aftershocks are taken to be over.
    """
    shown = change_clock(at - _born(history))
    if history.changes:
        shown += AFTERSHOCK * (history.changes - 1 + change_clock(at - history.changed_at))
    return shown


def _belief(history: ArticleHistory, habit: Habit) -> tuple[float, float]:
    """Shape and rate of the gamma distribution of the article's changes per unit of its clock, after its last look."""
    mean = (MEAN * MEAN_WEIGHT + habit.changes) / (MEAN_WEIGHT + habit.exposure)
    watched_from = change_clock(history.first_seen_at - _born(history))
    watched = _clock(history, history.looked_at) - watched_from
    return SHAPE + history.changes, SHAPE / max(mean, 0.01) + max(0.0, watched)


def _pause(history: ArticleHistory, habit: Habit, ceiling: timedelta) -> timedelta:
    """The time in which the clock runs on by what a look is worth, at most `ceiling`."""
    shape, clock = _belief(history, habit)
    worth = clock * math.sqrt(2 * PRICE / (shape * (shape + 1)))
    start = _clock(history, history.looked_at)
    if _clock(history, history.looked_at + SHORTEST) - start >= worth:
        return SHORTEST
    if _clock(history, history.looked_at + ceiling) - start <= worth:
        return ceiling
    if not history.changes:
        return _age_at(start + worth) - (history.looked_at - _born(history))
    low, high = SHORTEST, ceiling  # two clocks added have no closed inverse: bisection, to within 2 %
    while high > low * 1.02:
        middle = (low + high) / 2
        if _clock(history, history.looked_at + middle) - start < worth:
            low = middle
        else:
            high = middle
    return high


def _born(history: ArticleHistory) -> datetime:
    """The time from which the article's age counts.

    This is its publication date if that is before the time at which it was found: the busy hours of an old article are over.
    """
    return min(history.first_seen_at, history.published_at or history.first_seen_at)


def _hinted(history: ArticleHistory, now: datetime) -> bool:
    """Return whether the publisher claims a change since the last look.

    A time in the future is due to a wrong clock or time zone. It counts when it has come.
    """
    return history.updated_at is not None and history.looked_at < history.updated_at <= now


def _hint_yield(habit: Habit) -> float:
    return (HINT_YIELD * HINT_WEIGHT + habit.hints_true) / (HINT_WEIGHT + habit.hints)
