"""The fetching process: carries out crawl jobs with Scrapy.

`run_crawl` is given its jobs and ends when they are done; `run_worker` takes them from the archive until it is stopped. Both
own one extraction pool and one WARC file, hold a lease that every commit needs, and ask only hosts that they hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import structlog

from archive.config import Settings
from archive.frontier.origins import load_origins
from archive.model.clock import Clock, SystemClock
from archive.model.job import CrawlJob
from archive.monitoring.runs import finish_run, start_run
from archive.outage import StorageFailed
from archive.queue import workers
from archive.registry import Registry
from archive.storage.archive_id import archive_id
from archive.storage.locks import fetching_lock
from archive.storage.session import Archive
from archive.warc.recover import recover
from archive.warc.writer import WarcFolder
from archive.writer.writer import Writer
from crawler.channels.background_survey import search_again
from crawler.channels.survey import Survey, Tell, sites_of, unfinished
from crawler.engine.crawl import Crawl, Progress
from crawler.engine.log_events import log_database_away
from crawler.engine.pause_messages import Say, tell_pauses
from crawler.engine.report import CrawlReport, Waits
from crawler.engine.site_learning import SiteLearning
from crawler.extraction_pool import fork_server
from crawler.extraction_pool.gc_tuning import collect_less
from crawler.extraction_pool.pool import ExtractionPool
from crawler.frontier.frontier import Frontier
from crawler.frontier.in_flight import InFlight
from crawler.http.politeness import Politeness
from crawler.jobs.free_space import check_disk
from crawler.runner.scrapy_process import new_process
from crawler.user_agent import robots_token, user_agent

log = structlog.get_logger()

IN_FLIGHT = 320
"""Pages between request and commit. Enough for the extraction pool to have work while the writer's groups are written (with half
as many it rested for a twentieth of the time); at 300 KB a page, about 100 MB."""

BACKFILL_IN_FLIGHT = 8
"""The same where nothing but backfills is carried out: what is in flight when the process is killed is asked for again."""

CHECKS_IN_FLIGHT = 40
"""The same for a process that only checks sources."""

GOODBYE = 2.0
"""Seconds for which a process that ends waits for the database: it has 30 to end in."""
STOP_PATIENCE = 5.0
"""Seconds for which a process that is to end waits for a database that is away."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for which a database that is away is waited for, and a disk without room."""

    database: float
    room: float


OF_A_CRAWL = Patience(30.0, 2.0)
"""Somebody sits there who can start the server, and make room."""
OF_A_WORKER = Patience(3600.0, 3600.0)


@dataclass(frozen=True, slots=True)
class CrawlResources:
    """What a fetching process works with. `worker`: its key, the fence of all it does."""

    settings: Settings
    archive: Archive
    clock: Clock
    worker: int
    writer: Writer
    pool: ExtractionPool


@contextmanager
def equipped(
    settings: Settings, archive: Archive, clock: Clock, *, shared: bool, patience: Patience
) -> Iterator[CrawlResources]:
    """Make this process the archive's fetching process (`shared`: one of them), and repair what a crash left.

    At the end its jobs are handed back and its hosts freed.

    Raises:
        AlreadyFetching: Another process fetches.
    """
    with fetching_lock(archive.engine, settings.home, shared=shared):
        damaged = recover(archive, settings.warc_path)
        with archive.writing() as session:
            name = archive_id(session)
            if archive.engine.dialect.name == "sqlite":  # with the lock taken, all others are over, however they went
                for other in workers.alive(session):
                    log.warning("worker_lost", name=other.name)
                    workers.end(session, other.pk, "lost", now=clock())
            worker = workers.enlist(session, workers.process_name(os.getpid()))
        warc = WarcFolder(
            settings.warc_path,
            archive_id=name,
            max_size=settings.warc_size,
            clock=clock,
            info=_warcinfo(settings),
            avoid=damaged,
        )
        with (
            warc,
            Writer(
                archive.engine,
                warc,
                clock=clock,
                worker=worker,
                patience=patience.database,
                patience_for_room=patience.room,
            ) as writer,
        ):
            pool = ExtractionPool(settings.extract_processes, settings.extract_timeout.total_seconds())
            try:
                yield CrawlResources(settings, archive, clock, worker, writer, pool)
            finally:
                pool.close()
                if not writer.lost and writer.failed is None:
                    ended = writer.submit(lambda tx: workers.end(tx.session, worker, "stopped", now=clock()))
                    try:
                        ended.result(GOODBYE)
                    except (TimeoutError, StorageFailed):
                        log_database_away("the lease will run out")


