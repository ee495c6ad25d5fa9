"""What is remembered of origins, and what a clock that was once wrong must not do to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.frontier.origins import OriginMemory
from archive.model.clock import LONGEST_PAUSE
from crawler.http.politeness import ROBOTS_PATH, TDM_PATH, Politeness

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
ORIGIN = "https://www.harbour-times.example"


def remembered(*, at: datetime = NOW, paused_until: datetime | None = None) -> Politeness:
    memory = OriginMemory(ORIGIN, "ok", "User-agent: *\nDisallow: /x\n", at, "[]", at, paused_until, "HTTP 429", 0)
    return Politeness({ORIGIN: memory}, "dateline", NOW)


def test_what_is_young_is_not_asked_for() -> None:
    assert remembered(at=NOW - timedelta(hours=23)).missing(f"{ORIGIN}/a", NOW) is None


@pytest.mark.parametrize("at", [NOW - timedelta(hours=25), NOW + timedelta(minutes=1), NOW + timedelta(days=3_650)])
def test_what_is_old_or_of_the_future_is_asked_for_again(at: datetime) -> None:
    assert remembered(at=at).missing(f"{ORIGIN}/a", NOW) == ORIGIN + ROBOTS_PATH


def test_a_tdm_file_of_the_future_is_asked_for_again() -> None:
    politeness = remembered()
    politeness.learn_tdm(ORIGIN, "[]", NOW + timedelta(days=3_650))
    assert politeness.missing(f"{ORIGIN}/a", NOW) == ORIGIN + TDM_PATH


@pytest.mark.parametrize(
    ("ahead", "seconds"),
    [
        (timedelta(hours=1), 3_600.0),
        (LONGEST_PAUSE, LONGEST_PAUSE.total_seconds()),
        (LONGEST_PAUSE + timedelta(seconds=1), None),
        (timedelta(days=3_650), None),
        (-timedelta(seconds=1), None),
    ],
)
def test_a_pause_is_kept_if_a_host_can_have_asked_for_it(ahead: timedelta, seconds: float | None) -> None:
    pause = remembered(paused_until=NOW + ahead).pause(f"{ORIGIN}/a", NOW)
    assert (pause and pause[0]) == seconds
