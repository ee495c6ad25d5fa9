"""A small web archive on loopback: a CDX API with resume keys, mementos, and the live sites' robots.txt beside it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HOST = "archive.example"


@dataclass(frozen=True)
class Held:
    """A capture that the archive holds. `headers`: what the publisher had answered with."""

    timestamp: str
    url: str
    body: bytes
    digest: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass
class WebArchiveServer:
    """What it holds, what it says, and what it was asked (`host path?query`, in order)."""

    held: list[Held] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """By path: files at the archive's host, given in pieces."""
    robots: dict[str, str] = field(default_factory=dict)
    """By host; others have none."""
    page_size: int = 1000
    marked: bool = True
    """Whether the publisher's headers are marked as the Internet Archive does it."""
    answers: dict[str, list[int]] = field(default_factory=dict)
    """By path: statuses to answer with first."""
    log: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def base(self) -> str:
        return f"http://{HOST}:{self.port}"

    def asked(self, sign: str) -> list[str]:
        return [line for line in self.log if sign in line]

    def twice(self) -> list[str]:
        return [line for line, times in Counter(self.log).items() if times > 1]

    def environment(self, home: Path, *hosts: str) -> dict[str, str]:
        return {
            "DATELINE_HOME": str(home),
            "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
            "DATELINE_RESOLVE": ",".join(f"{host}=127.0.0.1" for host in (HOST, *hosts)),
            "DATELINE_DELAY": "0",
            "DATELINE_RETRIES": "0",
            "DATELINE_CONTACT": "desk@reader.example",
            "DATELINE_EXTRACT_PROCESSES": "1",
            "DATELINE_MIN_FREE": "1",
        }

    # --- answers: status, headers, body

    def answer(self, host: str, target: str, bytes_wanted: str | None) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(target)
        if parts.path == "/robots.txt":
            text = self.robots.get(host)
            return (404, {}, b"") if text is None else (200, {"Content-Type": "text/plain"}, text.encode())
        if host != HOST or parts.path.startswith("/.well-known/"):
            return 404, {}, b""
        if waiting := self.answers.get(parts.path):
            return waiting.pop(0), {}, b""
        if parts.path == "/cdx":
            return 200, {"Content-Type": "application/json"}, self._cdx(parse_qs(parts.query))
        if parts.path in self.files:
            return self._piece(self.files[parts.path], bytes_wanted)
        return self._memento(target.removeprefix("/web/"))

    def _cdx(self, query: dict[str, list[str]]) -> bytes:
        start, end = query["from"][0], query["to"][0]
        found = sorted(
            (held for held in self.held if held.url.startswith(query["url"][0]) and start <= held.timestamp <= end),
            key=lambda held: (held.url, held.timestamp),
        )
        begin = int(query.get("resumeKey", ["0"])[0])
        shown = found[begin : begin + min(self.page_size, int(query["limit"][0]))]
        rows: list[list[str]] = [["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]]
        rows += [["k", h.timestamp, h.url, "text/html", str(h.status), h.digest, str(len(h.body))] for h in shown]
        if begin + len(shown) < len(found):
            rows += [[], [str(begin + len(shown))]]
        return json.dumps(rows if shown else []).encode()

    def _memento(self, name: str) -> tuple[int, dict[str, str], bytes]:
        stamp, _, url = name.partition("id_/")
        for held in self.held:
            if (held.timestamp, held.url) == (stamp, url):
                mark = "X-Archive-Orig-" if self.marked else ""
                headers = {mark + name: value for name, value in held.headers.items()}
                return 200, {"Content-Type": "text/html; charset=utf-8"} | headers, held.body
        return 404, {}, b""

    @staticmethod
    def _piece(whole: bytes, wanted: str | None) -> tuple[int, dict[str, str], bytes]:
        if wanted is None:
            return 200, {}, whole
        first, last = (int(number) for number in wanted.removeprefix("bytes=").split("-"))
        if first >= len(whole):
            return 416, {}, b""
        piece = whole[first : last + 1]
        return 206, {"Content-Range": f"bytes {first}-{first + len(piece) - 1}/{len(whole)}"}, piece


@contextmanager
def web_archive(**given: object) -> Iterator[WebArchiveServer]:
    made = WebArchiveServer(**given)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = (self.headers["Host"] or "").partition(":")[0]
            made.log.append(f"{host} {self.path} {self.headers['Range'] or ''}".rstrip())
            made.agents.add(self.headers["User-Agent"] or "")
            status, headers, body = made.answer(host, self.path, self.headers["Range"])
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