def run_crawl(
    settings: Settings,
    archive: Archive,
    jobs: Sequence[CrawlJob],
    *,
    progress: Progress | None = None,
    waits: Waits | None = None,
) -> CrawlReport:
    """Carry out `jobs` to their end and return what happened. `waits` is told of hosts that asked to be left alone.

    SIGINT and SIGTERM end it early, with everything recorded that was fetched. It may be called once a process: Twisted's
    reactor does not start twice.

    Raises:
        AlreadyFetching: Another process fetches.
        DiskFull: Too little room is left on the disk.
    """
    check_disk(settings)
    with equipped(settings, archive, SystemClock(), shared=False, patience=OF_A_CRAWL) as equipment:
        if jobs:
            fork_server.begin()
        report = CrawlReport(dict.fromkeys(job.source.id for job in jobs))
        writer = equipment.writer
        run = writer.submit(lambda tx: start_run(tx, "crawl")).result()
        process = new_process(settings)  # installs the reactor, so it comes before the spider's import
        from crawler.jobs.crawl_seeds import begin_crawl
        from crawler.spiders.news import NewsSpider

        careful = all(job.kind == "backfill" for job in jobs)
        crawl = _new_crawl(equipment, report, InFlight(), in_flight=BACKFILL_IN_FLIGHT if careful else IN_FLIGHT)
        crawl.pauses.waits = waits
        crawl.limits.articles.update({job.source.id: job.limit for job in jobs if job.limit is not None})
        seeds = partial(begin_crawl, crawl, equipment.worker, jobs)
        process.crawl(NewsSpider, crawl=crawl, seeds=seeds, worker=equipment.worker, progress=progress)
        collect_less(first=False)
        with closing(crawl.questions):
            process.start()
        report.stopped = crawl.frontier.waiting > 0
        summary = [source.as_dict() for source in report.sources.values()]
        try:
            writer.submit(lambda tx: crawl.close_walks(tx, {None})).result()
            writer.submit(lambda tx: finish_run(tx, run, summary)).result()
        except StorageFailed as error:
            report.halted = report.halted or error.message
        return report


def run_checks(
    settings: Settings,
    archive: Archive,
    pks: Collection[int],
    homepages: Sequence[str] = (),
    *,
    tell: Tell | None = None,
    say: Say | None = None,
) -> list[Survey]:
    """Carry out the ordered checks with these keys, as far as nobody else has them, and look around the sites at `homepages`
    (clean http(s) addresses). Return what those offer.

    `say` is told which hosts are waited for. It may be called once a process.

    Raises:
        AlreadyFetching: Another process fetches, and is alone.
    """
    sites = {source.id: source for source in sites_of(homepages)}
    with equipped(settings, archive, SystemClock(), shared=True, patience=OF_A_CRAWL) as equipment:
        process = new_process(
            settings, ITEM_PIPELINES={}
        )  # installs the reactor, so it comes before the spider's import
        from crawler.jobs.check_seeds import begin_checks, begin_surveys
        from crawler.spiders.news import NewsSpider

        surveys: dict[str, Survey] = {}
        crawl = _new_crawl(equipment, CrawlReport(sites), InFlight(), in_flight=CHECKS_IN_FLIGHT)

        async def seeds() -> None:
            checked = await begin_checks(crawl, equipment.worker, pks)
            if say is not None:
                crawl.background.accompany(tell_pauses(crawl.politeness, crawl.clock, [*checked, *sites.values()], say))
            begin_surveys(crawl, sites.values(), surveys, tell)

        process.crawl(NewsSpider, crawl=crawl, seeds=seeds, worker=equipment.worker)
        with closing(crawl.questions):
            process.start()
        return [surveys.get(source.id) or unfinished(crawl, source) for source in sites.values()]


