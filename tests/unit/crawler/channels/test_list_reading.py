"""Lists are read in a thread where that is cheap, and in the extraction pool, which can be stopped, where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crawler.channels.list_reading import read_list
from crawler.discover.feeds.feed import Feed, parse_feed
from crawler.discover.parsing.cost import is_light
from crawler.engine.crawl import Crawl
from crawler.extraction_pool.list_task import ListTask
from crawler.extraction_pool.pool import ExtractionFailed, ExtractionPool
from crawler.reading.page import Page

URL = "https://gazette.example/feed"
GOOD = f"<rss><channel><item><link>{URL}/1</link></item></channel></rss>".encode()
LARGE = GOOD + b"<!-- " + b"x" * (1 << 20) + b" -->"
ENDLESS = b"<rss><channel><item><title>" + b"<a " * 3_000_000
"""Not well formed: feedparser's loose reader would need hours for it."""
PAGE = Page(b"<html><body><h1>River treaty</h1><p>The two ministers signed it on Tuesday.</p></body></html>", URL)
parse = partial(parse_feed, url=URL, content_type=None)
light = partial(is_light, kind="feed", content_type=None)


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    made = ExtractionPool(1, 60.0)
    yield made
    made.close()


def a_crawl(pool: ExtractionPool | None) -> Crawl:
    """What reading a list needs of a crawl."""
    return cast(Crawl, SimpleNamespace(readers=asyncio.Semaphore(2), pool=pool))


async def test_a_small_list_needs_no_process() -> None:
    feed: Feed = await read_list(a_crawl(None), GOOD, parse, light)
    assert [link.url for link in feed.links] == [f"{URL}/1"]


async def test_a_large_list_is_read_in_another_process(pool: ExtractionPool) -> None:
    crawl = a_crawl(pool)
    feed: Feed = await read_list(crawl, LARGE, parse, light)
    assert [link.url for link in feed.links] == [f"{URL}/1"]
    assert pool.process_ids(), "it was started for this"


async def test_what_a_list_raises_is_told_by_name(pool: ExtractionPool) -> None:
    with pytest.raises(ExtractionFailed, match="TypeError"):
        await read_list(a_crawl(pool), b"", partial(parse_feed, nonsense=1), lambda _: False)  # type: ignore[call-arg]


async def test_a_list_without_end_is_stopped_and_named() -> None:
    pool = ExtractionPool(1, 0.5)
    try:
        ends = await asyncio.gather(
            *(read_list(a_crawl(pool), ENDLESS, parse, light) for _ in range(2)), return_exceptions=True
        )
    finally:
        pool.close()
    assert [str(end) for end in ends] == ["timeout after 1.5 s"] * 2
    assert all(isinstance(end, ExtractionFailed) for end in ends)


async def test_others_are_read_while_lists_without_end_are() -> None:
    pool = ExtractionPool(1, 3600.0)
    crawl = a_crawl(pool)
    hostile = [asyncio.create_task(read_list(crawl, ENDLESS, parse, light)) for _ in range(3)]
    try:
        feeds = [await read_list(crawl, GOOD, parse, light) for _ in range(5)]
        assert [len(feed.links) for feed in feeds] == [1] * 5
        assert not any(task.done() for task in hostile)
    finally:
        for task in hostile:
            task.cancel()
        pool.close()
        await asyncio.gather(*hostile, return_exceptions=True)


async def test_a_list_is_never_handed_over_with_pages(pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, bool]] = []
    give = pool._give

    def noted(batch: list[Any]) -> None:
        sizes.append((len(batch), isinstance(batch[0].page, ListTask)))
        give(batch)

    monkeypatch.setattr(pool, "_give", noted)
    work: list[Any] = [PAGE, PAGE, ListTask(GOOD, parse), PAGE, ListTask(GOOD, parse), ListTask(GOOD, parse), PAGE]
    ends = await asyncio.gather(*(pool.read(one) for one in work))
    assert [type(end).__name__ for end in ends] == ["Reading", "Reading", "Feed", "Reading", "Feed", "Feed", "Reading"]
    assert sum(size for size, _ in sizes) == len(work)
    assert all(size == 1 for size, is_list in sizes if is_list)
