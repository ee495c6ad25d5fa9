"""Deduplicate: which article is this, and what is its text to be compared with?"""

from __future__ import annotations

import structlog

from archive.frontier.known_articles import article_behind, known_articles
from archive.model.article import Article
from archive.model.frontier import KnownArticle
from archive.model.text.urls import url_key
from crawler.channels.historical_captures import read_kept
from crawler.engine.look import Look, Verdict
from crawler.engine.verdict import names_another
from crawler.extract.version import extractor_for
from crawler.extraction_pool.pool import ExtractionFailed
from crawler.pipelines.base import CrawlPipeline
from crawler.reading.page import Later

log = structlog.get_logger()


class Deduplicate(CrawlPipeline):
    """The pipeline that finds the article which a page belongs to, and the text that it is to be compared with.

    A page that names another URL of its site as canonical is an alias, if the text there is the same: AMP, print and tracking
    variants differ from the article's own page in ways that are not edits, so only the canonical page is ever read for its text.

    A known article whose state was read by another version of the extractor, or off a page that was laid out otherwise,
    gets a baseline: the last kept capture, read again by today's version. What changed only between versions or layouts
    is then no edit of the publisher's.
    """

    async def process_item(self, item: Look) -> Look:
        if item.verdict is None or item.verdict.kind != "read":
            return item
        article, task = item.article, item.task
        assert article is not None, "a look with verdict read has an article"
        if task.take_as_is and names_another(article):
            log.info("canonical_ignored", source=task.source.id, url=task.asked, canonical=article.canonical_url)
            # The address could not be had, or shows another text. Kept as the page's identity it would make one article of all
            # pages whose template names the same wrong address.
            item.article = article = article.under_its_own_address()
        if _is_alias(item, article):
            item.verdict = Verdict("alias", article.canonical_url)
            return item
        known = task.known if task.known is not None else await self._known_by_now(item, article)
        if known is not None and not comparable(item, known):
            item.baseline = await self._baseline(item, known)
        return item

    async def _known_by_now(self, item: Look, article: Article) -> KnownArticle | None:
        """Find the known article that a new link led to, and read the page with its hints. None if the page is a new one."""
        if not self._may_be_known(item, article):
            return None
        known = self._known(item.task.source.id, article.canonical_url)
        if known is not None and known.hints != item.task.hints:
            await self._read_as_known(item, known)
        return known

    def _may_be_known(self, look: Look, article: Article) -> bool:
        """Whether it matters to know if the page is a known article's, and that may be although its link was a new one."""
        task = look.task
        if task.redirects:
            return True
        own = task.link is not None and url_key(article.canonical_url) == task.link.url_key
        filed_just_now = own and task.filed > 0  # no article was known by this address then
        return task.source.id in self.crawl.outdated and not filed_just_now

    def _known(self, source_id: str, url: str) -> KnownArticle | None:
        pk = article_behind(self.crawl.questions, source_id, url)
        if pk is None:
            return None
        with self.crawl.archive.reading() as session:
            return next(iter(known_articles(session, [pk])), None)

    async def _read_as_known(self, item: Look, known: KnownArticle) -> None:
        """Another channel's link led to a known article: read it with the hints of the first look, so that looks compare."""
        try:
            reading = await self.crawl.pool.read(item.page(known.hints))
        except ExtractionFailed as error:
            item.verdict = Verdict("failed", f"extraction: {error}")
            return
        item.article = reading.article or item.article

    async def _baseline(self, item: Look, known: KnownArticle) -> Article | None:
        if known.shown is None:
            return None
        later = Later(item.page(known.hints), item.article.layout) if item.article is not None else None
        return await read_kept(self.crawl, item.task.source, known.shown, known.hints, memory=item.memory, later=later)


def _is_alias(look: Look, article: Article) -> bool:
    """Return whether the page names another address as the article's own. A known article whose page does so has moved: it
    stays the same article."""
    task = look.task
    return task.known is None and not task.take_as_is and names_another(article)


def comparable(look: Look, known: KnownArticle) -> bool:
    """Return whether the archive's state was read as this look's page was: by the same version, off the same layout."""
    if known.state_extractor != extractor_for(look.task.source, look.memory):
        return False
    layout = look.article.layout if look.article is not None else None
    return known.state_layout is None or layout == known.state_layout
