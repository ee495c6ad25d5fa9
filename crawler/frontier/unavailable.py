"""Requests without an answer: how they ended, and what that says about the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ending = Literal["refused", "failed", "unavailable", "away", "put-off"]
"""`refused`: robots rules forbid it; `failed`: tried in vain; `unavailable`: the same, for a reason that may pass; `away`: its
host as a whole does not answer; `put-off`: not tried now (budget, pause)."""
NOT_ITS_FAULT: frozenset[Ending] = frozenset({"away", "put-off"})
"""Endings that say nothing about the address."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a request got no answer."""

    how: Ending
    reason: str

    @property
    def passing(self) -> bool:
        """Whether it may be had another time."""
        return self.how in ("unavailable", *NOT_ITS_FAULT)
