"""Revisits for `freshness.py`: when each rule looks at an article again, and what it catches."""

from __future__ import annotations

import bisect
import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from freshness_polling import EPOCH, TICK, time_of
from freshness_world import DAY, HOUR, MINUTE, Life, Site

from archive.model.article import ArticleStatus
from archive.model.history import ArticleHistory, Habit
from scheduler.policy import revisit
from scheduler.policy.budget import Candidate, spend

FOLLOWED = 30 * DAY
"""Each article is followed for so long after its publication."""

NEWSDIFFS = ((3 * HOUR, 15 * MINUTE), (DAY, HOUR), (7 * DAY, 3 * HOUR), (30 * DAY, 3 * DAY), (360 * DAY, 30 * DAY))
"""(last change seen less than so long ago, pause)."""


@dataclass(frozen=True)
class Followed:
    """An article, its first capture, and when its feed tells of its edits (time of the poll, time of the edit)."""

    life: Life
    captured: float
    hints: tuple[tuple[float, float], ...] = ()
    ends: float = math.inf
    """When the simulation ends, if that is earlier."""

    @property
    def until(self) -> float:
        return min(self.life.published + FOLLOWED, self.ends)


def dateline(articles: Sequence[Followed]) -> list[list[float]]:
    """The product's policy; the articles of a site share its habit."""
    looks: list[list[float]] = [[] for _ in articles]
    by_site: dict[int, list[int]] = {}
    for index, article in enumerate(articles):
        by_site.setdefault(article.life.site, []).append(index)
    for indexes in by_site.values():
        _one_site(articles, indexes, looks)
    return looks


def _one_site(articles: Sequence[Followed], indexes: list[int], looks: list[list[float]]) -> None:
    habit = Habit()
    histories: dict[int, ArticleHistory] = {}
    queue: list[tuple[float, int, int]] = []  # time, article, how many looks it had when this was planned
    for index in indexes:
        article = articles[index]
        if article.captured < article.until:
            heapq.heappush(queue, (article.captured, index, 0))
            for told_at, _ in article.hints:
                heapq.heappush(queue, (told_at, index, -1))
    while queue:
        at, index, planned = heapq.heappop(queue)
        article, before = articles[index], histories.get(index)
        if at >= article.until:
            continue
        if planned < 0:  # a poll shows the feed's `updated`
            if before is not None and before.status == "live":
                edit = max(edit for told_at, edit in article.hints if told_at <= at)
                before = histories[index] = replace(before, updated_at=time_of(edit))
                _plan(queue, before, habit, at, index, len(looks[index]))
            continue
        if planned != len(looks[index]):
            continue  # planned anew since
        if before is None:
            after = _first_look(index, article, at)
        else:
            after, changed = _look(before, article, at)
            habit = revisit.learn(habit, before, time_of(at), changed=changed)
        if after is None:
            continue
        looks[index].append(at)
        histories[index] = after
        _plan(queue, after, habit, at, index, len(looks[index]))


def _plan(
    queue: list[tuple[float, int, int]], history: ArticleHistory, habit: Habit, at: float, index: int, planned: int
) -> None:
    due = revisit.next_look(history, habit, time_of(at))
    if due is not None:
        seconds = max((due.at - EPOCH).total_seconds(), at + TICK)
        heapq.heappush(queue, (math.ceil(seconds / TICK) * TICK, index, planned))


def _first_look(index: int, article: Followed, at: float) -> ArticleHistory | None:
    if article.life.deleted <= at:
        return None
    now = time_of(at)
    return ArticleHistory(index, "live", now, now, now, time_of(article.life.published))


def _look(before: ArticleHistory, article: Followed, at: float) -> tuple[ArticleHistory, bool]:
    now = time_of(at)
    if article.life.deleted <= at:
        status: ArticleStatus = "gone" if before.status == "missing" else "missing"
        return replace(before, status=status, looked_at=now, looks=before.looks + 1), False
    edits = article.life.edits
    known = bisect.bisect_right(edits, (before.looked_at - EPOCH).total_seconds())
    changed = bisect.bisect_right(edits, at) > known
    return (
        replace(
            before,
            looked_at=now,
            looks=before.looks + 1,
            changed_at=now if changed else before.changed_at,
            changes=before.changes + changed,
        ),
        changed,
    )


ROUND = 300.0
"""With a budget, the looks of so many seconds are chosen together."""


