"""Checking channels: ask robots.txt and each feed as a crawl would, but file nothing and say what was seen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from archive.config import Settings
from archive.found import remember_found
from archive.hosts import HostMemory, recall_hosts
from archive.lock import fetching_lock
from archive.meta import archive_id
from archive.model.capture import Exchange
from archive.model.clock import Clock, SystemClock
from archive.model.content import ContentError
from archive.model.job import CrawlJob
from archive.model.source import Channel, Source
from archive.session import Archive
from archive.sources import POLLED_KINDS, mark_verified, polled_channels
from archive.warc.writer import WarcFolder
from archive.writer import Transaction, Writer
from crawler.crawl import Crawl
from crawler.discover.autodiscover_rank import Ranked
from crawler.discover.feed import parse_feed
from crawler.frontier import Frontier
from crawler.identity import robots_token
from crawler.liveness import Liveness, Outcome, judge_failure, judge_feed
from crawler.manners import Manners
from crawler.polling import sort_links
from crawler.pool import ExtractionPool
from crawler.process import new_process
from crawler.report import CrawlReport
from crawler.survey import Survey
from crawler.tasks import Task

IN_FLIGHT = 40


@dataclass(frozen=True, slots=True)
class ChannelCheck:
    """What a check saw of a channel (None: the source has none). `robots` is the state of its host's robots.txt."""

    source_id: str
    channel: Channel | None
    liveness: Liveness
    robots: str | None = None
    crawl_delay: float | None = None


class CheckCrawl(Crawl):
    """A crawl whose channels are judged instead of polled: no link is filed, no validator kept."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.verdicts: dict[tuple[str, str], Liveness] = {}
        self.surveys: dict[str, Survey] = {}
        """Of sources whose registry entry names no channel, and for which none is known that is alive."""

    def judge(self, task: Task, liveness: Liveness) -> None:
        assert task.channel is not None, "a check asks channels"
        self.verdicts[task.source.id, task.channel.key] = liveness
        found = [self.verdicts.get((task.source.id, c.key)) for c in polled_channels(task.source) if task.source.found]
        if found and not any(verdict is None or verdict.alive for verdict in found) and self.search is not None:
            self.search(replace(task.source, discover=(), found=False))

    async def fail_poll(self, task: Task, reason: str) -> None:
        self.judge(task, judge_failure(reason))

    def postpone(self, task: Task, reason: str) -> None:
        if task.purpose == "feed":
            self.judge(task, Liveness("failing", f"{reason}: the host wants to be left alone for now"))

    async def take_feed(self, task: Task, exchange: Exchange) -> None:
        """Judge a feed's answer."""
        if exchange.status != 200:
            self.judge(task, judge_failure(f"HTTP {exchange.status}"))
            return
        try:
            body = self.decode(exchange)
        except ContentError as error:
            self.judge(task, judge_failure(error.reason))
            return
        feed = await asyncio.to_thread(parse_feed, body, exchange.url, exchange.header("content-type"))
        wanted = len(sort_links(task.source, exchange.url, feed.links).wanted)
        liveness = judge_feed(feed, self.clock(), wanted=wanted, expect_per_day=task.source.expect_per_day)
        if task.redirects:
            moved = f"moved to {exchange.url}"
            liveness = replace(liveness, detail=f"{liveness.detail}; {moved}" if liveness.detail else moved)
        self.judge(task, liveness)


def check_sources(settings: Settings, archive: Archive, sources: Sequence[Source]) -> list[ChannelCheck]:
    """Ask the channels of `sources` and mark as verified every source of which one is alive.

    Robots files are fetched anew. May be called once a process: Twisted's reactor does not start twice. Raises
    AlreadyFetching.
    """
    jobs = [CrawlJob(source, "poll", channels=polled_channels(source)) for source in sources]
    clock = SystemClock()
    with ExitStack() as stack:
        stack.enter_context(fetching_lock(archive.engine, settings.home))
        with archive.reading() as session:
            name = archive_id(session)
            hosts = recall_hosts(session)
        # Nothing is written to it; the writer's transactions want one.
        warc = WarcFolder(settings.warc_path, archive_id=name, max_size=settings.warc_size, clock=clock, info={})
        writer = stack.enter_context(Writer(archive.engine, stack.enter_context(warc), clock=clock))
        pool = ExtractionPool(1, settings.extract_timeout.total_seconds())
        stack.callback(pool.close)
        crawl = _fetch(settings, jobs, archive, writer, pool, hosts, clock)
        checks = [check for job in jobs for check in _checks(crawl, job)]
        writer.submit(lambda tx: _mark(tx, checks, crawl.surveys)).result()
    return checks


