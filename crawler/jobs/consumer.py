"""The job consumer: a long-lived process takes jobs in batches, and says when they are done.

ready jobs ─> lease ─> offer_jobs ─> (frontier, spider, pipelines) ─> none of its tasks in hand ─> complete
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import structlog

from archive.model.job import CrawlJob, LeasedJob, Priority
from archive.model.source import Channel, Source
from archive.outage import is_outage
from archive.queue import jobs
from archive.registry import Registry, RegistryError
from archive.sources.discovered_channels import complete_registry
from archive.writer.writer import Transaction, Writer
from crawler.channels.check import begin
from crawler.engine.crawl import Crawl
from crawler.engine.log_events import log_database_away
from crawler.jobs.free_space import DiskFull, check_disk
from crawler.jobs.seeds import offer_jobs

log = structlog.get_logger()

LOOK = 0.2
"""Seconds from one look for jobs to the next."""
BATCH = 100
MOST_OPEN = 1_000
"""Jobs in hand at once. Most of them wait for their hosts' delays."""
MOST_BACKFILL = 200
"""With so many jobs in hand no backfill is taken: the room is kept for fresh polls."""
LOOK_AT_DISK = 10.0

MOST_JOBS = 50_000
"""A process is replaced after so many jobs …"""
MOST_MEMORY = 1_500 << 20
"""… or once it takes so many bytes of memory: parsers and event loops fragment it over weeks."""
GOODBYE = 2.0
"""Seconds for which a process that ends waits for the database."""
LONGEST_REST = 300.0
"""Seconds that a process to be replaced gives its tasks to end; what is left is handed back."""


