"""Hosts that are left alone for now, until when, and why, in words for people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive.model.text.urls import host_of
from archive.planning.hosts import HostFacts, Pause
from scheduler.policy.backoff import CircuitBreaker, may_ask


@dataclass(frozen=True, slots=True)
class Wait:
    """A host that is not asked before a time (UTC), and the reason."""

    host: str
    until: datetime
    reason: str

    def __str__(self) -> str:
        return f"{self.host} is left alone until {self.until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC: {self.reason}"


def waiting_hosts(
    resting: Mapping[str, datetime | None],
    hosts: Mapping[str, HostFacts],
    pauses: Iterable[Pause],
    now: datetime,
    *,
    budget: float,
) -> list[Wait]:
    """The hosts that are left alone for now, in the order of their names.

    `resting` names the hosts, each with the time at which its unfinished work goes on. The time is None while the work is under
    way. `budget` is the number of requests that a host may get in a day for this work.
    """
    asked: dict[str, Pause] = {}
    for pause in pauses:
        host = host_of(pause.origin)
        if host not in asked or asked[host].until < pause.until:
            asked[host] = pause
    found = [
        _wait(host, hosts.get(host, HostFacts()), asked.get(host), goes_on_at, now, budget)
        for host, goes_on_at in resting.items()
    ]
    return sorted((wait for wait in found if wait is not None and wait.until > now), key=lambda wait: wait.host)


def _wait(
    host: str, facts: HostFacts, pause: Pause | None, goes_on_at: datetime | None, now: datetime, budget: float
) -> Wait | None:
    if pause is not None and pause.until > now:
        return Wait(host, pause.until, f"it asked for that ({pause.reason})")
    breaker = CircuitBreaker.recalled(facts.failures, facts.failed_at)
    if not may_ask(breaker, now) and breaker.trial_at is not None:
        return Wait(host, breaker.trial_at, "its last requests failed one after the other")
    if facts.requests >= budget:
        return Wait(host, _tomorrow(now), "it has had its requests of this day")
    if goes_on_at is None:
        return None
    return Wait(host, goes_on_at, "its last request failed" if facts.failures else "the last try left something to do")


def _tomorrow(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
