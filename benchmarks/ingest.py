"""The whole pipeline beside its parts: pages per second and peak memory, as ratios of one run on one machine.

    .venv/bin/python benchmarks/ingest.py               2,000 pages
    .venv/bin/python benchmarks/ingest.py --pages 300   a quick look

(a) Scrapy that only fetches   (b) Scrapy + trafilatura inline + one commit an item
(c) trafilatura alone on two processes, HTML in memory   (d) `dateline crawl`, politeness off, nothing learnt of the site
(e) the same after 60 earlier pages of the site were crawled, from which its template was learnt

Rows, WARC records and texts are checked before a ratio is printed. (c) is run before and after (d) and (e), which are compared with
the mean of the two runs around them: a shared machine's speed changes within minutes. Times of (a), (b), (d) and (e) are of whole
processes, start-up included; (c) is the extraction alone. CPU is the time of the process tree and of the benchmark's web server, sampled: while
neighbours load the machine it says more than the clock. Memory is the proportional set size (PSS) of the process tree, sampled.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean

import site_pages
from fastwarc import ArchiveIterator, WarcRecordType
from processes import Spent, pss, threads, tree
from sqlalchemy import func, select

from archive.config import Settings
from archive.storage.session import open_archive
from archive.tables import ArticleRow, CaptureRow, RevisionRow
from archive.verify import verify

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """One contender: seconds on the clock and of CPU, and peak memory in bytes of its process tree."""

    seconds: float
    cpu: float
    memory: int


def plain() -> dict[str, str]:
    """The environment, in which Python may keep the bytecode of what it imports, as it does where Dateline is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(command: list[str], server: int | None = None, **environment: str) -> tuple[Run, str]:
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env=plain() | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = 0
    spent = Spent()
    before = sum(threads(server).values()) if server else 0.0

    def watch() -> None:
        nonlocal peak
        rounds = 0
        while process.poll() is None:
            spent.look(tree(process.pid))
            if rounds % 5 == 0:
                peak = max(peak, sum(map(pss, tree(process.pid))))
            rounds += 1
            # A look takes 3 ms of CPU, one at the memory 30: ten times as many took a sixteenth of the machine.
            time.sleep(0.5)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, errors = process.communicate()
    seconds = time.perf_counter() - begun
    watcher.join()
    print(f"  {' '.join(Path(part).name for part in command[1:4])}: {seconds:.0f} s", file=sys.stderr, flush=True)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{out[-2000:]}\n{errors[-4000:]}")
    served = sum(threads(server).values()) - before if server else 0.0
    return Run(seconds, spent.total + served, peak), out


def write_registry(folder: Path, base: str) -> dict[str, str]:
    """A registry with the benchmark's site; returns the environment of a crawl that uses it."""
    (folder / "sources.yaml").write_text(
        f"sources:\n  - {{id: bench, name: Harbour Wire, homepage: '{base}/', language: en, timezone: UTC, delay: 0,\n"
        f"     status: verified, discover: [{{feed: '{base}/feed'}}]}}\n"
    )
    return {
        "DATELINE_SOURCES": str(folder / "sources.yaml"),
        "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
        "DATELINE_CONNECTIONS_PER_HOST": "16",
        "DATELINE_DELAY": "0",
    }


def trafilatura(baseline: list[str], tail: list[str]) -> Run:
    """(c), of which only the extraction counts."""
    alone, out = run([*baseline, "trafilatura", *tail])
    return Run(*map(float, out.split()), alone.memory)


EARLIER = 60
"""Pages from which (e) learns."""

GENERIC = "import crawler.engine.site_learning; crawler.engine.site_learning.SiteLearning.memory = lambda *_: None; from dateline.main import main; main()"
"""Dateline that learns nothing."""


def generic(folder: Path, pages: int, base: str, server: int) -> Run:
    command = ["-c", GENERIC] if find_spec("crawler.engine.site_learning") else ["-m", "dateline"]
    measured = crawl(command, folder, base, server)
    check(folder, pages)
    return measured


def learnt(folder: Path, pages: int, base: str, server: int) -> Run:
    """The site's feed shows the earlier pages first; when they are crawled, it shows the others."""
    feed = folder / "feed.xml"
    feed.write_bytes(site_pages.feed(range(pages, pages + EARLIER), base))
    crawl(["-m", "dateline"], folder, base, server)
    feed.write_bytes(site_pages.feed(range(pages), base))
    measured = crawl(["-m", "dateline"], folder, base, server)
    check(folder, pages + EARLIER, feeds=2, by_template=pages)
    return measured


