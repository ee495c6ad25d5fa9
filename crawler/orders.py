"""From crawl jobs to the first tasks of a crawl."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack

from archive import links
from archive.channels import recall_channels
from archive.known import extractors_in_use, known_articles
from archive.model.job import CrawlJob
from archive.templates import recall_sites
from crawler.crawl import Crawl, article_task
from crawler.extract.version import extractor_for
from crawler.polling import revisit_task
from crawler.tasks import Task


async def offer_jobs(crawl: Crawl, jobs: Sequence[CrawlJob]) -> None:
    """Offer what the jobs order: channels first, then what earlier jobs left pending, then articles to revisit. What is
    in hand already is left alone."""
    recall(crawl, jobs)
    pages = _pages(crawl, jobs)  # all reading comes first: where it fails, nothing has been offered
    with ExitStack() as offering:
        for job in jobs:
            offering.enter_context(crawl.in_hand.offering(job.pk))
        for job in sorted(jobs, key=lambda job: job.kind != "poll"):
            for channel in job.channels:
                feed = Task("feed", job.source, channel.url, channel=channel, job=job.pk, priority=job.priority)
                await crawl.offer(feed)
        for _, tasks in pages:
            for task in tasks:
                if not _in_hand(crawl, task) and crawl.admit(task):
                    await crawl.offer(task)


def _pages(crawl: Crawl, jobs: Sequence[CrawlJob]) -> list[tuple[CrawlJob, list[Task]]]:
    """The pages that each job orders: first those that were left pending."""
    polls = {job.source.id: job for job in jobs if job.kind == "poll"}
    pending: defaultdict[str, list[links.PendingLink]] = defaultdict(list)
    with crawl.archive.reading() as session:
        by_hand = all(job.pk is None for job in jobs)  # a crawl by hand comes once, and tries everything
        for link in links.pending(session, list(polls), crawl.clock(), rested=not by_hand):
            pending[link.source_id].append(link)
        left = [(job, [article_task(job.source, link, job) for link in pending[i]]) for i, job in polls.items()]
        known = [
            (job, [revisit_task(job.source, a, job.pk, job.priority) for a in known_articles(session, job.articles)])
            for job in jobs
            if job.kind == "revisit"
        ]
    return left + known


def recall(crawl: Crawl, jobs: Sequence[CrawlJob]) -> None:
    """Let the crawl know what the archive remembers of the jobs' sources."""
    sources = {job.source.id: job.source for job in jobs}
    with crawl.archive.reading() as session:
        crawl.channels.update(recall_channels(session, sources))
        extractors = extractors_in_use(session, sources)
        if crawl.sites.learning:
            crawl.sites.recalled(recall_sites(session, sources), sources)
    for source in sources.values():
        if extractors.get(source.id, set()) - {extractor_for(source, crawl.sites.memory(source.id))}:
            crawl.outdated.add(source.id)
        else:
            crawl.outdated.discard(source.id)


def _in_hand(crawl: Crawl, task: Task) -> bool:
    return (task.link is not None and crawl.in_hand.has_link(task.link.pk)) or (
        task.known is not None and crawl.in_hand.has_article(task.known.pk)
    )
