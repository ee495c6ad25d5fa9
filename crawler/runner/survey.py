"""Looking around sites that no registry names yet, for `dateline sources add`: nothing is kept, no archive is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archive.config import Settings
from archive.frontier.origins import OriginMemory, load_origins
from archive.model.clock import Clock, SystemClock
from archive.storage.session import Archive
from crawler.channels.survey import Survey, Tell, sites_of, unfinished
from crawler.engine.pause_messages import Say, tell_pauses
from crawler.runner.scrapy_process import new_process
from crawler.runner.temporary import temporary_crawl


def survey_sites(
    settings: Settings,
    homepages: Sequence[str],
    *,
    clock: Clock | None = None,
    tell: Tell | None = None,
    say: Say | None = None,
    archive: Archive | None = None,
) -> list[Survey]:
    """Return what there is at each of `homepages` (clean http(s) addresses), asked with one request at a time to each host.

    Hosts that `archive` knows to want to be left alone are left alone. `say` is told of it. It may be called once a process:
    Twisted's reactor does not start twice.
    """
    sources = sites_of(homepages)
    names = [source.id for source in sources]
    with temporary_crawl(settings, names, clock or SystemClock(), in_flight=len(sources)) as crawl:
        if archive is not None:
            with archive.reading() as session:
                crawl.politeness.recall(only_pauses(load_origins(session)), crawl.clock())
        process = new_process(settings, ITEM_PIPELINES={})
        from crawler.jobs.check_seeds import begin_surveys
        from crawler.spiders.news import NewsSpider

        surveys: dict[str, Survey] = {}

        async def seeds() -> None:
            if say is not None:
                crawl.background.accompany(tell_pauses(crawl.politeness, crawl.clock, sources, say))
            begin_surveys(crawl, sources, surveys, tell)

        process.crawl(NewsSpider, crawl=crawl, seeds=seeds)
        process.start()
        return [surveys.get(source.id) or unfinished(crawl, source) for source in sources]


def only_pauses(hosts: Mapping[str, OriginMemory]) -> dict[str, OriginMemory]:
    """Return the hosts' memory without their robots.txt, which is fetched anew. Their wish to be left alone counts."""
    return {origin: replace(memory, robots_state=None) for origin, memory in hosts.items()}
