"""Seeing a backfill through: orders its windows, lets the daemon do the work or runs a fetching process, shows how it goes.

    order ─> [daemon there?] ── yes ─> watch
                   │ no
                   └─> a fetching process of its own, for these sources' backfills and nothing else ─> watch

All progress is rows: whoever is killed, the same orders given again go on where it stood.
"""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Literal

from archive.config import Settings
from archive.errors import DatelineError
from archive.model.clock import Clock
from archive.model.job import BACKFILL_SHARE, Order
from archive.model.source import Source
from archive.model.text.urls import host_of
from archive.model.walk import Tally
from archive.monitoring import coverage_ledger
from archive.monitoring.coverage_ledger import Followed
from archive.planning import backfills
from archive.planning.backfills import Key, Window
from archive.planning.hosts import host_facts, pauses
from archive.queue import jobs
from archive.storage.locks import AlreadyFetching, fetching_lock, is_scheduled
from archive.storage.session import Archive
from scheduler import ticks
from scheduler.launcher import Launcher
from scheduler.monitoring.host_waits import Wait, waiting_hosts
from scheduler.policy.polling import Limits

Outcome = Literal["done", "resting", "stopped", "left to the daemon"]
"""resting: nothing can be done for the next minutes; stopped: somebody did, and what is left waits for the next order."""

By = Literal["daemon", "ourselves", "another", "nobody"]
"""another: a process that fetches for this archive, and has to end first; nobody: ours is about to begin."""

LOOK = 1.0
"""Seconds from one look at the progress to the next; at least, …"""
SHARE = 0.1
"""… since looking takes no more than this share of the time."""
REST = timedelta(seconds=30)
"""Before a window goes on whose job ended with something left."""
SOON = timedelta(minutes=2)
"""What cannot go on within this time is left to the next order."""
RATE = 60.0
"""Seconds over which the rate is taken."""


MOST_DEATHS = 3
"""Fetching processes that may die one after the other soon after their start."""


class KeepsDying(DatelineError):
    """The error of a fetching process that does not stay alive."""

    def __init__(self) -> None:
        super().__init__(
            "the fetching process dies again and again",
            hint="Its own message stands above. What is left waits: the same command goes on where it was.",
        )


@dataclass(frozen=True, slots=True)
class View:
    """The progress of a backfill.

    `rate` is the number of links that got their end, per second. `eta` is the time until those known now have theirs.
    Both are None where nothing can be said yet. `by` tells who does the work.
    """

    windows: Sequence[Window]
    tally: Tally
    rate: float | None = None
    eta: timedelta | None = None
    by: By = "nobody"
    waits: Sequence[Wait] = ()
    """Hosts that are left alone for now, of what is not done."""

    @property
    def done(self) -> int:
        """The number of windows in which nothing is left to do."""
        return sum(window.state in ("finished", "refused") for window in self.windows)


