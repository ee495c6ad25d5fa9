"""The web of the load benchmark: thousands of small sites on one port, told apart by Host. `python load_server.py PORT CLOCK`.

Each site has a feed of five items, a new one every `EVERY` hours of the benchmark's clock; feeds answer 304 in between.
`GET /count` on any other host tells how many feed requests there were, and how many of them were answered with 304.
"""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from datetime import timedelta
from email.utils import format_datetime

from support.fast import FastClock

EVERY = 6.0
ITEMS = 5
ARTICLE = """<!doctype html><html lang="en"><head><title>{title}</title><meta property="article:published_time" content="{date}">
<link rel="canonical" href="{url}"></head><body><article><h1>{title}</h1><p>By Ada Whitlock</p>{body}</article></body></html>"""
SENTENCE = (
    "The delegations of both sides met at the old customs house and spoke about item {n} of the agenda for an hour."
)


class Web:
    def __init__(self, port: int, clock: FastClock) -> None:
        self.port = port
        self.clock = clock
        self.polls = self.unchanged = self.others = 0

    def edition(self, host: str) -> int:
        """How many items the site has published; sites publish at times of their own."""
        hours = (self.clock().timestamp() / 3600) + zlib.crc32(host.encode()) % 1000 / 1000 * EVERY
        return int(hours / EVERY)

    def answer(self, host: str, path: str, headers: dict[str, str]) -> tuple[int, str, bytes, str]:
        if path == "/count":
            counted = {"polls": self.polls, "unchanged": self.unchanged, "others": self.others}
            return 200, "application/json", json.dumps(counted).encode(), ""
        if path == "/feed":
            self.polls += 1
            newest = self.edition(host)
            tag = f'"{newest}"'
            if headers.get("if-none-match") == tag:
                self.unchanged += 1
                return 304, "", b"", tag
            return 200, "application/rss+xml", self.feed(host, newest), tag
        self.others += 1
        if path.startswith("/a/"):
            number = int(path[3:])
            url = f"http://{host}/a/{number}"
            body = "".join(f"<p>{SENTENCE.format(n=number * 10 + i)}</p>" for i in range(8))
            page = ARTICLE.format(
                title=f"Item {number} of {host}", date=self.date(number).isoformat(), url=url, body=body
            )
            return 200, "text/html; charset=utf-8", page.encode(), ""
        return 404, "text/plain", b"none\n", ""

    def date(self, number: int) -> object:
        from datetime import UTC, datetime

        return datetime.fromtimestamp(number * EVERY * 3600, UTC) - timedelta(minutes=1)

    def feed(self, host: str, newest: int) -> bytes:
        items = "".join(
            f"<item><title>Item {n} of {host}</title><link>http://{host}/a/{n}</link>"
            f"<pubDate>{format_datetime(self.date(n))}</pubDate></item>"  # type: ignore[arg-type]
            for n in range(newest, newest - ITEMS, -1)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'.encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                path = line.split()[1].decode()
                headers = {}
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode("latin-1").partition(":")
                    headers[name.strip().lower()] = value.strip()
                status, kind, body, tag = self.answer(headers.get("host", ""), path, headers)
                head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n"
                head += f"Content-Type: {kind}\r\n" if kind else ""
                head += f"ETag: {tag}\r\n" if tag else ""
                writer.write(head.encode() + b"\r\n" + body)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


async def main() -> None:
    port, clock = int(sys.argv[1]), FastClock(**json.loads(sys.argv[2]))
    web = Web(port, clock)
    server = await asyncio.start_server(web.serve, "127.0.0.1", port, backlog=4096)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
