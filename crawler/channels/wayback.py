"""The wayback channel: captures that a web archive holds of a source's addresses.

    window ─> CDX requests (pages of the walk) ─> captures listed: rows ─> mementos fetched as they were captured ─> filed

All of it is rows, so that a walk goes on where a killed process left it: neither an answer that was filed nor a memento that
was is asked for again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date

from archive.frontier import walks
from archive.frontier.mementos import Listed, Memento, record_captures, record_failed_attempt, settle, waiting
from archive.ingest.record import Recorded
from archive.model import walk as stored
from archive.model.capture import Capture, Exchange, Origin
from archive.model.content_codings import ContentError, original_payload
from archive.model.days import bounds
from archive.model.job import CrawlJob, Priority
from archive.model.link import Link
from archive.model.period import Period
from archive.model.source import Channel, Source, WebArchive
from archive.model.text.urls import clean_url
from archive.model.walk import PageFacts, WalkPage
from archive.writer.writer import Transaction
from crawler.channels.historical_captures import CAPTURED_WITHIN, count, read_capture, reason_of, record_capture
from crawler.channels.list_reading import read_list
from crawler.discover.archives.cdx import (
    CDX_PER_MINUTE,
    MEMENTOS_PER_MINUTE,
    ArchivedCapture,
    CdxAnswer,
    CdxRequest,
    cdx_url,
    distinct,
    memento_url,
    original_headers,
    original_of,
    parse_cdx,
    request_of,
    rest,
)
from crawler.discover.own_links import sort_links
from crawler.discover.parsing.cost import is_light_page
from crawler.discover.parsing.window import outside
from crawler.engine.crawl import Crawl
from crawler.extraction_pool.pool import ExtractionFailed
from crawler.frontier.frontier import ARTICLES
from crawler.frontier.task import Task, TaskHandler
from crawler.frontier.unavailable import NOT_ITS_FAULT, Ending, Fault

GONE = frozenset({400, 401, 403, 404, 410, 451})
"""Answers of an archive about one capture that asking again will not change."""


@dataclass(frozen=True, slots=True)
class ArchiveWalk:
    """A walk over a wayback channel that is under way."""

    source: Source
    channel: Channel
    row: stored.Walk
    job: int | None
    priority: int

    @property
    def archive(self) -> WebArchive:
        assert self.channel.web_archive is not None, "a wayback channel names its archive"
        return self.channel.web_archive


async def offer_archive(crawl: Crawl, job: CrawlJob, channel: Channel) -> None:
    """Begin the walk that a backfill orders, or go on with it."""
    window = job.window
    assert window is not None, "a backfill has a window"
    assert channel.web_archive is not None, "a wayback channel names its archive"
    first = cdx_url(channel.web_archive, first_request(job.source, channel, window, crawl.clock().date()))

    def begin(tx: Transaction) -> stored.Walk:
        row = walks.begin(tx.session, job.source.id, channel.key, window, tx.now)
        if not walks.asked_keys(tx.session, row.pk):
            walks.add_pages(tx.session, row.pk, [WalkPage(first, first, number=1)])
        return row

    row = await crawl.write(begin)
    crawl.walks[row.pk] = job.pk
    walk = ArchiveWalk(job.source, channel, row, job.pk, max(job.priority, Priority.backfill))
    with crawl.archive.reading() as session:
        pages = walks.waiting_pages(session, row.pk)
        mementos = waiting(session, row)
    for page in pages:
        await crawl.offer(_task(walk, page.url, CdxHandler(crawl, walk, page)))
    await _offer(crawl, walk, mementos)


def first_request(source: Source, channel: Channel, window: Period, today: date) -> CdxRequest:
    """Return what is asked first: the captures from the window's first day on, in days of UTC."""
    since = bounds(window.first.isoformat(), source.timezone)[0].date()
    until = bounds(window.last.isoformat(), source.timezone)[1].date() + CAPTURED_WITHIN
    match = channel.web_archive.match if channel.web_archive else "prefix"
    return CdxRequest(channel.url, since, max(since, min(until, today)), match)


