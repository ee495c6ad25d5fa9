"""A backfill as a process of its own, so that it can be killed: `python -m support.backfill HOME REGISTRY FIRST LAST`.

Carries out the backfill jobs of all sources of a registry once, and prints what became of their walks.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from archive.config import load_settings
from archive.frontier import walks
from archive.logs import configure_logs
from archive.model.job import CrawlJob, Priority
from archive.model.period import Period
from archive.registry import registry_for
from archive.sources.state import sync_sources
from archive.storage.session import open_archive
from crawler.runner.crawl import run_crawl


def main() -> int:
    home, registry_file, first, last = sys.argv[1:5]
    window = Period(date.fromisoformat(first), date.fromisoformat(last))
    settings = load_settings().model_copy(update={"home": Path(home), "sources": (Path(registry_file),)})
    configure_logs(0, settings.log_format)
    archive = open_archive(settings, create=True)
    sources = list(registry_for(settings).sources.values())
    with archive.writing() as session:
        sync_sources(session, registry_for(settings), datetime.now(UTC))
    jobs = [
        CrawlJob(source, "backfill", (channel,), priority=Priority.backfill, window=window)
        for source in sources
        for channel in source.discover
    ]
    report = run_crawl(settings, archive, jobs)
    told = {}
    with archive.reading() as session:
        for walk in walks.walks_of(session, [source.id for source in sources]):
            found = walks.count_outcomes(session, walk.pk)
            told[walk.source_id] = {
                "state": walk.state,
                "pages": dict(found.pages),
                "captured": found.captured,
                "outside": found.outside,
                "undated": found.undated,
                "pending": found.pending,
                "excluded": dict(found.excluded),
                "failed": dict(found.failed),
                "unaccounted": walks.unaccounted_addresses(session, walk.pk),
            }
    print(json.dumps({"walks": told, "requests": report.requests}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
