"""From the jobs of a crawl by hand to its first tasks: sources that nobody has seen alive are checked first, and those that name no
channel are surveyed first."""

from __future__ import annotations

from collections.abc import Sequence

from archive.model.job import CrawlJob
from crawler.channels.background_survey import check_and_poll, search_and_poll
from crawler.channels.check import take_requested_checks
from crawler.engine.crawl import Crawl
from crawler.jobs.seeds import offer_jobs


async def begin_crawl(crawl: Crawl, worker: int, jobs: Sequence[CrawlJob]) -> None:
    """Begin a crawl by hand: offer what its jobs order, after the sources have been checked or surveyed that need it, and carry
    out the checks that others wait for meanwhile."""

    async def offer(job: CrawlJob) -> None:
        await offer_jobs(crawl, [job])

    crawl.background.accompany(take_requested_checks(crawl, worker))
    for job in jobs:
        if job.kind == "poll" and job.unchecked:
            check_and_poll(crawl, job, offer)
        elif job.kind == "poll" and not job.source.discover:
            search_and_poll(crawl, job, offer)
    await offer_jobs(crawl, [job for job in jobs if not job.unchecked])
