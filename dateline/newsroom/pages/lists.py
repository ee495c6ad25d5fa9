"""Pages that are no articles: the front page, a section's list, a photo gallery, and what stands where nothing stands."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dateline.newsroom.model import Article, SiteList, Trap
from dateline.newsroom.pages.common import Setting, advertisement, feed_links, links, menu, meta_charset, related
from dateline.newsroom.state import live_articles, path_at, version_at


def _frame(setting: Setting, title: str, main: str, url: str) -> str:
    site = setting.site
    direction = ' dir="rtl"' if site.language == "ar" else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{site.language}"{direction}>\n<head>\n{meta_charset(site)}\n<title>{escape(title)}</title>\n'
        f'<meta property="og:type" content="website">\n<meta property="og:url" content="{url}">\n{feed_links(setting)}</head>\n<body>\n'
        f'<header><a href="/">{escape(site.name)}</a><nav>{menu(site)}</nav></header>\n<main>\n{main}</main>\n{advertisement(setting, "side")}\n'
        f"<footer>{escape(site.name)}. {escape(site.labels.about)}</footer>\n</body>\n</html>\n"
    )


def _teaser(setting: Setting, article: Article) -> str:
    version = version_at(article, setting.now)
    assert version is not None, "only published articles are listed"
    text = version.text
    return (
        f'<div class="teaser"><h2><a href="{setting.url(path_at(article, setting.now))}">{escape(text.title)}</a></h2>'
        f"<p>{escape(text.lead or text.body[0][:120])}</p>"
        f'<time datetime="{setting.local(text.published).isoformat()}">{setting.printed(text.published)}</time></div>\n'
    )


def home_page(setting: Setting) -> str:
    """The front page: the newest articles."""
    teasers = "".join(_teaser(setting, article) for article in live_articles(setting.site, setting.now))
    most_read = f"<section><h3>{escape(setting.site.labels.most_read)}</h3><ol>{links(related(setting, None, 5))}</ol></section>\n"
    return _frame(setting, setting.site.name, teasers + most_read, setting.url("/"))


def section_page(setting: Setting, trap: Trap) -> str:
    """A section's list of headlines."""
    teasers = "".join(_teaser(setting, article) for article in live_articles(setting.site, setting.now))
    more = "".join(f'<li><a href="/tag/{n}">{escape(t)}</a></li>' for n, t in enumerate(setting.site.teasers, 1))
    return _frame(
        setting, trap.title, f"<h1>{escape(trap.title)}</h1>\n{teasers}<ul>{more}</ul>\n", setting.url(trap.path)
    )


def press_page(setting: Setting, articles: Sequence[Article], entry: SiteList | None, more: int | None) -> str:
    """One page of a list of press releases. `more`: the number of the next page; how it is asked for says `entry`."""
    further = ""
    if entry is not None and entry.next == "form":
        further = '<form id="pager" method="post"><input type="hidden" name="token" value="t1"></form>\n'
    elif entry is not None and entry.next == "query" and more is not None:
        further = f'<p class="pager"><a class="next" href="{entry.path}?page={more}">{more}</a></p>\n'
    teasers = "".join(_teaser(setting, article) for article in articles)
    return _frame(setting, setting.site.name, f"{teasers}{further}", setting.url(entry.path if entry else "/"))


def gallery_page(setting: Setting, trap: Trap) -> str:
    """Photos with a line each."""
    photos = "".join(
        f'<div class="slide"><img src="/media/gallery/{n}.png" alt=""><span>{n}/{len(setting.site.teasers)} {escape(teaser)}</span></div>\n'
        for n, teaser in enumerate(setting.site.teasers, 1)
    )
    return _frame(
        setting,
        trap.title,
        f'<h1>{escape(trap.title)}</h1>\n<div class="gallery">{photos}</div>\n',
        setting.url(trap.path),
    )


def lost_page(setting: Setting) -> str:
    """The page that stands where nothing stands. The status says which kind of nothing."""
    return _frame(
        setting, setting.site.name, f"<h1>404</h1>\n<ul>{links(related(setting, None, 5))}</ul>\n", setting.url("/")
    )
