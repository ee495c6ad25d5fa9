"""Looks at captures that others made: read as any page is, filed at their time.

capture ─> rights, extraction (pool) ─> gate ─> alias? neighbours read again? ─> record_historical, the capture's end: one work
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from archive.frontier.known_articles import known_article
from archive.ingest.captures import store_capture
from archive.ingest.historical import Neighbour, is_recorded, neighbours, record_historical
from archive.ingest.record import Recorded
from archive.model.article import Article
from archive.model.capture import Capture, RightsPolicy
from archive.model.content_codings import ContentError, original_payload
from archive.model.frontier import KeptPage, KnownArticle
from archive.model.link import Hints
from archive.model.site_memory import Memory
from archive.model.source import Source
from archive.warc.reader import PAYLOAD_LIMIT, StoredResponse, WarcError, read_response
from archive.writer.writer import Transaction
from crawler.engine.crawl import Crawl
from crawler.engine.look import Look, Verdict
from crawler.engine.verdict import classify_response, names_another
from crawler.extract.markup.directives import combine, header_rights
from crawler.extract.version import extractor_for
from crawler.extraction_pool.pool import ExtractionFailed
from crawler.frontier.callbacks import ResponseFuture
from crawler.frontier.task import Task
from crawler.reading.page import Later, Page

log = structlog.get_logger()

CAPTURED_WITHIN = timedelta(days=30)
"""What was published in a window is looked for among the captures made in it, and for so long after it."""


@dataclass(slots=True)
class HistoricalCapture:
    """A capture, what it was judged to be, and the article that it shows. `read_again`: neighbours in time, by number, as
    today's extractor reads them."""

    capture: Capture
    verdict: Verdict
    article: Article | None = None
    hints: Hints = field(default_factory=Hints)
    read_again: dict[int, Article] = field(default_factory=dict)


async def read_capture(crawl: Crawl, source: Source, capture: Capture) -> HistoricalCapture:
    """Read a capture. A known article is read with the hints of the first look at it, so that texts compare."""
    with crawl.archive.reading() as session:
        known = known_article(session, source.id, capture.url)
    hints = known.hints if known is not None else Hints()
    file_rights = crawl.politeness.file_rights(capture.url)
    answer = capture.answer
    capture = replace(capture, rights=combine(file_rights, header_rights(answer.response_headers)))
    # A look belongs to a task. Nobody is asked for this one, and nobody waits for its answer.
    look = Look(Task(ResponseFuture(), source, capture.url, hints=hints), capture)
    try:
        look.reading = await crawl.pool.read(Page(capture.payload, answer.url, answer.response_headers, hints, source))
    except ExtractionFailed as error:
        return HistoricalCapture(capture, Verdict("failed", f"extraction: {error}"), hints=hints)
    look.capture = capture = replace(capture, rights=combine(file_rights, look.reading.rights))
    verdict, article = classify_response(look), look.reading.article
    if verdict.kind != "read" or article is None:
        return HistoricalCapture(capture, verdict, hints=hints)
    if names_another(article) and not _is_of(crawl, source, article, known):
        return HistoricalCapture(capture, Verdict("alias", article.canonical_url), hints=hints)
    return HistoricalCapture(capture, verdict, article, hints, await _neighbours(crawl, source, capture, known, hints))


def _is_of(crawl: Crawl, source: Source, article: Article, known: KnownArticle | None) -> bool:
    """Return whether the address that the page names leads to the same article: it has moved since."""
    if known is None:
        return False
    with crawl.archive.reading() as session:
        named = known_article(session, source.id, article.canonical_url)
    return named is not None and named.pk == known.pk


async def _neighbours(
    crawl: Crawl, source: Source, capture: Capture, known: KnownArticle | None, hints: Hints
) -> dict[int, Article]:
    if known is None:
        return {}
    with crawl.archive.reading() as session:
        beside = neighbours(session, known.pk, capture)
    today = extractor_for(source)
    read = {n.number: await _read_kept(crawl, source, n, hints) for n in beside if n.extractor != today}
    return {number: article for number, article in read.items() if article is not None}


async def _read_kept(crawl: Crawl, source: Source, neighbour: Neighbour, hints: Hints) -> Article | None:
    return None if neighbour.page is None else await read_kept(crawl, source, neighbour.page, hints)


async def read_kept(
    crawl: Crawl,
    source: Source,
    kept: KeptPage,
    hints: Hints,
    *,
    memory: Memory | None = None,
    later: Later | None = None,
) -> Article | None:
    """Return what today's extractor reads off a kept page. None where its bytes are not to be had."""
    try:
        stored = await asyncio.to_thread(read_response, crawl.settings.warc_path / kept.warc_file, kept.warc_offset)
        if (stored.dom is not None) != source.render:
            return None  # the source is read in another way now: what is served and what is shown do not compare
        html = stored.dom if stored.dom is not None else await asyncio.to_thread(_payload, stored, kept)
        reading = await crawl.pool.read(Page(html, kept.url, kept.headers, hints, source, memory, later))
    except (WarcError, OSError, ContentError, ExtractionFailed) as error:
        # Without the bytes two texts cannot be compared: ingest then records no revision from this look.
        log.warning("baseline_failed", source=source.id, url=kept.url, error=str(error))
        return None
    return reading.article


def _payload(stored: StoredResponse, kept: KeptPage) -> bytes:
    """Return what the publisher sent.

    Raises:
        WarcError: The record does not hold it.
        ContentError: It is not coded as its headers say.
    """
    return original_payload(stored.payload, kept.header("content-encoding"), limit=PAYLOAD_LIMIT)


def record_capture(tx: Transaction, look: HistoricalCapture, policy: RightsPolicy) -> Recorded | None:
    """Record a capture that shows an article, at its time. Of any other the bytes are kept, as of a look of our own.

    Return what was recorded. None where the capture shows no article.
    """
    if look.verdict.kind == "read":
        assert look.article is not None, "a look with verdict read has an article"
        return record_historical(
            tx, look.capture, look.article, hints=look.hints, read_again=look.read_again, policy=policy
        )
    # Of a page that could not be read nobody knows whether its meta tags allow it to be kept.
    if not is_recorded(tx.session, look.capture):
        store_capture(tx, look.capture, kept="digest" if look.verdict.kind == "failed" else "response", policy=policy)
    return None


def reason_of(look: HistoricalCapture) -> str:
    """Why a capture shows no article of its own."""
    verdict = look.verdict
    return f"alias: {verdict.reason}" if verdict.kind == "alias" else verdict.reason or verdict.kind


def count(crawl: Crawl, source: Source, look: HistoricalCapture, recorded: Recorded | None) -> None:
    """Count a recorded capture in the crawl's report, and say in the log what it showed."""
    if recorded is not None:
        crawl.events.looked_at(source.id, look.article, look.capture.url, recorded)
        crawl.report.signals(source.id, recorded.withheld_because, noarchive=recorded.noarchive)
    report = crawl.report[source.id]
    match recorded.kind if recorded is not None else look.verdict.kind:
        case "new":
            report.new += 1
        case "revised":
            report.revised += 1
        case "withheld":
            pass  # counted with its reason
        case "alias":
            report.alias += 1
        case "failed":
            crawl.report.fail(source.id, reason_of(look), look.capture.url)
        case "excluded" | "look":
            crawl.report.exclude(source.id, reason_of(look))
        case _:
            report.unchanged += 1
