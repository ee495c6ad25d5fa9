"""From crawl jobs to the first tasks of a crawl."""

from __future__ import annotations

from collections.abc import Sequence

from archive import links
from archive.known import known_articles
from archive.model.job import CrawlJob
from crawler.crawl import Crawl, article_task
from crawler.polling import revisit_task
from crawler.tasks import Task


async def offer_jobs(crawl: Crawl, jobs: Sequence[CrawlJob]) -> None:
    """Offer what the jobs order: channels first, then what earlier crawls left pending, then articles to revisit."""
    polls = {job.source.id: job for job in jobs if job.kind == "poll"}
    for job in polls.values():
        for channel in job.channels:
            await crawl.offer(Task("feed", job.source, channel.url, channel=channel))
    with crawl.archive.reading() as session:
        pending = links.pending(session, list(polls), crawl.clock())
        revisits = [
            revisit_task(job.source, known)
            for job in jobs
            if job.kind == "revisit"
            for known in known_articles(session, job.articles)
        ]
    crawl.tasked.update(task.known.pk for task in revisits if task.known)
    left_over = [article_task(polls[link.source_id].source, link) for link in pending]
    for task in [*left_over, *revisits]:
        if crawl.admit(task):
            await crawl.offer(task)
