"""Looking around sites that no registry names yet, for `dateline sources add`: nothing is kept, no archive is needed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from archive.config import Settings
from archive.model.clock import Clock, SystemClock
from archive.model.source import Source
from crawler.crawl import Crawl
from crawler.process import new_process
from crawler.report import Waits
from crawler.scratch import scratch_crawl
from crawler.survey import Survey, Tell


def survey_sites(
    settings: Settings,
    homepages: Sequence[str],
    *,
    clock: Clock | None = None,
    tell: Tell | None = None,
    waits: Waits | None = None,
) -> list[Survey]:
    """What there is at each of `homepages` (clean http(s) addresses), one request at a time to each host. `waits` is told of
    those that asked to be left alone.

    May be called once a process: Twisted's reactor does not start twice.
    """
    sources = [Source(f"site-{n}", urlsplit(url).hostname or url, url) for n, url in enumerate(homepages, 1)]
    names = [source.id for source in sources]
    with scratch_crawl(settings, Crawl, names, clock or SystemClock(), in_flight=len(sources)) as crawl:
        crawl.waits = waits
        process = new_process(settings, ITEM_PIPELINES={})
        from crawler.spiders.survey import SurveySpider

        surveys: dict[str, Survey] = {}
        process.crawl(SurveySpider, crawl=crawl, sources=sources, surveys=surveys, tell=tell)
        process.start()
        return [surveys.get(source.id) or _unfinished(crawl, source) for source in sources]


def _unfinished(crawl: Crawl, source: Source) -> Survey:
    why = next(iter(crawl.report[source.id].problems), None) or "stopped before it was done"
    return Survey(source.homepage, problem=why)
