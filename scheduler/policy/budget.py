"""What to spend a limited number of requests on. Pure.

A host's requests of a day go first to polls and to new links, which never wait for revisits; revisits share what those leave,
the look with the highest expected gain first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

RESERVE = 0.2
"""This share of a host's day is kept free of revisits, for polls and links that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """Something that one request could be spent on, and what it is expected to gain. `key` breaks ties."""

    gain: float
    key: int
    what: T


def spend(candidates: Iterable[Candidate[T]], budget: int) -> list[T]:
    """The candidates worth the most, at most `budget` of them, best first. The same input gives the same answer."""
    ranked = sorted(candidates, key=lambda candidate: (-candidate.gain, candidate.key))
    return [candidate.what for candidate in ranked[: max(0, budget)]]


def revisits_left(
    per_day: int, *, fresh_today: int, fresh_expected: float, revisits_today: int, day_passed: float
) -> int:
    """How many revisits a host's budget allows now.

    `per_day`: requests to the host in a day. `fresh_today`: polls and new links fetched so far; `fresh_expected`: those still
    expected today. `revisits_today`: looks spent so far. `day_passed`: 0-1; revisits are released as the day
    passes, so that the evening's news finds budget left.
    """
    for_revisits = max(0.0, per_day * (1 - RESERVE) - fresh_today - max(0.0, fresh_expected))
    released = for_revisits * min(1.0, max(0.0, day_passed) + 1 / 24)
    return max(0, int(released) - revisits_today)
