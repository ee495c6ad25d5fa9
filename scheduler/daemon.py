"""The daemon: plans, and keeps fetching processes running. The only module that knows APScheduler's scheduler.

APScheduler holds the fixed ticks, in memory. What is due when, what fired last and who works on it are rows of the archive:
two schedulers on one of APScheduler's own stores would both fire, and a job that is deleted before it runs is lost with
the process. So a source needs no APScheduler job: its cron line or interval is a trigger whose last firing is a row
(scheduler/policy/fixed.py), looked at by the tick that plans polls.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from time import monotonic, time

import structlog
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from archive.config import Settings, listen_address
from archive.model.clock import Clock
from archive.model.history import Rhythm
from archive.monitoring import health
from archive.outage import is_outage
from archive.planning import polls
from archive.queue import workers
from archive.queue.jobs import count_jobs
from archive.registry import Registry, RegistryError, fingerprint, registry_for
from archive.sources.discovered_channels import complete_registry
from archive.sources.state import POLLED_KINDS, polled_sources, source_states, sync_sources
from archive.storage.locks import Leadership
from archive.storage.session import Archive
from scheduler import ticks
from scheduler.launcher import Launcher
from scheduler.malloc_trim import trim
from scheduler.monitoring.metrics import Server, daemon_problems, serve_metrics
from scheduler.monitoring.obstacles import Facts, Watch, find_obstacles
from scheduler.monitoring.summary import Summary
from scheduler.monitoring.upkeep import upkeep
from scheduler.monitoring.webhook import Webhook
from scheduler.policy.polling import Limits, expected, usual_gap
from scheduler.source_checks import plan_checks

log = structlog.get_logger()

# Seconds between two ticks. Those of the schedule are by the archive's clock, those about processes are real.
POLLS = 5.0
REVISITS = 30.0
BACKFILLS = 30.0
UPKEEP = 300.0
LEASES = 5.0
LEADERSHIP = 2.0
SUMMARY = 60.0
WATCH = 15.0
REGISTRY = 30.0
CHECKS = 10.0
SHORTEST = 0.2
"""No tick comes more often, however fast the clock runs."""
THREADS = 3
"""In which ticks run. Most of them wait for SQLite's one writer or do little, and each thread keeps a connection with its cache and
an arena of the allocator: some 15 MB with two thousand sources."""

LONGEST_TICK = 3.0
"""Seconds that a tick has to end in when the daemon stops."""

LOOK_AT_CLOCK = 5.0
JUMP = 30.0
"""Seconds by which the machine's clock and its steady counter may drift apart between two looks."""


