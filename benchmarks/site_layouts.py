"""Made-up news sites of several layouts, with the truth about every page: what a publisher's system prints around a text, and
what of it is the text.

    pages = [site.page(n) for n in range(50)]     # (url, html, Truth)

All is drawn from fixed seeds. Six habits, as seen on real sites: a modern template with everything in JSON-LD, a wire's plain
page, an old system's tables and line breaks, a weblog, a text cut into pieces by boxes, and a page built by scripts with
longer teasers than text. In each text stand lines that the site's system adds to all of them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from html import escape

from benchmarks.site_pages import ADJECTIVES, NAMES, NOUNS, VERBS, sentence

FIRST_NAMES = ["Ada", "Ines", "Tomas", "Mirela", "Joon", "Farid", "Lena", "Oskar", "Priya", "Hugo"]
ZONE = timezone(timedelta(hours=2))


@dataclass(frozen=True, slots=True)
class Truth:
    """What one article says."""

    number: int
    title: str
    lead: str | None
    body: tuple[str, ...]
    authors: tuple[str, ...]
    published: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Site:
    """A made-up site: its layout, and what its pages carry around the text."""

    name: str
    layout: str

    @property
    def host(self) -> str:
        return f"https://www.{self.name.lower().replace(' ', '-')}.example"

    def truth(self, number: int) -> Truth:
        rng = random.Random(f"{self.name}/{number}")
        title = f"{rng.choice(NAMES)} {rng.choice(VERBS)} {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} over {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} no {number}"
        short = rng.random() < 0.15
        body = [
            " ".join(sentence(rng) for _ in range(rng.randint(1, 4))) for _ in range(2 if short else rng.randint(5, 18))
        ]
        if not short and rng.random() < 0.4:
            body.insert(len(body) // 2, f"What the {rng.choice(NOUNS)} means for the {rng.choice(NOUNS)}")
        if not short and rng.random() < 0.3:
            body.insert(2, f"“{sentence(rng)[:-1]},” {rng.choice(NAMES)} said.")
        body.append(f"Report number {number} of the {rng.choice(NOUNS)} office was not available on Monday evening.")
        authors = tuple(
            dict.fromkeys(
                f"{rng.choice(FIRST_NAMES)} {rng.choice(NAMES)}" for _ in range(2 if rng.random() < 0.2 else 1)
            )
        )
        published = datetime(2026, 3, 1, 6, 0, tzinfo=ZONE) + timedelta(hours=7 * number, minutes=rng.randint(0, 59))
        lead = sentence(rng) if rng.random() < 0.8 else None
        return Truth(
            number, title, lead, tuple(body), authors, published, f"{self.host}/news/{number}-{rng.choice(NOUNS)}"
        )

    def page(self, number: int, layout: str | None = None) -> tuple[str, bytes, Truth]:
        """(address, page, truth); `layout`: as the site looks after a redesign."""
        truth = self.truth(number)
        rng = random.Random(f"{self.name}/{number}/noise")
        return truth.url, LAYOUTS[layout or self.layout](self, truth, rng).encode(), truth


# --- what pages have in common


def _head(site: Site, truth: Truth, *, linked: bool = True, suffix: str = " | ", social: bool = True) -> str:
    described = escape((truth.lead or truth.body[0])[:150])
    day = truth.published.isoformat()
    ld = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": truth.title,
        "datePublished": day,
        "author": [{"@type": "Person", "name": name} for name in truth.authors],
        "publisher": {"@type": "Organization", "name": site.name},
    }
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(truth.title)}{suffix}{site.name}</title>'
        f'<link rel="canonical" href="{truth.url}"><meta name="description" content="{described}">'
        + (
            f'<meta property="og:title" content="{escape(truth.title)}"><meta property="og:site_name" content="{site.name}">'
            f'<meta property="og:description" content="{described}">'
            if social
            else ""
        )
        + (f'<script type="application/ld+json">{json.dumps(ld)}</script>' if linked else "")
        + f"<script>window.__STATE__={json.dumps([truth.number] * 400)}</script></head>"
    )


def _menu(rng: random.Random, tag: str = "nav") -> str:
    links = "".join(f'<li><a href="/s/{i}">{rng.choice(NOUNS).title()}</a></li>' for i in range(60))
    return f'<{tag} class="menu-bar"><ul>{links}</ul></{tag}>'


def _teasers(site: Site, truth: Truth, rng: random.Random, number: int, classes: str) -> str:
    """Links to other articles of the site with their first sentences: mostly to the newest of that day, the same everywhere."""
    day = truth.number // 10 * 10
    shown = rng.sample(range(day, day + 40), number)
    others = [site.truth(1000 + n) for n in shown]
    return "".join(
        f'<div class="{classes}"><h3><a href="{other.url}">{escape(other.title)}</a></h3><p>{escape(other.lead or other.body[0])}</p></div>'
        for other in others
    )


def _comments(rng: random.Random, number: int) -> str:
    return "".join(f"<li><b>reader{i}</b><p>{sentence(rng)} {sentence(rng)}</p></li>" for i in range(number))


def _byline(truth: Truth) -> str:
    return " and ".join(escape(name) for name in truth.authors)


def _printed(truth: Truth) -> str:
    return f"{truth.published:%d %B %Y, %H:%M}"


# --- the layouts


def modern(site: Site, truth: Truth, rng: random.Random) -> str:
    paragraphs = [
        f"<p>{escape(text)}</p>" if text.endswith(("”", ".")) else f"<h2>{escape(text)}</h2>" for text in truth.body
    ]
    if len(paragraphs) > 4:
        paragraphs.insert(3, f'<p>Read also: <a href="/news/{rng.randint(1, 999)}">{sentence(rng)}</a></p>')
        paragraphs.insert(
            2, "<p>Get our free weekly briefing on diplomacy, delivered to your inbox every Friday morning.</p>"
        )
    lead = f'<p class="article__standfirst">{escape(truth.lead)}</p>' if truth.lead else ""
    return (
        _head(site, truth)
        + f'<body><header>{_menu(rng)}</header><main class="page"><article class="article"><div class="article__head">'
        f'<span class="article__kicker">{rng.choice(NOUNS)}</span><h1 class="article__title">{escape(truth.title)}</h1>{lead}'
        f'<div class="article__meta"><span class="article__author">By {_byline(truth)}</span><time datetime="{truth.published.isoformat()}">{_printed(truth)}</time></div></div>'
        f'<figure><img src="/i/{truth.number}.jpg" alt=""><figcaption>The harbour at dawn. Photo: Harbour Wire</figcaption></figure>'
        f'<div class="article__body">{"".join(paragraphs)}<p>Follow {site.name} on our channel to read the latest stories first.</p></div></article>'
        f'<section class="teaser-list"><h2>More news</h2>{_teasers(site, truth, rng, 12, "teaser-card")}</section><ul class="comments">{_comments(rng, rng.randint(0, 12))}</ul></main>'
        f"<footer>{_menu(rng)}</footer></body></html>"
    )


def wire(site: Site, truth: Truth, rng: random.Random) -> str:
    paragraphs = [f"<p>{escape(text)}</p>" for text in truth.body]
    paragraphs.insert(len(paragraphs) // 2, "<p>[iklan_2]</p>")
    lead = f'<h2 class="tit-sub">{escape(truth.lead)}</h2>' if truth.lead else ""
    return (
        _head(site, truth, linked=False)
        + f'<meta property="article:published_time" content="{truth.published.isoformat()}"><body><div id="wrap"><div class="gnb">{_menu(rng, "div")}</div>'
        f'<div class="title-zone"><h1 class="tit">{escape(truth.title)}</h1><div class="info"><span class="date">{_printed(truth)}</span> <span class="hit">{rng.randint(10, 9999)} views</span></div></div>'
        f'{lead}<div class="story-news">{"".join(paragraphs)}<p class="writer">{_byline(truth)}</p>'
        f"<p>Copyright {site.name}. Reproduction and redistribution without permission are prohibited.</p></div>"
        f'<div class="related-zone"><strong>Related</strong>{_teasers(site, truth, rng, 6, "item")}</div><div class="foot">{_menu(rng, "div")}</div></div></body></html>'
    )


def tables(site: Site, truth: Truth, rng: random.Random) -> str:
    text = "<br><br>\n".join(escape(line) for line in truth.body)
    lead = f'<tr><td class="sub"><b>{escape(truth.lead)}</b></td></tr>' if truth.lead else ""
    return (
        _head(site, truth, linked=False, suffix=" - ", social=False)
        + f'<body><table width="980"><tr><td class="left" valign="top">{_menu(rng, "div")}</td><td class="main" valign="top"><table class="art">'
        f'<tr><td class="headline"><h1>{escape(truth.title)}</h1></td></tr><tr><td class="info">By {_byline(truth)} | Published: <span class="pub">{_printed(truth)}</span></td></tr>{lead}'
        f'<tr><td class="txt">{text}<br><br>The views of our readers are welcome: write to the editors with your full name and town.<br><br>To the top of the page</td></tr></table></td>'
        f'<td class="right" valign="top">{_teasers(site, truth, rng, 15, "box")}</td></tr></table></body></html>'
    )


def weblog(site: Site, truth: Truth, rng: random.Random) -> str:
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in truth.body)
    lead = f'<div class="entry-chapo"><p>{escape(truth.lead)}</p></div>' if truth.lead else ""
    bio = f"{truth.authors[0]} writes about treaties and the sea from three capitals, and has done so for twenty years."
    return (
        _head(site, truth, suffix=" – ")
        + f'<body class="single postid-{truth.number}"><header>{_menu(rng)}</header><div id="content"><main><article id="post-{truth.number}" class="post-{truth.number} post hentry">'
        f'<header class="entry-header"><h1 class="entry-title">{escape(truth.title)}</h1><div class="entry-meta"><span class="author vcard"><a href="/author/x" rel="author">{_byline(truth)}</a></span> '
        f'<time class="entry-date" datetime="{truth.published.isoformat()}">{_printed(truth)}</time></div></header>{lead}<div class="entry-content">{paragraphs}'
        f"<p>If you liked this post, buy the author a coffee and tell a friend about {site.name}.</p><p>{escape(bio)}</p></div></article>"
        f'<div id="jp-relatedposts"><h3>Related</h3>{_teasers(site, truth, rng, 4, "jp-post")}</div><ol class="commentlist">{_comments(rng, rng.randint(3, 30))}</ol></main></div></body></html>'
    )


def pieces(site: Site, truth: Truth, rng: random.Random) -> str:
    blocks = []
    for index, text in enumerate(truth.body):
        blocks.append(f'<div class="sc-block sc-block--text"><div class="inner"><p>{escape(text)}</p></div></div>')
        if index % 3 == 1:
            blocks.append(
                '<div class="sc-block sc-block--promo"><div class="inner"><p>Advertising helps to pay for our work. Thank you for reading us without a blocker.</p></div></div>'
            )
    lead = f'<p class="c-lead">{escape(truth.lead)}</p>' if truth.lead else ""
    return (
        _head(site, truth)
        + f'<body><div id="app"><div class="top">{_menu(rng)}</div><div class="c-page"><div class="c-head"><h1 class="c-title">{escape(truth.title)}</h1>{lead}<div class="c-info"><span class="c-author">{_byline(truth)}</span>'
        f'<span class="c-date">{_printed(truth)}</span></div></div><div class="c-text">{"".join(blocks)}</div><div class="c-more">{_teasers(site, truth, rng, 20, "c-tile")}</div></div></div></body></html>'
    )


def scripted(site: Site, truth: Truth, rng: random.Random) -> str:
    paragraphs = "".join(f'<p class="css-1ygdjhk e1a2">{escape(text)}</p>' for text in truth.body)
    lead = f'<p class="css-zz9w8q intro-text">{escape(truth.lead)}</p>' if truth.lead else ""
    feed = _teasers(site, truth, rng, 14, "css-tdd4a3")
    return (
        _head(site, truth, social=True)
        + f'<body><div id="root"><div class="css-hnav">{_menu(rng, "div")}</div><div class="css-k2f9s1"><div class="css-m3q8zz"><h1 class="css-1vx9qhd" data-testid="headline">{escape(truth.title)}</h1>{lead}'
        f'<div class="css-vp77d3"><span class="css-name">{_byline(truth)}</span> · <time datetime="{truth.published.isoformat()}">{_printed(truth)}</time></div></div>'
        f'<section class="css-at9mc1" name="articleBody">{paragraphs}<p class="css-1ygdjhk e1a2">Our standards: how {site.name} checks what it prints, and corrects what was wrong.</p></section></div><div class="css-feed">{feed}</div></div></body></html>'
    )


LAYOUTS: dict[str, Callable[[Site, Truth, random.Random], str]] = {
    "modern": modern,
    "wire": wire,
    "tables": tables,
    "weblog": weblog,
    "pieces": pieces,
    "scripted": scripted,
}
SITES = (
    Site("Harbour Post", "modern"),
    Site("Strait Agency", "wire"),
    Site("Old Courier", "tables"),
    Site("Envoy Notes", "weblog"),
    Site("Corridor Daily", "pieces"),
    Site("Summit Live", "scripted"),
)
REDESIGNED = {
    "modern": "scripted",
    "wire": "modern",
    "tables": "weblog",
    "weblog": "pieces",
    "pieces": "wire",
    "scripted": "tables",
}
"""What each layout becomes in the benchmark's redesigns."""
