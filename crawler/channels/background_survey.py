"""Searching for the channels of a source that names none, beside a crawl that goes on meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from archive.model.job import CrawlJob
from archive.model.source import Source
from archive.planning import checks
from archive.sources.discovered_channels import record_discovered_channels
from archive.sources.state import polled_channels
from crawler.channels.check import IS_IT_ONLINE, LEFT_ALONE, Checker, log_checked
from crawler.channels.survey import Survey, Surveyor, Tell
from crawler.engine.crawl import Crawl

log = structlog.get_logger()

NOT_ALIVE = "not-alive"
"""The reason of a source that nobody had seen alive before, and that is not: it is not polled, but checked again later."""
OFFLINE = "offline"
"""The reason where no host at all can be reached: that says nothing about the source."""
NOTHING = "no-channel"
"""The reason of a source for which no way to its articles was found."""

Done = Callable[[Survey], Awaitable[None]]


def search(crawl: Crawl, source: Source, done: Done, tell: Tell | None = None, *, job: int | None = None) -> None:
    """Survey the site of `source` beside the crawl, which does not end before, and hand the result to `done`."""

    async def work() -> None:
        try:
            await done(await Surveyor(crawl, source, tell).run())
        finally:
            crawl.searching.discard(source.id)

    crawl.background.go(source, job, work())


def search_again(crawl: Crawl, source: Source) -> None:
    """Search for other channels of `source`, because those that were found for it have died. The schedule takes them over when
    it next looks."""
    bare = replace(source, discover=(), found=False)
    if source.id in crawl.searching:
        return

    async def note(survey: Survey) -> None:
        await _note(crawl, bare, survey)

    crawl.searching.add(source.id)
    log.info("channels_dead", source=source.id)
    search(crawl, bare, note)


def search_and_poll(crawl: Crawl, job: CrawlJob, offer: Callable[[CrawlJob], Awaitable[None]]) -> None:
    """Search for the channels of a job's source, then have them polled."""

    async def poll(survey: Survey) -> None:
        if (source := await _note(crawl, job.source, survey)) is not None:
            await offer(replace(job, source=source, channels=polled_channels(source)))

    search(crawl, job.source, poll, job=job.pk)


def check_and_poll(crawl: Crawl, job: CrawlJob, offer: Callable[[CrawlJob], Awaitable[None]]) -> None:
    """Check a job's source, which nobody has seen alive yet, and have it polled if it is alive.

    The verdict is recorded, and when the source is to be checked again.
    """

    async def work() -> None:
        await crawl.write(lambda tx: checks.withdraw_check(tx.session, job.source.id))
        checked = await Checker(crawl, job.source).run()
        if crawl.frontier.closed and not checked.alive:
            return
        now, finding = crawl.clock(), checked.finding
        await crawl.write(lambda tx: checks.record_verdict(tx.session, job.source, finding, now))
        log_checked(job.source.id, checked)
        if checked.alive:
            await offer(replace(job, source=checked.source, channels=polled_channels(checked.source), unchecked=False))
            return
        if checked.until is not None:
            crawl.report.postpone(job.source.id, LEFT_ALONE)
            return
        if checked.offline:
            crawl.report.fail(job.source.id, f"{OFFLINE}: {IS_IT_ONLINE}", job.source.homepage)
            return
        for channel in checked.channels:
            where = channel.channel.url if channel.channel is not None else job.source.homepage
            because = f"{channel.liveness.outcome}: {channel.liveness.detail or 'nothing in it'}"
            crawl.report[job.source.id].problems.append(f"{where}: {NOT_ALIVE}: {because}")
        crawl.report.postpone(job.source.id, NOT_ALIVE)

    crawl.background.go(job.source, job.pk, work())


async def _note(crawl: Crawl, source: Source, survey: Survey) -> Source | None:
    """Record the channels that were found. Return the source with them. None where there are none."""
    channels = survey.proposal.discover if survey.proposal is not None else ()
    now = crawl.clock()
    await crawl.write(lambda tx: record_discovered_channels(tx.session, source.id, channels, now))
    if not channels:
        why = survey.problem or "no live feed, sitemap or list was found from the homepage"
        log.warning("no_channel", source=source.id, homepage=source.homepage, because=why)
        crawl.report.fail(source.id, f"{NOTHING}: {why}", source.homepage)
        return None
    log.info("channels_found", source=source.id, channels=[channel.key for channel in channels])
    return replace(source, discover=channels, found=True)
