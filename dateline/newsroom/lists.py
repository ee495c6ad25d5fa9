"""Lists of articles that are no feeds: sitemaps, pages with links, pages for each day, JSON. Pure."""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import escape
from urllib.parse import parse_qsl, urlsplit

from dateline.newsroom.model import Article, SiteList
from dateline.newsroom.pages import lost_page, press_page
from dateline.newsroom.pages.common import Setting
from dateline.newsroom.requests import Answer, Asked
from dateline.newsroom.state import live_articles, path_at, version_at

PAGE = 3
"""Articles on one page of a list: few, so that there are several."""
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS_SPACE = "http://www.google.com/schemas/sitemap-news/0.9"
_MONTH = re.compile(r"-(\d{4}-\d{2})\.xml$")
_DAY = re.compile(r"\d{4}/\d{2}/\d{2}")
_NEWS_HOURS = 48
"""How long a news sitemap keeps an article."""


def list_answer(setting: Setting, asked: Asked, path: str) -> Answer | None:
    """Answer a request for one of the site's lists. None if it is for something else."""
    query = dict(parse_qsl(urlsplit(asked.path).query))
    for entry in setting.site.lists:
        match entry.kind:
            case "sitemap" if path.startswith(entry.path.removesuffix(".xml")) and path.endswith(".xml"):
                return _sitemap(setting, entry, path)
            case "listing" if path == entry.path:
                return _listing(setting, entry, int((asked.form if entry.next == "form" else query).get("page", "1")))
            case "archive" if (day := _day(entry, path)) is not None:
                return _archive(setting, day)
            case "json" if path == entry.path:
                return _json(setting, entry, int(query.get("after", "0")))
    return None


def _articles(setting: Setting) -> list[Article]:
    return live_articles(setting.site, setting.now)


def _url(setting: Setting, article: Article) -> str:
    return setting.url(path_at(article, setting.now))


def _sitemap(setting: Setting, entry: SiteList, path: str) -> Answer:
    """The index names a map for each month, and one for the news of two days."""
    stem = entry.path.removesuffix(".xml")
    articles = _articles(setting)
    if path == entry.path:
        months = sorted({f"{setting.local(article.published):%Y-%m}" for article in articles})
        names = [f"{stem}-{month}.xml" for month in months] + [f"{stem}-news.xml"]
        maps = "".join(f"<sitemap><loc>{setting.url(name)}</loc></sitemap>" for name in names)
        return _xml(f'<sitemapindex xmlns="{_SPACE}">{maps}</sitemapindex>')
    if path == f"{stem}-news.xml":
        recent = [a for a in articles if (setting.now - a.published).total_seconds() <= _NEWS_HOURS * 3600]
        return _xml(_urlset("".join(_news_entry(setting, article) for article in recent)))
    month = _MONTH.search(path)
    shown = [a for a in articles if month and f"{setting.local(a.published):%Y-%m}" == month[1]]
    if not shown:
        return _html(setting, 404, lost_page(setting))
    entries = (
        f"<url><loc>{escape(_url(setting, a))}</loc><lastmod>{setting.local(_changed(setting, a)).isoformat()}</lastmod></url>"
        for a in shown
    )
    return _xml(_urlset("".join(entries)))


def _urlset(entries: str) -> str:
    return f'<urlset xmlns="{_SPACE}" xmlns:news="{_NEWS_SPACE}">{entries}</urlset>'


def _news_entry(setting: Setting, article: Article) -> str:
    version = version_at(article, setting.now)
    assert version is not None, "only published articles are listed"
    published = setting.local(version.text.published).isoformat()
    return (
        f"<url><loc>{escape(_url(setting, article))}</loc><news:news><news:publication><news:name>{escape(setting.site.name)}"
        f"</news:name><news:language>{setting.site.language}</news:language></news:publication><news:publication_date>{published}"
        f"</news:publication_date><news:title>{escape(version.text.title)}</news:title></news:news></url>"
    )


def _changed(setting: Setting, article: Article) -> datetime:
    version = version_at(article, setting.now)
    assert version is not None, "only published articles are listed"
    return version.since


def _listing(setting: Setting, entry: SiteList, number: int) -> Answer:
    articles = _articles(setting)
    shown = articles[(number - 1) * PAGE : number * PAGE]
    more = number + 1 if len(articles) > number * PAGE else None
    return _html(setting, 200, press_page(setting, shown, entry, more))


def _day(entry: SiteList, path: str) -> str | None:
    """The day (YYYY/MM/DD) in the address of an archive page; None for any other address."""
    before, _, rest = entry.path.partition("{date:")
    after = rest.partition("}")[2]
    if not path.startswith(before) or not path.endswith(after):
        return None
    day = path[len(before) : len(path) - len(after)]
    return day if _DAY.fullmatch(day) else None


def _archive(setting: Setting, day: str) -> Answer:
    shown = [a for a in _articles(setting) if f"{setting.local(a.published):%Y/%m/%d}" == day]
    if not shown:
        return _html(setting, 404, lost_page(setting))
    return _html(setting, 200, press_page(setting, shown, None, None))


def _json(setting: Setting, entry: SiteList, after: int) -> Answer:
    articles = _articles(setting)
    items = []
    for article in articles[after : after + PAGE]:
        version = version_at(article, setting.now)
        assert version is not None, "only published articles are listed"
        published = setting.local(version.text.published).isoformat()
        items.append({"href": path_at(article, setting.now), "headline": version.text.title, "published": published})
    cursor = after + PAGE if entry.next == "cursor" and len(articles) > after + PAGE else None
    body = json.dumps({"items": items, "next": cursor}, ensure_ascii=False)
    return Answer(200, (("Content-Type", "application/json"),), body.encode())


def _xml(text: str) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
    return Answer(200, (("Content-Type", "application/xml"),), body.encode())


def _html(setting: Setting, status: int, text: str) -> Answer:
    kind = f"text/html; charset={setting.site.charset}"
    return Answer(status, (("Content-Type", kind),), text.encode(setting.site.charset, "xmlcharrefreplace"))
