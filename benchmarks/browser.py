"""What rendering costs: the same articles served as HTML and drawn by a script, crawled; and one browser over many pages.

    python -m benchmarks.browser [--articles 50] [--pages 200]

Needs a Chromium and Playwright (`make browser`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import structlog

from archive.config import Settings
from crawler.browser import processes
from crawler.browser.cache import Part
from crawler.browser.document import Document
from crawler.browser.lifecycle import Browser

PARAGRAPHS = ["The delegations of both countries spoke for three hours about the common waters of the strait. " * 3] * 8
APP = (
    "fetch('/api/' + location.pathname.split('/').pop() + '.json').then(r => r.json()).then(d => {"
    "const a = document.createElement('article'); const add = (n, t) => { const e = document.createElement(n);"
    " e.textContent = t; a.append(e) }; add('h1', d.title); d.body.forEach(t => add('p', t));"
    "document.getElementById('root').replaceChildren(a) })"
)
SHELL = '<!doctype html><html lang="en"><body><div id="root"></div><script src="/app.js"></script></body></html>'


REST = 3.0
"""Seconds until the processes of pages that were closed have ended. One that has not would count as 20 MB more."""


class Site(BaseHTTPRequestHandler):
    """`plain.example` serves articles, `drawn.example` a shell, a script and JSON."""

    protocol_version = "HTTP/1.1"
    articles = 50

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        host, name = self.headers["Host"].partition(".")[0], self.path.rpartition("/")[2]
        if self.path == "/feed":
            items = "".join(
                f"<item><title>Talks, day {n}</title><link>http://{self.headers['Host']}/news/{n}</link></item>"
                for n in range(self.articles)
            )
            self._send("application/rss+xml", f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>")
        elif self.path.startswith("/news/"):
            body = f"<h1>Talks, day {name}</h1>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
            self._send("text/html", SHELL if host == "drawn" else f"<!doctype html><html lang=en><article>{body}")
        elif self.path == "/app.js":
            self._send("text/javascript", APP)
        elif self.path.startswith("/api/"):
            self._send(
                "application/json",
                json.dumps({"title": f"Talks, day {name.removesuffix('.json')}", "body": PARAGRAPHS}),
            )
        else:
            self._send("text/plain", "no", 404)

    def _send(self, kind: str, text: str, status: int = 200) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def crawl(port: int, host: str, folder: Path) -> tuple[int, float, float]:
    """New articles, seconds, seconds of CPU of one crawl."""
    home = f"http://{host}.example:{port}"
    source = {"id": host, "name": host, "homepage": f"{home}/", "delay": 0, "status": "verified"}
    source |= {"render": host == "drawn", "discover": [{"feed": f"{home}/feed"}]}
    registry = folder / f"{host}.yaml"
    registry.write_text(json.dumps({"sources": [source]}))
    environment = {
        "DATELINE_HOME": str(folder / host),
        "DATELINE_SOURCES": str(registry),
        "DATELINE_RESOLVE": f"{host}.example=127.0.0.1",
        "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
    }
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "dateline", "-q", "crawl", "--format", "json"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout)[0]["new"], seconds, cpu


async def many(pages: int) -> None:
    """Render pages with one browser, and tell what its processes hold on the way."""

    async def fetch(url: str, _kind: str, _headers: dict[str, str]) -> Part:
        if url.endswith(".js"):
            return Part(200, (("Content-Type", "text/javascript"),), APP.encode(), len(APP))
        body = json.dumps({"title": "Talks", "body": PARAGRAPHS}).encode()
        return Part(200, (("Content-Type", "application/json"),), body, len(body))

    browser = Browser(Settings())
    document = Document("http://drawn.example/news/1", (("Content-Type", "text/html"),), SHELL.encode())
    began, done, rested = time.perf_counter(), 0, 0.0
    while done < pages:
        count = min(10, pages - done)
        drawn = await asyncio.gather(*(browser.draw(document, fetch) for _ in range(count)))
        assert all(b"<h1>Talks</h1>" in page.dom for page in drawn)
        done += count
        if done % 50 == 0 or done == 10:
            spent = (time.perf_counter() - began - rested) / done
            await asyncio.sleep(REST)
            rested += REST
            pids = processes.browsers_below(os.getpid())
            held = f"{len(pids)} processes, {processes.memory(pids) >> 20} MB, {browser.open_pages} open pages"
            print(f"{done:4} pages: {spent:.2f} s a page, {held}")
    await browser.close()


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=50)
    parser.add_argument("--pages", type=int, default=200)
    chosen = parser.parse_args()
    Site.articles = chosen.articles
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        for host in ("plain", "drawn"):
            new, seconds, cpu = crawl(server.server_address[1], host, Path(folder))
            print(f"{host}: {new} articles, {seconds:.1f} s, {cpu:.1f} s of CPU")
    server.shutdown()
    asyncio.run(many(chosen.pages))


if __name__ == "__main__":
    main()
