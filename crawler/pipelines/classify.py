"""Classify: what does this response mean? Decides, and touches nothing."""

from __future__ import annotations

from crawler.engine.look import Look
from crawler.engine.verdict import classify_response
from crawler.pipelines.base import CrawlPipeline


class Classify(CrawlPipeline):
    """The pipeline that gives every look its verdict."""

    async def process_item(self, item: Look) -> Look:
        if item.verdict is None:
            item.verdict = classify_response(item)
        return item