@dataclass
class Backfilling:
    """A backfill of `sources`, whose windows are `keys`. `worker_command` starts a fetching process for it."""

    settings: Settings
    archive: Archive
    sources: Mapping[str, Source]
    keys: frozenset[Key]
    worker_command: Sequence[str]
    clock: Clock
    _settled: deque[tuple[float, int]] = field(default_factory=deque)

    def order(self, orders: Sequence[Order]) -> int:
        """Put orders into the queue, unless they stand there. Return how many are new."""
        with self.archive.writing() as session:
            return jobs.enqueue(session, orders, self.clock())

    async def see_through(self, show: Callable[[View], None]) -> Outcome:
        """Carry on until all windows are finished, nothing can be done for a while, or SIGINT or SIGTERM comes.

        `show` is called with each look at the progress.

        Raises:
            KeepsDying: The fetching process died again and again.
        """
        stop = _stop_signal()
        desk = ticks.TickContext(
            self.archive, Limits(self.settings.poll_shortest, self.settings.poll_longest), self.settings.host_budget
        )
        worker = _Worker(self.worker_command, self.archive, self.settings, self.clock)
        try:
            while True:
                begun = monotonic()
                daemon = is_scheduled(self.archive.engine, self.settings.home)
                if daemon:
                    await worker.stop()
                else:  # a daemon does that by itself
                    self._go_on(desk)
                view = self.look("daemon" if daemon else worker.by)
                show(view)
                if view.done == len(view.windows):
                    return "done"
                if worker.keeps_dying:
                    raise KeepsDying
                if stop.is_set():
                    return "left to the daemon" if daemon else "stopped"
                if not self._can_go_on(view, desk):
                    return "resting"
                if not daemon:
                    worker.start()
                await _wait(stop, max(LOOK, (monotonic() - begun) / SHARE))
        finally:
            await worker.stop()

    def _can_go_on(self, view: View, desk: ticks.TickContext) -> bool:
        """Return whether a window is ordered or under way, or can be ordered soon."""
        at_work = any(window.state in ("ordered", "under way") for window in view.windows)
        return at_work or bool(self._due(desk, self.clock() + SOON, timedelta(0)))

    def look(self, by: By = "nobody") -> View:
        """Look how far the backfill is now."""
        with self.archive.reading() as session:
            found = [w for w in backfills.windows(session, self.sources) if w.key in self.keys]
            counted = backfills.count_outcomes(session, found)
        rate = self._rate(counted.links - counted.pending)
        eta = timedelta(seconds=counted.pending / rate) if rate and counted.pending else None
        return View(found, counted, rate, eta, by, self._waits(found))

    def _waits(self, found: Sequence[Window]) -> Sequence[Wait]:
        now = self.clock()
        left: dict[str, datetime | None] = {}
        for window in found:
            if window.state in ("finished", "refused"):
                continue
            host = host_of(window.channel.partition(":")[2])
            rests = window.rests_since if window.state == "resting" else None
            left[host] = rests + REST if rests is not None else left.get(host)
        if not left:
            return ()
        with self.archive.reading() as session:
            hosts, paused = host_facts(session, f"{now:%Y-%m-%d}"), pauses(session, now)
        return waiting_hosts(left, hosts, paused, now, budget=self.settings.host_budget * BACKFILL_SHARE)

    def count_days(self) -> None:
        """Enter what was found in the ledger's days, which only a daemon would do otherwise."""
        now = self.clock()
        for source in self.sources.values():
            periods = {window for source_id, _, window in self.keys if source_id == source.id}
            followed = Followed(source.id, source.timezone, frozenset(channel.key for channel in source.discover))
            with self.archive.reading() as session:
                rows = coverage_ledger.measure_periods(session, followed, periods, now)
            with self.archive.writing() as session:
                coverage_ledger.store_days(session, rows)

    def _go_on(self, desk: ticks.TickContext) -> None:
        now = self.clock()
        ticks.reap(desk, now)
        with self.archive.reading() as session:
            if not backfills.resting_windows(session, self.sources):
                return
        with self.archive.writing() as session:
            backfills.close_done(session, now, source_ids=self.sources)
        if due := self._due(desk, now, REST):
            self.order(due)

    def _due(self, desk: ticks.TickContext, now: datetime, rest: timedelta) -> list[Order]:
        due = ticks.backfills_due(desk, now, source_ids=self.sources, rest=rest)
        return [order for order in due if (order.source_id, order.channel, order.window) in self.keys]

    def _rate(self, settled: int) -> float | None:
        now = monotonic()
        self._settled.append((now, settled))
        while len(self._settled) > 2 and self._settled[0][0] < now - RATE:
            self._settled.popleft()
        since, before = self._settled[0]
        return max(0, settled - before) / (now - since) if now - since >= 2 * LOOK else None


class _Worker:
    """The fetching process that a backfill starts where no other process fetches for the archive."""

    def __init__(self, command: Sequence[str], archive: Archive, settings: Settings, clock: Clock) -> None:
        self._command = command
        self._archive = archive
        self._settings = settings
        self._clock = clock
        self._launcher: Launcher | None = None
        self._another = False

    @property
    def by(self) -> By:
        """Who does the work, where no daemon does."""
        if self._launcher is not None:
            return "ourselves"
        return "another" if self._another else "nobody"

    @property
    def keeps_dying(self) -> bool:
        """Return whether too many processes in a row died soon after their start."""
        return self._launcher is not None and self._launcher.died_young >= MOST_DEATHS

    def start(self) -> None:
        """Start the process, unless it runs already or another process fetches for this archive."""
        if self._launcher is not None:
            return
        self._another = self._is_another_fetching()
        if not self._another:
            self._launcher = Launcher(self._command, 1, self._archive, self._clock)
            self._launcher.start()

    async def stop(self) -> None:
        """End the process, if it runs."""
        if self._launcher is not None:
            await self._launcher.stop()
            self._launcher = None

    def _is_another_fetching(self) -> bool:
        try:
            with fetching_lock(self._archive.engine, self._settings.home, shared=True):
                return False
        except AlreadyFetching:
            return True


def _stop_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
