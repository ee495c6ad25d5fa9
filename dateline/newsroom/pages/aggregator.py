"""An aggregator's page of a machine-translated copy: the headline only in the head, the photo in a table, an advertisement's shortcode that was
translated along with the text, and the original behind one word."""

from __future__ import annotations

from html import escape

from dateline.newsroom.model import Article, Text
from dateline.newsroom.pages.common import (
    Setting,
    advertisement,
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
from dateline.newsroom.pages.soup import photo_table
from dateline.newsroom.state import path_at


def original_url(setting: Setting, article: Article) -> str | None:
    """The address of the copied article, as the link says."""
    if article.original is None:
        return None
    site_id, _, article_id = article.original.partition("/")
    site = setting.sites[site_id]
    source = next(a for a in site.articles if a.id == article_id)
    return site.url(path_at(source, setting.now), setting.port)


def aggregator_page(setting: Setting, article: Article, text: Text) -> str:
    """The article's own page."""
    site, labels, noise = setting.site, setting.site.labels, setting.noise
    photos = "".join(
        photo_table(f"{p.path}?rt={noise.token[:14]}", f"{p.caption} ({labels.photo}: {p.credit})")
        for p in text.pictures
    )
    lead = f'<p class="sapo"><strong>{escape(text.lead)}</strong></p>\n' if text.lead else ""
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in text.body)
    original = original_url(setting, article)
    source = (
        f'<br>[iklan_2]\n<br><a href="{escape(original)}" rel="nofollow">{escape(labels.photo)} </a>\n'
        if original
        else ""
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{site.language}">\n<head>\n{meta_charset(site)}\n'
        f"<title>{escape(text.title)} - {escape(site.name)}</title>\n"
        f'<meta name="description" content="{description(text)}">\n<meta name="csrf-token" content="{noise.token}">\n'
        f'<link rel="canonical" href="{canonical(setting, article)}">\n{feed_links(setting)}{robots_meta(article)}'
        f"{open_graph(setting, article, text)}</head>\n<body>\n"
        f'<header class="hd"><a href="/">{escape(site.name)}</a><nav>{menu(site)}</nav></header>\n{advertisement(setting, "top")}\n'
        f'<div class="wrapper"><div class="detail">\n'
        f'<div class="info"><time datetime="{setting.local(text.published).isoformat()}">{setting.printed(text.published)}</time>'
        f" <i>{noise.views} {escape(labels.views)}</i></div>\n"
        f'<div class="detail-content">\n{lead}{photos}{body}{source}</div>\n<br><br>\n<br>\n'
        f'<div class="comment-box"><h3>{escape(labels.comments)} ({noise.comments})</h3><form><input type="hidden" name="_token" value="{noise.token[:32]}"></form></div>\n'
        f'</div>\n<div class="sidebar"><h3>{escape(labels.related)}</h3><ul>{links(related(setting, article))}</ul>{advertisement(setting, "side")}</div></div>\n'
        f"<footer>{escape(site.name)}. {escape(labels.about)}</footer>\n</body>\n</html>\n"
    )
