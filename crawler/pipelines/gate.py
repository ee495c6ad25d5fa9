"""Gate: what does this response mean? Decides, and touches nothing."""

from __future__ import annotations

from crawler.judge import judge
from crawler.pipelines.base import CrawlPipeline
from crawler.tasks import Look


class GatePipeline(CrawlPipeline):
    """Gives every look its verdict."""

    async def process_item(self, item: Look) -> Look:
        if item.verdict is None:
            item.verdict = judge(item)
        return item
