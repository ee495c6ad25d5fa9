"""The daemon under load: thousands of sources, each polled every 15 minutes, most polls answered with 304.

    .venv/bin/python benchmarks/load.py                       2,000 sources for 45 minutes at tenfold speed: memory and files
    .venv/bin/python benchmarks/load.py --minutes 3 --speed 60   as fast as it goes: polls per second of CPU

Prints once a minute what the processes hold, and at the end polls per second of CPU time beside bare Scrapy that fetches the
same feeds with the same conditional requests. CPU time, because a shared machine's wall clock says little.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from processes import Spent, pss, tree

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.fast import FastClock  # noqa: E402  # it lives with the tests

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def name_of(pid: int) -> str:
    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    for word, name in (("forkserver", "readers"), (" worker ", "worker"), (" daemon ", "daemon")):
        if word in command:
            return name
    return "readers"


def holdings(pid: int) -> dict[str, dict[str, float]]:
    """Proportional memory (MB) and open files, by kind of process."""
    found: dict[str, dict[str, float]] = {}
    for process in tree(pid):
        try:
            files = len(list(Path(f"/proc/{process}/fd").iterdir()))
            kind = name_of(process)
        except OSError:
            continue
        entry = found.setdefault(kind, {"MB": 0.0, "files": 0})
        entry["MB"] += pss(process) / 2**20
        entry["files"] += files
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(home: Path, sources: int, port: int) -> dict[str, str]:
    """Registry and settings of the run; returns the environment."""
    home.mkdir(parents=True)
    hosts = [f"s{number:05}.example" for number in range(sources)]
    entries = "".join(
        f"  - id: s{number:05}\n    name: Site {number}\n    homepage: http://{host}:{port}/\n    country: DE\n    language: en\n"
        f"    timezone: Europe/Berlin\n    delay: 0\n    schedule: every 15m\n    status: verified\n"
        f"    discover:\n      - feed: http://{host}:{port}/feed\n"
        for number, host in enumerate(hosts)
    )
    (home / "load.yaml").write_text("sources:\n" + entries)
    resolve = ",".join(f"{host}=127.0.0.1" for host in hosts)
    (home / "dateline.toml").write_text(
        f'sources = "{home / "load.yaml"}"\nresolve = "{resolve}"\nallow_networks = "127.0.0.0/8"\nmetrics = ""\ndelay = 0\n'
        'contact = "load@benchmark.example"\nlog_format = "json"\nhost_budget = 100000\n'
    )
    return {"DATELINE_HOME": str(home), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}


def counts(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/count", timeout=30) as answer:
        counted: dict[str, int] = json.loads(answer.read())
        return counted


def bare(polls: int, sources: int, port: int) -> None:
    """Bare Scrapy: the same feeds, asked as often with the validators of the answer before. Prints its CPU seconds."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.http import Response

    process = AsyncCrawlerProcess(
        {
            "ROBOTSTXT_OBEY": False,
            "CONCURRENT_REQUESTS": 64,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": 0,
            "DNS_RESOLVER": "crawler.http.resolver.GuardedResolver",
            "TWISTED_DNS_RESOLVER": "crawler.http.resolver.GuardedResolver",
            "DATELINE_RESOLVE": {f"s{number:05}.example": "127.0.0.1" for number in range(sources)},
            "DATELINE_ALLOW_NETWORKS": (__import__("ipaddress").ip_network("127.0.0.0/8"),),
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "HTTPERROR_ALLOW_ALL": True,
        }
    )
    tags: dict[str, bytes] = {}
    answered = 0

    class Bare(Spider):
        name = "bare"

        async def start(self) -> AsyncIterator[Any]:
            for number in range(polls):
                url = f"http://s{number % sources:05}.example:{port}/feed"
                headers = {"If-None-Match": tags[url]} if url in tags else {}
                yield Request(url, headers=headers, dont_filter=True)

        def parse(self, response: Response) -> None:
            nonlocal answered
            answered += 1
            if tag := response.headers.get("ETag"):
                tags[response.request.url] = tag  # type: ignore[union-attr]

    process.crawl(Bare)
    began = time.process_time()
    process.start()
    assert answered == polls, f"{answered} of {polls} answers"
    print(json.dumps({"cpu": time.process_time() - began}))