async def _offer(crawl: Crawl, walk: ArchiveWalk, mementos: list[Memento]) -> None:
    for memento in mementos:
        url = memento_url(walk.archive, ArchivedCapture(memento.timestamp, memento.url))
        if crawl.admit(task := _task(walk, url, MementoHandler(crawl, walk, memento))):
            await crawl.offer(task)


def _task(walk: ArchiveWalk, url: str, handler: CdxHandler | MementoHandler) -> Task:
    return Task(handler, walk.source, url, job=walk.job, priority=walk.priority)


@dataclass(frozen=True, slots=True, eq=False)
class CdxHandler(TaskHandler):
    """Asks which captures there are."""

    crawl: Crawl
    walk: ArchiveWalk
    page: WalkPage
    spacing = 60 / CDX_PER_MINUTE

    async def answered(self, task: Task, exchange: Exchange) -> None:
        answer = CdxAnswer()
        if exchange.status == 200:
            try:
                answer = await read_list(self.crawl, await self.crawl.decode(exchange), parse_cdx, is_light_page)
            except ContentError as error:
                answer = CdxAnswer(problem=error.reason)
            except ExtractionFailed as error:
                answer = CdxAnswer(problem=f"extraction: {error}")
        elif exchange.status != 404:  # what a server says that knows of no capture
            answer = CdxAnswer(problem=f"HTTP {exchange.status}")
        if answer.problem is not None:
            await self.ended(task, "failed", answer.problem)
            return
        await self._file(answer)

    async def _file(self, answer: CdxAnswer) -> None:
        walk, page, source = self.walk, self.page, self.walk.source
        wanted, unwanted = await asyncio.to_thread(_sorted, walk, answer)
        further = [
            WalkPage(url, url, chain=page.chain, number=page.number + 1)
            for url in (cdx_url(walk.archive, request) for request in rest(request_of(page.url), answer))
        ]
        shown = PageFacts(page.key, len(answer.captures), len(wanted))

        def work(tx: Transaction) -> tuple[list[Memento], list[WalkPage]]:
            new = record_captures(tx, walk.row, wanted, unwanted)
            assert page.pk is not None, "a request of a backfill has a row"
            walks.page_read(tx.session, page.pk, shown, tx.now)
            return new, walks.add_pages(tx.session, walk.row.pk, further)

        new, following = await self.crawl.write(work)
        self.crawl.report[source.id].found += len(new)
        for _, reason in unwanted:
            self.crawl.report.exclude(source.id, reason)
        for asked in following:
            await self.crawl.offer(_task(walk, asked.url, CdxHandler(self.crawl, walk, asked)))
        await _offer(self.crawl, walk, new)

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        if how in NOT_ITS_FAULT:
            self.crawl.report.postpone(self.walk.source.id, reason)
            return  # it waits for the next job
        self.crawl.report.fail(self.walk.source.id, reason, task.asked)
        page, again = self.page.pk, reason != "robots"
        assert page is not None, "a request of a backfill has a row"
        await self.crawl.write(lambda tx: walks.page_failed(tx.session, page, reason, tx.now, again=again))

    def faulted(self, task: Task, fault: Fault) -> None:
        del task
        page = self.page.pk
        assert page is not None, "a request of a backfill has a row"
        if fault.counts:
            self.crawl.writer.submit(lambda tx: walks.page_failed(tx.session, page, fault.reason, tx.now))


def _sorted(walk: ArchiveWalk, answer: CdxAnswer) -> tuple[list[Listed], list[tuple[Listed, str]]]:
    """The captures that show something new: those that are fetched, and the others with the reason. There may be 150,000."""
    wanted: list[Listed] = []
    unwanted: list[tuple[Listed, str]] = []
    for capture in distinct(capture for capture in answer.captures if capture.status in (None, 200)):
        listed = Listed(clean_url(capture.original) or capture.original, capture.timestamp, capture.digest)
        reason = _unwanted(walk.source, walk.channel, listed.url, walk.row.window)
        if reason is None:
            wanted.append(listed)
        else:
            unwanted.append((listed, reason))
    return wanted, unwanted


