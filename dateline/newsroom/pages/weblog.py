"""A page made by a common blog system: entry-title, entry-content, times in meta tags."""

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


def weblog_page(setting: Setting, article: Article, text: Text) -> str:
    """The article's own page."""
    site, labels, noise = setting.site, setting.site.labels, setting.noise
    pictures = "".join(
        f'<figure class="wp-caption aligncenter"><img src="{escape(p.path)}" alt="">'
        f'<figcaption class="wp-caption-text">{escape(p.caption)} © {escape(p.credit)}</figcaption></figure>\n'
        for p in text.pictures
    )
    lead = f'<div class="entry-chapo"><p>{escape(text.lead)}</p></div>\n' if text.lead else ""
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in text.body)
    author = f'<span class="author vcard">{byline(site, text)}</span> ' if text.authors else ""
    meta_author = f'<meta name="author" content="{escape(", ".join(text.authors))}">\n' if text.authors else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{site.language}">\n<head>\n{meta_charset(site)}\n'
        f"<title>{escape(text.title)} – {escape(site.name)}</title>\n"
        f'<meta name="description" content="{description(text)}">\n{meta_author}{robots_meta(article)}'
        f'<link rel="canonical" href="{canonical(setting, article)}">\n{feed_links(setting)}{open_graph(setting, article, text)}'
        '<meta name="generator" content="WordPress 6.4.3">\n</head>\n<body class="single single-post">\n'
        f'<header id="masthead"><p class="site-title"><a href="/" rel="home">{escape(site.name)}</a></p><nav>{menu(site)}</nav></header>\n'
        f'<div id="content"><main>\n<article id="post-{number_of(article.id)}" class="post hentry">\n<header class="entry-header">'
        f'<h1 class="entry-title">{escape(text.title)}</h1>\n<div class="entry-meta">{author}'
        f'<time class="entry-date published" datetime="{setting.local(text.published).isoformat()}">{setting.printed(text.published)}</time>'
        f'</div></header>\n{lead}<div class="entry-content">\n{pictures}{body}</div>\n'
        f'<footer class="entry-footer"><div class="sharedaddy">{escape(labels.share)}</div></footer>\n</article>\n'
        f'<div id="jp-relatedposts"><h3>{escape(labels.related)}</h3><ul>{links(related(setting, article, 3))}</ul></div>\n'
        f'<div id="comments"><h2>{escape(labels.comments)} ({noise.comments})</h2><input type="hidden" name="akismet" value="{noise.token[:24]}"></div>\n'
        f'</main><aside id="secondary"><h2>{escape(labels.most_read)}</h2><ul>{links(related(setting, article))}</ul>{advertisement(setting, "side")}'
        f"<p>{noise.views} {escape(labels.views)}</p></aside></div>\n"
        f'<footer id="colophon">{escape(site.name)} · {escape(labels.about)}</footer>\n</body>\n</html>\n'
    )


def number_of(name: str) -> int:
    """A number for an id, the same in every process."""
    return int.from_bytes(name.encode()[:4], "big") % 100_000
