"""Memory of the extraction pool's processes while they read many pages: does it grow?

    .venv/bin/python benchmarks/pool_memory.py --pages 20000

The same 200 made-up pages are read again and again. AnswerFacts is the proportional set size (PSS) of each process, the fork server
that they share most of it with included.
"""

from __future__ import annotations

import argparse
import os
from collections import deque
from concurrent.futures import Future
from pathlib import Path

import site_pages
from processes import pss

from crawler.extraction_pool.pool import ExtractionPool
from crawler.reading.page import Page, Reading

MADE = 200
IN_FLIGHT = 32


def server_of(worker: int) -> int:
    return int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000)
    options = parser.parse_args()
    pages = [Page(site_pages.page(n, "http://127.0.0.1:8000"), f"http://127.0.0.1:8000/a/{n}") for n in range(MADE)]
    pool = ExtractionPool(os.cpu_count() or 2, 60)
    waiting: deque[Future[Reading]] = deque()
    try:
        for number in range(options.pages + 1):
            if (number % 1_000 == 0 and number) or number == 100:
                workers = pool.process_ids()
                sizes = " ".join(f"{pss(pid) / 2**20:6.1f}" for pid in sorted(workers))
                print(
                    f"{number:6} pages: readers {sizes}, fork server {pss(server_of(workers[0])) / 2**20:.1f} MB",
                    flush=True,
                )
            waiting.append(pool.submit(pages[number % MADE]))
            if len(waiting) >= IN_FLIGHT:
                assert pool.outcome(waiting.popleft()).article is not None
    finally:
        pool.close()


if __name__ == "__main__":
    main()