def crawl(dateline: list[str], folder: Path, base: str, server: int) -> Run:
    command = [sys.executable, *dateline, "--home", str(folder / "home"), "crawl", "--revisit", "none"]
    return run(command, server, **write_registry(folder, base))[0]


def check(folder: Path, pages: int, *, feeds: int = 1, by_template: int = 0) -> None:
    """The rows, the WARC records and the texts are all there, and so many texts were read by the site's template."""
    archive = open_archive(Settings(home=folder / "home"))
    with archive.reading() as session:
        counts = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (ArticleRow, RevisionRow)
        }
        assert counts == {"articles": pages, "revisions": pages}, counts
        kept = session.scalar(select(func.count()).where(CaptureRow.kept == "response"))
        assert kept == pages + feeds, f"{kept} captures of {pages} pages and {feeds} feeds"
        wrong = [
            url
            for url, body in session.execute(
                select(ArticleRow.canonical_url, RevisionRow.body).join(
                    RevisionRow, RevisionRow.article_pk == ArticleRow.pk
                )
            )
            if site_pages.marker(int(url.rpartition("/")[2])) not in (body or "")
        ]
        assert not wrong, f"{len(wrong)} texts are incomplete, such as {wrong[0]}"
        found_by = Counter(found["body"] for found in session.scalars(select(RevisionRow.provenance)))
        assert found_by["template"] >= by_template, found_by
    records = 0
    for file in (folder / "home" / "warc").glob("*.warc.gz"):
        with file.open("rb") as stream:
            records += sum(1 for _ in ArchiveIterator(stream, record_types=WarcRecordType.response))
    assert records == pages + feeds, f"{records} response records"
    problems = list(verify(archive, folder / "home" / "warc"))
    assert not problems, problems[:3]
    archive.engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--only", default="abtde", help="which contenders to run besides (c); t is (c')")
    options = parser.parse_args()
    pages: int = options.pages
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as name:
        folder = Path(name)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        total = site_pages.write(folder, pages + EARLIER, base)
        print(f"{pages} pages, {total / (pages + EARLIER) / 1024:.0f} KB each; {os.cpu_count()} cores", flush=True)
        server = subprocess.Popen([sys.executable, str(HERE / "site_pages.py"), str(folder), str(port)])
        try:
            wait_for(port)
            baseline = [sys.executable, str(HERE / "baselines.py")]
            tail = [str(folder), str(pages), base]
            results: dict[str, Run] = {}
            if "a" in options.only:
                results["a  Scrapy, fetching only"], _ = run([*baseline, "fetch-only", *tail], server.pid)
            if "b" in options.only:
                results["b  Scrapy + trafilatura inline, a commit an item"], _ = run(
                    [*baseline, "inline", *tail], server.pid
                )
            alone = [trafilatura(baseline, tail)]
            beside: dict[str, list[Run]] = {}
            if "t" in options.only:
                text_only, out = run([*baseline, "text-only", *tail])
                results["c' the same without metadata"] = Run(*map(float, out.split()), text_only.memory)
            for letter, label, contender in (
                ("d", "Dateline, nothing learnt", generic),
                ("e", "Dateline, with the site's template", learnt),
            ):
                if letter in options.only:
                    (folder / "feed.xml").write_bytes(site_pages.feed(range(pages), base))
                    results[f"{letter}  {label}"] = contender(folder, pages, base, server.pid)
                    shutil.rmtree(folder / "home")
                    alone.append(trafilatura(baseline, tail))
                    beside[f"{letter}  {label}"] = alone[-2:]
        finally:
            server.kill()
            server.wait()
    results["c  trafilatura alone, 2 processes"] = alone[0]
    print(f"(c) by turns: {', '.join(f'{each.seconds:.1f} s' for each in alone)}")
    print(f"{'':50} {'seconds':>8} {'pages/s':>8} {'of (c)':>7} {'CPU ms/page':>12} {'of (c)':>7} {'peak MB':>8}")
    for label, result in sorted(results.items()):
        around = beside.get(label, alone[:1])
        seconds, cpu = (fmean(each.seconds for each in around), fmean(each.cpu for each in around))
        print(
            f"{label:50} {result.seconds:8.1f} {pages / result.seconds:8.1f} {seconds / result.seconds:7.2f} "
            f"{1000 * result.cpu / pages:12.1f} {cpu / result.cpu:7.2f} {result.memory / 2**20:8.0f}"
        )


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the benchmark's server does not start")


if __name__ == "__main__":
    main()
