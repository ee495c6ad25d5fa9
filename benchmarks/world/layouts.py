"""Twelve ways to lay out an article, as newsrooms' systems do."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from benchmarks.world.data_pages import data_page, next_data
from benchmarks.world.head import document
from benchmarks.world.pieces import Page, joined, plain
from benchmarks.world.prose import Paragraph


def render(page: Page) -> str:
    """The page of an article."""
    return LAYOUTS[page.site.layout](page)


def _wordpress(page: Page) -> str:
    entry = joined((page.figure(), page.body()))
    return document(
        page,
        f'{page.header()}<div id="primary"><main id="main"><article class="post type-post"><header class="entry-header">'
        f'{page.title("h1", "entry-title")}{page.bar()}</header><div class="entry-content">{page.lead("p", "")}{entry}</div>'
        f"</article></main></div>{page.aside()}{page.footer()}",
    )


def _next(page: Page) -> str:
    """Rendered on the server, with the same text once more as data."""

    def paragraph(part: Paragraph) -> str:
        tag = "h2" if part.heading else "p"
        return f'<{tag} class="{page.opaque(tag)}">{escape(part.text)}</{tag}>'

    return document(
        page,
        f'<div id="__next">{page.header()}<main class="{page.opaque("main")}"><div class="{page.opaque("top")}">{page.title()}'
        f'{page.lead("p", page.opaque("lead"))}{page.bar()}</div>{page.figure()}<div class="{page.opaque("text")}">{page.body(paragraph)}</div></main>'
        f"{page.aside()}{page.footer()}</div>{next_data(page)}",
    )


def _arc(page: Page) -> str:
    return document(
        page,
        f'<div id="fusion-app">{page.header()}<section class="b-headline">{page.title()}{page.lead("h2", "b-subheadline")}</section>{page.bar()}'
        f'<div class="b-lead-art">{page.figure()}</div><article class="b-article-body">{page.body()}</article>{page.aside()}{page.footer()}</div>'
        "<script>window.Fusion=window.Fusion||{};Fusion.arcSite='news';Fusion.contextPath='/pf';</script>",
    )


def _wire(page: Page) -> str:
    return document(
        page,
        f"{page.header()}<div>{page.title()}{page.bar()}{page.lead()}{page.figure()}{page.body()}</div>{page.aside()}{page.footer()}",
    )


def _tables(page: Page) -> str:
    """An old system: tables for the layout, line breaks for paragraphs."""

    def broken(part: Paragraph) -> str:
        return f"<b>{escape(part.text)}</b><br><br>" if part.heading else f"{escape(part.text)}<br><br>"

    lead = f"<b>{escape(page.story.lead)}</b><br><br>" if page.story.lead else ""
    return document(
        page,
        f'<table width="980"><tr><td colspan="3">{page.header()}</td></tr><tr><td width="160" valign="top">{page.lines("aside")}</td>'
        f'<td valign="top"><table><tr><td><font size="5">{page.title()}</font></td></tr><tr><td>{page.bar()}</td></tr>'
        f"<tr><td>{page.figure()}{lead}{page.body(broken)}</td></tr></table></td></tr><tr><td colspan=3>{page.footer()}</td></tr></table>",
    )


def _ministry(page: Page) -> str:
    documents = f'<ul class="files"><li><a href="/files/{page.life.number}.pdf">PDF, 218 KB</a></li></ul>'
    page.note("attachment", "PDF, 218 KB")
    return document(
        page,
        f'{page.header()}<div id="content"><div class="breadcrumb"><a href="/">{escape(page.site.name)}</a> » '
        f'<a href="/section/0/">{escape(page.site.language.nav[0])}</a></div>{page.title("h2")}{page.bar()}'
        f'<div class="field-items">{page.lead()}{page.figure()}{page.body()}</div>{documents}</div>{page.aside()}{page.footer()}',
    )


def _tabloid(page: Page) -> str:
    """Boxes everywhere."""
    lang = page.site.language
    page.note("box", lang.most_read, lang.share)
    teasers = "".join(
        f'<div class="teaser"><a href="{escape(path)}"><h3>{escape(title)}</h3></a></div>'
        for path, title in page.others[:6]
    )
    page.note("box", *(title for _, title in page.others[:6]))
    count = 0

    def paragraph(part: Paragraph) -> str:
        nonlocal count
        count += 1
        slot = (
            f'<div class="ad-slot" id="ad-{count}"><script>ads.show({count})</script></div>' if count % 3 == 0 else ""
        )
        return plain(part) + slot

    return document(
        page,
        f'{page.header()}<div class="page"><div class="main">{page.title("h1", "headline")}{page.lead("div", "intro")}{page.bar()}'
        f'<div class="social"><a href="#">{escape(lang.share)}</a></div>{page.figure()}<div class="text">{page.body(paragraph)}</div>'
        f'<div class="more"><h2>{escape(lang.most_read)}</h2>{teasers}</div></div>{page.aside()}</div>{page.footer()}',
    )


def _blog(page: Page) -> str:
    lang = page.site.language
    before, after = [*page.others, ("/", "…"), ("/", "…")][:2]
    page.note("pager", before[1], after[1])
    pager = f'<nav class="pager"><a href="{escape(before[0])}">« {escape(before[1])}</a> <a href="{escape(after[0])}">{escape(after[1])} »</a></nav>'
    page.note("comment form", lang.comments[0].format(k=0))
    comments = (
        f'<div id="comments"><h3>{escape(lang.comments[0].format(k=0))}</h3><form><textarea></textarea></form></div>'
    )
    return document(
        page,
        f'{page.header()}<div class="hentry">{page.title("h1", "title")}{page.bar()}{page.figure()}{page.lead()}{page.body()}</div>'
        f"{pager}{comments}{page.aside()}{page.footer()}",
    )


def _sections(page: Page) -> str:
    """A long read: each chapter in a section of its own."""
    chapters: list[list[Paragraph]] = [[]]
    for part in page.story.paragraphs:
        if part.heading or len(chapters[-1]) == 4:
            chapters.append([])
        chapters[-1].append(part)
    told = [f'<section class="chapter">{"".join(map(plain, chapter))}</section>' for chapter in chapters if chapter]
    text = page.wall() if page.walled else joined((page.lines("top"), *page.interrupted(told), page.lines("end")))
    return document(
        page,
        f"{page.header()}<article><header>{page.title()}{page.lead('p', 'dek')}{page.bar()}</header>{page.figure()}{text}</article>"
        f"{page.aside()}{page.footer()}",
    )


def _divs(page: Page) -> str:
    """No paragraphs, only boxes whose classes mean nothing."""

    def paragraph(part: Paragraph) -> str:
        text = f"<strong>{escape(part.text)}</strong>" if part.heading else escape(part.text)
        return f'<div class="{page.opaque("par")}"><div>{text}</div></div>'

    return document(
        page,
        f'{page.header()}<div class="{page.opaque("page")}"><div class="{page.opaque("head")}">{page.title()}{page.lead("div")}{page.bar()}</div>'
        f'{page.figure()}<div class="{page.opaque("text")}">{page.body(paragraph)}</div></div>{page.aside()}{page.footer()}',
    )


def _microdata(page: Page) -> str:
    site = page.site
    names = "".join(
        f'<span itemprop="author" itemscope itemtype="https://schema.org/Person"><meta itemprop="name" content="{escape(name)}"></span>'
        for name in page.story.authors
        if site.names_authors
    )
    return document(
        page,
        f'{page.header()}<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{escape(page.story.title)}</h1>'
        f'<meta itemprop="datePublished" content="{site.claimed(page.life.published)}">{names}{page.bar()}{page.lead("p", "summary")}{page.figure()}'
        f'<div itemprop="articleBody">{page.body()}</div></div>{page.aside()}{page.footer()}',
    )


LAYOUTS: dict[str, Callable[[Page], str]] = {
    "wordpress": _wordpress,
    "next": _next,
    "data-only": data_page,
    "arc": _arc,
    "wire": _wire,
    "tables": _tables,
    "ministry": _ministry,
    "tabloid": _tabloid,
    "blog": _blog,
    "sections": _sections,
    "divs": _divs,
    "microdata": _microdata,
}
