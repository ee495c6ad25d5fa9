"""What the daemon warns of, when, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from scheduler.monitoring.obstacles import AGAIN, DEATHS, LONG, PATIENCE, Facts, Watch, Worry, find_obstacles

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
FINE = Facts(enabled=3, polled=3, next_poll_at=NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("change", "event", "helps"),
    [
        ({"enabled": 0, "polled": 0}, "no_source_enabled", "dateline sources enable"),
        ({"polled": 0, "why_not": {"unverified": 3}}, "no_source_polled", "dateline sources check"),
        ({"paused": 3, "next_poll_at": None, "never": True}, "all_sources_paused", "dateline schedule resume"),
        ({"next_poll_at": NOW + LONG + timedelta(hours=1)}, "no_poll_for_long", "dateline schedule"),
        ({"next_poll_at": None, "never": True}, "no_poll_for_long", "dateline schedule"),
        ({"died": DEATHS}, "nobody_fetches", "dateline worker"),
        ({"silent": PATIENCE, "own": 0}, "nobody_fetches", "dateline worker"),
        ({"silent": PATIENCE, "own": 1}, "nobody_fetches", "dateline status"),
    ],
)
def test_each_trouble_names_the_command_that_helps(change: dict[str, object], event: str, helps: str) -> None:
    (found,) = find_obstacles(replace(FINE, **change), NOW)  # type: ignore[arg-type]
    assert found.event == event
    assert f"`{helps}" in found.helps


@pytest.mark.parametrize(
    "facts",
    [
        FINE,
        replace(FINE, next_poll_at=None),  # one is being planned
        replace(FINE, next_poll_at=NOW - timedelta(days=9)),  # late, but planned
        replace(FINE, next_poll_at=NOW + LONG),
        replace(FINE, paused=2),
        replace(FINE, silent=PATIENCE - 1),
        replace(FINE, died=DEATHS - 1),
    ],
)
def test_nothing_worries_where_all_is_well(facts: Facts) -> None:
    assert find_obstacles(facts, NOW) == []


def test_why_no_source_is_polled_is_counted() -> None:
    (found,) = find_obstacles(Facts(enabled=7, polled=0, why_not={"no channel": 1, "unverified": 6}), NOW)
    assert "6 without a check that found a live channel, 1 without a channel" in found.because
    assert found.facts == {"enabled": 7}


def test_two_troubles_are_two_warnings() -> None:
    found = find_obstacles(Facts(enabled=0, polled=0, died=5, waiting_jobs=4), NOW)
    assert [worry.event for worry in found] == ["no_source_enabled", "nobody_fetches"]
    assert found[1].facts == {"waiting_jobs": 4}


def test_a_warning_comes_once_and_again_each_hour() -> None:
    watch, worry = Watch(), Worry("nobody_fetches", "because", "helps")
    with capture_logs() as said:
        for minutes in range(0, 125, 5):
            watch.tell([worry], NOW + timedelta(minutes=minutes))
    assert [e["event"] for e in said] == ["nobody_fetches"] * 3
    assert {e["log_level"] for e in said} == {"warning"}


def test_its_end_is_said_and_the_next_one_is_new() -> None:
    watch, worry = Watch(), Worry("nobody_fetches", "because", "helps")
    with capture_logs() as said:
        watch.tell([worry], NOW)
        watch.tell([], NOW + timedelta(minutes=1))
        watch.tell([], NOW + timedelta(minutes=2))
        watch.tell([worry], NOW + timedelta(minutes=3))
    assert [e["event"] for e in said] == ["nobody_fetches", "warning_over", "nobody_fetches"]
    assert said[1]["warning"] == "nobody_fetches"


def test_a_clock_that_is_put_back_does_not_silence_it() -> None:
    watch, worry = Watch(), Worry("nobody_fetches", "because", "helps")
    with capture_logs() as said:
        watch.tell([worry], NOW)
        watch.tell([worry], NOW - timedelta(days=1))
        watch.tell([worry], NOW - timedelta(days=1) + AGAIN)
    assert len(said) == 3
