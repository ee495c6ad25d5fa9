"""A publisher with a past: thousands of cheap pages behind a sitemap, a list and a dated archive, and a feed of what is new.

`python -m support.press serve PORT PRESS [CLOCK]`. None of the three lists shows everything, together they do. Some pages are
gone, forbidden, unwanted, or no articles: a backfill has to say so of each.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from typing import Any, Literal

from support.fast import FastClock
from support.processes import ROOT

Fate = Literal["article", "gone", "missing", "forbidden", "unwanted", "no-article"]
HOST = "www.press.example"
SOURCE = "press"
PAGE = 25
"""Articles on one page of the list."""
SPARE_DAYS = 10
"""Days before and after the window on which the publisher published, too."""
EVERY = timedelta(minutes=5)
"""Between two items of the feed."""
ITEMS = 30
SENTENCE = (
    "The delegations of both sides met at the old customs house and spoke about item {n} of the agenda for an hour."
)
ARTICLE = """<!doctype html><html lang="en"><head><title>{title}</title>
<meta property="article:published_time" content="{date}"><link rel="canonical" href="{url}"></head>
<body><article><h1>{title}</h1><p>By Ada Whitlock</p>{body}</article></body></html>"""
HUB = "<!doctype html><html lang='en'><title>Topics</title><h1>Topics</h1><ul>{links}</ul></html>"


@dataclass(frozen=True)
class Press:
    """`articles` of them lie in the `days` from `first` (ISO) on, evenly; `lists` are the channels of its registry entry."""

    articles: int
    port: int = 0
    """0: one that is free (see `running`)."""
    first: str = "2026-03-02"
    days: int = 90
    lists: tuple[str, ...] = ("sitemap", "listing", "archive")
    delay: float = 0.0
    schedule: str = "adaptive"

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def begin(self) -> date:
        return date.fromisoformat(self.first)

    @property
    def end(self) -> date:
        """The last day of the window."""
        return self.begin + timedelta(days=self.days - 1)

    @property
    def spare(self) -> int:
        """Articles before the window, and as many after it."""
        return self.articles * SPARE_DAYS // self.days

    @cached_property
    def numbers(self) -> range:
        """All that was ever published, oldest first; those of the window are 0 to `articles` - 1."""
        return range(-self.spare, self.articles + self.spare)

    def at(self, number: int) -> datetime:
        """When it was published; never within the first or last two hours of a day."""
        day, rest = divmod(number * self.days, self.articles)
        return datetime(self.begin.year, self.begin.month, self.begin.day, 2, tzinfo=UTC) + timedelta(
            days=day, seconds=20 * 3600 * rest / self.articles
        )

    def fate(self, number: int) -> Fate:
        odd: dict[int, Fate] = {7: "gone", 31: "missing", 13: "forbidden", 19: "unwanted", 23: "no-article"}
        return odd.get(number % 50, "article")

    def path(self, number: int) -> str:
        section = {"forbidden": "private", "unwanted": "video"}.get(self.fate(number), "news")
        return f"/{section}/{self.at(number):%Y%m}/item-{number + self.spare}"

    def in_sitemap(self, number: int) -> bool:
        return number % 3 != 0

    def in_list(self, number: int) -> bool:
        return number % 3 != 1

    def in_archive(self, number: int) -> bool:
        return number % 3 != 2

    def registry(self) -> dict[str, Any]:
        channels: dict[str, Any] = {
            "feed": {"feed": f"{self.origin}/feed"},
            "sitemap": {"sitemap": f"{self.origin}/sitemap.xml"},
            "listing": {
                "listing": f"{self.origin}/list", "items": "li", "links": "a", "date": "time", "next": "a.next",
            },
            "archive": {"archive": f"{self.origin}/{{date:%Y/%m/%d}}/", "links": "li a"},
        }  # fmt: skip
        entry = {
            "id": SOURCE,
            "name": "The Press",
            "homepage": f"{self.origin}/",
            "country": "GB",
            "language": "en",
            "timezone": "UTC",
            "discover": [channels[name] for name in self.lists],
            "article_urls": {"deny": ["/video/"]},
            "delay": self.delay,
            "schedule": self.schedule,
            "status": "verified",
        }
        return {"sources": [entry]}

    # --- pages

    def answer(self, path: str, now: datetime) -> tuple[int, str, str]:
        """(status, type, body)."""
        place, _, query = path.partition("?")
        match place.strip("/").split("/"):
            case ["robots.txt"]:
                return 200, "text/plain", f"User-agent: *\nDisallow: /private/\nSitemap: {self.origin}/sitemap.xml\n"
            case ["sitemap.xml"]:
                return 200, "application/xml", self._sitemap_index()
            case [name] if name.startswith("sitemap-"):
                return 200, "application/xml", self._sitemap(name.removeprefix("sitemap-").removesuffix(".xml"))
            case ["list"]:
                return self._list(int(query.removeprefix("page=") or 1))
            case ["feed"]:
                return 200, "application/rss+xml", self._feed(now)
            case ["live", number]:
                return self._live(int(number), now)
            case [year, month, day] if year.isdigit():
                return 200, "text/html", self._day(date(int(year), int(month), int(day)))
            case [_, _, name] if name.startswith("item-"):
                return self._page(int(name.removeprefix("item-")) - self.spare)
        return 404, "text/plain", "none\n"

    def _months(self) -> list[str]:
        return sorted({f"{self.at(number):%Y-%m}" for number in self.numbers})

    def _sitemap_index(self) -> str:
        entries = "".join(f"<sitemap><loc>{self.origin}/sitemap-{m}.xml</loc></sitemap>" for m in self._months())
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'

    def _sitemap(self, month: str) -> str:
        entries = "".join(
            f"<url><loc>{self.origin}{self.path(n)}</loc><lastmod>{self.at(n):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
            for n in self.numbers
            if self.in_sitemap(n) and f"{self.at(n):%Y-%m}" == month
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'

    def _list(self, page: int) -> tuple[int, str, str]:
        shown = [n for n in reversed(self.numbers) if self.in_list(n)]
        part = shown[(page - 1) * PAGE : page * PAGE]
        if not part:
            return 404, "text/plain", "none\n"
        more = f'<a class="next" href="/list?page={page + 1}">Older</a>' if page * PAGE < len(shown) else ""
        return 200, "text/html", f"<html><h1>News</h1><ul>{self._items(part)}</ul>{more}</html>"

    def _day(self, day: date) -> str:
        shown = [n for n in self.numbers if self.in_archive(n) and self.at(n).date() == day]
        return f"<html><h1>{day}</h1><ul>{self._items(shown)}</ul></html>"

    def _items(self, numbers: list[int]) -> str:
        return "".join(
            f'<li><a href="{self.path(n)}">Item {n + self.spare} of the press</a> '
            f'<time datetime="{self.at(n).isoformat()}">{self.at(n):%d %B %Y}</time></li>'
            for n in numbers
        )

    def _page(self, number: int) -> tuple[int, str, str]:
        match self.fate(number):
            case "gone":
                return 410, "text/plain", "gone\n"
            case "missing":
                return 404, "text/plain", "none\n"
            case "no-article":
                return 200, "text/html", HUB.format(links="".join(f"<li><a href='/t/{n}'>T{n}</a>" for n in range(40)))
        return 200, "text/html", self._article(f"Item {number + self.spare}", self.at(number), self.path(number))

    def _article(self, name: str, at: datetime, path: str) -> str:
        body = "".join(f"<p>{SENTENCE.format(n=f'{name} {i}')}</p>" for i in range(8))
        return ARTICLE.format(title=f"{name} of the press", date=at.isoformat(), url=f"{self.origin}{path}", body=body)

    # --- what is new

    def published(self, number: int) -> datetime:
        """When item `number` of the feed came out."""
        return datetime.fromtimestamp(number * EVERY.total_seconds(), UTC)

    def _feed(self, now: datetime) -> str:
        newest = int(now.timestamp() // EVERY.total_seconds())
        items = "".join(
            f"<item><title>Live {n} of the press</title><link>{self.origin}/live/{n}</link>"
            f"<pubDate>{format_datetime(self.published(n))}</pubDate></item>"
            for n in range(newest, newest - ITEMS, -1)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Press</title>{items}</channel></rss>'

    def _live(self, number: int, now: datetime) -> tuple[int, str, str]:
        if self.published(number) > now:
            return 404, "text/plain", "not yet\n"
        return 200, "text/html", self._article(f"Live {number}", self.published(number), f"/live/{number}")

    # --- from outside

    def environment(self) -> dict[str, str]:
        """What a crawler needs to reach it, and nothing else."""
        return {
            "DATELINE_RESOLVE": f"{HOST}=127.0.0.1",
            "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
            "DATELINE_CONTACT": "press-reader@localhost.example",
            "DATELINE_METRICS": "",
            "DATELINE_HOST_BUDGET": "1000000",
        }

    def log(self, agent: str = "") -> list[tuple[str, str]]:
        """(time of the publisher's clock, path) of every request so far, of those whose User-Agent names `agent`."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/log", headers={"Host": "log"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return [(at, path) for at, path, who in json.loads(answer.read()) if agent in who]

    def requests(self, agent: str = "") -> int:
        return len(self.log(agent))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(press: Press, clock: FastClock | None = None) -> Iterator[Press]:
    """The publisher as a process of its own, with the port that it has."""
    command = [sys.executable, "-m", "support.press", "serve", str(press.port), json.dumps(asdict(press))]
    process = subprocess.Popen(
        [*command, clock.as_text()] if clock else command,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None, "it is a pipe"
        port = process.stdout.readline()
        assert port, "the press did not start"
        yield replace(press, port=int(port))
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


async def serve(press: Press, clock: FastClock | None) -> None:
    log: list[tuple[str, str, str]] = []

    def now() -> datetime:
        return clock() if clock else datetime.fromtimestamp(time.time(), UTC)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                path = line.split()[1].decode()
                host = agent = ""
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    if header.lower().startswith(b"host:"):
                        host = header[5:].strip().decode()
                    elif header.lower().startswith(b"user-agent:"):
                        agent = header[11:].strip().decode()
                if host == "log":
                    status, kind, body = 200, "application/json", json.dumps(log)
                else:
                    log.append((now().isoformat(), path, agent))
                    status, kind, body = press.answer(path, now())
                content = body.encode()
                head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {len(content)}\r\n\r\n"
                writer.write(head.encode() + content)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", press.port, backlog=1024)
    press = replace(press, port=server.sockets[0].getsockname()[1])
    print(press.port, flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    press = Press(**json.loads(sys.argv[3]))
    clock = FastClock(**json.loads(sys.argv[4])) if len(sys.argv) > 4 else None
    asyncio.run(serve(press, clock))


if __name__ == "__main__":
    main()
