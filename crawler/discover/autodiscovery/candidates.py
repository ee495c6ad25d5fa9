"""Where a site may show its articles: homepage, headers, robots.txt -> candidates to probe, the likeliest first. Pure.

Nothing here is a channel yet. Sites answer 200 where there is no feed, and name feeds that died years ago; a probe must see
live items (`ranking`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal
from urllib.parse import urljoin, urlsplit

from archive.model.source import Channel, Next
from archive.model.text.urls import clean_url, same_site, url_key
from crawler.discover.autodiscovery.needs_browser import shell
from crawler.discover.lists.guess import guess_links
from crawler.discover.parsing.article_like import points
from crawler.discover.parsing.claims import plain_text
from crawler.discover.parsing.link_header import parse_link_header
from crawler.discover.parsing.page import Element, Page, open_page
from crawler.extract.markup.document import shown

Found = Literal["link", "header", "robots", "cms", "anchor", "section", "well-known", "homepage"]
Doubt = Literal["comments", "other-site", "one-tag", "one-author", "no-news", "whole-host"]

CANDIDATE_LIMIT = 60
SECTION_LIMIT = 10
ELEMENT_LIMIT = 5_000
"""Links, scripts and the like that are looked at."""

_FEED_TYPES = frozenset(
    ["application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/xml", "application/xml"]
)  # fmt: skip
_FEED_HREF = re.compile(
    r"(?:^|[/._=-])(?:rss|atom|feeds?|rdf)(?:\d?\.\w+|[/?&.]|$)|\.(?:rss|atom|rdf)(?:$|\?)", re.IGNORECASE
)
_COMMENTS = re.compile(
    r"comments?(?:/feed|$|[-_/?=&])|feed=comments|commentaires|kommentar|comentario|komentar|bình luận|评论|댓글|コメント|комментар",
    re.IGNORECASE,
)
_TAG = re.compile(r"/(?:tags?|topics?|keywords?|labels?)/[^/]+/", re.IGNORECASE)
_AUTHOR = re.compile(r"/(?:authors?|users?|people|profiles?)/[^/]+/", re.IGNORECASE)
_NO_NEWS = re.compile(
    r"podcast|/jobs?[/.]|vacanc|tender|/events?[/.]|/calendar|weather|oembed|opensearch|photo|video|gallery",
    re.IGNORECASE,
)
_FEED_HOSTS = re.compile(r"(?:^|\.)(?:feedburner\.com|feedblitz\.com|feedpress\.\w+|rss\.app)$", re.IGNORECASE)

_NEWS_PATH = re.compile(
    r"/(?:latest[-_]?)?(?:news(?:room|-?list|-and-\w+)?|press(?:[-_]?(?:releases?|room|cent(?:er|re)|statements?|service))?|media[-_]?(?:cent(?:er|re)|room|releases?)|statements?"
    r"|speeches|briefings?|releases|announcements|communiques?|updates|articles?|publications|commentary|analysis|actualites?|communiques-de-presse|presse(?:mitteilungen)?"
    r"|aktuelles|nachrichten|noticias|sala-de-prensa|comunicados|prensa|noticie|notizie|comunicati|comunicacao|imprensa|novosti|aktualnosci|wiadomosci|haberler|aciklamalar|basin"
    r"|berita|siaran-pers|tin-tuc|thoi-su|the-gioi|xinwen|akhbar)(?:[/.?-]|$)",
    re.IGNORECASE,
)
_NEWS_WORDS = re.compile(
    r"\b(?:news|press releases?|newsroom|statements?|speeches|briefings?|announcements|latest|actualités?|communiqués?|presse|aktuelles|nachrichten|noticias|comunicados|prensa|notizie|comunicati"
    r"|notícias|imprensa|новости|заявления|брифинги|новини|aktualności|wiadomości|haberler|açıklamalar|berita|siaran pers|tin tức|thời sự|thế giới|أخبار|الأخبار|بيانات|اخبار|خبرها)\b"
    r"|新闻|新聞|要闻|外交部发言人|声明|公告|보도자료|뉴스|소식|브리핑|記者会見|報道発表|ニュース|お知らせ",
    re.IGNORECASE,
)

_FRONT_PAGE = re.compile(r"/(?:(?:index|default|home|main)(?:\.\w{2,5})?/?)$", re.IGNORECASE)
_WELL_KNOWN_FEEDS = ("/feed/", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_WELL_KNOWN_SITEMAPS = (
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_news.xml",
)
_WP_POSTS = "wp/v2/posts?per_page=50&_fields=link,title,date_gmt"
_PRIOR: dict[Found, int] = {
    "link": 90, "header": 85, "cms": 80, "robots": 75, "anchor": 65, "section": 45, "well-known": 30, "homepage": 20,
}  # fmt: skip
_PENALTY = 60
_ARTICLE = 2
"""Points (`article_like`) from which on a page below a section is rather an article than a section of its own."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A channel that may exist.

    `found` says where it was seen, and `doubts` why it is probably not what is wanted. Candidates with doubts come
    last, and are never proposed before one without.
    """

    channel: Channel
    found: Found
    title: str | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def prior(self) -> int:
        """The order of probing: higher first."""
        news = 5 if re.search(r"news|press", self.channel.url, re.IGNORECASE) else 0
        return _PRIOR[self.found] + news - _PENALTY * len(self.doubts)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The candidates of a homepage.

    `empty` means that the page has no text and no links without a browser, so that a browser may see more.
    """

    candidates: tuple[Candidate, ...]
    title: str | None = None
    language: str | None = None
    empty: bool = False


