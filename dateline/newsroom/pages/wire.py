"""A news agency's page: plain, times and author in meta tags, no JSON-LD."""

from __future__ import annotations

from html import escape

from dateline.newsroom.model import Article, Text
from dateline.newsroom.pages.common import (
    Setting,
    advertisement,
    byline,
    canonical,
    description,
    feed_links,
    links,
    menu,
    meta_charset,
    open_graph,
    related,
    robots_meta,
)


def wire_page(setting: Setting, article: Article, text: Text) -> str:
    """The article's own page."""
    site, labels = setting.site, setting.site.labels
    pictures = "".join(
        f'<div class="article-photo"><span class="img"><img src="{escape(p.path)}" alt="{escape(p.caption)}"></span>'
        f'<p class="txt-desc">{escape(p.caption)} ({escape(p.credit)})</p></div>\n'
        for p in text.pictures
    )
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in text.body)
    lead = f'<h2 class="tit-sub">{escape(text.lead)}</h2>\n' if text.lead else ""
    modified = (
        f' <span class="update"><strong>{escape(labels.updated)}</strong> {setting.printed(text.modified)}</span>'
        if text.modified
        else ""
    )
    authors = "".join(f'<meta name="author" content="{escape(name)}">\n' for name in text.authors)
    return (
        f'<!DOCTYPE html>\n<html lang="{site.language}">\n<head>\n{meta_charset(site)}\n'
        f"<title>{escape(text.title)} | {escape(site.name)}</title>\n"
        f'<meta name="description" content="{description(text)}">\n{authors}{robots_meta(article)}'
        f'<link rel="canonical" href="{canonical(setting, article)}">\n{feed_links(setting)}'
        f"{open_graph(setting, article, text)}"
        f'<script>var _token="{setting.noise.token}";</script>\n</head>\n<body>\n<div id="wrap">\n'
        f'<div class="header"><h1 class="logo"><a href="/">{escape(site.name)}</a></h1><div class="gnb">{menu(site)}</div></div>\n'
        f'<div class="container">\n<div class="title-article01"><h1 class="tit">{escape(text.title)}</h1>\n'
        f'<div class="info"><span class="category">{escape(article.section)}</span> '
        f'<span class="date">{setting.printed(text.published)}</span>{modified} '
        f'<span class="hit">{escape(labels.views)} {setting.noise.views}</span></div></div>\n'
        f'{lead}<div class="article-story">\n{pictures}{body}<p class="writer">{byline(site, text)}</p>\n</div>\n'
        f'<div class="article-share">{escape(labels.share)}</div>\n{advertisement(setting, "bottom")}\n'
        f'<div class="related-zone"><strong>{escape(labels.related)}</strong><ul>{links(related(setting, article))}</ul></div>\n'
        f'<div class="reply">{escape(labels.comments)} <em>({setting.noise.comments})</em></div>\n</div>\n'
        f'<div class="footer">© {escape(site.name)} {escape(labels.about)}</div>\n</div>\n</body>\n</html>\n'
    )
