"""Homepages that show their articles in other ways than by one good feed: for autodiscovery. Pure; all of it is invented.

Each is a small site of its own with the same few articles, a way to them that works (or none), and decoys that answer as if
they were one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import TypeAlias

from dateline.newsroom.model import START
from dateline.newsroom.requests import Answer, Asked

_HEADLINES = (
    "Ministers agree on joint patrols in the northern strait",
    "Envoys meet again over the disputed fishing grounds",
    "Parliament ratifies the treaty on river navigation",
    "Trade talks resume after a pause of three months",
    "Foreign minister begins a visit to five island states",
    "Council extends its mission on the eastern border",
    "Ambassadors summoned after the incident at the port",
    "Neighbours sign an agreement on shared satellite data",
)
_PARAGRAPHS = (
    "The decision was announced in the capital on the evening after two days of talks behind closed doors. Officials of both "
    "sides called the meeting open and useful, and said that the experts would go on with the details next week.",
    "According to the text that was read to reporters, the parties will set up a joint committee of twelve members, which is to "
    "report twice a year. A clause on the settlement of disputes had been the most difficult part, a diplomat said.",
    "Observers recalled that an earlier attempt had failed four years ago. This time the delegations were smaller, and the "
    "agenda was limited to three points, all of which had been prepared by their staff since the autumn.",
)


@dataclass(frozen=True, slots=True)
class Item:
    """An article of a homepage's site."""

    path: str
    title: str
    published: datetime


def _items(newest: datetime = START - timedelta(hours=3), step: timedelta = timedelta(hours=9)) -> tuple[Item, ...]:
    found = []
    for number, title in enumerate(_HEADLINES):
        at = newest - number * step
        slug = "-".join(title.lower().split()[:6])
        found.append(Item(f"/{at:%Y/%m/%d}/{slug}", title, at))
    return tuple(found)


ITEMS = _items()
OLD = _items(datetime.fromisoformat("2016-05-04T10:00:00+00:00"))

Page: TypeAlias = "str | Answer"


@dataclass(frozen=True, slots=True)
class Homepage:
    """A site for autodiscovery.

    `working` names the channels, as (kind, path), of which autodiscovery must find one. Without any there is no way
    without a browser. `decoys` are paths that must not be taken for one. `pages` are by path. `{base}` in them is the
    site's address.
    """

    host: str
    about: str
    working: tuple[tuple[str, str], ...]
    pages: Callable[[], Mapping[str, Page]]
    decoys: tuple[str, ...] = ()
    articles: bool = True
    """Whether the articles can be read without a browser."""
    robots: str = "User-agent: *\nDisallow:\n"
    headers: tuple[tuple[str, str], ...] = field(default=())
    """Headers of the homepage's answer."""

    def url(self, path: str, port: int) -> str:
        return f"http://{self.host}:{port}{path}"


def homepage_answer(site: Homepage, asked: Asked, port: int) -> Answer:
    """What the site answers. It is the same at all times."""
    base = f"http://{site.host}:{port}"
    if asked.path == "/robots.txt":
        return _text(site.robots.replace("{base}", base), "text/plain")
    page = site.pages().get(asked.path)
    if page is None:
        item = next((item for item in (*ITEMS, *OLD) if item.path == asked.path), None)
        if item is None:
            return Answer(
                404, (("Content-Type", "text/html; charset=utf-8"),), b"<html><body><h1>404</h1></body></html>"
            )
        page = _article(item) if site.articles else _SCRIPTS
    answer = _text(page, _type_of(page)) if isinstance(page, str) else page
    headers = tuple((name, value.replace("{base}", base)) for name, value in answer.headers)
    if asked.path == "/":
        headers += tuple((name, value.replace("{base}", base)) for name, value in site.headers)
    return Answer(answer.status, headers, answer.body.replace(b"{base}", base.encode()))


def _text(text: str, kind: str) -> Answer:
    return Answer(200, (("Content-Type", f"{kind}; charset=utf-8"),), text.encode())


def _type_of(text: str) -> str:
    if text.startswith(("{", "[")):
        return "application/json"
    return "text/xml" if text.startswith("<?xml") else "text/html"