@dataclass(slots=True)
class JobConsumer:
    """Takes jobs for the worker with the key `worker`. `registry` reads the registry anew. `backfill_of`: only backfills of
    these sources are taken (None: all jobs)."""

    crawl: Crawl
    worker: int
    registry: Callable[[], Registry]
    finished: list[int]
    """Jobs of which no task is in hand any more, until that is written down."""
    backfill_of: Collection[str] | None = None
    recycled: str | None = None
    """Why the process should be replaced by a new one."""
    _sources: dict[str, Source] = field(default_factory=dict)
    _leased: list[LeasedJob] = field(default_factory=list)
    """Jobs taken, until they are offered: the database may go away in between."""
    _taken: int = 0
    _disk_full: bool = False
    _outdated: bool = True
    """The registry is to be read before jobs are taken."""

    def reload(self) -> None:
        """Have the registry read again before the next jobs are taken."""
        self._outdated = True

    def read_registry(self) -> None:
        """Read the registry again. One that has mistakes is reported, and the old one kept."""
        try:
            registry = self.registry()
        except RegistryError as error:
            log.error("registry_refused", problems=list(error.problems))
            self._outdated = False
            return
        with self.crawl.archive.reading() as session:
            self._sources = dict(complete_registry(session, registry).sources)
        self._outdated = False

    async def run(self) -> None:
        """Take jobs and complete them, until the frontier is closed.

        Raises:
            LeaseLost: The process was taken for dead, and others have its jobs.
        """
        loop = asyncio.get_running_loop()
        next_disk = 0.0
        rest_until: float | None = None
        frontier = self.crawl.frontier
        while not frontier.closed:
            if loop.time() >= next_disk:
                self.look_at_disk()
                next_disk = loop.time() + LOOK_AT_DISK
            try:
                for source_id in self.crawl.sites.waiting(loop.time()):
                    await self.crawl.learn(source_id)
                await self._complete()
                if self.recycled is None and not self._disk_full:
                    await self._take()
            except Exception as error:
                if not is_outage(error):
                    raise
                log_database_away(error)
                await asyncio.sleep(1.0)
            if self.recycled is None and (why := self._worn_out()) is not None:
                log.info("worker_recycles", because=why)
                self.recycled = why
                rest_until = loop.time() + LONGEST_REST
            if rest_until is not None and (not self.crawl.tasks_in_flight.jobs or loop.time() > rest_until):
                frontier.close()
            await asyncio.sleep(LOOK)

    def finish(self, writer: Writer) -> None:
        """Record at the end which jobs are done, with the event loop gone. With the database away they will be done again."""
        try:
            writer.submit(self._completion(self.finished)).result(GOODBYE)
        except TimeoutError:
            log_database_away("what was done could not be said")

    async def _complete(self) -> None:
        if not self.finished:
            return
        finished = self.finished[:]
        await self.crawl.write(self._completion(finished))
        del self.finished[: len(finished)]  # others may have ended meanwhile
        log.debug("jobs_done", jobs=finished)
        self.crawl.walks = {walk: job for walk, job in self.crawl.walks.items() if job not in finished}

    def _completion(self, finished: list[int]) -> Callable[[Transaction], int]:
        def work(tx: Transaction) -> int:
            self.crawl.close_walks(tx, finished)
            return jobs.complete(tx.session, self.worker, finished, self.crawl.clock())

        return work

    async def _take(self) -> None:
        if not self._leased:
            self._leased = await self._lease()
            self._taken += len(self._leased)
            for job in self._leased:
                log.debug("job_taken", job=job.pk, source=job.source_id, kind=job.kind, key=job.key)
        if self._outdated:
            self.read_registry()
        checks = [job for job in self._leased if job.kind == "check"]  # they bring their source along
        found = [(job, self._job(job)) for job in self._leased if job.kind != "check"]
        for taken, made in found:
            if isinstance(made, str):
                await self._refuse(taken, made)
                self._leased.remove(taken)
        if orders := [made for _, made in found if isinstance(made, CrawlJob)]:
            await offer_jobs(self.crawl, orders)
        for taken in checks:
            begin(self.crawl, self.worker, taken)
        self._leased = []

    async def _lease(self) -> list[LeasedJob]:
        open_jobs = len(self.crawl.tasks_in_flight.jobs)
        room = min(BATCH, MOST_OPEN - open_jobs)
        if room <= 0:
            return []
        with self.crawl.archive.reading() as session:
            if not jobs.is_any_ready(session, backfill_of=self.backfill_of):
                return []
        lowest = None if open_jobs < MOST_BACKFILL else Priority.revisit
        return await self.crawl.write(
            lambda tx: jobs.lease(tx.session, self.worker, limit=room, lowest=lowest, backfill_of=self.backfill_of)
        )

    def _job(self, leased: LeasedJob) -> CrawlJob | str:
        """Return the job, or why it cannot be carried out."""
        if leased.source_id not in self._sources:
            self.read_registry()
        source = self._sources.get(leased.source_id)
        if source is None:
            return "the source is not in the registry"
        channels: tuple[Channel, ...] = ()
        if key := {"poll": leased.key, "backfill": leased.channel}.get(leased.kind):
            if not (channels := _named(source, key)):
                self.read_registry()
                source = self._sources.get(leased.source_id, source)
                channels = _named(source, key)
            if not channels:
                return "the channel is not in the registry"
        if leased.kind == "backfill" and (not channels or leased.window is None):
            return "the backfill names no channel or no window"
        return CrawlJob(
            source,
            leased.kind,
            channels,
            leased.articles,
            pk=leased.pk,
            priority=leased.priority,
            window=leased.window,
        )

    async def _refuse(self, leased: LeasedJob, reason: str) -> None:
        log.warning("job_failed", job=leased.pk, source=leased.source_id, kind=leased.kind, reason=reason)
        clock = self.crawl.clock

        def work(tx: Transaction) -> None:
            jobs.fail(tx.session, self.worker, leased.pk, clock(), reason)

        await self.crawl.write(work)

    def look_at_disk(self) -> None:
        """Rest while the disk has too little room. Say when that begins and ends."""
        try:
            check_disk(self.crawl.settings)
        except DiskFull as error:
            if not self._disk_full:
                log.error("disk_full", error=error.message, hint=error.hint)
            self._disk_full = True
        else:
            if self._disk_full:
                log.info("disk_has_room")
            self._disk_full = False
        self.crawl.frontier.suspended = self._disk_full

    def _worn_out(self) -> str | None:
        if self._taken >= MOST_JOBS:
            return f"{self._taken} jobs"
        if (memory := memory_of_process()) > MOST_MEMORY:
            return f"{memory >> 20} MB of memory"
        return None


def _named(source: Source, key: str) -> tuple[Channel, ...]:
    return tuple(channel for channel in source.discover if channel.key == key)


def memory_of_process() -> int:
    """Return the bytes of memory that this process holds now. 0 where the system does not tell (not on Linux)."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  # asked for often
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
