"""The warc channel over a file like CC-NEWS': records per second beside bare readers, and memory by the file's length.

    .venv/bin/python benchmarks/ccnews.py                      5,000 and 20,000 records
    .venv/bin/python benchmarks/ccnews.py --records 500 2000   a quick look

(a) fastwarc alone, HTTP heads parsed   (b) warcio alone   (c) the channel's reader: of every record the address, of one in fifty
the page   (d) the whole channel: a backfill of the one source whose pages these are, read, filed and committed

The file is made from generated pages of a thousand sites. What was read is counted before a figure is printed. Memory is the
proportional set size (PSS) of the process tree, sampled; times of (d) are of the whole process, start-up included.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from fastwarc import ArchiveIterator, WarcRecordType
from ingest import run
from site_pages import NOUNS
from sqlalchemy import func, select
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.config import Settings
from archive.storage.session import open_archive
from archive.tables import ArticleRow

EVERY = 50
"""One record in so many is of the source."""
SITE = "https://wire.example"
LIMIT = 16 << 20


def page(number: int, words: random.Random) -> bytes:
    paragraphs = "\n".join(f"<p>{' '.join(words.choices(NOUNS, k=90)).capitalize()}.</p>" for _ in range(12))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Report {number}</title><script type='
        '"application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Report '
        f'{number}", "datePublished": "2024-03-05T10:00:00Z"}}</script></head><body><nav>{"<a href=/x>Section</a>" * 40}'
        f"</nav><article><h1>Report {number}</h1>{paragraphs}</article></body></html>"
    ).encode()


def record(kind: str, url: str, block: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{random.randrange(10**12):032x}>\r\nWARC-Date: 2024-03-05T11:00:00Z\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6)


def make(path: Path, records: int) -> int:
    """Pairs of request and response, as CC-NEWS has them; returns how many pages are the source's."""
    words, ours = random.Random(1), 0
    with path.open("wb") as file:
        for number in range(records // 2):
            mine = number % EVERY == 0
            ours += mine
            url = f"{SITE}/news/{number}" if mine else f"https://site{number % 1000}.example/{number}"
            file.write(record("request", url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
            answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(number, words)
            file.write(record("response", url, answer))
    return ours


def bare(path: str) -> int:
    with Path(path).open("rb") as file:
        return sum(1 for _ in ArchiveIterator(file, record_types=WarcRecordType.any_type, parse_http=True))


def warcio(path: str) -> int:
    with Path(path).open("rb") as file:
        return sum(1 for _ in WarcioIterator(file))


def reader(path: str) -> int:
    from crawler.discover.archives.warc import Passed, read_pages

    passed = Passed()
    with Path(path).open("rb") as file:
        for _ in read_pages(file, lambda url: url.startswith(SITE), passed, limit=LIMIT):
            pass
    return passed.records


def channel(path: str) -> int:
    """A backfill in this process, as a worker would do it. robots.txt of the source is taken as known: there is no network."""
    from archive.frontier.origins import record_robots, record_tdm
    from archive.model.clock import SystemClock
    from archive.model.job import CrawlJob, Priority
    from archive.model.period import Period
    from archive.model.source import Channel, Source
    from archive.tables import SourceRow
    from archive.warc.writer import WarcFolder
    from archive.writer.writer import Transaction, Writer
    from crawler.runner.crawl import run_crawl

    settings = Settings(home=Path(path).parent / "home", extract_processes=2, extract_timeout="5m")  # type: ignore[arg-type]
    archive = open_archive(settings, create=True)
    source = Source("wire", "Wire", f"{SITE}/", language=("en",), timezone="UTC", discover=(Channel("warc", path),))
    clock = SystemClock()

    def prepare(tx: Transaction) -> None:
        tx.session.add(
            SourceRow(id="wire", name="Wire", homepage=source.homepage, timezone="UTC", enabled=True, added_at=tx.now)
        )
        record_robots(tx, SITE, state="unavailable", body=None, fetched_at=tx.now)
        record_tdm(tx, SITE, body=None, fetched_at=tx.now)

    warc = WarcFolder(settings.warc_path, archive_id="bench", max_size=1 << 30, clock=clock, info={})
    with warc, Writer(archive.engine, warc, clock=clock) as writer:
        writer.submit(prepare).result()
    window = Period(date(2024, 3, 1), date(2024, 3, 10))
    job = CrawlJob(source, "backfill", source.discover, priority=Priority.backfill, window=window)
    report = run_crawl(settings, archive, [job])
    with archive.reading() as session:
        held = session.scalar(select(func.count()).select_from(ArticleRow)) or 0
    archive.engine.dispose()
    assert not report["wire"].failed, report["wire"].problems
    return held


CONTENDERS: dict[str, Callable[[str], int]] = {"fastwarc": bare, "warcio": warcio, "reader": reader, "channel": channel}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[5_000, 20_000])
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, path = options.one
        begun = time.perf_counter()
        print(CONTENDERS[name](path), time.perf_counter() - begun)
        return
    print("| records | MB | reader | records/s | beside fastwarc | peak memory, MB |\n|---|---|---|---|---|---|")
    for records in options.records:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "CC-NEWS-20240305000000-00001.warc.gz"
            ours = make(file, records)
            rates: dict[str, float] = {}
            for name in CONTENDERS:
                measured, out = run([sys.executable, __file__, "--one", name, str(file)])
                count, seconds = out.split()[-2:]
                assert int(count) == (ours if name == "channel" else records), f"{name}: {count}"
                rates[name] = records / (measured.seconds if name == "channel" else float(seconds))
                print(
                    f"| {records:,} | {file.stat().st_size / 1e6:.0f} | {name} | {rates[name]:,.0f} | "
                    f"{rates[name] / rates['fastwarc']:.2f} | {measured.memory / 1e6:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
