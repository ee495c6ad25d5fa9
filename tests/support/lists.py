"""Sites that show their articles by other lists than feeds, on one loopback port: a host for each kind of channel."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 10
"""Articles on a page of a list."""
KINDS = ("sitemap", "listing", "form", "archive", "json", "ids", "paged")


@dataclass(frozen=True)
class Piece:
    """One article of every site. `day`: when it was published, at noon."""

    number: int
    at: datetime

    @property
    def title(self) -> str:
        return f"Ministers discuss river treaty number {self.number}"

    def page(self, url: str) -> str:
        data = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": self.title,
            "datePublished": self.at.isoformat(),
            "url": url,
        }
        body = "".join(
            f"<p>Paragraph {n} of piece {self.number}: the two governments met on the river and agreed that water, ships "
            "and fish be counted by a joint office from the spring on, a spokesman said after the talks.</p>"
            for n in range(1, 5)
        )
        return (
            f'<!DOCTYPE html><html lang="en"><head><title>{self.title}</title><link rel="canonical" href="{url}">'
            f'<script type="application/ld+json">{json.dumps(data)}</script></head>'
            f"<body><article><h1>{self.title}</h1>{body}</article></body></html>"
        )


def pieces(count: int, newest: datetime, apart: timedelta) -> list[Piece]:
    """`count` pieces, the newest first; numbers rise with time."""
    return [Piece(count - n, newest - n * apart) for n in range(count)]


@dataclass
class Lists:
    """The sites' common state. `broken`: paths (of any host) that answer with 500."""

    pieces: list[Piece]
    port: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """(host, method, path with query) of every request."""
    forms: list[dict[str, str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    """Numbers of pieces whose page is not there."""

    def base(self, kind: str) -> str:
        return f"http://{kind}.lists.example:{self.port}"

    def paths(self, kind: str) -> list[str]:
        """What one site was asked for, rules left out."""
        return [
            path
            for host, _, path in self.asked
            if host == f"{kind}.lists.example" and path not in ("/robots.txt", "/.well-known/tdmrep.json")
        ]

    def lists(self, kind: str) -> list[str]:
        """The same without articles."""
        return [path for path in self.paths(kind) if not path.startswith(("/news/", "/view/"))]

    def registry(self) -> dict[str, Any]:
        def entry(kind: str, channel: dict[str, Any]) -> dict[str, Any]:
            return {
                "id": kind,
                "name": kind.title(),
                "homepage": self.base(kind) + "/",
                "language": "en",
                "timezone": "UTC",
                "delay": 0,
                "status": "verified",
                "discover": [channel],
            }

        def at(kind: str, path: str) -> str:
            return self.base(kind) + path

        form = {"form": {"page": "{page}"}, "carry": "form#pager"}
        return {
            "sources": [
                entry("sitemap", {"sitemap": at("sitemap", "/sitemap.xml")}),
                entry("listing", {"listing": at("listing", "/list"), "links": "h2 a", "next": "a.older"}),
                entry("form", {"listing": at("form", "/list"), "links": "h2 a", "next": form}),
                entry("archive", {"archive": at("archive", "/archive/{date:%Y/%m/%d}"), "links": "h2 a"}),
                entry(
                    "json",
                    {
                        "json": at("json", "/api/list"),
                        "items": "items",
                        "links": "url",
                        "date": "date",
                        "next": {"cursor": "cursor", "url": "/api/list?after={cursor}"},
                    },
                ),
                entry("ids", {"ids": at("ids", "/view/{id}"), "start": 1, "misses": 3}),
                entry("paged", {"feed": at("paged", "/rss")}),
            ]
        }

    def environment(self) -> dict[str, str]:
        hosts = ",".join(f"{kind}.lists.example=127.0.0.1" for kind in KINDS)
        return {
            "DATELINE_RESOLVE": hosts,
            "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
            "DATELINE_DELAY": "0",
            "DATELINE_RETRIES": "0",
        }

    # --- answers

    def answer(self, kind: str, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        """(status, media type, text)."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path in self.broken or path in self.broken:
            return 500, "text/html", "<p>no</p>"
        if parts.path == "/robots.txt":
            return 200, "text/plain", "User-agent: *\nDisallow: /private/\n"
        if parts.path.startswith(("/news/", "/view/")):
            return self._article(kind, parts.path)
        if kind == "sitemap":
            return self._sitemap(parts.path)
        if kind in ("listing", "form") and parts.path == "/list":
            return 200, "text/html", self._list(kind, int((form if kind == "form" else query).get("page", "1")), form)
        if kind == "archive" and parts.path.startswith("/archive/"):
            return self._day(parts.path.removeprefix("/archive/"))
        if kind == "json" and parts.path == "/api/list":
            return 200, "application/json", self._json(int(query.get("after", "0")))
        if kind == "paged" and parts.path == "/rss":
            return 200, "application/atom+xml", self._feed(int(query.get("page", "1")))
        return 404, "text/html", "<h1>404</h1>"

    def url(self, kind: str, piece: Piece) -> str:
        where = f"/view/{piece.number}" if kind == "ids" else f"/news/river-treaty-talks-{piece.number}.html"
        return self.base(kind) + where

    def _article(self, kind: str, path: str) -> tuple[int, str, str]:
        for piece in self.pieces:
            if self.url(kind, piece) == self.base(kind) + path and piece.number not in self.missing:
                return 200, "text/html", piece.page(self.base(kind) + path)
        return 404, "text/html", "<h1>Not found</h1>"

    def _of(self, number: int) -> Sequence[Piece]:
        return self.pieces[(number - 1) * PAGE : number * PAGE]

    def _sitemap(self, path: str) -> tuple[int, str, str]:
        months = sorted({f"{piece.at:%Y-%m}" for piece in self.pieces})
        space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        if path == "/sitemap.xml":
            maps = "".join(
                f"<sitemap><loc>{self.base('sitemap')}/sitemap-{month}.xml</loc></sitemap>" for month in months
            )
            return 200, "application/xml", f"<sitemapindex {space}>{maps}</sitemapindex>"
        shown = [piece for piece in self.pieces if path == f"/sitemap-{piece.at:%Y-%m}.xml"]
        if not shown:
            return 404, "text/html", ""
        urls = "".join(
            f"<url><loc>{self.url('sitemap', p)}</loc><lastmod>{p.at.isoformat()}</lastmod></url>" for p in shown
        )
        return 200, "application/xml", f"<urlset {space}>{urls}</urlset>"

    def _list(self, kind: str, number: int, form: dict[str, str]) -> str:
        shown = self._of(number)
        items = "".join(
            f'<div><h2><a href="{self.url(kind, p)}">{p.title}</a></h2><time>{p.at:%Y-%m-%d}</time></div>'
            for p in shown
        )
        more = ""
        if kind == "listing" and len(self.pieces) > number * PAGE:
            more = f'<a class="older" href="/list?page={number + 1}">Older</a>'
        if kind == "form":
            more = f'<form id="pager" method="post"><input type="hidden" name="state" value="s{number}"></form>'
        return f"<html><body><h1>News</h1>{items}{more}</body></html>"

    def _day(self, day: str) -> tuple[int, str, str]:
        shown = [piece for piece in self.pieces if f"{piece.at:%Y/%m/%d}" == day]
        if not shown:
            return 404, "text/html", "<h1>Nothing on this day</h1>"
        items = "".join(f'<h2><a href="{self.url("archive", p)}">{p.title}</a></h2>' for p in shown)
        return 200, "text/html", f"<html><body>{items}</body></html>"

    def _json(self, after: int) -> str:
        shown = self.pieces[after : after + PAGE]
        following = after + PAGE if len(self.pieces) > after + PAGE else None
        items = [{"url": self.url("json", p), "date": p.at.isoformat()} for p in shown]
        return json.dumps({"items": items, "cursor": following})

    def _feed(self, number: int) -> str:
        entries = "".join(
            f"<entry><id>{p.number}</id><title>{p.title}</title><link href='{self.url('paged', p)}'/>"
            f"<published>{p.at.isoformat()}</published><updated>{p.at.isoformat()}</updated></entry>"
            for p in self._of(number)
        )
        more = ""
        if len(self.pieces) > number * PAGE:
            more = f"<link rel='next' href='{self.base('paged')}/rss?page={number + 1}'/>"
        return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Paged</title>{more}{entries}</feed>"


@contextmanager
def lists_server(shown: list[Piece]) -> Iterator[Lists]:
    """The sites, served until the block ends."""
    state = Lists(shown)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            with lock:
                state.forms.append(form)
            self._serve(form)

        def _serve(self, form: dict[str, str]) -> None:
            host = (self.headers.get("Host") or "").partition(":")[0]
            with lock:
                state.asked.append((host, self.command, self.path))
                status, media, text = state.answer(host.partition(".")[0], self.path, form)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{media}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # a client that is killed is no error of ours
                super().handle_error(request, client_address)

    with Server(("127.0.0.1", 0), Handler) as http:
        state.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield state
        finally:
            http.shutdown()
            thread.join()


def yesterday() -> datetime:
    """Noon of the day before this one: asked for by each test, since a run of all tests may see midnight."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
