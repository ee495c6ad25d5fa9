"""The fetching process: carries out crawl jobs with Scrapy, to their end.

It owns one extraction pool and is the sole writer of the archive's WARC files (`archive.lock`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version

from archive.channels import recall_channels
from archive.config import Settings
from archive.hosts import recall_hosts
from archive.known import extractors_in_use
from archive.lock import fetching_lock
from archive.meta import archive_id
from archive.model.job import CrawlJob
from archive.runs import finish_run, start_run
from archive.session import Archive
from archive.warc.recover import recover
from archive.warc.writer import WarcFolder
from archive.writer import Writer
from crawler.crawl import Crawl, Progress
from crawler.disk import check_disk
from crawler.extract.version import extractor_for
from crawler.frontier import Frontier
from crawler.identity import robots_token, user_agent
from crawler.manners import Manners
from crawler.pool import ExtractionPool
from crawler.process import new_process
from crawler.report import CrawlReport

IN_FLIGHT = 160
"""Pages between request and commit. Enough for full groups of the writer; at 300 KB a page, about 100 MB."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def run_crawl(
    settings: Settings, archive: Archive, jobs: Sequence[CrawlJob], *, progress: Progress | None = None
) -> CrawlReport:
    """Carry out `jobs` to their end and return what happened. May be called once a process: Twisted's reactor does not
    start twice. Raises AlreadyFetching, DiskFull. SIGINT and SIGTERM end it early, with everything recorded that was fetched.
    """
    with ExitStack() as stack:
        stack.enter_context(fetching_lock(archive.engine, settings.home))
        check_disk(settings)
        damaged = recover(archive, settings.warc_path)
        with archive.reading() as session:
            name = archive_id(session)
        warc = stack.enter_context(
            WarcFolder(
                settings.warc_path,
                archive_id=name,
                max_size=settings.warc_size,
                clock=utc_now,
                info=_warcinfo(settings),
                avoid=damaged,
            )
        )
        writer = stack.enter_context(Writer(archive.engine, warc, clock=utc_now))
        pool = ExtractionPool(settings.extract_processes, settings.extract_timeout.total_seconds())
        stack.callback(pool.close)
        pool.warm()
        report = CrawlReport(dict.fromkeys(job.source.id for job in jobs))
        run = writer.submit(lambda tx: start_run(tx, "crawl")).result()
        _run_scrapy(settings, archive, jobs, writer, pool, report, progress)
        summary = [source.as_dict() for source in report.sources.values()]
        writer.submit(lambda tx: finish_run(tx, run, summary)).result()
        return report


def _warcinfo(settings: Settings) -> dict[str, str]:
    """What the first record of a WARC file says about us (WARC/1.1, 6.2)."""
    return {
        "software": f"Dateline/{version('dateline')}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "http-header-user-agent": user_agent(settings),
        "http-header-from": settings.contact if "@" in settings.contact else "",
        "operator": settings.contact,
        "robots": "obey (RFC 9309)",
    }


def _run_scrapy(
    settings: Settings,
    archive: Archive,
    jobs: Sequence[CrawlJob],
    writer: Writer,
    pool: ExtractionPool,
    report: CrawlReport,
    progress: Progress | None,
) -> None:
    process = new_process(settings)  # installs the reactor, so it comes before the spider's import
    from crawler.spiders.poll import PollSpider

    crawl = _prepare(settings, archive, jobs, writer, pool, report)

    process.crawl(PollSpider, crawl=crawl, jobs=jobs, progress=progress)
    process.start()
    report.stopped = crawl.frontier.waiting > 0


def _prepare(
    settings: Settings,
    archive: Archive,
    jobs: Sequence[CrawlJob],
    writer: Writer,
    pool: ExtractionPool,
    report: CrawlReport,
) -> Crawl:
    now = utc_now()
    with archive.reading() as session:
        manners = Manners(recall_hosts(session), robots_token(settings), now)
        channels = recall_channels(session, report.sources)
        extractors = extractors_in_use(session, report.sources)
    return Crawl(
        settings=settings,
        archive=archive,
        writer=writer,
        pool=pool,
        frontier=Frontier(connections_per_host=settings.connections_per_host, in_flight=IN_FLIGHT),
        manners=manners,
        report=report,
        channels=channels,
        clock=utc_now,
        outdated=frozenset(
            job.source.id for job in jobs if extractors.get(job.source.id, set()) - {extractor_for(job.source)}
        ),
        limits={job.source.id: job.limit for job in jobs if job.limit is not None},
    )
