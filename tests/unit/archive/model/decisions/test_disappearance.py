"""When a missing article is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.model.decisions.disappearance import CONFIRMED_AFTER, is_confirmed_gone
from archive.model.revision import LookOutcome

FIRST = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOONER = CONFIRMED_AFTER - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("outcome", "status", "later", "gone"),
    [
        ("missing", "missing", CONFIRMED_AFTER, True),
        ("soft-404", "missing", CONFIRMED_AFTER, True),
        ("missing", "missing", SOONER, False),  # the same outage may last that long
        ("missing", "live", CONFIRMED_AFTER, False),  # the first look that misses it
        ("soft-404", "withheld", CONFIRMED_AFTER, False),
        ("failed", "missing", CONFIRMED_AFTER, False),  # it says nothing about the article
        ("same", "missing", CONFIRMED_AFTER, False),
    ],
)
def test_gone(outcome: LookOutcome, status: str, later: timedelta, gone: bool) -> None:
    assert is_confirmed_gone(outcome, status, FIRST, FIRST + later) is gone
