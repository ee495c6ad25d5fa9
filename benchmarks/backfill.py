"""A backfill of 90 days over a sitemap, a list and a dated archive, killed with kill -9 at random moments; and what it does to
the freshness of a daemon that follows the same host.

    .venv/bin/python benchmarks/backfill.py                              5,000 articles, 20 kills
    .venv/bin/python benchmarks/backfill.py --articles 500 --kills 5     a quick look
    .venv/bin/python benchmarks/backfill.py --freshness                  publication to capture, with and without a backfill

Prints whether the archive that was killed equals the one that was not (ids and times of ours apart), the addresses without
capture or reason, and the requests of both.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from support.archivist import Archivist, expected, free  # noqa: E402  # it lives with the tests
from support.fast import FastClock  # noqa: E402
from support.press import EVERY, SOURCE, Press, free_port, running  # noqa: E402
from support.processes import ROOT  # noqa: E402

PATIENCE = 4 * 3600.0
REQUESTS = 1.0
"""Requests for each article within which the kills fall."""
MOST = 3.0
"""Per cent that the requests may be above those of the undisturbed run."""
MARGIN = timedelta(minutes=30)
START = datetime(2026, 9, 7, 6, 0, tzinfo=UTC)


def killed(articles: int, kills: int, seed: int, folder: Path) -> int:
    with running(Press(articles=articles, port=free_port())) as press:
        calm, struck = Archivist(press, folder / "calm"), Archivist(press, folder / "struck")
        begun = time.monotonic()

        def say(line: str) -> None:
            print(f"{(time.monotonic() - begun) / 60:6.1f} min  {line}", flush=True)

        def undisturbed() -> dict[str, dict[str, Any]]:
            calm.run(*calm.order, seconds=PATIENCE)
            say(f"undisturbed: done, {calm.requests()} requests")
            return calm.held()

        with ThreadPoolExecutor(1) as beside:  # both at once: neither is measured by the clock
            calmly = beside.submit(undisturbed)
            struck.backfill_killed(kills, round(articles * REQUESTS), random.Random(seed), say)
            out, _ = struck.run(*struck.order, "--format", "json", seconds=PATIENCE)
            say(f"killed: done, {struck.requests()} requests")
            held = calmly.result()
        print(out)
        held_after = struck.held()
        equal = held_after == held
        whole = expected(press) <= held.keys()
        left = [*calm.unaccounted(), *struck.unaccounted()]
        more = 100 * (struck.requests() / calm.requests() - 1)
        print(f"undisturbed: {calm.requests()} requests, {len(held)} articles")
        print(f"killed {kills} times: {struck.requests()} requests, {more:+.2f} %, {len(held_after)} articles")
        print(f"archives equal: {equal}; all articles of the window held: {whole}")
        print(f"links without capture or reason: {len(left)}")
        return 0 if equal and whole and not left and more <= MOST else 1


def freshness(articles: int, hours: float, speed: float, folder: Path) -> int:
    """The feed has a new item every five minutes and is polled every 15; the host wants 10 seconds between two requests. Both
    worlds run at once, so that the machine is as busy for one as for the other."""

    def world(name: str) -> tuple[list[float], int]:
        clock = FastClock.at(START, speed, after=30.0)
        lists = ("feed", "sitemap", "listing", "archive")
        press = Press(articles, free_port(), lists=lists, delay=10.0, schedule="every 15m")
        with running(press, clock):
            home = Archivist(press, folder / name)
            home.run("init")
            if name == "with":
                _order(home)
            daemon = _daemon(home, clock)
            while clock() < START + timedelta(hours=hours):
                time.sleep(1.0)
            free(daemon)
            log = [(datetime.fromisoformat(at), path) for at, path in press.log()]
        return _latencies(press, log, START + timedelta(hours=hours)), len(log)

    with ThreadPoolExecutor(2) as both:
        for name, (minutes, requests) in zip(("without", "with"), both.map(world, ("without", "with")), strict=True):
            p50, p95 = statistics.median(minutes), statistics.quantiles(minutes, n=20)[-1]
            print(
                f"{name} a backfill: {len(minutes)} articles, publication to request p50 {p50:.1f} min, p95 {p95:.1f} min, "
                f"longest {max(minutes):.1f} min; {requests} requests in all",
                flush=True,
            )
    return 0


def _order(home: Archivist) -> None:
    """Put the windows into the queue, as the command does where a daemon runs."""
    from archive.config import Settings
    from archive.model.period import Period
    from archive.queue import jobs
    from archive.registry import load
    from archive.sources.state import sync_sources
    from archive.storage.session import open_archive
    from scheduler.backfill.windows import channels_for, orders

    registry = load([home.home.parent / f"{home.home.name}.yaml"])
    source = registry.sources[SOURCE]
    archive = open_archive(Settings(home=home.home))
    with archive.writing() as session:
        sync_sources(session, registry, START)
        period = Period(home.press.begin, home.press.end)
        jobs.enqueue(session, orders(source, channels_for(source, None), period, {}, START), START)
    archive.engine.dispose()


def _daemon(home: Archivist, clock: FastClock):  # type: ignore[no-untyped-def]
    import subprocess

    with (home.home / "daemon.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "support.fast", "daemon", clock.as_text()],
            env=home.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )


def _latencies(press: Press, log: list[tuple[datetime, str]], end: datetime) -> list[float]:
    """Minutes from publication to the request for the article, without those of the first and the last half hour."""
    asked: dict[int, datetime] = {}
    for at, path in log:
        if path.startswith("/live/"):
            asked.setdefault(int(path.rpartition("/")[2]), at)
    first = int(START.timestamp() // EVERY.total_seconds())
    items = range(first, int(end.timestamp() // EVERY.total_seconds()))
    measured = [n for n in items if START + MARGIN <= press.published(n) <= end - MARGIN]
    return [(asked.get(n, end) - press.published(n)) / timedelta(minutes=1) for n in measured]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--freshness", action="store_true")
    parser.add_argument("--hours", type=float, default=6.0, help="of the daemon's clock")
    parser.add_argument("--speed", type=float, default=30.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dateline-backfill-") as folder:
        if options.freshness:
            return freshness(options.articles, options.hours, options.speed, Path(folder))
        return killed(options.articles, options.kills, options.seed, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
