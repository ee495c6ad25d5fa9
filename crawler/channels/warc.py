"""The warc channel: pages out of WARC files that others made (files of one's own, CC-NEWS).

    files (pages of the walk) ─> streamed, nothing unpacked to disk ─> pages of the source, in batches ─> read ─> filed

With each batch the byte is noted up to which all is filed: there a walk goes on that was killed. How the pages of a batch end
and where the file stands are one transaction.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import structlog

from archive.frontier import walks
from archive.frontier.mementos import record_offset, settle_page
from archive.ingest.record import Recorded
from archive.model import walk as stored
from archive.model.capture import Capture, Exchange, Origin
from archive.model.days import bounds
from archive.model.job import CrawlJob, Priority
from archive.model.link import Link
from archive.model.source import Channel, Source
from archive.model.text.urls import same_site
from archive.model.walk import PageFacts, WalkPage
from archive.outage import is_outage
from archive.writer.writer import Transaction
from crawler.channels.historical_captures import (
    CAPTURED_WITHIN,
    HistoricalCapture,
    count,
    read_capture,
    reason_of,
    record_capture,
)
from crawler.channels.warc_files import PermissionHandler, PlaceError, WebFile, find_files, is_web, open_place
from crawler.discover.archives.warc import DamagedWarc, Passed, Stream, WarcPage, read_pages
from crawler.discover.parsing.window import outside
from crawler.engine.crawl import Crawl
from crawler.frontier.task import Task

log = structlog.get_logger()

BATCH = 32
"""Pages that are read and filed together."""
BATCH_BYTES = 16 << 20
_STAMP = re.compile(r"-(20\d{6})\d{6}-\d+\.warc\.gz$")
"""CC-NEWS names a file by the time at which it was begun."""


@dataclass(slots=True)
class WarcWalk:
    """A walk over a warc channel that is under way."""

    crawl: Crawl
    source: Source
    channel: Channel
    row: stored.Walk
    job: int | None
    priority: int
    first: datetime = field(init=False)
    end: datetime = field(init=False)
    """Captures before the one and from the other on cannot show, or are too late to tell of, what the window published."""

    def __post_init__(self) -> None:
        window, zone = self.row.window, self.source.timezone
        self.first = bounds(window.first.isoformat(), zone)[0]
        self.end = bounds(window.last.isoformat(), zone)[1] + CAPTURED_WITHIN

    def wants(self, url: str) -> bool:
        """Return whether an address is on one of the source's sites. A rule alone does not say so: it was written for one site."""
        others = (c.url for c in self.source.discover if c.kind != "warc")
        return any(same_site(url, known) for known in (self.source.homepage, *others))

    def unwanted(self, page: WarcPage) -> str | None:
        """Return why a page of the source's sites is not read. None where it is."""
        if not self.source.article_urls.admits(page.url):
            return "rule"
        if not self.first <= page.captured_at < min(self.end, self.crawl.clock()):
            return f"outside-window: captured {page.captured_at.date()}"
        reason = outside(Link(page.url), self.row.window, self.source.language)
        return f"outside-window: {reason}" if reason is not None else page.problem


async def offer_warcs(crawl: Crawl, job: CrawlJob, channel: Channel) -> None:
    """Begin the walk that a backfill orders, or go on with it. The files are read beside the crawl's requests."""
    window = job.window
    assert window is not None, "a backfill has a window"
    listing = WalkPage(f"files of {channel.url}", channel.url, number=0)

    def begin(tx: Transaction) -> stored.Walk:
        row = walks.begin(tx.session, job.source.id, channel.key, window, tx.now)
        walks.add_pages(tx.session, row.pk, [listing])
        return row

    row = await crawl.write(begin)
    crawl.walks[row.pk] = job.pk
    walk = WarcWalk(crawl, job.source, channel, row, job.pk, max(job.priority, Priority.backfill))
    crawl.background.go(job.source, job.pk, _walk(walk))


async def _walk(walk: WarcWalk) -> None:
    """First find the files, then read one after the other."""
    for page in _waiting(walk):
        if page.number == 0:
            await _attempt(walk, page, _list)
    for page in _waiting(walk):
        if page.number and not walk.crawl.frontier.closed:
            await _attempt(walk, page, _read)


def _waiting(walk: WarcWalk) -> list[WalkPage]:
    with walk.crawl.archive.reading() as session:
        return walks.waiting_pages(session, walk.row.pk)


async def _attempt(walk: WarcWalk, page: WalkPage, work: Callable[[WarcWalk, WalkPage], Awaitable[None]]) -> None:
    """What cannot be read now waits for the next job, until that has happened too often."""
    try:
        await work(walk, page)
    except Exception as error:
        if is_outage(error) or walk.crawl.writer.lost:
            raise
        match error:
            case PlaceError():
                reason = str(error)
            case DamagedWarc():
                reason = f"damaged: {error}"
            case _:
                log.error("warc_failed", file=page.url, error=repr(error), exc_info=error)
                reason = f"internal-error: {error!r}"[:300]
        if isinstance(error, PlaceError) and error.passing:
            walk.crawl.report.postpone(walk.source.id, reason)
            return
        walk.crawl.report.fail(walk.source.id, reason, page.url)
        pk = page.pk
        assert pk is not None, "a page of a backfill has a row"
        again = not (isinstance(error, PlaceError) and error.lasting)
        await walk.crawl.write(lambda tx: walks.page_failed(tx.session, pk, reason, tx.now, again=again))


