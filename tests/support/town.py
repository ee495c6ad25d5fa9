"""Small publishers of today on one loopback port, a host each: what a check sees alive now is alive. A test can hold an answer
back, and say what a host answers instead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support import forked

ITEMS = 3
LONGEST_HOLD = 300.0
SENTENCE = (
    "The two governments agreed on Monday that ships be counted by a joint office, a spokesman of the harbour said."
)


@dataclass
class Town:
    """The publishers' common state. `answers`: what paths (`host/path`) answer instead: (status, headers)."""

    port: int
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Every request so far, as `host/path`."""
    age: timedelta = timedelta(hours=1)
    """How old the newest item of each feed is."""
    _held: dict[str, threading.Event] = field(default_factory=dict)

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def entry(self, host: str, *, silent: bool = False, **fields: Any) -> dict[str, Any]:
        """A registry entry; its id is the host's first label."""
        channels = {} if silent else {"discover": [{"feed": self.url(host, "/feed")}]}
        name = host.partition(".")[0]
        return {"id": name, "name": name, "homepage": self.url(host), "delay": 0} | channels | fields

    def hold(self, place: str) -> None:
        """Do not answer this place (`host/path`) before it is let go."""
        self._held[place] = threading.Event()

    def let_go(self, place: str) -> None:
        self._held.pop(place).set()

    def let_all_go(self) -> None:
        for place in list(self._held):
            self.let_go(place)

    def answer(self, host: str, path: str) -> tuple[int, str, str, dict[str, str]]:
        """(status, type, body, further headers)."""
        place = f"{host}{path}"
        self.asked.append(place)
        if (held := self._held.get(place)) is not None:
            held.wait(LONGEST_HOLD)
        if place in self.answers:
            status, headers = self.answers[place]
            return status, "text/plain", "no", headers
        now = datetime.now(UTC)
        match path.strip("/").split("/"):
            case ["robots.txt"]:
                return 200, "text/plain", "User-agent: *\nAllow: /\n", {}
            case [""]:
                link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
                return (
                    200,
                    "text/html",
                    f"<html lang=en><head><title>{host}</title>{link}</head><h1>News</h1></html>",
                    {},
                )
            case ["feed"]:
                items = "".join(
                    f"<item><title>Ministers count ships {n}</title><link>{self.url(host, f'/news/{n}')}</link>"
                    f"<pubDate>{format_datetime(now - self.age - timedelta(hours=n))}</pubDate></item>"
                    for n in range(ITEMS)
                )
                return 200, "text/xml", f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>', {}
            case ["news", number]:
                body = f"<p>{SENTENCE}</p>" * 5
                head = f"<title>Ministers count ships {number}</title>"
                date = f'<meta property="article:published_time" content="{(now - self.age).isoformat()}">'
                page = f"<html lang=en><head>{head}{date}</head><article><h1>Ministers count ships {number}</h1>{body}"
                return 200, "text/html", f"{page}</article></html>", {}
        return 404, "text/plain", "none", {}


@contextmanager
def town() -> Iterator[Town]:
    """The publishers, in this process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = (self.headers["Host"] or "").partition(":")[0]
            status, kind, text, headers = state.answer(host, self.path)
            body = text.encode()
            try:
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True  # whoever asked was killed

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that was killed is no fault."""

    with Server(("127.0.0.1", 0), Handler) as http:
        state = Town(http.server_address[1])
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield state
        finally:
            state.let_all_go()
            http.shutdown()
            thread.join()


@dataclass
class Resident:
    """Somebody who follows publishers of the town."""

    town: Town
    home: Path
    database_url: str | None = None
    extra: dict[str, str] = field(default_factory=dict)

    def registry(self, *entries: dict[str, Any]) -> None:
        self.home.mkdir(exist_ok=True)
        (self.home / "registry.yaml").write_text(json.dumps({"sources": entries}), encoding="utf-8")  # JSON is YAML

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        entries = json.loads((self.home / "registry.yaml").read_text())["sources"]
        hosts = {entry["homepage"].split("/")[2].partition(":")[0] for entry in entries}
        hosts = {host for host in hosts if host.endswith(".example")} | {"www.new.example"}
        own = self.home / "sources"
        own.mkdir(exist_ok=True)
        return (
            inherited
            | {
                "DATELINE_HOME": str(self.home),
                "DATELINE_SOURCES": f"{self.home / 'registry.yaml'},{own}",
                "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
                "DATELINE_RESOLVE": ",".join(f"{host}=127.0.0.1" for host in hosts),
                "DATELINE_DELAY": "0",
                "DATELINE_RETRIES": "0",
                "DATELINE_METRICS": "",
                "DATELINE_LOG_FORMAT": "json",
                "COLUMNS": "200",
            }
            | ({"DATELINE_DATABASE_URL": self.database_url} if self.database_url else {})
            | self.extra
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return forked.Popen(
            [sys.executable, "-m", "dateline", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, status: int = 0) -> tuple[str, str]:
        """(stdout, stderr)."""
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=280)
        assert process.returncode == status, f"{arguments}: exit {process.returncode}\n{out}\n{errors}"
        return out, errors

    def rows(self, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run(*arguments, "--format", "json", status=status)[0])
        return found

    def states(self) -> dict[str, str]:
        return {row["id"]: row["state"] for row in self.rows("sources", "list")}
