"""What the pipelines share: how they come by the running crawl."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from crawler.engine.crawl import Crawl
from crawler.spiders.news import NewsSpider


class CrawlPipeline:
    """A pipeline of the running crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def crawl(self) -> Crawl:
        """The crawl whose items come through here."""
        spider = self._crawler.spider
        assert isinstance(spider, NewsSpider), "these pipelines belong to NewsSpider"
        return spider.crawl
