"""Deduplicate: which article is this, and what is its text to be compared with?"""

from __future__ import annotations

from dataclasses import replace

import structlog

from archive.known import KnownArticle, known_article
from archive.model.article import Article
from archive.model.urls import clean_url, url_key
from archive.warc.reader import WarcError, read_response
from crawler.extract.version import extractor_for
from crawler.pipelines.base import CrawlPipeline
from crawler.pool import ExtractionFailed
from crawler.reading import Later, Page
from crawler.tasks import Look, Verdict

log = structlog.get_logger()


class DeduplicatePipeline(CrawlPipeline):
    """A page that names another URL of its site as canonical is an alias: AMP, print and tracking variants differ from
    the article's own page in ways that are not edits, so only the canonical page is ever read for its text.

    A known article whose state was read by another version of the extractor, or off a page that was laid out otherwise,
    gets a baseline: the last kept capture, read again by today's version. What changed only between versions or layouts is
    then no edit of the publisher's.
    """

    async def process_item(self, item: Look) -> Look:
        if item.verdict is None or item.verdict.kind != "read":
            return item
        article, task = item.article, item.task
        assert article is not None, "a look with verdict read has an article"
        if task.take_as_is and names_another(article):
            # The address that it names could not be had. Kept as its identity it would make one article of all pages whose
            # template names the same wrong address.
            item.article = article = replace(article, canonical_url=clean_url(article.url) or article.url)
        # A known article whose page names a new address has moved: it stays the same article.
        if task.known is None and not task.take_as_is and names_another(article):
            item.verdict = Verdict("alias", article.canonical_url)
            return item
        known = task.known
        if known is None and (task.redirects or task.source.id in self.crawl.outdated):
            with self.crawl.archive.reading() as session:
                known = known_article(session, task.source.id, article.canonical_url)
            if known is not None and known.hints != task.hints:
                await self._read_as_known(item, known)
        if known is not None and not comparable(item, known):
            item.baseline = await self._baseline(item, known)
        return item

    async def _read_as_known(self, item: Look, known: KnownArticle) -> None:
        """Another channel's link led to a known article: read it with the hints of the first look, so that looks compare."""
        try:
            reading = await self.crawl.pool.read(page_of(item, known))
        except ExtractionFailed as error:
            item.verdict = Verdict("failed", f"extraction: {error}")
            return
        item.article = reading.article or item.article

    async def _baseline(self, item: Look, known: KnownArticle) -> Article | None:
        if known.warc_file is None or known.warc_offset is None:
            return None
        source = item.task.source
        try:
            stored = read_response(self.crawl.settings.warc_path / known.warc_file, known.warc_offset)
            page = Page(stored.payload, stored.url, stored.headers, known.hints, source, item.memory)
            if item.article is not None:
                page = replace(page, later=Later(page_of(item, known), item.article.layout))
            reading = await self.crawl.pool.read(page)
        except (WarcError, OSError, ExtractionFailed) as error:
            # Without the bytes the two texts cannot be compared: ingest then records no revision from this look.
            log.warning("baseline_failed", source=source.id, url=known.url, error=str(error))
            return None
        return reading.article


def page_of(look: Look, known: KnownArticle) -> Page:
    """The page of a look, with the hints of the first one."""
    answer = look.capture.answer
    headers = answer.response_headers
    return Page(look.capture.payload, answer.url, headers, known.hints, look.task.source, look.memory)


def comparable(look: Look, known: KnownArticle) -> bool:
    """Whether the state that the archive holds was read as this look's page was: by the same version, off the same layout."""
    if known.state_extractor != extractor_for(look.task.source, look.memory):
        return False
    layout = look.article.layout if look.article is not None else None
    return known.state_layout is None or layout == known.state_layout


def names_another(article: Article) -> bool:
    """Whether the page says that its article lives under another URL."""
    return url_key(article.canonical_url) != url_key(article.url)
