"""What `dateline crawl` orders."""

from __future__ import annotations

from datetime import UTC, datetime

from archive.model.source import Channel
from archive.storage.engine import open_engine
from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.testing import a_source
from scheduler.crawl_plan import plan_crawl

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEED = Channel("feed", "https://www.example.org/rss.xml")
PAST = Channel("wayback", "https://www.example.org/")


def test_only_channels_that_a_crawl_can_poll_are_ordered() -> None:
    archive = Archive(open_engine("sqlite://"))
    migrate(archive.engine)
    sources = [a_source("both", discover=(PAST, FEED)), a_source("past", discover=(PAST,)), a_source("none")]
    jobs = plan_crawl(archive, sources, revisit="due", now=NOW, limit=3)
    archive.engine.dispose()
    assert [(job.source.id, job.kind, job.channels, job.limit) for job in jobs] == [
        ("both", "poll", (FEED,), 3),
        ("past", "poll", (), 3),
        ("none", "poll", (), 3),
    ]