# --- pages


def _front(title: str, body: str, head: str = "", language: str = "en") -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8"><title>{escape(title)}</title>\n{head}</head>\n'
        f"<body>\n{body}\n<footer><a href='/about'>About</a> <a href='/contact'>Contact</a></footer>\n</body>\n</html>\n"
    )


_WELCOME = (
    "<h1>Welcome</h1><p>" + "This is the site of an invented institution, which does not exist anywhere. " * 8 + "</p>"
)


def _alternate(path: str, title: str, kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" title="{escape(title)}" href="{path}">\n'


def _list(items: Sequence[Item]) -> str:
    rows = "".join(
        f'<li><a href="{item.path}">{escape(item.title)}</a> <span class="date">{item.published:%d %B %Y}</span></li>\n'
        for item in items
    )
    return f"<main><h1>News</h1><ul class='news'>\n{rows}</ul></main>"


def _article(item: Item) -> str:
    text = "".join(f"<p>{paragraph}</p>\n" for paragraph in _PARAGRAPHS)
    return _front(
        item.title,
        f'<article><h1>{escape(item.title)}</h1><time datetime="{item.published.isoformat()}">{item.published:%d %B %Y}</time>\n{text}</article>',
        '<meta property="og:type" content="article">\n',
    )


def _rss(items: Sequence[Item], *, site: str = "{base}", comments: bool = False) -> str:
    entries = "".join(
        f"<item><title>{'By a reader on: ' if comments else ''}{escape(item.title)}</title><link>{site}{item.path}</link>"
        f'<guid isPermaLink="false">{site}{item.path}{f"#comment-{number}" if comments else ""}</guid>'
        f"<pubDate>{format_datetime(item.published)}</pubDate></item>\n"
        for number, item in enumerate(items)
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>News</title><link>{site}/</link>\n{entries}</channel></rss>\n'


def _urlset(items: Sequence[Item]) -> str:
    entries = "".join(
        f"<url><loc>{{base}}{item.path}</loc><lastmod>{item.published.isoformat()}</lastmod></url>\n" for item in items
    )
    return f'<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'


def _index(*paths: str) -> str:
    entries = "".join(f"<sitemap><loc>{{base}}{path}</loc></sitemap>\n" for path in paths)
    return f'<?xml version="1.0"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</sitemapindex>\n'


def _menu(*entries: tuple[str, str]) -> str:
    return "<nav>" + " ".join(f'<a href="{path}">{escape(name)}</a>' for path, name in entries) + "</nav>"


_FIXED = _urlset([Item(path, "", START) for path in ("/about", "/contact", "/imprint", "/privacy", "/jobs")])
_SCRIPTS = _front(
    "Loading", '<div id="root"></div><script src="/static/app.js"></script><script>window.__STATE__={}</script>'
)
_SECTIONS = _front(
    "Newsroom",
    "<h1>Newsroom</h1><ul>"
    + "".join(f'<li><a href="/offices/{n}-{name}">{name.title()}</a></li>' for n, name in enumerate(("consular-service-and-visas", "protocol-and-visits-office", "archives-and-library-office", "training-and-career-office"), 1001))
    + "</ul>",
)  # fmt: skip
_OFFICES = {
    f"/offices/{n}-{name}": _front(name.title(), f"<h1>{name.title()}</h1><ul><li><a href='/about'>Hours</a></li></ul>")
    for n, name in enumerate(
        (
            "consular-service-and-visas",
            "protocol-and-visits-office",
            "archives-and-library-office",
            "training-and-career-office",
        ),
        1001,
    )
}


# --- the sites


def _gazette() -> Mapping[str, Page]:
    head = (
        _alternate("/comments/feed/", "The Gazette » Comments Feed")
        + _alternate("/tag/strait/feed/", "The Gazette » strait Tag Feed")
        + _alternate("http://www.harbour-times.example/feeds/all.xml", "Our partner")
        + _alternate("/feed/", "The Gazette » Feed")
    )
    return {
        "/": _front("The Gazette | News and views", _list(ITEMS[:3]), head),
        "/feed/": _rss(ITEMS),
        "/comments/feed/": _rss(ITEMS, comments=True),
        "/tag/strait/feed/": _rss(ITEMS[:1]),
    }


def _weblog() -> Mapping[str, Page]:
    """WordPress, whose feed is switched off: it leads back to the homepage."""
    posts = [
        {"link": f"{{base}}{item.path}", "title": {"rendered": item.title}, "date_gmt": item.published.strftime("%Y-%m-%dT%H:%M:%S")}
        for item in ITEMS
    ]  # fmt: skip
    head = (
        '<meta name="generator" content="WordPress 6.9">\n<link rel="https://api.w.org/" href="{base}/wp-json/">\n'
        + _alternate("/comments/feed/", "Comments Feed")
    )
    front = _front("Pine Review", _WELCOME, head)
    return {
        "/": front,
        "/feed/": front,
        "/comments/feed/": _rss(ITEMS, comments=True),
        "/wp-json/wp/v2/posts?per_page=50&_fields=link,title,date_gmt": json.dumps(posts),
    }


def _drupal() -> Mapping[str, Page]:
    head = '<meta name="Generator" content="Drupal 10 (https://www.drupal.org)">\n'
    return {"/": _front("Institute of Straits", _WELCOME, head), "/rss.xml": _rss(ITEMS)}


def _ministry() -> Mapping[str, Page]:
    """No feed anywhere; a page "Newsroom" that is a menu, and the press releases."""
    menu = _menu(
        ("/newsroom", "Newsroom"), ("/the-ministry/press-releases", "Press releases"), ("/the-ministry", "The ministry")
    )
    return {
        "/": _front("Ministry of Foreign Affairs", menu + _WELCOME),
        "/newsroom": _SECTIONS,
        "/the-ministry/press-releases": _front("Press releases", _list(ITEMS)),
        **_OFFICES,
    }


def _by_sitemap() -> Mapping[str, Page]:
    return {
        "/": _front("The Almanac", _WELCOME),
        "/maps/index.xml": _index("/maps/pages.xml", "/maps/news-2024.xml"),
        "/maps/pages.xml": _FIXED,
        "/maps/news-2024.xml": _urlset(ITEMS),
    }


def _fixed_sitemap() -> Mapping[str, Page]:
    """A sitemap of fixed pages only, all changed today; the news are a list."""
    return {
        "/": _front("The Bulletin", _menu(("/latest-news", "Latest news")) + _WELCOME),
        "/sitemap.xml": _FIXED,
        "/latest-news": _front("Latest news", _list(ITEMS)),
    }


def _by_header() -> Mapping[str, Page]:
    return {"/": _front("Courier of the South", _WELCOME), "/out/atom": _rss(ITEMS)}


def _stale() -> Mapping[str, Page]:
    """The feed that the page names stopped in 2016."""
    head = _alternate("/rss.xml", "News")
    return {
        "/": _front("Centre for Straits", _menu(("/news", "News")) + _WELCOME, head),
        "/rss.xml": _rss(OLD),
        "/news": _front("News", _list(ITEMS)),
    }


def _page_of_feeds() -> Mapping[str, Page]:
    """At the feed's address stands a web page with the feeds."""
    head = _alternate("/rss", "RSS")
    feeds = "<h1>RSS</h1><ul><li><a href='/rss/news.xml'>News</a></li><li><a href='/rss/jobs/vacancies.xml'>Jobs</a></li></ul>"
    return {
        "/": _front("The Broadcaster", _WELCOME, head),
        "/rss": _front("RSS feeds", feeds),
        "/rss/news.xml": _rss(ITEMS),
        "/rss/jobs/vacancies.xml": _rss(ITEMS[:2]),
    }


def _foreign_feed() -> Mapping[str, Page]:
    """The feed is a collection of what others wrote."""
    head = _alternate("/in-the-press.xml", "In the press")
    return {
        "/": _front("Forum for Security", _menu(("/commentary", "Commentary")) + _WELCOME, head),
        "/in-the-press.xml": _rss(ITEMS, site="http://elsewhere.example"),
        "/commentary": _front("Commentary", _list(ITEMS)),
    }


def _hidden_comments() -> Mapping[str, Page]:
    """The feed with an innocent name holds readers' comments."""
    head = _alternate("/xml/all", "All")
    return {
        "/": _front("The Debate", _WELCOME, head),
        "/xml/all": _rss(ITEMS, comments=True),
        "/atom.xml": _rss(ITEMS),
    }


def _folder() -> Mapping[str, Page]:
    moved = Answer(302, (("Location", "{base}/en/home"), ("Content-Type", "text/html")))
    return {
        "/": moved,
        "/en/home": _front("Home | Straits Radio", _WELCOME, _alternate("/en/feed.xml", "English")),
        "/en/feed.xml": _rss(ITEMS),
    }


def _scripted() -> Mapping[str, Page]:
    return {"/": _SCRIPTS, "/sitemap-news.xml": _urlset(ITEMS)}


def _scripts_only() -> Mapping[str, Page]:
    return {"/": _SCRIPTS}


def _none() -> Mapping[str, Page]:
    """An institution that publishes nothing."""
    menu = _menu(("/newsroom", "Newsroom"), ("/offices/1001-consular-service-and-visas", "Visas"))
    return {"/": _front("Harbour Office", menu + _WELCOME), "/newsroom": _SECTIONS, "/sitemap.xml": _FIXED, **_OFFICES}


HOMEPAGES: Mapping[str, Homepage] = {
    site.host: site
    for site in (
        Homepage("www.gazette.example", "one good feed among decoys", (("feed", "/feed/"),), _gazette, ("/comments/feed/", "/tag/strait/feed/")),
        Homepage("www.pine-review.example", "WordPress without feeds", (("json", "/wp-json/wp/v2/posts?per_page=50&_fields=link,title,date_gmt"),), _weblog, ("/feed/", "/comments/feed/")),
        Homepage("www.straits-institute.example", "Drupal that names no feed", (("feed", "/rss.xml"),), _drupal),
        Homepage("www.foreign-ministry.example", "a ministry without any feed", (("listing", "/the-ministry/press-releases"),), _ministry, ("/newsroom",)),
        Homepage("www.almanac.example", "robots.txt names an index of sitemaps", (("sitemap", "/maps/index.xml"),), _by_sitemap, robots="User-agent: *\nDisallow:\n\nSitemap: {base}/maps/index.xml\n"),
        Homepage("www.bulletin.example", "a sitemap of fixed pages", (("listing", "/latest-news"),), _fixed_sitemap, ("/sitemap.xml",)),
        Homepage("www.courier-south.example", "the feed is named by a Link header", (("feed", "/out/atom"),), _by_header, headers=(("Link", '<{base}/out/atom>; rel="alternate"; type="application/rss+xml"'),)),
        Homepage("www.straits-centre.example", "a stale feed", (("listing", "/news"),), _stale, ("/rss.xml",)),
        Homepage("www.broadcaster.example", "a web page at the feed's address", (("feed", "/rss/news.xml"),), _page_of_feeds, ("/rss", "/rss/jobs/vacancies.xml")),
        Homepage("www.security-forum.example", "a feed of other sites' articles", (("listing", "/commentary"),), _foreign_feed, ("/in-the-press.xml",)),
        Homepage("www.debate.example", "a feed of comments with an innocent name", (("feed", "/atom.xml"),), _hidden_comments, ("/xml/all",)),
        Homepage("www.straits-radio.example", "a homepage in a folder", (("feed", "/en/feed.xml"),), _folder),
        Homepage("www.scripted.example", "made in the browser, with a sitemap", (("sitemap", "/sitemap-news.xml"),), _scripted, articles=False),
        Homepage("www.scripts-only.example", "made in the browser, all of it", (), _scripts_only),
        Homepage("www.harbour-office.example", "no news at all", (), _none, ("/newsroom", "/sitemap.xml")),
        Homepage("www.closed.example", "robots.txt closes the site", (), _gazette, robots="User-agent: *\nDisallow: /\n"),
    )
}  # fmt: skip
"""By host."""
