"""Find what keeps a daemon from collecting anything, and log it with the command that helps, once and then each hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

log = structlog.get_logger()

AGAIN = timedelta(hours=1)
LONG = timedelta(hours=48)
"""The time within which a poll should be planned. The longest pause of a source without a schedule of its own is a day."""
PATIENCE = 60.0
"""The seconds (of real time) for which no process may fetch, because a process needs some time to start."""
DEATHS = 3
"""The number of fetching processes that die one after the other soon after their start, before it is reported."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts from which obstacles are found.

    `enabled` counts the enabled sources, and `polled` those of them that can be polled. `why_not` counts the others by reason.
    `paused` counts those of the polled sources that were paused by hand. `next_poll_at` is the time of the earliest poll that is
    planned. It is None while one is being planned. `never` means that nothing is planned at all.

    `silent` is the number of seconds since a fetching process was last heard of. `died` counts the processes that died in a row
    soon after their start. `own` is the number of processes that the daemon keeps running itself.
    """

    enabled: int
    polled: int
    why_not: Mapping[str, int] = field(default_factory=dict)
    paused: int = 0
    next_poll_at: datetime | None = None
    never: bool = False
    silent: float = 0.0
    died: int = 0
    own: int = 1
    waiting_jobs: int = 0


@dataclass(frozen=True, slots=True)
class Worry:
    """An obstacle that a person should know of. `event` is its name in the log."""

    event: str
    because: str
    helps: str
    facts: Mapping[str, int] = field(default_factory=dict)


def find_obstacles(facts: Facts, now: datetime) -> list[Worry]:
    """Find what keeps the daemon from collecting anything at `now` (the archive's time)."""
    return [worry for worry in (_of_sources(facts, now), _of_processes(facts)) if worry is not None]


def _of_sources(facts: Facts, now: datetime) -> Worry | None:
    if not facts.enabled:
        return Worry(
            "no_source_enabled",
            "no source is enabled, so nothing is polled",
            "`dateline sources list` shows the sources; `dateline sources enable ID` lets one be polled",
        )
    if not facts.polled:
        why = ", ".join(f"{number} {_WHY_NOT.get(reason, reason)}" for reason, number in _most(facts.why_not))
        return Worry(
            "no_source_polled",
            f"none of the enabled sources can be polled now ({why})",
            "`dateline sources check` asks whether they are alive; `dateline sources list` says what it found",
            {"enabled": facts.enabled},
        )
    if facts.paused >= facts.polled:
        return Worry(
            "all_sources_paused",
            "all sources that could be polled are paused by hand",
            "`dateline schedule resume ID` lets one go on",
            {"paused": facts.paused},
        )
    if facts.never or (facts.next_poll_at is not None and facts.next_poll_at - now > LONG):
        at = f"{facts.next_poll_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if facts.next_poll_at is not None else "never"
        return Worry(
            "no_poll_for_long",
            f"the next poll is planned for {at}" if not facts.never else "no poll is planned at all",
            "`dateline schedule` shows what is planned and why; `dateline schedule run ID` polls a source now",
            {"polled": facts.polled},
        )
    return None


def _of_processes(facts: Facts) -> Worry | None:
    waiting = {"waiting_jobs": facts.waiting_jobs}
    if facts.died >= DEATHS:
        return Worry(
            "nobody_fetches",
            f"the fetching process ended {facts.died} times in a row soon after its start",
            "its own message stands above; `dateline worker` shows it as well, once the daemon is stopped",
            waiting,
        )
    if facts.silent < PATIENCE:
        return None
    if not facts.own:
        return Worry(
            "nobody_fetches",
            f"this daemon starts no fetching process, and none was heard of for {facts.silent:.0f} s",
            "`dateline worker` starts one, on this machine or another",
            waiting,
        )
    return Worry(
        "nobody_fetches",
        f"no fetching process was heard of for {facts.silent:.0f} s",
        "`dateline status` shows the processes; restart the daemon if none comes back",
        waiting,
    )


_WHY_NOT = {
    "unverified": "without a check that found a live channel",
    "no channel": "without a channel that can be polled",
    "refused": "that refuse crawlers",
}


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return Counter(counts).most_common()


@dataclass(slots=True)
class Watch:
    """The log of obstacles. Each is logged when it begins, each hour while it lasts, and when it is over."""

    _said: dict[str, datetime] = field(default_factory=dict)

    def tell(self, found: list[Worry], now: datetime) -> None:
        for worry in found:
            before = self._said.get(worry.event)
            if before is not None and timedelta(0) <= now - before < AGAIN:
                continue
            self._said[worry.event] = now
            log.warning(worry.event, because=worry.because, helps=worry.helps, **worry.facts)
        for over in self._said.keys() - {worry.event for worry in found}:
            del self._said[over]
            log.info("warning_over", warning=over)
