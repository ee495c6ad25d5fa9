"""Pages that carry their text only as data: the markup is a shell that a script fills."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from benchmarks.world.head import document, in_script, news_article
from benchmarks.world.pieces import Page
from benchmarks.world.prose import Paragraph


def data_page(page: Page) -> str:
    """The page in the form of data that its site uses."""
    inside = {
        "next-data": _next_data,
        "flight": _flight,
        "fusion": _fusion,
        "state": _state,
        "article-body": _article_body,
    }[page.site.data_form](page)
    wall = page.wall() if page.walled else ""
    shell = (
        f'{page.header()}<div id="__next"><div class="{page.opaque("spinner")}">Loading…</div></div>{wall}'
        f"<noscript>You need to enable JavaScript to run this app.</noscript>{page.footer()}"
    )
    return document(page, shell + inside)


def next_data(page: Page) -> str:
    """The text as the state of a Next.js page."""
    return _next_data(page)


def _fields(page: Page) -> dict[str, Any]:
    story, site = page.story, page.site
    return {
        "id": page.life.number,
        "title": story.title,
        "standfirst": story.lead or "",
        "byline": [{"displayName": name} for name in story.authors],
        "publishedAt": site.claimed(page.life.published),
        "url": page.path,
    }


def _paragraphs(page: Page) -> list[dict[str, str]]:
    return [{"type": "heading" if part.heading else "paragraph", "text": part.text} for part in _told(page)]


def _html(page: Page) -> str:
    return "".join(
        f"<h2>{escape(part.text)}</h2>" if part.heading else f"<p>{escape(part.text)}</p>" for part in _told(page)
    )


def _told(page: Page) -> tuple[Paragraph, ...]:
    """The paragraphs that are sent to a reader who is not logged in."""
    return () if page.walled else page.story.paragraphs


def _dumped(value: object) -> str:
    return in_script(json.dumps(value, ensure_ascii=False))


def _next_data(page: Page) -> str:
    more = [{"title": title, "url": path} for path, title in page.others[:5]]
    state = {
        "props": {"pageProps": {"article": _fields(page) | {"content": _paragraphs(page)}, "related": more}},
        "page": "/article/[slug]",
        "buildId": page.opaque("build"),
    }
    return f'<script id="__NEXT_DATA__" type="application/json">{_dumped(state)}</script>'


def _flight(page: Page) -> str:
    """React server components: rows of text that come in several pushes, cut anywhere."""
    row = (
        "7:"
        + json.dumps(["$", "$L12", None, {"article": _fields(page) | {"bodyHtml": _html(page)}}], ensure_ascii=False)
        + "\n"
    )
    size = max(1, len(row) // 3 + 1)
    pushes = [row[begin : begin + size] for begin in range(0, len(row), size)]
    scripts = [f"<script>self.__next_f.push({_dumped([1, text])})</script>" for text in pushes]
    return "<script>(self.__next_f=self.__next_f||[]).push([0])</script>" + "".join(scripts)


def _fusion(page: Page) -> str:
    story = page.story
    content = {
        "type": "story",
        "headlines": {"basic": story.title},
        "subheadlines": {"basic": story.lead or ""},
        "credits": {"by": [{"type": "author", "name": name} for name in story.authors]},
        "display_date": page.site.claimed(page.life.published),
        "content_elements": [
            {"type": "header" if part.heading else "text", "content": escape(part.text)} for part in story.paragraphs
        ],
    }
    return f"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={_dumped(content)};Fusion.contextPath='/pf';</script>"


def _state(page: Page) -> str:
    state = {"router": {"location": page.path}, "article": {"current": _fields(page) | {"body": _html(page)}}}
    return f"<script>window.__INITIAL_STATE__={_dumped(state)};</script>"


def _article_body(page: Page) -> str:
    text = "\n\n".join(part.text for part in _told(page))
    return f'<script type="application/ld+json">{_dumped(news_article(page) | {"articleBody": text})}</script>'
