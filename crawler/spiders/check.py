"""The spider of commands that see to checks themselves, where nobody else fetches."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from archive.model.source import Source
from archive.planning.checks import source_to_check
from archive.queue import jobs
from crawler.channels.background_survey import search
from crawler.channels.check import begin
from crawler.channels.survey import Survey, Tell
from crawler.engine.host_pauses import Say, tell_pauses
from crawler.spiders.news import NewsSpider


class CheckSpider(NewsSpider):
    """Carries out the ordered checks `pks`, and looks around the sites of `sites` (sources that no registry has yet); what
    that finds is put into `surveys`, by source."""

    name = "check"

    def __init__(
        self,
        pks: Collection[int],
        sites: Mapping[str, Source],
        surveys: dict[str, Survey],
        tell: Tell | None,
        say: Say | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(jobs=(), **kwargs)
        self._pks = pks
        self._sites = sites
        self._surveys = surveys
        self._tell = tell
        self._say = say

    async def orders(self) -> None:
        worker = self._worker
        assert worker is not None, "checks are leased"
        checked: list[Source] = []
        if self._pks:
            for job in await self.crawl.write(
                lambda tx: jobs.lease(tx.session, worker, limit=len(self._pks), checks=self._pks)
            ):
                checked += filter(None, [source_to_check(job)])
                begin(self.crawl, worker, job)
        if self._say is not None:
            self.accompany(tell_pauses(self.crawl, [*checked, *self._sites.values()], self._say))
        for source in self._sites.values():
            self._look_around(source)

    def _look_around(self, source: Source) -> None:
        async def note(survey: Survey) -> None:
            self._surveys[source.id] = survey

        search(self.crawl, source, note, self._tell)
