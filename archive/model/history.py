"""Histories that scheduling policies need. Pure values. The policies are in `scheduler/policy`.

All times are aware and in UTC. What is learnt (`Rhythm`, `Habit`) forgets slowly and fits into a JSON column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from archive.model.article import ArticleStatus

HOURS = 24
QUARTERS = 28
"""Six-hour quarters of the week, Monday 00:00 UTC first."""

Counts = tuple[float, ...]
_NO_HOURS: Counts = (0.0,) * HOURS
_NO_QUARTERS: Counts = (0.0,) * QUARTERS


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a channel publishes, and when: items seen and hours watched, for each hour of the day and each quarter of the
    week.

    Hours are UTC. Older weeks weigh less (`scheduler.policy.polling.learn`). `most` is the largest number of items in one hour
    that a poll brought, fading. `learnt_at` is the time up to which it was watched. None means never.
    """

    learnt_at: datetime | None = None
    hour_items: Counts = _NO_HOURS
    hour_watched: Counts = _NO_HOURS
    quarter_items: Counts = _NO_QUARTERS
    quarter_watched: Counts = _NO_QUARTERS
    most: float = 0.0

    @property
    def items(self) -> float:
        """The number of items seen, older ones weighing less."""
        return sum(self.hour_items)

    @property
    def watched(self) -> float:
        """The hours watched, older ones weighing less."""
        return sum(self.hour_watched)

    def as_dict(self) -> dict[str, Any]:
        """The form in which a rhythm is stored in a JSON column."""
        return {
            "learnt_at": self.learnt_at.isoformat() if self.learnt_at else None,
            "hour_items": _rounded(self.hour_items),
            "hour_watched": _rounded(self.hour_watched),
            "quarter_items": _rounded(self.quarter_items),
            "quarter_watched": _rounded(self.quarter_watched),
            "most": round(self.most, 4),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> Self:
        """A rhythm from its stored form. None is a rhythm that is not known yet."""
        if not stored:
            return cls()
        return cls(
            datetime.fromisoformat(stored["learnt_at"]) if stored["learnt_at"] else None,
            _counts(stored["hour_items"], HOURS),
            _counts(stored["hour_watched"], HOURS),
            _counts(stored["quarter_items"], QUARTERS),
            _counts(stored["quarter_watched"], QUARTERS),
            float(stored["most"]),
        )


@dataclass(frozen=True, slots=True)
class ChannelHistory:
    """One channel of a source: what its polls showed, and what its publisher asks for.

    `polled_at`, `outcome` and `failures` are of the last attempt (`failures`: weighted and in a row, see
    `scheduler.policy.backoff`; 0 after an answer). `answered_at` is the last successful poll, `since` the one before it.
    `items`, `fresh`, `newest_at` and `oldest_at` describe the last full answer: its items, those never seen before, and the
    publication times at both ends of its window.
    `at_least` (RSS `ttl`, `sy:update*`, `Cache-Control: max-age`), `skip_hours` (0-23), `skip_days` (0 = Monday), both GMT,
    and `retry_at` (`Retry-After`) are lower bounds for the next poll.
    """

    source_id: str
    key: str
    added_at: datetime
    polled_at: datetime | None = None
    outcome: str | None = None
    failures: float = 0.0
    answered_at: datetime | None = None
    since: datetime | None = None
    items: int | None = None
    fresh: int | None = None
    newest_at: datetime | None = None
    oldest_at: datetime | None = None
    at_least: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    retry_at: datetime | None = None
    rhythm: Rhythm = Rhythm()


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """The history of one article. `pk` is its key in the archive.

    `changed_at` is the time at which its last change was seen, or `first_seen_at` if there was none. `changes` is the number of
    revisions after the first. `looks` is the number of observations so far. `updated_at` is the latest time of change that a
    feed or sitemap claims, if it is later than what a look has answered to. None means that there is no such hint.
    """

    pk: int
    status: ArticleStatus
    first_seen_at: datetime
    changed_at: datetime
    looked_at: datetime
    published_at: datetime | None = None
    changes: int = 0
    looks: int = 1
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """How readily a source edits what it has published: counts over its articles' looks, older ones weighing less.

    `exposure` is how much of an article's usual time of change has been watched, summed over looks; 1 is an article's first day
    (`scheduler.policy.revisit.exposure`). `changes` counts looks that found a change. `hints` counts looks that a feed's or
    sitemap's `updated` asked for, and `hints_true` those of them that found a change.
    """

    looks: float = 0.0
    exposure: float = 0.0
    changes: float = 0.0
    hints: float = 0.0
    hints_true: float = 0.0

    def faded(self, share: float) -> Self:
        """The same habit with only a `share` of the evidence."""
        return replace(self, **{name: value * share for name, value in asdict(self).items()})

    def as_dict(self) -> dict[str, float]:
        """The form in which a habit is stored in a JSON column."""
        return {name: round(value, 4) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> Self:
        """A habit from its stored form. None is a habit that is not known yet."""
        return cls(**{name: float(value) for name, value in stored.items()}) if stored else cls()


def _rounded(values: Counts) -> list[float]:
    return [round(value, 4) for value in values]


def _counts(values: Sequence[Any], length: int) -> Counts:
    counts = tuple(map(float, values))
    if len(counts) != length:
        raise ValueError(f"a stored rhythm has {len(counts)} values where {length} are expected")
    return counts
