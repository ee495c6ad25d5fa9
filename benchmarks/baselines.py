"""What the pipeline is compared with; each is run as a process of its own: `python baselines.py NAME FOLDER PAGES BASE`."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any


def fetch_only(pages: int, base: str) -> None:
    """(a) Scrapy that fetches and drops."""
    _scrapy(pages, base, None)


def inline(folder: Path, pages: int, base: str) -> None:
    """(b) Scrapy, trafilatura in the callback, one commit for each item: what a first version of such a crawler does."""
    connection = sqlite3.connect(folder / "inline.sqlite")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE articles (url TEXT PRIMARY KEY, title TEXT, body TEXT, html BLOB)")
    _scrapy(pages, base, connection)
    (count,) = connection.execute("SELECT count(*) FROM articles WHERE body IS NOT NULL").fetchone()
    connection.close()
    assert count == pages, f"{count} of {pages} rows"


def _scrapy(pages: int, base: str, connection: sqlite3.Connection | None) -> None:
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.http import Response

    process = AsyncCrawlerProcess(
        {
            "ROBOTSTXT_OBEY": False,
            "CONCURRENT_REQUESTS": 16,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "DOWNLOAD_DELAY": 0,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
        }
    )
    seen = 0

    class Bench(Spider):
        name = "bench"

        async def start(self) -> AsyncIterator[Any]:
            for number in range(pages):
                yield Request(f"{base}/a/{number}")

        def parse(self, response: Response) -> None:
            nonlocal seen
            seen += 1
            if connection is None:
                return
            import trafilatura

            document = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True)
            connection.execute(
                "INSERT INTO articles VALUES (?, ?, ?, ?)", (response.url, document.title, document.text, response.body)
            )
            connection.commit()

    process.crawl(Bench)
    process.start()
    assert seen == pages, f"{seen} of {pages} pages"


def _extract(html: bytes) -> tuple[int, float]:
    """Characters of the text, and seconds of CPU."""
    import trafilatura

    begun = time.process_time()
    document = trafilatura.bare_extraction(html, with_metadata=True)
    return len(document.text or ""), time.process_time() - begun


def _extract_text_only(html: bytes) -> tuple[int, float]:
    import trafilatura

    begun = time.process_time()
    return len(trafilatura.extract(html) or ""), time.process_time() - begun


def trafilatura_alone(folder: Path, pages: int, *, metadata: bool) -> tuple[float, float]:
    """(c) trafilatura on two processes, everything in memory. Returns its seconds without start-up and reading, on the clock
    and of CPU."""
    bodies = [(folder / f"{number}.html").read_bytes() for number in range(pages)]
    work = _extract if metadata else _extract_text_only
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(work, bodies[:8]))  # imports
        begun = time.perf_counter()
        found = list(pool.map(work, bodies, chunksize=8))
        seconds = time.perf_counter() - begun
    assert all(size for size, _ in found), "a page gave no text"
    return seconds, sum(cpu for _, cpu in found)


if __name__ == "__main__":
    name, where, count, address = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if name == "fetch-only":
        fetch_only(count, address)
    elif name == "inline":
        inline(where, count, address)
    else:
        print(*trafilatura_alone(where, count, metadata=name == "trafilatura"))
