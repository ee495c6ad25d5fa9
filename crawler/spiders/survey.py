"""The spider of `dateline sources add`: the poll spider, which asks what surveys want to see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.model.source import Source
from crawler.channels.background_survey import search
from crawler.channels.survey import Survey, Tell
from crawler.engine.crawl import Crawl
from crawler.engine.host_pauses import Say, tell_pauses
from crawler.spiders.news import NewsSpider


class SurveySpider(NewsSpider):
    """Looks around the sites of `sources`, and puts what it finds into `surveys`, by source."""

    name = "survey"

    def __init__(
        self,
        crawl: Crawl,
        sources: Sequence[Source],
        surveys: dict[str, Survey],
        tell: Tell | None,
        say: Say | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(crawl, (), **kwargs)
        self._sources = sources
        self._surveys = surveys
        self._tell = tell
        self._say = say

    async def orders(self) -> None:
        if self._say is not None:
            self.accompany(tell_pauses(self.crawl, self._sources, self._say))
        for source in self._sources:
            self._look_around(source)

    def _look_around(self, source: Source) -> None:
        async def note(survey: Survey) -> None:
            self._surveys[source.id] = survey

        search(self.crawl, source, note, self._tell)
