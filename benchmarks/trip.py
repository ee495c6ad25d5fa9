"""The trip of one answer: which modules of Dateline it enters, and how often it returns to one that it had left.

    .venv/bin/python benchmarks/trip.py               a robots.txt, a feed and an article of a server on this machine
    .venv/bin/python benchmarks/trip.py --modules     also the modules, in the order in which they are entered first

A crawl is run as `dateline crawl` runs it. Every call is counted that is made for an answer between the moment when the spider
gets it and the moment when its task is finished, on the event loop and in the threads beside it. What other processes do (the
extraction pool) is not counted, and neither is what goes on beside the answer: the leases of hosts, and the sending of requests.

A stay is an unbroken row of calls in one module. A return is a stay in a module that was left before. "Carrying" are the modules
of the crawler that take the answer to where it is read and written; those that read it (`discover`, `extract`, `learn`,
`normalise`, `reading`) are counted with all others.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any

from archive.config import Settings
from archive.model.job import CrawlJob
from archive.model.source import Channel, Source
from archive.registry import Registry
from archive.sources.state import polled_channels, sync_sources
from archive.storage.session import open_archive

HOST = "www.harbour-times.example"
ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("archive", "crawler", "scheduler", "dateline")
READING = tuple(f"crawler.{room}." for room in ("discover", "extract", "learn", "normalise", "reading"))
BESIDE = (
    ("crawler.jobs.host_leases", ""),
    ("crawler.channels.check", "take_requested_checks"),
    ("crawler.spiders.news", "NewsSpider.start"),
    ("crawler.spiders.news", "NewsSpider._requests"),
    ("crawler.spiders.news", "NewsSpider._watch"),
)
"""Module and beginning of a function's name: what is called from there does not belong to the answer."""
DELAY = 0.5
"""Seconds between two requests, so that no two answers are under way at once."""
PAGE = (
    '<!doctype html><html lang="en"><head><title>Ministers sign harbour pact</title>'
    '<meta property="article:published_time" content="2026-03-02T09:00:00Z"></head><body><article>'
    "<h1>Ministers sign harbour pact</h1>{body}</article></body></html>"
)
PARAGRAPH = "<p>The ministers of both countries met at the old customs house on Monday and spoke about item {n}.</p>"


@dataclass
class Trip:
    """The calls made for one answer, by thread. Counted are modules whose names begin as one of `counted` does, and as none of
    `left_out`."""

    counted: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    modules: dict[str, None] = field(default_factory=dict)
    stays: int = 0
    returns: int = 0
    _at: dict[int, str] = field(default_factory=dict)

    def call(self, thread: int, caller: str | None, called: str) -> None:
        for module in (caller, called):
            if module is None or not module.startswith(self.counted) or module.startswith(self.left_out):
                continue
            if self._at.get(thread) == module:
                continue
            self.stays += 1
            self.returns += module in self.modules
            self.modules[module] = None
            self._at[thread] = module


