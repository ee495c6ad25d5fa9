"""Checking channels: ask robots.txt and each channel as a crawl would, but file nothing and say what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.config import Settings
from archive.found import remember_found
from archive.hosts import HostMemory, recall_hosts
from archive.known import channel_articles
from archive.lock import fetching_lock
from archive.meta import archive_id
from archive.model.capture import Exchange
from archive.model.clock import Clock, SystemClock
from archive.model.content import ContentError
from archive.model.job import CrawlJob, Priority
from archive.model.link import Link
from archive.model.source import Channel, IdWalk, Source
from archive.model.walk import WalkPage
from archive.session import Archive
from archive.sources import POLLED_KINDS, mark_verified, polled_channels
from archive.warc.writer import WarcFolder
from archive.writer import Transaction, Writer
from crawler.crawl import Crawl
from crawler.discover.autodiscover_rank import Ranked
from crawler.discover.channel import Answer
from crawler.discover.ids import id_of, id_url
from crawler.discover.walk import Goal, first_pages, next_step
from crawler.frontier import Frontier
from crawler.identity import robots_token
from crawler.liveness import Liveness, Outcome, judge, judge_failure
from crawler.manners import Manners
from crawler.polling import read, sort_links
from crawler.pool import ExtractionFailed, ExtractionPool
from crawler.process import new_process
from crawler.reading import Page
from crawler.report import CrawlReport
from crawler.survey import Survey
from crawler.tasks import Task, page_task
from crawler.walk import Walk

IN_FLIGHT = 40
DAYS_BACK = timedelta(days=3)
"""Of a dated archive the pages of so many days are looked at."""
NO_SUCH_DAY = ("HTTP 404", "HTTP 410")
"""What a dated archive answers for days without articles, too."""
MOST_CHILDREN = 3
"""Sitemaps of an index that are looked at."""


@dataclass(frozen=True, slots=True)
class ChannelCheck:
    """What a check saw of a channel (None: the source has none). `robots` is the state of its host's robots.txt."""

    source_id: str
    channel: Channel | None
    liveness: Liveness
    robots: str | None = None
    crawl_delay: float | None = None


