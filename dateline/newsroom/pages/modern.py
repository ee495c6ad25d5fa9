"""A modern newspaper page: HTML5 elements, JSON-LD, figure and figcaption; and its AMP variant."""

from __future__ import annotations

import json
from html import escape
from typing import Any

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
from dateline.newsroom.state import path_at


def json_ld(setting: Setting, article: Article, text: Text) -> str:
    """The article as schema.org NewsArticle, in a @graph with the site around it."""
    site = setting.site
    piece: dict[str, Any] = {
        "@type": "NewsArticle",
        "@id": f"{canonical(setting, article)}#article",
        "mainEntityOfPage": canonical(setting, article),
        "headline": text.title,
        "datePublished": setting.local(text.published).isoformat(),
        "inLanguage": site.language,
        "articleSection": article.section,
        "author": [{"@type": "Person", "name": name} for name in text.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": site.name, "logo": setting.url("/media/logo.png")},
        "isAccessibleForFree": True,
    }
    if text.modified is not None:
        piece["dateModified"] = setting.local(text.modified).isoformat()
    if text.lead is not None:
        piece["description"] = text.lead
    if text.pictures:
        piece["image"] = [
            {"@type": "ImageObject", "url": setting.url(p.path), "caption": p.caption, "creditText": p.credit}
            for p in text.pictures
        ]
    graph = [{"@type": "WebSite", "@id": setting.url("/#site"), "url": setting.url("/"), "name": site.name}, piece]
    data = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return '<script type="application/ld+json">' + data.replace("</", "<\\/") + "</script>\n"


def _figures(text: Text) -> str:
    return "".join(
        f'<figure><img src="{escape(p.path)}" alt=""><figcaption><span class="caption">{escape(p.caption)}</span> '
        f'<span class="credit">{escape(p.credit)}</span></figcaption></figure>\n'
        for p in text.pictures
    )


def _paragraphs(setting: Setting, article: Article, text: Text) -> str:
    """The body, with an advertisement and a box of links between its paragraphs."""
    out = []
    for number, paragraph in enumerate(text.body):
        out.append(f"<p>{escape(paragraph)}</p>\n")
        if number == 1:
            out.append(advertisement(setting, "inline"))
        if number == 2 and len(text.body) > 4:
            out.append(
                f'<aside class="related-inline"><h4>{escape(setting.site.labels.related)}</h4>'
                f"<ul>{links(related(setting, article, 2))}</ul></aside>\n"
            )
    return "".join(out)


def modern_page(setting: Setting, article: Article, text: Text) -> str:
    """The article's own page."""
    site, labels = setting.site, setting.site.labels
    direction = ' dir="rtl"' if site.language == "ar" else ""
    amp = (
        f'<link rel="amphtml" href="{setting.url("/amp" + path_at(article, setting.now))}">\n'
        if "amp" in site.variants
        else ""
    )
    lead = f'<p class="standfirst">{escape(text.lead)}</p>\n' if text.lead else ""
    updated = (
        f' <span class="updated">{escape(labels.updated)} <time datetime="{setting.local(text.modified).isoformat()}">'
        f"{setting.printed(text.modified)}</time></span>"
        if text.modified
        else ""
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{site.language}"{direction}>\n<head>\n{meta_charset(site)}\n'
        f"<title>{escape(text.title)} | {escape(site.name)}</title>\n"
        f'<meta name="viewport" content="width=device-width">\n<meta name="description" content="{description(text)}">\n'
        f'<meta name="csrf-token" content="{setting.noise.token}">\n'
        f'<link rel="canonical" href="{canonical(setting, article)}">\n{amp}{feed_links(setting)}'
        f"{robots_meta(article)}{open_graph(setting, article, text, times=False)}{json_ld(setting, article, text)}</head>\n<body>\n"
        f'<header><a class="logo" href="/">{escape(site.name)}</a><nav>{menu(site)}</nav></header>\n'
        f"{advertisement(setting, 'top')}\n<main>\n<article>\n<h1>{escape(text.title)}</h1>\n{lead}"
        f'<div class="meta"><span class="byline">{byline(site, text)}</span> '
        f'<time datetime="{setting.local(text.published).isoformat()}">{setting.printed(text.published)}</time>{updated}'
        f' <span class="views">{setting.noise.views} {escape(labels.views)}</span></div>\n'
        f'{_figures(text)}<div class="article-body">\n{_paragraphs(setting, article, text)}</div>\n</article>\n'
        f'<div class="share">{escape(labels.share)}: <a href="#">X</a> <a href="#">Facebook</a></div>\n'
        f'<section class="comments"><h3>{escape(labels.comments)} ({setting.noise.comments})</h3>'
        f'<form><input type="hidden" name="csrf" value="{setting.noise.token[16:]}"></form></section>\n</main>\n'
        f"<aside><h3>{escape(labels.most_read)}</h3><ol>{links(related(setting, article))}</ol></aside>\n"
        f"<footer><p>© 2024 {escape(site.name)}. {escape(labels.about)}</p></footer>\n</body>\n</html>\n"
    )


def amp_page(setting: Setting, article: Article, text: Text) -> str:
    """The AMP variant: the same text with less around it, and the article's own page named as canonical."""
    site = setting.site
    lead = f'<p class="standfirst">{escape(text.lead)}</p>\n' if text.lead else ""
    figures = "".join(
        f'<amp-img src="{escape(p.path)}" width="640" height="360" layout="responsive"></amp-img>'
        f"<p><small>{escape(p.caption)} {escape(p.credit)}</small></p>\n"
        for p in text.pictures
    )
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in text.body)
    return (
        f'<!doctype html>\n<html ⚡ lang="{site.language}">\n<head>\n<meta charset="{site.charset}">\n'
        f"<title>{escape(text.title)}</title>\n"
        f'<link rel="canonical" href="{canonical(setting, article)}">\n'
        '<meta name="viewport" content="width=device-width,minimum-scale=1">\n'
        '<script async src="https://cdn.ampproject.org/v0.js"></script>\n'
        f"{json_ld(setting, article, text)}</head>\n<body>\n<article>\n<h1>{escape(text.title)}</h1>\n{lead}"
        f"<p>{byline(site, text)} · {setting.printed(text.published)}</p>\n{figures}{body}</article>\n"
        f'<amp-pixel src="{setting.url("/pixel")}?r={setting.noise.token[:10]}"></amp-pixel>\n</body>\n</html>\n'
    )