class Recorder:
    """Follows the answers for `urls` (path to name), one after the other."""

    def __init__(self, names: dict[str, str]) -> None:
        self.trips = {name: (Trip(("crawler",), READING), Trip(("crawler",)), Trip(ROOMS)) for name in names.values()}
        self._names = names
        self._now: str | None = None
        self._seen: dict[FrameType, None] = {}
        self._files: dict[str, str | None] = {}

    def begin(self) -> None:
        threading.setprofile(self._event)
        sys.setprofile(self._event)

    def end(self) -> None:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]  # typeshed does not know that None ends it

    def _event(self, frame: FrameType, event: str, _arg: Any) -> None:
        if event != "call" or (module := self._module(frame)) is None:
            return
        name = frame.f_code.co_qualname
        if module == "crawler.spiders.news" and name == "NewsSpider.answered" and frame not in self._seen:
            path = frame.f_locals["response"].url.partition(HOST)[2].partition("/")[2]
            self._now = self._names.get(path)
        if self._now is None:
            return
        trips = self.trips[self._now]
        if frame not in self._seen and not self._is_beside(frame):  # a coroutine that goes on is no new call
            self._seen[frame] = None
            caller = next((found for _, found in self._callers(frame)), None)
            for trip in trips:
                trip.call(threading.get_ident(), caller, module)
        if module == "crawler.frontier.frontier" and name == "Frontier.finish":
            self._now = None
            self._seen.clear()

    def _is_beside(self, frame: FrameType) -> bool:
        return any(
            module == where and caller.f_code.co_qualname.startswith(name)
            for caller, module in [(frame, self._module(frame)), *self._callers(frame)]
            for where, name in BESIDE
        )

    def _callers(self, frame: FrameType) -> Iterator[tuple[FrameType, str]]:
        """The frames of ours below this one, up to the one that runs the event loop."""
        outer = frame.f_back
        while outer is not None:
            if (module := self._module(outer)) is not None:
                if module.startswith("crawler.runner"):
                    return
                yield outer, module
            outer = outer.f_back

    def _module(self, frame: FrameType) -> str | None:
        """The module of a frame of ours."""
        file = frame.f_code.co_filename
        if file not in self._files:
            self._files[file] = module_of(Path(file))
        return self._files[file]


def module_of(file: Path) -> str | None:
    """The name of one of our modules. None for the files of others."""
    if not file.is_relative_to(ROOT):
        return None
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__") if parts[0] in ROOMS else None


class Site(BaseHTTPRequestHandler):
    """A feed with one article."""

    def do_GET(self) -> None:
        base = f"http://{HOST}:{self.server.server_address[1]}"
        known = {
            "/robots.txt": ("text/plain", "User-agent: *\nDisallow: /private/\n"),
            "/feed": ("application/rss+xml", f"<rss><channel><item><link>{base}/pact</link></item></channel></rss>"),
            "/pact": ("text/html", PAGE.format(body="".join(PARAGRAPH.format(n=n) for n in range(12)))),
        }
        kind, text = known.get(self.path, ("text/plain", ""))
        body = text.encode()
        self.send_response(200 if self.path in known else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The table alone is printed."""


def crawl(folder: Path, port: int, recorder: Recorder) -> dict[str, Any]:
    """One crawl of the site; returns what happened."""
    settings = Settings(home=folder, resolve={HOST: "127.0.0.1"}, allow_networks=["127.0.0.0/8"], delay=DELAY)
    source = Source(
        "harbour-times",
        "Harbour Times",
        f"http://{HOST}:{port}/",
        language=("en",),
        timezone="UTC",
        discover=(Channel("feed", f"http://{HOST}:{port}/feed"),),
        status="verified",
    )
    archive = open_archive(settings, create=True)
    with archive.writing() as session:
        sync_sources(session, Registry({source.id: source}), datetime.now(UTC))
    from crawler.runner.crawl import run_crawl

    recorder.begin()
    try:
        report = run_crawl(settings, archive, [CrawlJob(source, "poll", polled_channels(source))])
    finally:
        recorder.end()
    return report[source.id].as_dict()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--modules", action="store_true", help="also print the modules of each trip")
    given = parser.parse_args()
    recorder = Recorder({"robots.txt": "robots.txt", "feed": "feed", "pact": "article"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        report = crawl(Path(folder), server.server_address[1], recorder)
    server.shutdown()
    assert (report["polls"], report["new"]) == (1, 1), f"the crawl did not go as it should: {report}"
    print(
        "| answer | carrying modules | stays | returns | modules of crawler | stays | returns | all modules | stays | returns |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, trips in recorder.trips.items():
        figures = [n for trip in trips for n in (len(trip.modules), trip.stays, trip.returns)]
        print(f"| {name} | {' | '.join(map(str, figures))} |")
    if given.modules:
        for name, (_, own, _) in recorder.trips.items():
            print(f"\n{name}:\n" + "\n".join(f"  {module}" for module in own.modules))
    return 0


if __name__ == "__main__":
    sys.exit(main())
