"""Decide for what a limited number of requests is used. Pure.

The requests that a host gets in a day go first to polls and to new links, which never wait for revisits. Revisits share the rest.
The look with the highest expected gain comes first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

RESERVE = 0.2
"""The share of a host's requests of a day that revisits do not get. It is left for polls and links that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """Something for which one request can be used, and the gain that is expected of it. `key` breaks ties."""

    gain: float
    key: int
    what: T


def spend(candidates: Iterable[Candidate[T]], budget: int) -> list[T]:
    """Choose the candidates with the highest gain, at most `budget` of them, best first.

    The same input always gives the same answer.
    """
    ranked = sorted(candidates, key=lambda candidate: (-candidate.gain, candidate.key))
    return [candidate.what for candidate in ranked[: max(0, budget)]]


def revisits_left(
    per_day: int, *, fresh_today: int, fresh_expected: float, revisits_today: int, day_passed: float
) -> int:
    """The number of revisits that a host's budget allows now.

    `per_day` is the number of requests that the host gets in a day. `fresh_today` counts the polls and new links of today so
    far, and `fresh_expected` those that are still expected. `revisits_today` counts the revisits so far. `day_passed` is the
    share of the day that is over (0 to 1). Revisits are released as the day passes, so that requests are left for the evening's
    news.
    """
    for_revisits = max(0.0, per_day * (1 - RESERVE) - fresh_today - max(0.0, fresh_expected))
    released = for_revisits * min(1.0, max(0.0, day_passed) + 1 / 24)
    return max(0, int(released) - revisits_today)