def run_worker(
    settings: Settings,
    archive: Archive,
    registry: Callable[[], Registry],
    *,
    clock: Clock,
    managed: bool = False,
    backfill_of: Collection[str] | None = None,
) -> str:
    """Take jobs from the archive until SIGTERM or SIGINT. Return `stopped`, or `recycled: <why>` where the process should be
    replaced.

    With `managed` it ends as well when its standard input does, which is when the process that started it dies. With
    `backfill_of` it takes backfills of these sources and nothing else. It may be called once a process.

    Raises:
        AlreadyFetching: Another process fetches, and is alone.
        LeaseLost: The process was taken for dead, and others have its jobs.
    """
    with equipped(settings, archive, clock, shared=True, patience=OF_A_WORKER) as equipment:
        report = CrawlReport(())
        process = new_process(settings)  # installs the reactor, so it comes before the spider's import
        from crawler.jobs.consumer import JobConsumer
        from crawler.spiders.work import WorkSpider

        finished: list[int] = []
        crawl = _new_crawl(equipment, report, InFlight(finished.append), endless=True)
        crawl.events.service = backfill_of is None
        consumer = JobConsumer(crawl, equipment.worker, registry, finished, backfill_of)
        log.info("worker_started", worker=equipment.worker, name=workers.process_name(os.getpid()))
        process.crawl(WorkSpider, crawl=crawl, worker=equipment.worker, consumer=consumer, managed=managed)
        collect_less()
        with closing(crawl.questions):
            process.start(install_signal_handlers=False)
        equipment.writer.hurry(STOP_PATIENCE)
        if equipment.writer.lost:
            raise workers.LeaseLost
        if equipment.writer.failed is not None:
            raise equipment.writer.failed
        consumer.finish(equipment.writer)
        ended = f"recycled: {consumer.recycled}" if consumer.recycled else "stopped"
        log.info("worker_ended", because=ended, requests=report.requests)
        return ended


def _new_crawl(
    equipment: CrawlResources,
    report: CrawlReport,
    tasks_in_flight: InFlight,
    *,
    endless: bool = False,
    in_flight: int = IN_FLIGHT,
) -> Crawl:
    settings, clock = equipment.settings, equipment.clock
    with equipment.archive.reading() as session:
        hosts = load_origins(session)
    crawl = Crawl(
        settings=settings,
        archive=equipment.archive,
        writer=equipment.writer,
        pool=equipment.pool,
        frontier=Frontier(
            connections_per_host=settings.connections_per_host,
            in_flight=in_flight,
            tasks_in_flight=tasks_in_flight,
            shared=True,
            endless=endless,
            real=clock.real,
        ),
        politeness=Politeness(hosts, robots_token(settings), clock()),
        report=report,
        channels={},
        clock=clock,
        sites=SiteLearning(),
    )
    crawl.search_again = partial(search_again, crawl)
    return crawl


def _warcinfo(settings: Settings) -> dict[str, str]:
    """Return what the first record of a WARC file says about us (WARC/1.1, 6.2)."""
    return {
        "software": f"Dateline/{version('dateline')}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "http-header-user-agent": user_agent(settings),
        "http-header-from": settings.contact if "@" in settings.contact else "",
        "operator": settings.contact,
        "robots": "obey (RFC 9309)",
    }