def discover(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    link_headers: Sequence[str] = (),
    robots_sitemaps: Sequence[str] = (),
) -> Discovery:
    """Find the candidates of the homepage at `url` (after redirects), each channel once, by falling prior, then as
    found.

    `link_headers` are the values of the answer's Link headers. `robots_sitemaps` are the addresses of robots.txt's
    Sitemap lines.
    """
    page = open_page(body, url, content_type)
    found = list(_of_headers(link_headers, url))
    if page is not None:
        found += [*_of_links(page), *_of_cms(page), *_of_anchors(page), *_sections(page)]
    found += [_sitemap(clean, "robots", url) for raw in robots_sitemaps[:50] if (clean := clean_url(raw, url))]
    found += _well_known(url)
    if page is not None and guess_links(page):
        found.append(Candidate(Channel("listing", clean_url(url) or url), "homepage"))
    best: dict[tuple[str, str], Candidate] = {}
    for candidate in (_wide(candidate, url) for candidate in found):
        key = (candidate.channel.kind, url_key(candidate.channel.url))
        if key not in best or candidate.prior > best[key].prior:
            best[key] = candidate if key not in best else replace(candidate, title=candidate.title or best[key].title)
    ranked = sorted(best.values(), key=lambda candidate: -candidate.prior)[:CANDIDATE_LIMIT]
    if page is None:
        return Discovery(tuple(ranked), empty=True)
    return Discovery(tuple(ranked), _title(page), page.tree.get("lang") or None, shell(page) is not None)


def _of_headers(values: Sequence[str], url: str) -> Iterator[Candidate]:
    for value in values[:20]:
        for target, parameters in parse_link_header(value):
            relations = parameters.get("rel", "").lower().split()
            if "alternate" in relations and _is_feed_type(parameters.get("type")):
                yield from _feed(clean_url(target, url), "header", url, parameters.get("title"))
            elif "https://api.w.org/" in relations:
                yield from _wp_posts(clean_url(target, url))


def _of_links(page: Page) -> Iterator[Candidate]:
    for element in _first(page, "link"):
        relations = (element.get("rel") or "").lower().split()
        if "alternate" in relations and _is_feed_type(element.get("type")):
            yield from _feed(page.address(element.get("href")), "link", page.url, element.get("title"))
        elif "sitemap" in relations and (address := page.address(element.get("href"))):
            yield _sitemap(address, "link", page.url)


