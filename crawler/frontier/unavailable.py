"""Requests without an answer: how they ended, and what that says about the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ending = Literal["refused", "rules-unknown", "failed", "unavailable", "away", "put-off"]
"""`refused`: robots rules forbid it; `rules-unknown`: robots.txt cannot be had, so everything is forbidden for the time being;
`failed`: tried in vain; `unavailable`: the same, for a reason that may pass; `away`: its host as a whole does not answer;
`put-off`: not tried now (budget, pause)."""
NOT_ITS_FAULT: frozenset[Ending] = frozenset({"away", "put-off"})
"""Endings that say nothing about the address, so that it simply waits for the next job."""
UNCOUNTED: frozenset[Ending] = frozenset({"away", "rules-unknown"})
"""Failures that do not count against the address: they are its host's."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a request got no answer."""

    how: Ending
    reason: str

    @property
    def passing(self) -> bool:
        """Whether it may be had another time."""
        return self.how in ("unavailable", "rules-unknown", *NOT_ITS_FAULT)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of ours or of the archive while an answer was taken in.

    `halted`: the crawl ends, because nothing can be saved any more. `waiting`: the task had not been sent, it only waited for
    the answer that met the fault.
    """

    reason: str
    halted: bool = False
    waiting: bool = False

    @property
    def counts(self) -> bool:
        """Whether it counts as a failed attempt, which is written down."""
        return not self.halted and not self.waiting
