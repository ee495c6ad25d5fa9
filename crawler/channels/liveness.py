"""Is a channel alive? Pure: (what its answers showed, or why there was nothing) -> verdict.

A status of 200 is not alive: channels answer with items of years ago, with a web page, with another site's items. So items
are counted and the newest date is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from archive.model.link import Link
from crawler.http.politeness import UNREACHABLE

Outcome = Literal[
    "live",
    "undated",  # items, but no date that tells how old they are
    "stale",  # the newest item is too old
    "empty",  # no items in it
    "off-site",  # none of the items may be an article of this source
    "html-instead-of-feed",  # or instead of a sitemap, or of JSON
    "not-a-feed",
    "broken",  # cannot be parsed, or is forbidden (entities)
    "dead",  # gone, or there is no such host
    "blocked",  # the server refuses us
    "refused-by-robots",
    "failing",  # no usable answer; may pass
    "nothing-found",  # the registry names no channel, and a look around the site found none
    "unchecked",  # nothing here that a check can ask
]

STALE_AFTER = timedelta(days=30)
"""Where the registry expects nothing in particular: think tanks publish a few times a month, and feeds that were
abandoned are found to be months or years old, hardly ever weeks (domain survey of 421 feeds: 7 stale, 16 dead)."""
SHORTEST_STALE_AFTER = timedelta(days=3)
"""Even a daily paper has a quiet long weekend."""
PATIENCE = 10
"""A channel is stale after so many times the pause that `expect.per_day` leads to expect."""
FUTURE = timedelta(days=1)
"""A date further ahead belongs to an announced event, and says nothing about when the item came."""

ALIVE: frozenset[Outcome] = frozenset({"live", "undated"})

_DEAD = frozenset({"HTTP 404", "HTTP 410", "host-not-found"})
_BLOCKED = frozenset({"HTTP 401", "HTTP 402", "HTTP 403", "HTTP 406", "HTTP 429", "HTTP 451"})


@dataclass(frozen=True, slots=True)
class Liveness:
    """The verdict on one channel. `newest_at` is UTC, of the newest item that does not lie in the future."""

    outcome: Outcome
    detail: str | None = None
    items: int | None = None
    newest_at: datetime | None = None
    without_date: int | None = None

    @property
    def alive(self) -> bool:
        return self.outcome in ALIVE


def stale_after(expect_per_day: tuple[int, int] | None) -> timedelta:
    """How old the newest item may be."""
    if not expect_per_day or not expect_per_day[0]:
        return STALE_AFTER
    return min(STALE_AFTER, max(SHORTEST_STALE_AFTER, timedelta(days=PATIENCE / expect_per_day[0])))


class Shows(Protocol):
    """What a channel showed: see `crawler.discover.answer.Answer`."""

    @property
    def links(self) -> Sequence[Link]: ...
    @property
    def times(self) -> Sequence[datetime]: ...
    @property
    def without_date(self) -> int: ...
    @property
    def skipped(self) -> int: ...
    @property
    def problem(self) -> str | None: ...
    @property
    def odd_dates(self) -> Sequence[str]: ...


def assess_channel(
    shown: Shows, now: datetime, *, wanted: int, expect_per_day: tuple[int, int] | None = None
) -> Liveness:
    """The verdict on a channel that was answered. `wanted`: how many of its links may be articles of the source."""
    items = len(shown.links)
    if shown.problem is not None and not items:
        return Liveness(_of_problem(shown.problem), shown.problem)
    past = [time for time in shown.times if time <= now + FUTURE]
    newest = max(past, default=None)
    remarks = _remarks(shown, items, wanted, len(shown.times) - len(past))

    def verdict(outcome: Outcome, *first: str) -> Liveness:
        return Liveness(outcome, "; ".join([*first, *remarks]) or None, items, newest, shown.without_date)

    if not items:
        return verdict("empty")
    if not wanted:
        return verdict("off-site")
    if newest is None:
        return verdict("undated")
    limit = stale_after(expect_per_day)
    if now - newest > limit:
        return verdict("stale", f"nothing for {(now - newest).days} days, expected within {limit.days}")
    return verdict("live")


def assess_failure(reason: str) -> Liveness:
    """The verdict on a channel that gave no answer to read; `reason` is a failure's, `name: detail`."""
    name, _, why = reason.partition(": ")
    if name == UNREACHABLE and why:  # robots.txt is asked for first, so it is there that a dead host shows
        return replace(assess_failure(why), detail=f"robots.txt: {why}")
    if name == "robots":
        return Liveness("refused-by-robots", "robots.txt forbids this address")
    if name in _DEAD:
        return Liveness("dead", reason)
    if name in _BLOCKED:
        return Liveness("blocked", reason)
    return Liveness("failing", reason)


def _of_problem(problem: str) -> Outcome:
    if problem.endswith(": HTML page"):
        return "html-instead-of-feed"
    return "not-a-feed" if problem.startswith("not-") else "broken"


def _remarks(shown: Shows, items: int, wanted: int, ahead: int) -> list[str]:
    remarks = []
    if wanted < items:
        remarks.append(f"{items - wanted} of {items} links are not articles of this source")
    if shown.skipped:
        remarks.append(f"{shown.skipped} items without an address to fetch")
    if shown.problem is not None:
        remarks.append(shown.problem)
    if ahead:
        remarks.append(f"{ahead} dates in the future")
    if shown.odd_dates:
        remarks.append(f"{len(shown.odd_dates)} dates that cannot be read, such as {shown.odd_dates[0][:40]!r}")
    return remarks