_FEEDS_OF_CMS = {
    "drupal": "/rss.xml",
    "joomla": "/?format=feed&type=rss",
    "ghost": "/rss/",
    "hugo": "/index.xml",
}
"""Where content management systems offer their feed, by the names that they give themselves in `<meta name=generator>`."""


def _of_cms(page: Page) -> Iterator[Candidate]:
    """Find what the content management system offers without saying so."""
    generators = _generators(page)
    links = [e.get("href") for e in _first(page, "link") if "https://api.w.org/" in (e.get("rel") or "").split()]
    if links or "wordpress" in generators or _refers_to(page, "/wp-content/"):
        yield from _of_wordpress(page, (page.address(links[0]) if links else None) or urljoin(page.url, "/wp-json/"))
    for name, path in _FEEDS_OF_CMS.items():
        if name in generators or (name == "drupal" and _refers_to(page, "/sites/default/files/")):
            yield from _feed(urljoin(page.url, path), "cms", page.url)


def _generators(page: Page) -> str:
    """Return what the page says that it was made with, in small letters."""
    metas = (e for e in _first(page, "meta") if (e.get("name") or "").lower() == "generator")
    return " ".join(e.get("content") or "" for e in metas).lower()


def _of_wordpress(page: Page, api: str) -> Iterator[Candidate]:
    """List the feed, the posts as JSON, and the sitemap of a WordPress site whose REST API has the address `api`."""
    root = api.partition("wp-json")[0].partition("?")[0]  # WordPress may live in a folder
    yield from _feed(urljoin(root, "feed/"), "cms", page.url)
    yield from _wp_posts(api)
    yield _sitemap(urljoin(root, "wp-sitemap.xml"), "cms", page.url)


def _wp_posts(root: str | None) -> Iterator[Candidate]:
    """The posts of a WordPress site as JSON: complete, and paged to the first one."""
    if root is None:
        return
    if "rest_route=" in root:  # a site without pretty addresses
        address = root.rstrip("/") + "/" + _WP_POSTS.replace("?", "&")
    else:
        address = root.rstrip("/") + "/" + _WP_POSTS
    channel = Channel(
        "json",
        address,
        items="[]",
        links="link",
        title="title.rendered",
        date="join('', [date_gmt, 'Z'])",
        next=Next(url=f"{address}&page={{page}}"),
    )
    yield Candidate(channel, "cms")


def _of_anchors(page: Page) -> Iterator[Candidate]:
    for element in _first(page, "a"):
        href = element.get("href") or ""
        if _FEED_HREF.search(href) and (address := page.address(href)):
            yield from _feed(address, "anchor", page.url, shown(element)[:200])


def _sections(page: Page) -> Iterator[Candidate]:
    """Pages of the site that are called news: by address first, then by the link's text."""
    by_path: dict[str, Element] = {}
    by_text: dict[str, Element] = {}
    for element in _first(page, "a"):
        address = page.address(element.get("href"))
        if address is None or not same_site(address, page.url) or url_key(address) == url_key(page.url):
            continue
        text = shown(element)
        if len(text) > 40 or _FEED_HREF.search(urlsplit(address).path):
            continue
        parts = [part for part in urlsplit(address).path.split("/") if part]
        if len(parts) <= 3 and _is_news(parts, address, text):
            by_path.setdefault(address, element)
        elif _NEWS_WORDS.search(text):
            by_text.setdefault(address, element)
    for address, element in list((by_path | by_text).items())[:SECTION_LIMIT]:
        yield Candidate(Channel("listing", address), "section", plain_text(shown(element), 200))


def _is_news(parts: Sequence[str], address: str, text: str) -> bool:
    """Whether the address is of a page called news, or below one and not an article."""
    if parts and _NEWS_PATH.search(f"/{parts[-1]}"):
        return True
    return bool(_NEWS_PATH.search(urlsplit(address).path)) and points(address, text) < _ARTICLE


