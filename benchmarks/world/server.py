"""The sites of a world over HTTP, on one port of this machine, at the look that is set."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from benchmarks.world.history import Life, make_lives
from benchmarks.world.layouts import render
from benchmarks.world.other_pages import Answer, consent_page, list_page, other_page
from benchmarks.world.pieces import Page
from benchmarks.world.prose import Story
from benchmarks.world.site import Site, make_site

LISTED = 30
"""Articles in a feed, newest first."""


@dataclass
class World:
    """The sites with their articles, and the look at which they are."""

    sites: dict[str, Site]
    """By host."""
    lives: dict[str, list[Life]]
    look: int = 0

    @classmethod
    def make(cls, seed: int, sites: int, looks: int, port: int) -> World:
        made = [make_site(seed, number, port) for number in range(sites)]
        return cls({site.host: site for site in made}, {site.host: make_lives(seed, site, looks) for site in made})

    def others(self, site: Site, number: int | None, look: int) -> list[tuple[str, str]]:
        """(path, headline) of the articles that the site has at a look, oldest first, without one of them."""
        return [
            (life.states[look].path, life.versions[life.states[look].version].title)
            for life in self.lives[site.host]
            if life.number != number and life.states[look].shows != "unborn"
        ]

    def page(self, site: Site, life: Life, look: int) -> Page:
        """The page of an article at a look at which it is shown, or its beginning before a wall."""
        others = self.others(site, life.number, look)
        following = self._following(site, life, look) if site.endless else None
        return Page(site, life, look, others, following, walled=life.states[look].shows == "wall")

    def _following(self, site: Site, life: Life, look: int) -> Story | None:
        """The article before this one, in which a page without an end goes on."""
        before = [other for other in self.lives[site.host] if other.number < life.number]
        return before[-1].versions[before[-1].states[look].version] if before else None

    def answer(self, host: str, target: str) -> Answer:
        """What a site answers now."""
        site = self.sites.get(host)
        path = urlsplit(target).path
        if site is None:
            return Answer(404, "no such site")
        match path.split("/")[1:]:
            case ["robots.txt"]:
                return Answer(200, "User-agent: *\nAllow: /\n", {"Content-Type": "text/plain"})
            case ["feed.xml"]:
                return Answer(200, self._feed(site), {"Content-Type": "application/rss+xml; charset=utf-8"})
            case ["privacy-gate"]:
                return consent_page(site)
            case [""]:
                return list_page(site, site.name, self.others(site, None, self.look))
            case ["section", index, *_] if index.isdigit():
                return list_page(site, site.language.nav[int(index) % 6], self.others(site, None, self.look))
        return self._article(site, target)

    def _article(self, site: Site, target: str) -> Answer:
        for life in self.lives[site.host]:
            state = life.states[self.look]
            if state.shows == "unborn" or not any(_same(target, path) for path in life.paths):
                continue
            if not _same(target, state.path):
                return (
                    Answer(301, "", {"Location": site.origin + state.path})
                    if _was(life, target, self.look)
                    else _nothing()
                )
            if state.shows not in ("article", "wall"):
                return other_page(state.shows, site, state.path, self.others(site, life.number, self.look))
            return Answer(200, render(self.page(site, life, self.look)))
        return _nothing()

    def _feed(self, site: Site) -> str:
        shown = [life for life in self.lives[site.host] if life.states[self.look].shows != "unborn"]
        newest = sorted(shown, key=lambda life: life.published, reverse=True)[:LISTED]
        items = []
        for life in newest:
            state = life.states[self.look]
            story = life.versions[state.version]
            date = f"<pubDate>{format_datetime(site.local(life.published))}</pubDate>" if site.dated_feed else ""
            items.append(
                f"<item><title>{escape(story.title)}</title><link>{escape(site.origin + state.path)}</link>{date}</item>"
            )
        return (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(site.name)}</title>'
            f"<link>{site.origin}/</link><language>{site.language.code}</language>{''.join(items)}</channel></rss>"
        )


def _same(target: str, path: str) -> bool:
    """Return whether a request is for this path, whatever it carries for tracking."""
    return target == path or target.startswith((path + "?utm_", path + "&utm_"))


def _was(life: Life, target: str, look: int) -> bool:
    return any(_same(target, state.path) for state in life.states[:look])


def _nothing() -> Answer:
    return Answer(404, "<!doctype html><title>404</title><h1>404</h1>")


@contextmanager
def serving(world: World, server: ThreadingHTTPServer) -> Iterator[None]:
    """Serve the world for as long as the block lasts."""
    server.RequestHandlerClass = _handler(world)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def listening() -> ThreadingHTTPServer:
    """A server on a free port, which does not serve yet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    return Server(("127.0.0.1", 0), BaseHTTPRequestHandler)


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing: thousands of requests come."""

        def do_GET(self) -> None:
            host = (self.headers.get("Host") or "").partition(":")[0]
            answer = world.answer(host, self.path)
            data = answer.body.encode()
            site = world.sites.get(host)
            tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"' if site and site.etags and answer.status == 200 else None
            unchanged = tag is not None and self.headers.get("If-None-Match") == tag
            self.send_response(304 if unchanged else answer.status)
            headers = {"Content-Type": "text/html; charset=utf-8"} | answer.headers
            if tag is not None:
                headers["ETag"] = tag
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0" if unchanged else str(len(data)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(data)

    return Handler
