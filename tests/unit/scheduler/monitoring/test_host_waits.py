"""Hosts that are left alone for now: until when, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive.planning.hosts import HostFacts, Pause
from scheduler.monitoring.host_waits import Wait, waiting_hosts

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
SOON, LATER = NOW + timedelta(seconds=40), NOW + timedelta(minutes=20)


def of(
    *pauses: Pause, goes_on_at: datetime | None = None, facts: HostFacts | None = None, budget: float = 100
) -> list[Wait]:
    hosts = {"a.example": facts} if facts is not None else {}
    return waiting_hosts({"a.example": goes_on_at}, hosts, pauses, NOW, budget=budget)


def test_a_host_that_asked_for_it() -> None:
    (wait,) = of(Pause("https://a.example", SOON, "HTTP 503"), Pause("http://a.example", LATER, "HTTP 429"))
    assert wait == Wait("a.example", LATER, "it asked for that (HTTP 429)")
    assert str(wait) == "a.example is left alone until 2026-11-29 12:50:00 UTC: it asked for that (HTTP 429)"


def test_a_host_that_keeps_failing() -> None:
    (wait,) = of(facts=HostFacts(failures=2.0, failed_at=NOW), goes_on_at=SOON)
    assert wait.until > SOON
    assert "failed one after the other" in wait.reason


def test_a_host_that_has_just_been_down() -> None:
    (wait,) = of(facts=HostFacts(failures=0.5, failed_at=NOW), goes_on_at=SOON)
    assert wait == Wait("a.example", SOON, "its last request failed")
    (wait,) = of(goes_on_at=SOON)
    assert wait.reason == "the last try left something to do"


def test_a_host_that_had_its_requests() -> None:
    (wait,) = of(facts=HostFacts(requests=100))
    assert wait.until == datetime(2026, 11, 30, tzinfo=UTC)
    assert "requests of this day" in wait.reason


def test_nothing_is_said_of_hosts_that_are_asked() -> None:
    assert of() == []
    assert of(facts=HostFacts(requests=99)) == []
    assert of(goes_on_at=NOW - timedelta(seconds=1)) == []
    assert of(Pause("https://a.example", NOW - timedelta(seconds=1), "HTTP 503")) == []
    assert of(Pause("https://b.example", LATER, "HTTP 503")) == []
