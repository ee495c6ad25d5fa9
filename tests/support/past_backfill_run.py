"""A backfill in a process of its own: `python -m support.past_backfill_run REGISTRY FIRST LAST`. Prints what happened as JSON."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from archive.config import load_settings
from archive.model.job import CrawlJob, Priority
from archive.model.period import Period
from archive.registry import load as load_registry
from archive.sources.state import sync_sources
from archive.storage.session import open_archive
from crawler.runner.crawl import run_crawl

if __name__ == "__main__":
    settings = load_settings()
    registry = load_registry([Path(sys.argv[1])])
    archive = open_archive(settings, create=True)
    with archive.writing() as session:
        sync_sources(session, registry, datetime.now(UTC))
    window = Period(date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]))
    jobs = [
        CrawlJob(source, "backfill", (channel,), priority=Priority.backfill, window=window)
        for source in registry.sources.values()
        for channel in source.discover
    ]
    report = run_crawl(settings, archive, jobs)
    print(json.dumps({"requests": report.requests} | report[next(iter(registry.sources))].as_dict()))
