"""The handler of articles: an answer becomes a look, which the item pipelines read and record; what ends without one is noted.

answer ─> decoded ─> (rendered, where the source wants it) ─> Look ─> pipelines ─> link_ended
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from archive.frontier import links
from archive.ingest import record
from archive.model.article import Article
from archive.model.capture import Capture, Exchange
from archive.model.content_codings import ContentError
from archive.model.frontier import KnownArticle, PendingLink
from archive.model.job import CrawlJob
from archive.model.source import Source
from archive.writer.writer import Transaction
from crawler.engine.crawl import Crawl
from crawler.engine.look import Look
from crawler.engine.rendering import Stopped, render
from crawler.frontier.frontier import ARTICLES
from crawler.frontier.task import Task, TaskHandler
from crawler.frontier.unavailable import UNCOUNTED, Ending, Fault
from crawler.frontier.walk import Walk
from crawler.http.conditional import conditional_headers
from crawler.http.failures import Failure


@dataclass(frozen=True, slots=True, eq=False)
class ArticleHandler(TaskHandler):
    """Takes in the pages of new links and of known articles."""

    crawl: Crawl
    name = "article"
    lane = ARTICLES
    rendered = True

    def request_headers(self, task: Task) -> Mapping[str, str]:
        known = task.known
        if known is None or known.withheld or task.renders:
            return {}  # a shell that has not changed says nothing about what its scripts fetch
        return conditional_headers(known.etag, known.last_modified)

    def queued(self, task: Task) -> None:
        """Start the extraction pool while the page is waited for. A known article may turn out to be unchanged."""
        if task.known is None:
            self.crawl.pool.warm()

    async def answered(self, task: Task, exchange: Exchange) -> Look | None:
        return await look_at(self.crawl, task, exchange)

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        report = self.crawl.report
        if how == "put-off":
            report.postpone(task.source.id, reason)
        elif how == "refused":
            report.exclude(task.source.id, reason)
            if (link := task.link) is not None:
                await self._settle(task, lambda tx: links.settle(tx, link.pk, "excluded", reason))
        else:
            report.fail(task.source.id, reason, task.asked)
            await self._settle(task, lambda tx: _failed(tx, task, how, reason))

    def faulted(self, task: Task, fault: Fault) -> None:
        if task.link is not None and fault.counts:
            pk = task.link.pk
            self.crawl.writer.submit(lambda tx: links.record_failed_attempt(tx, pk, fault.reason))

    async def _settle(self, task: Task, work: Callable[[Transaction], object]) -> None:
        """Write how a link ended. Pages that only waited for it as their canonical address are then read as they are."""
        key = task.link.url_key if task.link is not None else None

        def settle(tx: Transaction) -> list[PendingLink]:
            work(tx)
            return links.release_aliases(tx, task.source.id, key) if key is not None else []

        for link in await self.crawl.write(settle):
            await self.crawl.offer(article_task(self.crawl, task.source, link, task))
        await link_ended(task, None)


def _failed(tx: Transaction, task: Task, how: Ending, reason: str) -> None:
    """Note that a page was not had. Where robots.txt is not to be had, nobody has looked at the article."""
    if task.known is not None and how != "rules-unknown":
        record.record_look(tx, task.known.pk, "failed", detail=reason)
    if task.link is not None:
        links.record_failed_attempt(tx, task.link.pk, reason, counts=how not in UNCOUNTED)


async def look_at(crawl: Crawl, task: Task, exchange: Exchange) -> Look | None:
    """Return the look at a page that was answered.

    None where the page cannot be decoded or rendered. Its handler has been told why.
    """
    try:
        payload = await crawl.decode(exchange)
    except ContentError as error:
        await crawl.give_up(task, Failure(error.reason))
        return None
    capture = Capture(task.source.id, task.asked, exchange, payload, task.redirects)
    look = Look(task, capture, file_rights=crawl.politeness.file_rights(exchange.url))
    return await _rendered(crawl, look) if task.renders else look


async def _rendered(crawl: Crawl, look: Look) -> Look | None:
    """The look, with the page as the browser shows it."""
    try:
        rendered = await render(crawl, look.task, look.capture.answer, look.capture.payload)
    except Stopped:
        await crawl.postpone(look.task, "stopped")
        return None
    if isinstance(rendered, Failure):
        await crawl.give_up(look.task, rendered)
        return None
    if rendered is not None:
        look.capture = replace(look.capture, dom=rendered.dom)
        look.lacking = rendered.lacking
    return look


async def link_ended(task: Task, article: Article | None) -> None:
    """Tell the walk that led to an article's task which article its link showed. None means that it showed none."""
    if task.link is not None and task.walk is not None and task.walk.link_ended is not None:
        await task.walk.link_ended(task.link, article)


# --- tasks


def article_task(crawl: Crawl, source: Source, link: PendingLink, cause: Task | CrawlJob, filed: int = 0) -> Task:
    """The task of fetching a link of `source`, on behalf of the job or the article's task that led to it."""
    job, walk = (cause.pk, None) if isinstance(cause, CrawlJob) else (cause.job, cause.walk)
    return _link_task(crawl, source, link, walk, job, cause.priority, filed)


def walk_task(crawl: Crawl, walk: Walk, link: PendingLink, filed: int = 0) -> Task:
    """The task of fetching a link to which a walk led. `filed`: see `Task`."""
    return _link_task(crawl, walk.source, link, walk, walk.job, walk.priority, filed)


def _link_task(
    crawl: Crawl, source: Source, link: PendingLink, walk: Walk | None, job: int | None, priority: int, filed: int
) -> Task:
    return Task(
        ArticleHandler(crawl),
        source,
        link.url,
        link=link,
        hints=link.hints,
        filed=filed,
        take_as_is=link.take_as_is,
        walk=walk,
        job=job,
        priority=priority,
    )


def revisit_task(crawl: Crawl, source: Source, known: KnownArticle, job: int | None, priority: int) -> Task:
    """The task of looking at a known article again. Its hints are those of the first look, so that looks compare."""
    return Task(ArticleHandler(crawl), source, known.url, known=known, hints=known.hints, job=job, priority=priority)
