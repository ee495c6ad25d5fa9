"""From crawl jobs to the first tasks of a crawl."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from archive.frontier import links, walks
from archive.frontier.channels import load_channels
from archive.frontier.known_articles import known_articles, read_by_others
from archive.ingest.site_templates import load_sites
from archive.model import walk as stored
from archive.model.frontier import ChannelMemory, PendingLink
from archive.model.job import CrawlJob, JobKind, Priority
from archive.model.source import Channel, ChannelKind
from archive.model.walk import WalkGoal, WalkPage
from archive.writer.writer import Transaction
from crawler.channels.id_walk import start_ids
from crawler.channels.list_handler import page_task
from crawler.channels.warc import offer_warcs
from crawler.channels.wayback import offer_archive
from crawler.discover.answer import LISTS
from crawler.discover.walk_plan import first_pages
from crawler.engine.article_handler import article_task, revisit_task, walk_task
from crawler.engine.crawl import Crawl
from crawler.extract.version import extractor_for
from crawler.frontier.task import Task
from crawler.frontier.walk import Walk


@dataclass(frozen=True, slots=True)
class _Begun:
    """A walk with the requests and links that it has to begin with."""

    walk: Walk
    pages: tuple[WalkPage, ...]
    links: tuple[PendingLink, ...] = ()


_OF_OTHERS: Mapping[ChannelKind, Callable[[Crawl, CrawlJob, Channel], Awaitable[None]]] = {
    "wayback": offer_archive,
    "warc": offer_warcs,
}
"""Channels that show captures of others; only backfills walk them."""


async def offer_jobs(crawl: Crawl, jobs: Sequence[CrawlJob]) -> None:
    """Offer what the jobs order: channels first, then what earlier jobs left pending, then articles to revisit, then
    backfills. What is in hand already is left alone."""
    recall(crawl, jobs)
    pages = _pages(crawl, jobs)  # all reading comes first: where it fails, nothing has been offered
    begun = [_polled(crawl, job, channel) for job, channel in _channels(jobs, "poll")]
    backfills = _channels(jobs, "backfill")
    begun += [await _resumed(crawl, job, channel) for job, channel in backfills if channel.kind not in _OF_OTHERS]
    of_others = [(job, channel) for job, channel in backfills if channel.kind in _OF_OTHERS]
    with ExitStack() as offering:
        for job in jobs:
            offering.enter_context(crawl.tasks_in_flight.offering(job.pk))
        for walk in begun:
            await _offer_pages(crawl, walk)
        for walk in begun:
            await _offer_links(crawl, walk)
        for job, channel in of_others:
            await _OF_OTHERS[channel.kind](crawl, job, channel)
        for _, tasks in pages:
            await _offer_articles(crawl, tasks)


def _channels(jobs: Iterable[CrawlJob], kind: JobKind) -> list[tuple[CrawlJob, Channel]]:
    """The channels of the jobs of one kind, each with its job."""
    return [(job, channel) for job in jobs if job.kind == kind for channel in job.channels]


async def _offer_articles(crawl: Crawl, tasks: Iterable[Task]) -> None:
    """Offer those tasks that are not in hand already and for which the source's limit leaves room."""
    for task in tasks:
        if not _in_hand(crawl, task) and crawl.admit(task):
            await crawl.offer(task)


async def _offer_pages(crawl: Crawl, begun: _Begun) -> None:
    """Offer the lists of a walk. They come before the links of any walk: another list may say more about a link."""
    begun.walk.waiting = len(begun.pages)
    if begun.walk.channel.kind != "ids":
        for page in begun.pages:
            await crawl.offer(page_task(crawl, begun.walk, page))


async def _offer_links(crawl: Crawl, begun: _Begun) -> None:
    walk = begun.walk
    if walk.channel.kind == "ids" and (begun.pages or walk.is_poll):
        await start_ids(crawl, walk, next(iter(begun.pages), None), begun.links)
        return
    await _offer_articles(crawl, [walk_task(crawl, walk, link) for link in begun.links])


