"""A made-up news site for benchmarks: pages of 100-300 KB with the furniture of real ones, and a server for them.

The text is drawn from a small vocabulary with a fixed seed, so every run reads the same pages. Each article ends with a
sentence that names its number: what was archived can be checked.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable
from pathlib import Path

NOUNS = [
    "minister",
    "ambassador",
    "treaty",
    "strait",
    "harbour",
    "border",
    "envoy",
    "summit",
    "council",
    "delegation",
    "embassy",
    "sanction",
    "tariff",
    "patrol",
    "cable",
    "fishery",
    "mediator",
    "dispute",
    "statement",
    "ceasefire",
    "convoy",
    "resolution",
    "assembly",
    "commission",
    "province",
    "corridor",
    "pipeline",
    "visa",
]
VERBS = [
    "said",
    "announced",
    "rejected",
    "confirmed",
    "discussed",
    "postponed",
    "signed",
    "condemned",
    "welcomed",
    "reviewed",
    "proposed",
    "denied",
]
ADJECTIVES = [
    "joint",
    "foreign",
    "bilateral",
    "disputed",
    "northern",
    "regional",
    "senior",
    "formal",
    "new",
    "cautious",
    "lasting",
    "economic",
    "maritime",
]
NAMES = [
    "Whitlock",
    "Okonjo",
    "Brandvik",
    "Serrano",
    "Halloran",
    "Petrides",
    "Lindqvist",
    "Marchetti",
    "Duarte",
    "Kovalenko",
    "Ismaili",
    "Thornbury",
]
GLUE = ["after", "before", "while", "because", "although", "and", "but", "as", "since", "until"]


def sentence(rng: random.Random) -> str:
    def clause() -> str:
        return (
            f"the {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} {rng.choice(VERBS)} the {rng.choice(NOUNS)} "
            f"of the {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}"
        )

    text = f"{clause()} {rng.choice(GLUE)} {clause()}"
    if rng.random() < 0.3:
        text += f", {rng.choice(NAMES)} {rng.choice(VERBS)} on Monday"
    return text[0].upper() + text[1:] + "."


def marker(number: int) -> str:
    """The sentence by which an article is known again."""
    return f"This report carries the registry number {number:05d} of the harbour office."


def page(number: int, base: str) -> bytes:
    """Article number `number`: head, scripts, navigation, text, picture, related boxes, comments, footer."""
    rng = random.Random(number)
    title = f"{rng.choice(NAMES)} {rng.choice(VERBS)} {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} in talks no {number}"
    paragraphs = [" ".join(sentence(rng) for _ in range(rng.randint(2, 5))) for _ in range(rng.randint(8, 30))]
    paragraphs.append(marker(number))
    day = (
        f"2026-{rng.randint(1, 9):02}-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:00+00:00"
    )
    ld = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": day,
        "author": [{"@type": "Person", "name": f"Ada {rng.choice(NAMES)}"}],
        "image": [f"{base}/i/{number}.jpg"],
        "publisher": {"@type": "Organization", "name": "Harbour Wire"},
    }
    links = "".join(
        f'<li class="nav__item nav__item--{i}"><a href="/s/{i}" data-track="nav|{rng.random()}"><span class="nav__icon">'
        f'<svg viewBox="0 0 24 24"><path d="M{i} 4h16v2H4z"/></svg></span><span class="nav__text">{rng.choice(NOUNS).title()}</span></a></li>'
        for i in range(120)
    )
    cards = "".join(
        f'<div class="grid__cell"><article class="card card--{i % 5}"><div class="card__media"><a href="/a/{rng.randint(0, 99999)}">'
        f'<picture><source srcset="/t/{i}-640.webp 640w, /t/{i}-320.webp 320w"><img src="/t/{i}.jpg" alt="" loading="lazy" width="320"></picture></a></div>'
        f'<div class="card__body"><span class="card__kicker">{rng.choice(NOUNS)}</span><h3 class="card__title"><a href="/a/{i}">{sentence(rng)}</a></h3>'
        f'<p class="card__text">{sentence(rng)}</p><div class="card__meta"><time>{rng.randint(1, 23)} hours ago</time><span>3 min</span></div></div></article></div>'
        for i in range(90)
    )
    comments = "".join(
        f'<li class="comment"><b>reader{i}</b><p>{sentence(rng)}</p></li>' for i in range(rng.randint(0, 20))
    )
    script = json.dumps({f"k{i}": [rng.random() for _ in range(6)] for i in range(rng.randint(300, 1300))})
    style = "".join(
        f".c{i}-{rng.randint(0, 9999)}{{margin:{i}px;padding:{i % 7}px;color:#{i:06x}}}" for i in range(500)
    )
    body = "".join(
        f'<div class="block block--text"><p class="article__text">{text.replace("treaty", "<a href=/t/treaty>treaty</a>")}</p></div>'
        + (
            '<div class="block block--ad"><div class="ad"><div id="slot"></div><span>Advertisement</span></div></div>'
            if i % 4 == 3
            else ""
        )
        for i, text in enumerate(paragraphs)
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Harbour Wire</title>
<link rel="canonical" href="{base}/a/{number}"><meta property="og:title" content="{title}"><meta property="og:site_name" content="Harbour Wire">
<meta name="description" content="{paragraphs[0][:150]}"><meta property="article:published_time" content="{day}"><style>{style}</style>
<script type="application/ld+json">{json.dumps(ld)}</script><script>window.__STATE__={script}</script></head>
<body><header><nav><ul>{links}</ul></nav></header><main><div class="layout"><div class="layout__main"><article class="article">
<h1 class="article__title">{title}</h1><div class="article__meta"><span class="byline">By Ada {rng.choice(NAMES)}</span><time datetime="{day}">{day[:10]}</time></div>
<figure><img src="/i/{number}.jpg" alt=""><figcaption>The harbour at dawn. Photo: Harbour Wire</figcaption></figure>
<div class="article__body">{body}</div></article><section class="comments"><h2>Comments</h2><ul>{comments}</ul></section></div>
<aside class="layout__side"><h2>Most read</h2>{cards}</aside></div></main><footer><ul>{links}</ul></footer></body></html>""".encode()