def measure(minutes: float, speed: float, sources: int) -> None:
    """The run: the daemon, a line a minute, and the comparison."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        home = Path(folder) / "home"
        environment = os.environ | prepare(home, sources, port)
        clock = FastClock.at(START, speed, after=15.0)
        web = subprocess.Popen(
            [sys.executable, str(HERE / "load_server.py"), str(port), clock.as_text()],
            env=environment,
            stdout=subprocess.PIPE,
        )
        assert web.stdout is not None
        web.stdout.readline()
        log = (home / "daemon.log").open("w")
        daemon = subprocess.Popen(
            [sys.executable, "-m", "support.fast", "daemon", clock.as_text()], env=environment, stderr=log
        )
        print(
            f"{sources} sources, a poll of each every 15 min, {speed:g} times as fast as life: {sources / 900 * speed:.0f} polls/s wanted"
        )
        print(
            f"{'min':>4} {'polls':>8} {'304':>8} {'daemon MB/files':>16} {'worker MB/files':>16} {'readers MB/files':>17}"
        )
        began, settled = time.monotonic(), None
        spent = Spent()
        try:
            minute = 0
            while time.monotonic() - began < minutes * 60:
                minute += 1
                while time.monotonic() < began + minute * 60:
                    time.sleep(2.0)
                    spent.look(tree(daemon.pid), lambda pid, _: name_of(pid))
                assert daemon.poll() is None, log.name
                asked, held = counts(port), holdings(daemon.pid)
                if settled is None:  # the first minute loads articles and programs
                    settled = (asked, spent.seconds(), time.monotonic())
                cells = [
                    f"{held.get(k, {}).get('MB', 0):.0f}/{held.get(k, {}).get('files', 0):.0f}"
                    for k in ("daemon", "worker", "readers")
                ]
                print(
                    f"{minute:>4} {asked['polls']:>8} {asked['unchanged']:>8} {cells[0]:>16} {cells[1]:>16} {cells[2]:>17}",
                    flush=True,
                )
            first, before, at = settled  # type: ignore[misc]
            polls = asked["polls"] - first["polls"]
            spent_by = spent.seconds()
            cpu = {k: spent_by[k] - before.get(k, 0.0) for k in ("daemon", "worker")}
            print(
                f"{polls} polls in {time.monotonic() - at:.0f} s = {polls / (time.monotonic() - at):.1f}/s; {asked['others'] - first['others']} other requests"
            )
            print(
                f"CPU: worker {cpu['worker']:.1f} s, daemon {cpu['daemon']:.1f} s: {polls / cpu['worker']:.0f} polls per CPU second of the worker, {polls / sum(cpu.values()):.0f} of both"
            )
        finally:
            daemon.terminate()
            daemon.wait(60)
        rounds = max(2 * sources, min(polls, 10 * sources))
        told = subprocess.run(
            [sys.executable, __file__, "--bare", str(rounds), "--sources", str(sources), "--port", str(port)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        web.terminate()
        alone = rounds / json.loads(told.stdout)["cpu"]
        print(
            f"bare Scrapy: {alone:.0f} polls per CPU second; the worker makes {polls / cpu['worker'] / alone:.2f} of it"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--speed", type=float, default=10, help="times the real pace [10]")
    parser.add_argument("--sources", type=int, default=2_000)
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bare:
        bare(chosen.bare, chosen.sources, chosen.port)
    else:
        measure(chosen.minutes, chosen.speed, chosen.sources)


if __name__ == "__main__":
    main()
