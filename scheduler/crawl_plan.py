"""Planning: what the archive remembers -> crawl jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from archive.model.job import CrawlJob, RevisitMode
from archive.model.source import Source
from archive.planning.histories import article_histories
from archive.sources.state import polled_channels
from archive.storage.session import Archive
from scheduler.policy.revisit import is_due


def plan_crawl(
    archive: Archive, sources: Sequence[Source], *, revisit: RevisitMode, now: datetime, limit: int | None = None
) -> list[CrawlJob]:
    """Make the jobs of `dateline crawl`.

    Every source is polled now. Known articles are looked at again as `revisit` says.
    """
    jobs = [CrawlJob(source, "poll", channels=polled_channels(source), limit=limit) for source in sources]
    if revisit == "none":
        return jobs
    with archive.reading() as session:
        for source in sources:
            due = tuple(
                history.pk
                for history in article_histories(session, source.id)
                if revisit == "all" or is_due(history, now)
            )
            if due:
                jobs.append(CrawlJob(source, "revisit", articles=due, limit=limit))
    return jobs
