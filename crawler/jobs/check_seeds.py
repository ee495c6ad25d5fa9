"""From ordered checks, and from sites that no registry names yet, to the first requests of a crawl."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from archive.model.source import Source
from archive.planning.checks import source_to_check
from archive.queue import jobs
from crawler.channels.background_survey import search
from crawler.channels.check import begin
from crawler.channels.survey import Survey, Tell
from crawler.engine.crawl import Crawl


async def begin_checks(crawl: Crawl, worker: int, pks: Collection[int]) -> list[Source]:
    """Carry out the ordered checks with these keys, as far as nobody else has them. Return the sources that are checked."""
    checked: list[Source] = []
    if pks:
        for job in await crawl.write(lambda tx: jobs.lease(tx.session, worker, limit=len(pks), checks=pks)):
            checked += filter(None, [source_to_check(job)])
            begin(crawl, worker, job)
    return checked


def begin_surveys(crawl: Crawl, sources: Iterable[Source], surveys: dict[str, Survey], tell: Tell | None) -> None:
    """Look around the sites of `sources`. What is found is put into `surveys`, by source."""
    for source in sources:
        _begin_survey(crawl, source, surveys, tell)


def _begin_survey(crawl: Crawl, source: Source, surveys: dict[str, Survey], tell: Tell | None) -> None:
    async def note(survey: Survey) -> None:
        surveys[source.id] = survey

    search(crawl, source, note, tell)