def _well_known(url: str) -> list[Candidate]:
    folder = _folder(url)
    places = [
        *_WELL_KNOWN_FEEDS,
        *([folder + "feed/", folder + "rss.xml", folder[:-1] + ".atom"] if folder != "/" else []),
    ]
    found = [candidate for path in places for candidate in _feed(urljoin(url, path), "well-known", url)]
    return found + [_sitemap(urljoin(url, path), "well-known", url) for path in _WELL_KNOWN_SITEMAPS]


def _folder(url: str) -> str:
    """The part of the host that a homepage speaks for: `/government/organisations/x/`, mostly `/`."""
    path = _FRONT_PAGE.sub("/", urlsplit(url).path or "/")
    return path if path.endswith("/") else path + "/"


def _wide(candidate: Candidate, homepage: str) -> Candidate:
    """A homepage in a folder is one of several on its host. What was not seen on it, and lies outside of the folder,
    answers for all of them: the feed of another office, or of all languages."""
    path = urlsplit(candidate.channel.url).path
    if candidate.found not in ("well-known", "robots", "cms") or f"{path.rstrip('/')}/".startswith(_folder(homepage)):
        return candidate
    if path == _folder(homepage)[:-1] + ".atom":
        return candidate
    return replace(candidate, doubts=(*candidate.doubts, "whole-host"))


def _feed(address: str | None, found: Found, homepage: str, title: str | None = None) -> Iterator[Candidate]:
    if address is None:
        return
    title = plain_text(title, 200)
    yield Candidate(Channel("feed", address), found, title, tuple(_doubts(address, title or "", homepage)))


def _sitemap(address: str, found: Found, homepage: str) -> Candidate:
    doubts: tuple[Doubt, ...] = () if same_site(address, homepage) else ("other-site",)
    return Candidate(Channel("sitemap", address), found, None, doubts)


def _doubts(address: str, title: str, homepage: str) -> Iterator[Doubt]:
    parts = urlsplit(address)
    rest = f"{parts.path}?{parts.query}"
    if _COMMENTS.search(rest) or _COMMENTS.search(title):
        yield "comments"
    if not same_site(address, homepage) and not _FEED_HOSTS.search(parts.hostname or ""):
        yield "other-site"
    if _TAG.search(rest):
        yield "one-tag"
    if _AUTHOR.search(rest):
        yield "one-author"
    if _NO_NEWS.search(rest):
        yield "no-news"


def _is_feed_type(declared: str | None) -> bool:
    return (declared or "").partition(";")[0].strip().lower() in _FEED_TYPES


def _refers_to(page: Page, part: str) -> bool:
    """Whether scripts, styles or pictures of the page come from such a folder of the site."""
    for tag, name in (("link", "href"), ("script", "src"), ("img", "src")):
        for element in _first(page, tag):
            raw = element.get(name) or ""
            if part in raw and (address := page.address(raw)) and same_site(address, page.url):
                return True
    return False


def _first(page: Page, tag: str) -> Iterator[Element]:
    """The elements of a kind, as many as an honest page has."""
    return islice(page.tree.iter(tag), ELEMENT_LIMIT)


def _title(page: Page) -> str | None:
    for element in _first(page, "meta"):
        if (element.get("property") or "").lower() == "og:site_name" and (
            name := plain_text(element.get("content"), 200)
        ):
            return name
    return next((plain_text(shown(element), 200) for element in page.tree.iter("title")), None)


def more_feeds(body: bytes, url: str, content_type: str | None = None) -> tuple[Candidate, ...]:
    """The feeds that another page of a site names: a section's, or a page "RSS" with one for each subject."""
    page = open_page(body, url, content_type)
    found = [*_of_links(page), *_of_anchors(page)] if page is not None else []
    return tuple(candidate for candidate in found if candidate.channel.kind == "feed")
