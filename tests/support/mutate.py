"""Pages as nobody would write them: the gold pages, cut, doubled, nested, mixed and sown with what has broken parsers before."""

from __future__ import annotations

from pathlib import Path
from random import Random

GOLD = Path(__file__).parents[1] / "gold"

SEEDS = [
    b"<div>", b"</div>", b"<p>", b"</p>", b"<table><tr><td>", b"</table>", b"<article>", b"</article>", b"<h1>", b"</h1>", b"<script>", b"</script>",
    b"<script type='application/ld+json'>", b"<time datetime='9999-99-99T99:99'>", b"<time datetime='0001-01-01'>", b"<meta property='og:title' content='",
    b"<meta name=author content='", b"<!--", b"-->", b"<![CDATA[", b"<svg><title>", b"<template>", b"<noscript>", b"<plaintext>", b"<frameset>", b"<base href='http://['>",
    b"<link rel=canonical href='//[::1'>", b"<a href='javascript:0'>", b"&#0;", b"&#x110000;", b"&#xD800;", b"&nbsp;", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80",
    b'{"@graph":', b'"@type":"NewsArticle"', b'"author":[[[[', b'"datePublished":1e400', b'"headline":{"@id":"#x"}', b"}}}]", b"\\ud800", b"\xe2\x80\xae", b"\xcc\x81" * 50,
    b"31.02.2026", b"29 Februari", "民國115年13月40日".encode(), "۱۴۰۵/۱۳/۳۲".encode(), b"By " * 40, b"https://" * 30, b"A" * 5_000, b" " * 20_000, b"1" * 400,
    b"<b>" * 300, b"<div>" * 2_500, b"<ul><li>" * 400, b"<a href=x>y</a>" * 300, b"<td>" * 500, b" class='" + b"x-" * 2_000 + b"'", b"<p " + b"a=b " * 500 + b">", b"?" * 1_000,
]  # fmt: skip
"""What is sown into pages."""


def gold_pages() -> list[bytes]:
    """The pages that are written for the tests."""
    return [path.read_bytes() for path in sorted(GOLD.glob("*/input.html"))]


def mutated(rng: Random, pages: list[bytes]) -> bytes:
    """A page made of these, changed in one to eight places. The same random numbers make the same page."""
    page = rng.choice(pages)
    for _ in range(rng.randint(1, 8)):
        start = rng.randrange(len(page) + 1)
        end = min(len(page), start + int(rng.paretovariate(0.4)))
        piece = page[start:end]
        match rng.randrange(7):
            case 0:
                page = page[:start] + page[end:]
            case 1:
                page = page[:end] + piece * rng.randint(1, 20) + page[end:]
            case 2:
                page = page[:start] + rng.randbytes(rng.randint(1, 12)) + page[end:]
            case 3 | 4:
                page = page[:start] + rng.choice(SEEDS) + page[start:]
            case 5:
                other = rng.choice(pages)
                cut = rng.randrange(len(other))
                page = page[:start] + other[cut : cut + 4_000] + page[end:]
            case 6:
                page = page.replace(
                    rng.choice((b"<p>", b"<div", b'"', b"utf-8", b" ")), rng.choice(SEEDS), rng.randint(1, 5)
                )
        page = page[:LARGEST]
    return page


LARGEST = 600_000
"""Bytes; a page that grows beyond is cut."""
