"""A page as portals built it around the year 2000: nested tables, font elements, indents made of ideographic spaces."""

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
    related,
    robots_meta,
)


def tables_page(setting: Setting, article: Article, text: Text) -> str:
    """The article's own page."""
    site, labels, noise = setting.site, setting.site.labels, setting.noise
    pictures = "".join(
        f'<p align="center"><img src="{escape(p.path)}" border="0"></p>\n'
        f'<p align="center" class="pictext"><font color="#666666">{escape(p.caption)}（{escape(p.credit)}）</font></p>\n'
        for p in text.pictures
    )
    body = "".join(f"<p>　　{escape(paragraph)}</p>\n" for paragraph in text.body)
    lead = f'<p class="summary"><b>{escape(text.lead)}</b></p>\n' if text.lead else ""
    declared = (
        f'<meta http-equiv="Content-Type" content="text/html; charset={site.meta_charset}">\n'
        if site.meta_charset
        else ""
    )
    author = f'<meta name="author" content="{escape(", ".join(text.authors))}">\n' if text.authors else ""
    return (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n<html>\n<head>\n'
        f"{declared}<title>{escape(text.title)}-{escape(site.name)}</title>\n"
        f'<meta name="description" content="{description(text)}">\n{author}'
        f'<meta name="publishdate" content="{setting.local(text.published):%Y-%m-%d %H:%M:%S}">\n'
        f'<link rel="canonical" href="{canonical(setting, article)}">\n{feed_links(setting)}{robots_meta(article)}</head>\n'
        '<body bgcolor="#ffffff">\n<table width="950" align="center" cellpadding="0" cellspacing="0">'
        f'<tr><td><a href="/"><img src="/media/logo.png" alt="{escape(site.name)}"></a></td><td>{menu(site)}</td></tr></table>\n'
        '<center>\n<div id="p_content" style="width:650px">\n'
        f'<h1 align="center"><font size="5">{escape(text.title)}</font></h1>\n'
        f'<div align="center" class="source"><font size="2">{setting.printed(text.published)}　{escape(site.name)}　{escape(" ".join(text.authors))}　'
        f"{escape(labels.views)}：{noise.views}</font></div>\n<hr>\n"
        f'<div id="content" class="text">\n{lead}{pictures}{body}</div>\n</div>\n'
        f'<div class="comment" align="right"><font size="2">{escape(labels.share)}　{escape(labels.comments)}({noise.comments})</font></div>\n'
        f'<div class="sidebar" style="width:300px">{advertisement(setting, "right")}<b>{escape(labels.most_read)}</b>\n'
        f"<ul>{links(related(setting, article))}</ul></div>\n"
        f'<p align="center"><font size="1">{escape(site.name)} {escape(labels.about)} <!-- {noise.token[:16]} --></font></p>\n'
        "</center>\n</body>\n</html>\n"
    )
