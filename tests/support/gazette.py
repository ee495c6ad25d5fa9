"""A small site with a template of its own, which can be redesigned: the same articles on pages of two layouts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from support.hostile import HTML, XML, Server, http, rss

HOST = "gazette.example"
NEWSLETTER = "Get the weekly letter of our editors, free, every Friday morning."
ABOUT = (
    "<p>The Gazette has been printed in the old harbour quarter since 1851, and its editors read every letter they are sent.</p>"
    "<p>Readers who bring a coin of that year to the office are shown around the cellar, where the first press stands.</p>"
)
NOUNS = (
    "harbour",
    "border",
    "treaty",
    "embassy",
    "cable",
    "fishery",
    "pipeline",
    "visa",
    "ferry",
    "railway",
    "bridge",
    "dam",
)
PLACES = ("Vell", "Marn", "Ostrava", "Tarsk", "Quilla", "Bento", "Sorne", "Palu", "Ghent", "Ruse", "Lorca", "Mitte")


@dataclass
class Piece:
    """An article of the site. `views` is printed on its page, and no edit."""

    number: int
    title: str = ""
    lead: str = ""
    body: list[str] = field(default_factory=list)
    author: str = ""
    views: int = 0

    def __post_init__(self) -> None:
        noun, place = NOUNS[self.number % 12], PLACES[(self.number * 5 + self.number // 12) % 12]
        self.title = f"Ministers discuss the {noun} at {place}, part {self.number}"
        self.lead = (
            f"The ministers of two countries met at {place} and spoke about the {noun} for {self.number + 2} hours."
        )
        self.author = f"Ada {PLACES[self.number % 7]}"
        self.body = [
            f"Delegation {self.number} arrived at {place} on Monday, and its members spoke of the {noun} before the talks began.",
            f"The minister said that paragraph {self.number} of the draft on the {noun} would be discussed again in {place} next month.",
            f"Officials from {place} declined to say whether the other side had agreed to {self.number + 3} of the points on its list.",
            f"A joint statement on the {noun} was promised for the evening, but {self.number + 20} hours later there was none.",
            f"Observers in {place} pointed out that talks number {self.number} had begun in the same way and ended without a word.",
        ]

    @property
    def path(self) -> str:
        return f"/news/{self.number}"

    def old_page(self, url: str) -> str:
        text = "".join(f"<p>{escape(line)}</p>" for line in self.body)
        return (
            self._head(url)
            + f'<body><div class="top"><a href="/">Gazette</a></div><div class="story"><h1 class="headline">{escape(self.title)}</h1><p class="standfirst">{escape(self.lead)}</p>'
            f'<div class="info"><span class="writer">By {self.author}</span> <span class="when">2 November 2026, 09:{self.number:02}</span></div>'
            f'<div class="story-text">{text}<p>{NEWSLETTER}</p></div><div class="counter">{self.views} readers</div></div></body></html>'
        )

    def new_page(self, url: str) -> str:
        text = "".join(f'<div class="piece"><p class="t">{escape(line)}</p></div>' for line in self.body)
        return (
            self._head(url)
            + f'<body><div id="app"><section class="opening"><h1>{escape(self.title)}</h1><div class="intro"><p>{escape(self.lead)}</p></div><ul class="signed"><li>{self.author}</li></ul>'
            f'<time datetime="2026-11-02T09:{self.number:02}:00+00:00">today</time></section><section class="reading">{text}</section>'
            f'<section class="offer"><p>Read {self.views} more stories with an account, which costs nothing and takes a minute.</p></section></div></body></html>'
        )

    def moved_page(self, url: str) -> str:
        """The new layout in which another box has the name that the text's had."""
        page = self.new_page(url).replace("<h1>", '<h1 class="headline">')
        return page.replace('<section class="offer">', f'<div class="story-text">{ABOUT}</div><section class="offer">')

    def _head(self, url: str) -> str:
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)} | Gazette</title>'
            f'<link rel="canonical" href="{url}"><meta property="og:title" content="{escape(self.title)}">'
            f'<meta name="description" content="{escape(self.lead)}"><meta name="author" content="{self.author}">'
            f'<meta property="article:published_time" content="2026-11-02T09:{self.number:02}:00+00:00"></head>'
        )


@dataclass
class Gazette:
    """The site on a server. Publish after every change."""

    server: Server
    pieces: list[Piece]
    redesigned: bool = False
    moved: bool = False

    def publish(self) -> None:
        server = self.server
        server.routes[HOST, "/robots.txt"] = http("404 Not Found", b"")
        server.routes[HOST, "/feed"] = http("200 OK", rss(server.url(HOST, ""), *(p.path for p in self.pieces)), XML)
        for piece in self.pieces:
            piece.views += 1  # no two answers are the same bytes
            url = server.url(HOST, piece.path)
            shown = piece.moved_page if self.moved else piece.new_page if self.redesigned else piece.old_page
            server.routes[HOST, piece.path] = http("200 OK", shown(url).encode(), HTML)
