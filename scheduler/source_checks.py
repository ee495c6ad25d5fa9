"""Which sources are to be checked, and when: those that are enabled and that nobody has seen alive yet.

A few at a time: a new archive has dozens of them, a large registry hundreds, and each one that is looked around from its
homepage takes minutes and a place in the fetching process. One that was not alive rests (`archive.planning.checks`), longer each time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

import structlog

from archive.model.job import Priority, rest_after_check
from archive.model.source import Source
from archive.model.text.urls import host_of
from archive.planning import checks, polls
from archive.planning.hosts import paused_origins
from archive.registry import Registry
from archive.sources.discovered_channels import complete_registry
from archive.sources.state import POLLED_KINDS, source_states, sync_sources, wants_check
from archive.storage.session import Archive

log = structlog.get_logger()

AT_ONCE = 12
"""Checks that the daemon has ordered and that are not over yet."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The outcome of a search for sources to be checked.

    `ordered` is the number of checks that were ordered. `polled` names the sources that may be polled by now.
    """

    ordered: int
    polled: frozenset[str]


def plan_checks(archive: Archive, registry: Registry, now: datetime) -> Planned:
    """Order checks of sources that wait for one."""
    with archive.reading() as session:
        states = source_states(session, complete_registry(session, registry).sources.values())
        open_ = checks.open_checks(session)
        paused_sources = set(polls.paused_sources(session))
        paused_hosts = {host_of(origin) for origin in paused_origins(session, now)}
    unchecked = {state.source.id: state.source for state in states if wants_check(state)}
    resting = {i: (row.created_at, row.due_at) for i, row in open_.items() if row.state == "resting"}
    needless = [i for i in resting if i not in unchecked]
    waiting = _without_paused(unchecked.values(), paused_sources, paused_hosts)
    busy = open_.keys() - resting.keys()
    chosen = choose(waiting, resting, busy, AT_ONCE - len(busy), now)
    if chosen or needless:
        _order(archive, registry, chosen, needless, now)
    if chosen:
        log.info(
            "checks_ordered", sources=[source.id for source in chosen], unchecked=len(unchecked), resting=len(resting)
        )
    return Planned(len(chosen), frozenset(state.source.id for state in states if state.polled))


def _order(
    archive: Archive, registry: Registry, chosen: Sequence[Source], needless: Sequence[str], now: datetime
) -> None:
    """Order the checks of the sources `chosen`, and drop the checks that rest of the sources `needless`."""
    with archive.writing() as session:
        checks.drop_resting(session, needless)
        if chosen:
            sync_sources(session, registry, now)  # an order refers to its source's row
            checks.order_checks(session, chosen, now, why="nobody has seen it alive yet", priority=Priority.poll)


def _without_paused(sources: Iterable[Source], paused_sources: Collection[str], paused_hosts: Set[str]) -> list[Source]:
    """Return the sources that no person paused, and of which a host does not ask to be left alone for now."""
    return [source for source in sources if source.id not in paused_sources and not _hosts(source) <= paused_hosts]


def choose(
    unchecked: Sequence[Source],
    resting: Mapping[str, tuple[datetime, datetime]],
    ordered: Set[str],
    room: int,
    now: datetime,
) -> list[Source]:
    """Choose the sources to be checked now, at most `room` of them.

    Those that were never checked come first, in the registry's order. Those whose rest is over follow, longest overdue
    first. `resting` tells when each rest began and ends. A rest that began in the future was noted by a clock that went
    wrong, and counts as begun just now.
    """
    fresh = [source for source in unchecked if source.id not in resting and source.id not in ordered]
    due = [
        source
        for source in unchecked
        if source.id in resting and source.id not in ordered and _ends(*resting[source.id], now) <= now
    ]
    due.sort(key=lambda source: resting[source.id][1])
    return [*fresh, *due][: max(0, room)]


def _ends(began: datetime, ends: datetime, now: datetime) -> datetime:
    return ends if began <= now else min(ends, now + rest_after_check(1))


def _hosts(source: Source) -> set[str]:
    channels = [channel for channel in source.discover if channel.kind in POLLED_KINDS]
    return {host_of(channel.url) for channel in channels} or {host_of(source.homepage)}