def feed(pages: Iterable[int], base: str) -> bytes:
    items = "".join(f"<item><title>no {n}</title><link>{base}/a/{n}</link></item>" for n in pages)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Wire</title>{items}</channel></rss>'.encode()
    )


def write(folder: Path, pages: int, base: str) -> int:
    """Write the pages and the feed; returns the bytes of all pages."""
    total = 0
    for number in range(pages):
        data = page(number, base)
        total += len(data)
        (folder / f"{number}.html").write_bytes(data)
    (folder / "feed.xml").write_bytes(feed(range(pages), base))
    return total


class _Server(asyncio.Protocol):
    """One connection. No streams: they take as long as all the rest, of the machine that is measured."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            self._answer(head.split(b" ", 2)[1].decode())

    def _answer(self, path: str) -> None:
        status, kind, body = "404 Not Found", "text/plain", b"not found"
        try:
            if path == "/feed":
                body = (self._folder / "feed.xml").read_bytes()
                status, kind = "200 OK", "application/rss+xml"
            elif path.startswith("/a/"):
                body = (self._folder / f"{path.removeprefix('/a/')}.html").read_bytes()
                status, kind = "200 OK", "text/html; charset=utf-8"
        except FileNotFoundError:
            pass
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.writelines([head.encode(), body])


async def serve(folder: Path, port: int) -> None:
    """Serve the folder until killed: `/a/<n>`, `/feed`; anything else is 404. HTTP/1.1 with keep-alive."""
    server = await asyncio.get_running_loop().create_server(lambda: _Server(folder), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    import sys

    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
