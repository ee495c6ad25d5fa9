"""How heavily a failure counts. The weights are those of Media Cloud's rss-fetcher."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

FailureKind = Literal["hard", "soft", "temporary"]
"""hard: will hardly pass by itself (gone, forbidden, no feed, TLS); soft: overload, timeouts, 5xx; temporary: a name that
does not resolve at the moment."""

WEIGHTS: Mapping[FailureKind, float] = {"hard": 1.0, "soft": 0.5, "temporary": 0.25}

ONE_FAILURE = timedelta(minutes=5)
"""A host's failures that lie closer together are one: a hundred pages that fail in one outage say no more than one does."""

_SOFT = (
    "HTTP 429",
    "HTTP 5",
    "timeout",
    "connection-lost",
    "connection-refused",
    "robots-unreachable",
    "internal-error",
    "truncated",
)


def kind_of(reason: str) -> FailureKind:
    """The kind of a failure by its reason (`name: detail`, see crawler/http/failures.py)."""
    if "host-not-found" in reason:
        return "temporary"
    return "soft" if reason.startswith(_SOFT) else "hard"