def _polled(crawl: Crawl, job: CrawlJob, channel: Channel) -> _Begun:
    """Return the walk of a poll, at its beginning.

    What an answer's validators stand for is all or nothing, so after a poll that broke off none is sent.
    """
    before = crawl.channels.get((job.source.id, channel.key), ChannelMemory())
    goal = WalkGoal(since=before.ok_at, unfinished=before.unfinished)
    walk = Walk(job.source, channel, goal, job.pk, job.priority)
    if not before.unfinished:
        walk.before = before
    if channel.kind == "ids":
        return _Begun(walk, ())
    pages = first_pages(job.source, channel, goal, crawl.clock())
    walk.asked.update(page.key for page in pages)
    return _Begun(walk, pages)


async def _resumed(crawl: Crawl, job: CrawlJob, channel: Channel) -> _Begun:
    """Return the walk of a backfill, from where an earlier job left it or from its beginning."""
    window, source, now = job.window, job.source, crawl.clock()
    assert window is not None, "a backfill has a window"
    walk = Walk(source, channel, WalkGoal(window), job.pk, max(job.priority, Priority.backfill))
    if channel.kind == "ids":
        first: tuple[WalkPage, ...] = (WalkPage("ids", channel.url, number=0),)
    else:
        first = first_pages(source, channel, walk.goal, now)

    def begin(tx: Transaction) -> stored.Walk:
        row = walks.begin(tx.session, source.id, channel.key, window, tx.now)
        walks.add_pages(tx.session, row.pk, first)
        return row

    walk.row = row = await crawl.write(begin)
    crawl.walks[row.pk] = job.pk
    with crawl.archive.reading() as session:
        pages = walks.waiting_pages(session, row.pk)
        walk.asked = walks.asked_keys(session, row.pk)
        if channel.kind in LISTS:
            walk.chains = {page.chain: walks.pages_read(session, row.pk, page.chain) for page in pages}
        left = walks.pending_links(session, row.pk, now, after_backoff=job.pk is not None)
    return _Begun(walk, tuple(pages), tuple(left))


def _pages(crawl: Crawl, jobs: Sequence[CrawlJob]) -> list[tuple[CrawlJob, list[Task]]]:
    """Return the pages that each job orders, first those that were left pending."""
    polls = {job.source.id: job for job in jobs if job.kind == "poll"}
    pending: defaultdict[str, list[PendingLink]] = defaultdict(list)
    with crawl.archive.reading() as session:
        by_hand = all(job.pk is None for job in jobs)  # a crawl by hand comes once, and tries everything
        for link in links.pending(session, list(polls), crawl.clock(), after_backoff=not by_hand):
            pending[link.source_id].append(link)
        left = [(job, [article_task(crawl, job.source, link, job) for link in pending[i]]) for i, job in polls.items()]
        known = [
            (
                job,
                [
                    revisit_task(crawl, job.source, a, job.pk, job.priority)
                    for a in known_articles(session, job.articles)
                ],
            )
            for job in jobs
            if job.kind == "revisit"
        ]
    return left + known


def recall(crawl: Crawl, jobs: Sequence[CrawlJob]) -> None:
    """Let the crawl know what the archive remembers of the jobs' sources."""
    sources = {job.source.id: job.source for job in jobs}
    with crawl.archive.reading() as session:
        crawl.channels.update(load_channels(session, sources))
        if crawl.sites.learning:
            crawl.sites.recalled(load_sites(session, sources), sources)
        today = {i: extractor_for(source, crawl.sites.memory(i)) for i, source in sources.items()}
        outdated = read_by_others(session, today)
    crawl.outdated.difference_update(sources)
    crawl.outdated.update(outdated)


def _in_hand(crawl: Crawl, task: Task) -> bool:
    return (task.link is not None and crawl.tasks_in_flight.has_link(task.link.pk)) or (
        task.known is not None and crawl.tasks_in_flight.has_article(task.known.pk)
    )