class CheckCrawl(Crawl):
    """A crawl whose channels are judged instead of polled: no link is filed, no validator sent or kept."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.verdicts: dict[tuple[str, str], Liveness] = {}
        self.surveys: dict[str, Survey] = {}
        """Of sources whose registry entry names no channel, and for which none is known that is alive."""
        self._answers: dict[Walk, list[Answer]] = {}
        self._moved: dict[Walk, str] = {}

    async def ask(self, source: Source, channel: Channel) -> None:
        """Offer the first requests of a channel."""
        goal = Goal(since=self.clock() - DAYS_BACK)
        walk = Walk(source, channel, goal, None, Priority.poll)
        pages = (
            (self._id_page(source, channel),)
            if channel.kind == "ids"
            else first_pages(source, channel, goal, self.clock())
        )
        walk.asked.update(page.key for page in pages)
        walk.waiting = len(pages)
        for page in pages:
            await self.offer(page_task(walk, page))

    def _id_page(self, source: Source, channel: Channel) -> WalkPage:
        """The highest id known to lead to an article, else the one where the walk begins."""
        with self.archive.reading() as session:
            found = [id_of(channel.url, url) for url, _ in channel_articles(session, source.id, channel.key)]
        number = max((n for n in found if n is not None), default=(channel.ids or IdWalk()).start)
        url = id_url(channel.url, number) or channel.url
        return WalkPage(url, url, chain=url)

    async def fail_page(self, task: Task, reason: str, *, ours: bool = True) -> None:
        assert task.walk is not None, "a list task belongs to a walk"
        task.walk.failed.append(reason)
        await self._page_ended(task.walk)

    async def postpone(self, task: Task, reason: str) -> None:
        if task.errand is not None:
            await super().postpone(task, reason)
        if task.purpose == "list":
            await self.fail_page(task, f"{reason}: the host wants to be left alone for now")

    async def _page_ended(self, walk: Walk) -> None:
        walk.waiting -= 1
        if not walk.waiting:
            self.verdicts[walk.source.id, walk.channel.key] = self._verdict(walk)
            self._search_if_dead(walk.source)

    def _search_if_dead(self, source: Source) -> None:
        """Where all channels that were found for a source have died, look for others."""
        found = [self.verdicts.get((source.id, channel.key)) for channel in polled_channels(source) if source.found]
        if found and not any(verdict is None or verdict.alive for verdict in found) and self.search is not None:
            self.search(replace(source, discover=(), found=False))

    def _verdict(self, walk: Walk) -> Liveness:
        answers = self._answers.get(walk, [])
        if not answers:
            return judge_failure(walk.failed[0])
        shown = _together(answers)
        wanted = len(sort_links(walk.source, self._moved.get(walk, walk.channel.url), shown.links).wanted)
        # What the registry expects is the whole source's: one channel of several may have a slower rhythm of its own.
        expected = walk.source.expect_per_day if len(polled_channels(walk.source)) == 1 else None
        liveness = judge(shown, self.clock(), wanted=wanted, expect_per_day=expected)
        remarks = [liveness.detail] if liveness.detail else []
        if walk in self._moved:
            remarks.append(f"moved to {self._moved[walk]}")
        failed = [why for why in walk.failed if not (walk.channel.kind == "archive" and why in NO_SUCH_DAY)]
        if failed:
            remarks.append(f"{len(failed)} of {len(answers) + len(failed)} requests failed: {failed[0]}")
        return replace(liveness, detail="; ".join(remarks) or None)

    async def take_list(self, task: Task, exchange: Exchange) -> None:
        """Look at an answer; of an index of sitemaps ask some children as well."""
        walk, page = task.walk, task.page
        assert walk is not None, "a list task belongs to a walk"
        assert page is not None, "a list task asks for a page"
        answer = await self._answer(walk, page, exchange)
        if isinstance(answer, str):
            await self.fail_page(task, answer)
            return
        if task.redirects and walk.channel.kind != "archive" and page.key == page.chain and page.number <= 1:
            self._moved.setdefault(walk, exchange.url)
        self._answers.setdefault(walk, []).append(answer)
        children = _children(page, answer, walk, self.clock())
        walk.asked.update(child.key for child in children)
        walk.waiting += len(children)
        for child in children:
            await self.offer(page_task(walk, child))
        await self._page_ended(walk)

    async def _answer(self, walk: Walk, page: WalkPage, exchange: Exchange) -> Answer | str:
        """What an answer shows, or why it shows nothing."""
        if exchange.status != 200:
            return f"HTTP {exchange.status}"
        try:
            body = await self.decode(exchange)
        except ContentError as error:
            return error.reason
        if walk.channel.kind != "ids":
            return await read(self, walk, page, exchange, body)
        try:
            reading = await self.pool.read(Page(body, exchange.url, exchange.response_headers, source=walk.source))
        except ExtractionFailed as error:
            return f"extraction: {error}"
        if reading.article is None:
            return Answer()
        published = reading.article.published
        times = (published.at,) if published is not None else ()
        return Answer((Link(exchange.url),), times=times, without_date=1 - len(times))


def _children(page: WalkPage, answer: Answer, walk: Walk, now: datetime) -> tuple[WalkPage, ...]:
    """The sitemaps to be looked at of an index: the likeliest to be fresh, and where none is, the one changed last."""
    if not answer.children:
        return ()
    step = next_step(page, answer, (), walk.asked, Goal(), now)
    if step.ask:
        return step.ask[: max(0, MOST_CHILDREN + 1 - len(walk.asked))]
    stale = [child for child, reason in step.passed if reason.startswith("stale")]
    changed = {child.url: child.modified_at for child in answer.children}
    long_ago = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(stale, key=lambda child: changed.get(child.url) or long_ago)[-1:])


def _together(answers: Sequence[Answer]) -> Answer:
    """What several answers show, as one."""
    links = {link.url: link for answer in answers for link in answer.links}
    return Answer(
        tuple(links.values()),
        times=tuple(at for answer in answers for at in answer.times),
        without_date=sum(answer.without_date for answer in answers),
        skipped=sum(answer.skipped for answer in answers),
        problem=next((answer.problem for answer in answers if answer.problem is not None), None),
        odd_dates=tuple(claim for answer in answers for claim in answer.odd_dates),
    )


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
        return ChannelCheck(
            source.id, channel, Liveness("unchecked", f"{channel.kind}: it holds the past, which a backfill reads")
        )
    liveness = crawl.verdicts.get((source.id, channel.key))
    if liveness is None:
        liveness = Liveness("failing", _problem(crawl, source) or "stopped before it was asked")
    robots = crawl.manners.robots(channel.url)
    delay = crawl.manners.crawl_delay(channel.url)
    return ChannelCheck(source.id, channel, liveness, robots.state if robots else None, delay or None)


def _problem(crawl: CheckCrawl, source: Source) -> str | None:
    """A fault of ours that the crawl noted for this source."""
    return next(iter(crawl.report[source.id].problems), None)