def rationed(articles: Sequence[Followed], a_day: float, *, best_first: bool) -> list[list[float]]:
    """The articles of one site with at most so many looks a day: those that are due and gain the most, or, for
    comparison, those that have been due the longest. First captures are not rationed."""
    looks: list[list[float]] = [[] for _ in articles]
    histories: dict[int, ArticleHistory] = {}
    dues: dict[int, float] = {}
    habit, allowed = Habit(), 0.0
    new = sorted(range(len(articles)), key=lambda index: -articles[index].captured)
    at = articles[new[-1]].captured
    end = max(article.until for article in articles)
    while at < end:
        while new and articles[new[-1]].captured <= at:
            index = new.pop()
            captured = articles[index].captured
            if (first := _first_look(index, articles[index], captured)) is not None:
                looks[index].append(captured)
                histories[index] = first
                dues[index] = _due(first, habit, captured)
        now = time_of(at)
        allowed += a_day * ROUND / DAY
        due = [index for index, when in dues.items() if when <= at]
        candidates = [
            Candidate(revisit.gain(histories[index], habit, now) if best_first else -dues[index], index, index)
            for index in due
        ]
        for index in spend(candidates, int(allowed)):
            before = histories[index]
            histories[index], changed = _look(before, articles[index], at)
            habit = revisit.learn(habit, before, now, changed=changed)
            looks[index].append(at)
            dues[index] = _due(histories[index], habit, at)
            allowed -= 1
        allowed = min(allowed, a_day * ROUND / DAY)  # what was not needed is not saved up
        at += ROUND
    return looks


def _due(history: ArticleHistory, habit: Habit, at: float) -> float:
    due = revisit.next_look(history, habit, time_of(at))
    return math.inf if due is None else (due.at - EPOCH).total_seconds()


def newsdiffs(articles: Sequence[Followed]) -> list[list[float]]:
    """NewsDiffs' table, by the time since the last change that was seen."""
    return [_by_table(article) for article in articles]


def _by_table(article: Followed) -> list[float]:
    life, at, looks = article.life, article.captured, []
    changed_at, missing = at, 0
    while at < article.until and (looks or at < life.deleted):
        looks.append(at)
        if life.deleted <= at:
            missing += 1
            if missing == 2:
                break
        elif len(looks) > 1 and bisect.bisect_right(life.edits, at) > bisect.bisect_right(life.edits, looks[-2]):
            changed_at = at
        pause = next((pause for quiet, pause in NEWSDIFFS if at - changed_at < quiet), math.inf)
        at += pause
    return looks


def at_ages(articles: Sequence[Followed], ages: Iterable[float]) -> list[list[float]]:
    """The first capture and looks at fixed times after it."""
    ages = tuple(ages)
    return [
        [at for at in (article.captured, *(article.captured + age for age in ages)) if at < article.until]
        if article.captured < article.life.deleted
        else []
        for article in articles
    ]


@dataclass
class Score:
    """What a rule caught. Versions are those of edited articles: the others' only version needs no second look."""

    articles: int = 0
    edited: int = 0
    in_time: int = 0
    """Edited articles first captured before their first edit."""
    first_day: list[bool] = field(default_factory=list)
    """For each version that appeared within a day of publication: whether a look fell into its life."""
    week: list[bool] = field(default_factory=list)
    """The same for each version that stood for a week or longer."""
    every: list[bool] = field(default_factory=list)
    noticed: list[float] = field(default_factory=list)
    """Seconds from an edit to the next look."""
    deleted: int = 0
    removals: list[float] = field(default_factory=list)
    """Seconds from a removal to the look that found it."""
    requests: int = 0


def score(articles: Sequence[Followed], looks: Sequence[list[float]]) -> Score:
    total = Score()
    for article, times in zip(articles, looks, strict=True):
        life, until = article.life, article.until
        total.articles += 1
        total.requests += max(0, len(times) - 1)
        if life.deleted < until and times:
            total.deleted += 1
            found = bisect.bisect_left(times, life.deleted)
            if found < len(times):
                total.removals.append(times[found] - life.deleted)
        edits = [edit for edit in life.edits if edit < until]
        if not edits:
            continue
        total.edited += 1
        total.in_time += bool(times) and times[0] < edits[0]
        for edit in edits:
            found = bisect.bisect_left(times, edit)
            if found < len(times):
                total.noticed.append(times[found] - edit)
        for start, end in life.versions:
            if start >= until:
                continue
            found = bisect.bisect_left(times, start)
            caught = found < len(times) and times[found] < end
            total.every.append(caught)
            if start - life.published < DAY:
                total.first_day.append(caught)
            if min(end, until) - start >= 7 * DAY:
                total.week.append(caught)
    return total


def hints_of(site: Site, life: Life, polls: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """(poll, edit) for the edits that the site's feed tells while the article is still in its window."""
    if not site.hints:
        return ()
    place = bisect.bisect_left(site.published, life.published)
    leaves = site.published[place + site.window] if place + site.window < len(site.published) else math.inf
    told = []
    for edit in life.edits:
        index = bisect.bisect_right(polls, edit)
        if index < len(polls) and polls[index] < leaves:
            told.append((polls[index], edit))
    return tuple(told)