class Daemon:
    """The daemon, which runs until SIGTERM or SIGINT. SIGHUP lets it read the registry again.

    `worker_command` starts a fetching process. `workers` of them are kept running. 0 means that they are started
    elsewhere.
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        *,
        clock: Clock,
        worker_command: Sequence[str],
        workers: int = 1,
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._clock = clock
        self._webhook = Webhook(settings.webhook) if settings.webhook else None
        self._leadership = Leadership(archive.engine, settings.home)
        self._leading = False
        self._launcher = Launcher(worker_command, workers, archive, clock)
        self._desk = ticks.TickContext(
            archive, Limits(settings.poll_shortest, settings.poll_longest), settings.host_budget
        )
        self._registry = Registry()
        self._fingerprint: object = None
        self._workers = workers
        self._summary: Summary | None = None
        """Of the time since this daemon has been making the schedule."""
        self._watch = Watch()
        self._heard_at = monotonic()
        """When a fetching process was last heard of, by the machine's steady counter; at first, when this daemon began."""
        self._stop = asyncio.Event()
        self._planned_at: datetime | None = None
        self._replan = False
        """Whether all plans are to be made anew at the next tick."""
        self._ticking: set[str] = set()
        """The ticks that are under way, each in a thread of its own."""
        self._planning = Lock()
        """Held while channels are planned, and while that which they are planned by is replaced."""
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={
                "coalesce": True,  # firings missed while the machine slept are one
                "misfire_grace_time": None,  # a late tick is better than none
                "max_instances": 1,  # a slow tick is not overtaken by the next
            },
        )

    async def run(self) -> None:
        """Make the schedule and keep the fetching processes until a signal ends it.

        Raises:
            AlreadyScheduling: Another daemon runs, and this one shall not stand by.
            RegistryError: The registry cannot be read at the start.
        """
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, "tick"))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        self._registry = registry_for(self._settings)
        self._fingerprint = fingerprint(self._settings)
        if not await asyncio.to_thread(self._take_leadership):
            log.info("standing_by", meaning="another daemon makes the schedule; this one takes over when that one ends")
        self._every(LEADERSHIP, "leadership", self._lead, leading=False)
        self._every(REGISTRY, "registry", self._follow)
        self._every(CHECKS, "checks", self._plan_checks)
        self._every(LEASES, "leases", lambda: ticks.reap(self._desk, self._clock()))
        self._every(self._clock.real(POLLS), "polls", self._plan_polls)
        self._every(self._clock.real(REVISITS), "revisits", lambda: ticks.plan_revisits(self._desk, self._clock()))
        self._every(self._clock.real(BACKFILLS), "backfills", lambda: ticks.plan_backfills(self._desk, self._clock()))
        self._every(self._clock.real(UPKEEP), "upkeep", self._keep_up)
        self._every(self._clock.real(SUMMARY), "summary", self._sum_up)
        self._every(WATCH, "watch", self._look_around)
        metrics = self._serve_metrics()
        self._scheduler.start()
        watch = asyncio.create_task(self._watch_clock())
        try:
            while not self._stop.is_set():
                if self._leading:
                    self._launcher.start()
                await _wait(self._stop, 0.2)
        finally:
            watch.cancel()
            if metrics is not None:
                metrics.close()
            await self._end_ticks()
            await self._launcher.stop()
            await asyncio.to_thread(self._sum_up_all)
            await asyncio.to_thread(self._leadership.give_up)
            log.info("daemon_ended")

    def problems(self) -> list[str]:
        """The reasons why the daemon is not ready. An empty list means that it is.

        A daemon that stands by is ready, because that is what it is there for.
        """
        return daemon_problems(self._archive, self._planned_at, self._clock()) if self._leading else []

    # --- ticks

    def _every(self, seconds: float, name: str, work: Callable[[], object], *, leading: bool = True) -> None:
        def tick() -> None:
            if self._stop.is_set() or (leading and not self._leading):
                return
            self._ticking.add(name)
            try:
                work()
            except Exception as error:  # one tick that fails must not end the daemon
                if is_outage(error):
                    log.warning("database_away", tick=name, error=str(error).strip()[:200])
                else:
                    log.error("tick_failed", tick=name, error=repr(error), exc_info=error)
            finally:
                self._ticking.discard(name)

        self._scheduler.add_job(
            tick,
            IntervalTrigger(seconds=max(SHORTEST, seconds)),
            id=name,
            next_run_time=datetime.now(UTC),
        )

    async def _end_ticks(self) -> None:
        """Let the ticks that are under way end: APScheduler would cancel them, and report that as a fault of theirs."""
        self._scheduler.remove_all_jobs()
        deadline, quiet = monotonic() + LONGEST_TICK, 0
        while quiet < 2 and monotonic() < deadline:
            await asyncio.sleep(0.05)
            quiet = 0 if self._ticking else quiet + 1
        self._scheduler.shutdown(wait=False)

    def _plan_polls(self) -> None:
        with self._planning:
            if self._replan:
                with self._archive.writing() as session:
                    polls.replan(session)
                self._replan = False
            ticks.plan_polls(self._desk, self._clock())
        self._planned_at = self._clock()

    def _plan_checks(self) -> None:
        planned = plan_checks(self._archive, self._registry, self._clock())
        if not planned.polled <= self._desk.sources.keys():
            self._follow_now()  # seen alive just now, or enabled: it need not wait for the next look

    def _keep_up(self) -> None:
        upkeep(
            self._archive,
            self._registry,
            self._clock(),
            expected=lambda rhythm, start, end: expected(Rhythm.from_dict(rhythm), start, end),
            usual_gap=lambda rhythm: usual_gap(Rhythm.from_dict(rhythm)),
            webhook=self._webhook,
        )
        trim()

    def _sum_up(self) -> None:
        if self._summary is not None:
            self._summary.tell_hour(self._archive, self._clock())

    def _sum_up_all(self) -> None:
        """At the end, with the fetching processes gone: what they wrote last counts as well."""
        if self._summary is None:
            return
        try:
            self._summary.tell_all(self._archive, self._clock())
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("database_away", error=str(error).strip()[:200])

    def _look_around(self) -> None:
        """Say what keeps the archive from getting anything."""
        now = self._clock()
        self._watch.tell(find_obstacles(self._facts(), now), now)

    def _facts(self) -> Facts:
        followed = self._desk.sources
        with self._archive.reading() as session:
            if workers.is_any_alive(session):
                self._heard_at = monotonic()
            enabled, why_not = len(followed), Counter[str]()
            if not followed:
                states = source_states(session, complete_registry(session, self._registry).sources.values())
                enabled = sum(state.enabled for state in states)
                why_not = Counter(state.why_not for state in states if state.enabled and state.why_not is not None)
            next_poll_at, unplanned = polls.next_poll(session)
            return Facts(
                enabled=enabled,
                polled=len(followed),
                why_not=why_not,
                paused=len(health.paused_sources(session) & followed.keys()),
                next_poll_at=None if unplanned else next_poll_at,
                never=next_poll_at is None and not unplanned,
                silent=monotonic() - self._heard_at,
                died=self._launcher.died_young,
                own=self._workers,
                waiting_jobs=count_jobs(session).get("ready", 0),
            )

    def _serve_metrics(self) -> Server | None:
        """Raises MetricsError where the address cannot be used."""
        if not self._settings.metrics:
            return None
        server = serve_metrics(
            self._settings.metrics,
            self._archive,
            self.problems,
            disk=self._settings.warc_path,
            clock=self._clock,
        )
        host, _ = listen_address(self._settings.metrics)
        log.info(
            "metrics_served",
            port=server.port,
            url=f"http://{f'[{host}]' if ':' in host else host}:{server.port}/metrics",
        )
        return server

    def _take_leadership(self) -> bool:
        """Raises AlreadyScheduling."""
        try:
            taken = self._leadership.take()
            if taken and not self._leading:
                self._begin()
                log.info("leading", meaning="this daemon makes the schedule from now on")
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("database_away", error=str(error).strip()[:200])
            taken = False
        if not taken and self._leading:
            log.warning("leadership_lost", meaning="another daemon may make the schedule from now on")
        self._leading = taken
        return taken

    def _lead(self) -> None:
        self._take_leadership()

    def _begin(self) -> None:
        """A new leader plans anew: rules may have changed, and time has passed."""
        self._desk.follow((), POLLED_KINDS)
        self._follow()
        with self._archive.writing() as session:
            polls.replan(session)
        self._summary = Summary.begin(self._archive, self._clock())
        self._heard_at = monotonic()

    # --- the registry

    def _reload(self) -> None:
        if self._stop.is_set():
            return
        self._fingerprint = None
        self._follow_now()

    def _follow_now(self) -> None:
        with suppress(JobLookupError):  # a daemon that stops has no ticks any more
            self._scheduler.modify_job("registry", next_run_time=datetime.now(UTC))

    def _follow(self) -> None:
        """Take in what changed in the registry's files, or in what the archive says is enabled and verified."""
        before = self._desk.sources
        if (found := fingerprint(self._settings)) != self._fingerprint:
            try:
                self._registry = registry_for(self._settings)
            except RegistryError as error:
                log.error("registry_refused", problems=list(error.problems))
            else:
                log.info("registry_read", sources=len(self._registry.sources))
                self._launcher.reload()
            self._fingerprint = found
        with self._archive.reading() as session:
            registry = complete_registry(session, self._registry)
            polled = {source.id: source for source in polled_sources(session, registry)}
        known = before.keys() & polled.keys()
        changed = [i for i in polled if i not in known or before[i] != polled[i]]
        if not changed and len(known) == len(before):
            return
        now = self._clock()
        with self._planning:
            with self._archive.writing() as session:
                sync_sources(session, self._registry, now)
                polls.sync_channels(session, polled.values(), POLLED_KINDS, now)
                polls.replan(session, changed)
            self._desk.follow(polled.values(), POLLED_KINDS)
        dropped = len(before) - len(known)
        log.info(
            "schedule_changed",
            sources=len(polled),
            changed=len(changed),
            dropped=dropped,
            meaning=f"sources polled from now on: {len(polled)}; new or changed: {len(changed)}; no longer polled: {dropped}",
        )

    # --- the end, and clocks

    def _asked_to_stop(self, why: str) -> None:
        log.info("daemon_stops", because=why)
        self._stop.set()

    async def _watch_clock(self) -> None:
        """APScheduler waits until a time of the day: where the clock is put back, it would wait for so much longer."""
        offset = time() - monotonic()
        while True:
            await asyncio.sleep(LOOK_AT_CLOCK)
            drift = time() - monotonic() - offset
            if abs(drift) > JUMP:
                log.warning("clock_jumped", seconds=round(drift))
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
                self._replan = True  # what was planned by the wrong clock may be due in a year
            offset += drift


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