def _mark(tx: Transaction, checks: Sequence[ChannelCheck], surveys: Mapping[str, Survey]) -> None:
    """Note what was found, and which sources have a channel that is alive."""
    for source_id, survey in surveys.items():
        remember_found(tx.session, source_id, survey.proposal.discover if survey.proposal else (), tx.now)
    for source_id in sorted({check.source_id for check in checks if check.liveness.alive}):
        mark_verified(tx.session, source_id, tx.now)


def _fetch(
    settings: Settings,
    jobs: Sequence[CrawlJob],
    archive: Archive,
    writer: Writer,
    pool: ExtractionPool,
    hosts: Mapping[str, HostMemory],
    clock: Clock,
) -> CheckCrawl:
    process = new_process(settings, ITEM_PIPELINES={})
    from crawler.spiders.check import CheckSpider

    crawl = CheckCrawl(
        settings=settings,
        archive=archive,
        writer=writer,
        pool=pool,
        frontier=Frontier(connections_per_host=settings.connections_per_host, in_flight=IN_FLIGHT),
        manners=Manners(_only_pauses(hosts), robots_token(settings), clock()),
        report=CrawlReport(job.source.id for job in jobs),
        channels={},  # no validators: a 304 would show nothing
        clock=clock,
    )
    process.crawl(CheckSpider, crawl=crawl, jobs=jobs)
    process.start()
    return crawl


def _only_pauses(hosts: Mapping[str, HostMemory]) -> dict[str, HostMemory]:
    """The hosts' memory without their robots.txt, which a check fetches anew; their wish to be left alone counts."""
    return {origin: replace(memory, robots_state=None) for origin, memory in hosts.items()}


def _checks(crawl: CheckCrawl, job: CrawlJob) -> list[ChannelCheck]:
    source = job.source
    if (survey := crawl.surveys.get(source.id)) is not None:
        return _found(crawl, source, survey)
    if not source.discover:
        return [
            ChannelCheck(source.id, None, Liveness("failing", _problem(crawl, source) or "stopped before it was asked"))
        ]
    return [_check(crawl, source, channel) for channel in source.discover]


def _found(crawl: CheckCrawl, source: Source, survey: Survey) -> list[ChannelCheck]:
    """What was seen of the channels that were found, the proposed ones only."""
    if survey.problem is not None:
        return [ChannelCheck(source.id, None, judge_failure(survey.problem))]
    if survey.proposal is None:
        why = f"no live feed, sitemap or list among {len(survey.ranked)} places; `dateline sources add {source.homepage}` shows them"
        return [ChannelCheck(source.id, None, Liveness("nothing-found", why))]
    ranked = {found.candidate.channel.key: found for found in survey.ranked}
    return [_found_channel(crawl, source, channel, ranked[channel.key]) for channel in survey.proposal.discover]


def _found_channel(crawl: CheckCrawl, source: Source, channel: Channel, found: Ranked) -> ChannelCheck:
    robots = crawl.manners.robots(channel.url)
    outcome: Outcome = "live" if found.verdict == "live" else "undated"
    liveness = Liveness(outcome, f"found from the homepage ({found.candidate.found})", found.items, found.newest_at)
    delay = crawl.manners.crawl_delay(channel.url)
    return ChannelCheck(source.id, channel, liveness, robots.state if robots else None, delay or None)


def _check(crawl: CheckCrawl, source: Source, channel: Channel) -> ChannelCheck:
    if channel.kind not in POLLED_KINDS:
        return ChannelCheck(source.id, channel, Liveness("unchecked", f"a {channel.kind} cannot be checked yet"))
    liveness = crawl.verdicts.get((source.id, channel.key))
    if liveness is None:
        liveness = Liveness("failing", _problem(crawl, source) or "stopped before it was asked")
    robots = crawl.manners.robots(channel.url)
    delay = crawl.manners.crawl_delay(channel.url)
    return ChannelCheck(source.id, channel, liveness, robots.state if robots else None, delay or None)


def _problem(crawl: CheckCrawl, source: Source) -> str | None:
    """A fault of ours that the crawl noted for this source."""
    return next(iter(crawl.report[source.id].problems), None)