async def _list(walk: WarcWalk, listing: WalkPage) -> None:
    """Find the files and note them as pages of the walk."""
    files = await find_files(walk.crawl, walk.source, walk.channel, walk.job, walk.priority)
    early, late = walk.first.date(), walk.end.date()
    wanted: list[WalkPage] = []
    passed: list[tuple[WalkPage, str]] = []
    for name, why in files.refused:
        passed.append((WalkPage(name, name), why))
        walk.crawl.report.fail(walk.source.id, why, name)
    for number, place in enumerate(files.places, 1):
        page = WalkPage(place, place, number=number)
        if (reason := _too_early_or_late(place, early, late)) is None:
            wanted.append(page)
        else:
            passed.append((page, reason))
    pk = listing.pk
    assert pk is not None, "a page of a backfill has a row"

    def work(tx: Transaction) -> None:
        walks.add_pages(tx.session, walk.row.pk, wanted, passed)
        walks.page_read(
            tx.session, pk, PageFacts(listing.key, len(files.places) + len(files.refused), len(wanted)), tx.now
        )

    await walk.crawl.write(work)


def _too_early_or_late(place: str, first: date, end: date) -> str | None:
    """Why a file is not read whose name tells when it was begun: a day of captures lies in it at most."""
    if (match := _STAMP.search(place)) is None:
        return None
    day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC).date()
    if (first - day).days > 1:
        return f"outside-window: before {day}"
    return f"outside-window: after {day}" if day > end else None


# --- one file


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pages that follow each other, and the byte up to which the file is read with them; None: it is at its end."""

    pages: Sequence[WarcPage]
    reached: int | None


async def _read(walk: WarcWalk, file: WalkPage) -> None:
    crawl, passed, found = walk.crawl, Passed(), 0
    limit = crawl.settings.max_body
    with _opened(walk, file) as stream:
        batches = _batches(read_pages(stream, walk.wants, passed, limit=limit))
        while not crawl.frontier.closed:
            if crawl.frontier.suspended:  # the disk is full
                await asyncio.sleep(1.0)
                continue
            batch = await asyncio.to_thread(next, batches)
            found += len(batch.pages)
            await _file(walk, file, batch, found)
            if batch.reached is None:
                log.info("warc_read", file=file.url, records=passed.records, revisits=passed.revisits, pages=found)
                return


@contextmanager
def _opened(walk: WarcWalk, file: WalkPage) -> Iterator[Stream]:
    if not is_web(file.url):
        opened: AbstractContextManager[Stream] = open_place(walk.crawl, file.url, file.offset)
        with opened as stream:
            yield stream
        return
    web = WebFile(walk.crawl, walk.source, file.url, walk.job, walk.priority, file.offset)
    try:
        yield web
    finally:
        web.abandon()


def _batches(found: Iterator[WarcPage | int]) -> Iterator[_Batch]:
    """Batches of pages, each ending where the next one begins."""
    pages: list[WarcPage] = []
    size = 0
    for item in found:
        if isinstance(item, int):
            yield _Batch(pages, item)
            pages, size = [], 0
            continue
        if len(pages) >= BATCH or size + len(item.body) > BATCH_BYTES:
            yield _Batch(pages, item.offset)
            pages, size = [], 0
        pages.append(item)
        size += len(item.body) + len(item.payload or b"")
    yield _Batch(pages, None)


async def _file(walk: WarcWalk, file: WalkPage, batch: _Batch, found: int) -> None:
    """Read the pages of a batch, and write down how each of them ends."""
    crawl, row = walk.crawl, walk.row
    ends = await asyncio.gather(*(_look(walk, file, page) for page in batch.pages))
    pk, policy = file.pk, crawl.settings.rights_policy
    assert pk is not None, "a file of a walk has a row"

    def work(tx: Transaction) -> list[Recorded | None]:
        filed: list[Recorded | None] = []
        for page, end in zip(batch.pages, ends, strict=True):
            recorded = record_capture(tx, end, policy) if isinstance(end, HistoricalCapture) else None
            reason = end if isinstance(end, str) else reason_of(end)
            if recorded is not None:
                settle_page(tx, row, page.url, page.captured_at, article_pk=recorded.article_pk)
            else:
                settle_page(tx, row, page.url, page.captured_at, reason=reason)
            filed.append(recorded)
        if batch.reached is not None:
            record_offset(tx.session, pk, batch.reached)
        else:
            walks.page_read(tx.session, pk, PageFacts(file.key, found, found), tx.now)
        return filed

    for end, recorded in zip(ends, await crawl.write(work), strict=True):
        if isinstance(end, HistoricalCapture):
            count(crawl, walk.source, end, recorded)
        else:
            crawl.report.exclude(walk.source.id, end)


async def _look(walk: WarcWalk, file: WalkPage, page: WarcPage) -> HistoricalCapture | str:
    """The look at a page, or why there is none. The publisher's robots rules hold for copies of its pages, too."""
    if (reason := walk.unwanted(page)) is not None or (reason := await _refusal(walk, page.url)) is not None:
        return reason
    payload = page.payload
    assert payload is not None, "a page without a problem was decoded"
    answer = Exchange(
        url=page.url,
        method="GET",
        request_headers=(),
        requested_at=walk.crawl.clock(),
        responded_at=page.captured_at,
        status=page.status,
        response_headers=page.headers,
        body=page.body,
        ip=page.ip,
    )
    origin = Origin("warc", file.url, page.offset)
    return await read_capture(
        walk.crawl, walk.source, Capture(walk.source.id, page.url, answer, payload, origin=origin)
    )


async def _refusal(walk: WarcWalk, url: str) -> str | None:
    crawl = walk.crawl
    if crawl.politeness.missing(url, crawl.clock()) is None:
        return crawl.politeness.refusal(url)
    handler = PermissionHandler()
    await crawl.offer(Task(handler, walk.source, url, job=walk.job, priority=walk.priority))
    return await handler.refusal
