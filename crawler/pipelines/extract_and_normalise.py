"""Extract and normalise: bytes -> article, in the extraction pool.

Both are done in one trip to another process: a page and what is read of it are large, and its normalisation needs what the
extraction saw.
"""

from __future__ import annotations

from dataclasses import replace

from archive.frontier.links import hints_known
from crawler.engine.look import Look, Verdict
from crawler.extract.markup.directives import combine, header_rights
from crawler.extraction_pool.pool import ExtractionFailed
from crawler.pipelines.base import CrawlPipeline


class ExtractAndNormalise(CrawlPipeline):
    """The pipeline that has the page of a look extracted and normalised, in the pool.

    Pages that cannot tell anything new are not read: errors, 304s, the very same bytes.
    """

    async def process_item(self, item: Look) -> Look:
        answer, task = item.capture.answer, item.task
        rights = combine(item.file_rights, header_rights(answer.response_headers))
        item.capture = replace(item.capture, rights=rights)
        if not worth_reading(item):
            return item
        if task.link is not None and task.walk is not None and task.filed != self.crawl.filed[task.source.id]:
            # It waited for its turn while other lists were read, which may say more about it.
            item.task = task = replace(task, hints=hints_known(self.crawl.questions, task.link.pk))
        item.memory = self.crawl.sites.memory(task.source.id)
        page = item.page(task.hints)
        try:
            item.reading = await self.crawl.pool.read(page)
        except ExtractionFailed as error:
            item.verdict = Verdict("failed", f"extraction: {error}")
            return item
        item.article = item.reading.article
        item.capture = replace(item.capture, rights=combine(item.file_rights, item.reading.rights))
        return item


def worth_reading(look: Look) -> bool:
    """Return whether the response can show a state of the text that we do not know yet."""
    return look.capture.answer.status == 200 and not look.same_bytes