def _unwanted(source: Source, channel: Channel, url: str, window: Period) -> str | None:
    """Why captures of an address are not fetched."""
    link = Link(url)
    if refused := sort_links(source, channel.url, (link,)).unwanted:
        return refused[0][1]
    reason = outside(link, window, source.language)
    return None if reason is None else f"outside-window: {reason}"


@dataclass(slots=True, eq=False)
class MementoHandler(TaskHandler):
    """Fetches one capture as it was captured. The publisher's robots rules hold for copies of its pages, too."""

    crawl: Crawl
    walk: ArchiveWalk
    memento: Memento
    also_ruled_by: str | None = field(init=False)
    spacing = 60 / MEMENTOS_PER_MINUTE
    lane = ARTICLES

    def __post_init__(self) -> None:
        self.also_ruled_by = self.memento.url

    async def answered(self, task: Task, exchange: Exchange) -> None:
        named = original_of(self.walk.archive, exchange.url)
        if exchange.status != 200 or named is None:
            reason = f"HTTP {exchange.status}" if named is not None else f"leads elsewhere: {exchange.url}"
            await self._failed(task, reason, again=named is not None and exchange.status not in GONE)
            return
        try:
            capture = await capture_of(self.walk.source, named, task, exchange, self.crawl)
        except ContentError as error:
            await self._failed(task, error.reason, again=False)
            return
        look = await read_capture(self.crawl, self.walk.source, capture)
        if look.verdict.kind == "failed":
            await self._failed(task, reason_of(look), again=False)
            return
        policy, memento = self.crawl.settings.rights_policy, self.memento

        def work(tx: Transaction) -> Recorded | None:
            recorded = record_capture(tx, look, policy)
            settle(
                tx,
                memento,
                article_pk=recorded.article_pk if recorded is not None else None,
                reason=None if recorded is not None else reason_of(look),
            )
            return recorded

        count(self.crawl, self.walk.source, look, await self.crawl.write(work))

    async def _failed(self, task: Task, reason: str, *, again: bool) -> None:
        self.crawl.report.fail(self.walk.source.id, reason, task.asked)
        await self.crawl.write(lambda tx: record_failed_attempt(tx, self.memento, reason, again=again))

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        if how in NOT_ITS_FAULT:
            self.crawl.report.postpone(self.walk.source.id, reason)
            return  # it waits for the next job
        if reason == "robots":
            self.crawl.report.exclude(self.walk.source.id, reason)
            await self.crawl.write(lambda tx: settle(tx, self.memento, reason=reason))
        else:
            await self._failed(task, reason, again=True)

    def faulted(self, task: Task, fault: Fault) -> None:
        del task
        if fault.counts:
            self.crawl.writer.submit(lambda tx: record_failed_attempt(tx, self.memento, fault.reason))


async def capture_of(source: Source, named: tuple[str, str], task: Task, exchange: Exchange, crawl: Crawl) -> Capture:
    """The capture that a memento shows: what the publisher answered then, and our exchange with the archive. Raises
    ContentError."""
    timestamp, original = named
    headers = original_headers(exchange.response_headers)
    coding = next((value for name, value in headers if name.lower() == "content-encoding"), None)
    replayed = await crawl.decode(exchange)
    payload = await asyncio.to_thread(original_payload, replayed, coding, limit=crawl.settings.max_body)
    at = ArchivedCapture(timestamp, original).captured_at
    url = clean_url(original) or original
    answer = Exchange(
        url=url,
        method="GET",
        request_headers=(),
        requested_at=at,
        responded_at=at,
        status=exchange.status,
        response_headers=headers,
        body=exchange.body,
    )
    return Capture(
        source.id,
        url,
        answer,
        payload,
        origin=Origin("wayback", exchange.url),
        via=(*task.redirects, exchange),
    )
