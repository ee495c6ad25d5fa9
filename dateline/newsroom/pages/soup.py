"""Tag soup: nested divs, inline styles, a photo in a table, boxes between the paragraphs, elements left open."""

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
from dateline.newsroom.state import path_at


def photo_table(picture_path: str, caption: str) -> str:
    """A photo and its caption in a table of two rows, as the editing systems of Vietnamese papers put them."""
    return (
        '<table class="MASTERCMS_TPL_TABLE" style="width:100%" align="center" border="0"><tbody>'
        f'<tr><td style="text-align:center"><img src="{escape(picture_path)}" alt="" style="max-width:100%"></td></tr>'
        f'<tr><td style="text-align:justify"><em>{escape(caption)}</em></td></tr></tbody></table>\n'
    )


def soup_page(setting: Setting, article: Article, text: Text) -> str:
    """The article's own page."""
    site, labels, noise = setting.site, setting.site.labels, setting.noise
    parts = []
    for number, paragraph in enumerate(text.body):
        parts.append(f'<p style="text-align:justify"><span style="font-size:14px">{escape(paragraph)}</span></p>\n')
        if number == 1:
            parts.append(
                f'<div class="box-lq related-news"><div class="tt">{escape(labels.related)}</div>'
                f"<ul>{links(related(setting, article, 2))}</ul></div>\n{advertisement(setting, 'mid')}\n"
            )
    photos = "".join(
        photo_table(f"{p.path}?rt={noise.token[:14]}", f"{p.caption} ({labels.photo}: {p.credit})")
        for p in text.pictures
    )
    lead = f'<div class="sapo"><strong>{escape(text.lead)}</strong></div>\n' if text.lead else ""
    authors = (
        f'<div class="tacgia" align="right"><b>{escape(", ".join(text.authors))}</b></div>\n' if text.authors else ""
    )
    print_link = (
        f'<a href="/print{escape(path_at(article, setting.now))}" rel="nofollow">⎙</a>'
        if "print" in site.variants
        else ""
    )
    return (
        f'<html lang="{site.language}">\n<head>\n{meta_charset(site)}\n'
        f"<title>{escape(text.title)} - {escape(site.name)}</title>\n"
        f'<meta name="description" content="{description(text)}">\n'
        f'<link rel="canonical" href="{canonical(setting, article)}">\n{feed_links(setting)}{robots_meta(article)}'
        f"{open_graph(setting, article, text)}</head>\n<body>\n"
        f'<div id="top"><div class="w"><div class="logo"><a href="/">{escape(site.name)}</a></div><div class="mn">{menu(site)}</div></div></div>\n'
        f'<div id="main"><div class="w"><div class="l">\n<div class="bx"><div class="bx-c">\n'
        f'<div class="article-detail"><h1 class="title">{escape(text.title)}</h1>\n'
        f'<div class="time"><span class="format_date">{setting.printed(text.published)}</span> <span id="v{noise.token[:6]}">{noise.views} {escape(labels.views)}</span> {print_link}</div>\n'
        f'{lead}<div class="content">\n{photos}{"".join(parts)}</div>\n{authors}</div>\n</div></div>\n'
        f'<div class="share">{escape(labels.share)}<br><br></div>\n'
        f'<div class="cm">{escape(labels.comments)} ({noise.comments})<form><input type=hidden name=_t value={noise.token[:20]}></form></div>\n'
        f'</div><div class="r"><div class="bx">{escape(labels.most_read)}<ul>{links(related(setting, article))}</ul></div>{advertisement(setting, "side")}\n'
        f'</div></div></div>\n<div id="ft">{escape(site.name)}<br>{escape(labels.about)}</div>\n</body>\n'
    )


def print_page(setting: Setting, article: Article, text: Text) -> str:
    """The print variant: text only, and the article's own page named as canonical."""
    site = setting.site
    lead = f"<p><b>{escape(text.lead)}</b></p>\n" if text.lead else ""
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in text.body)
    return (
        f"<html><head>{meta_charset(site)}<title>{escape(text.title)}</title>"
        f'<link rel="canonical" href="{canonical(setting, article)}"><meta name="robots" content="noindex"></head>\n'
        f'<body onload="window.print()">\n<h2>{escape(text.title)}</h2>\n<p>{setting.printed(text.published)}</p>\n{lead}{body}'
        f"<p>{escape(', '.join(text.authors))}</p>\n<hr>{escape(canonical(setting, article))}<br>\n</body></html>\n"
    )
