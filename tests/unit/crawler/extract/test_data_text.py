"""Texts that pages carry only as data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawler.extract.body import find_body
from crawler.extract.markup.document import parse

TITLE = "Lake states agree on a common patrol"
LINES = [
    "The two states on the lake will patrol its waters together from the first of May, their ministers said on Friday.",
    "A joint post with six boats is to be opened on the island, which both had claimed until the treaty of last year.",
    "Fishermen of the northern shore asked for a map of the waters in which they may go on as they did before.",
    "The parliament of the southern state has to vote on the cost, of which each of the two carries one half.",
]
RELATED = {"headline": "Another story of the day", "url": "/other", "body": " ".join(LINES) + " It goes on and on." * 9}


def page(data: Any, attributes: str = "type=application/json", head: str = "") -> str:
    script = f"<script {attributes}>{data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)}</script>"
    return f"""<html><head><title>{TITLE} | Lake Times</title><meta property="og:type" content="article">{head}</head><body>
<header><a href="/">Lake Times</a><a href="/world">World</a></header><div id=app>Loading…</div>{script}</body></html>"""


def body(html: str, title: str = TITLE) -> tuple[list[str], str]:
    document = parse(html, "https://lake.example/a/1")
    assert document is not None
    found = find_body(document, title=title)
    return found.lines, found.source


def wrapped(article: Any) -> Any:
    return {"props": {"menu": ["World"], "related": [RELATED], "pageProps": {"story": article, "top": [RELATED]}}}


@pytest.mark.parametrize(
    "article",
    [
        {"title": TITLE, "summary": LINES[0], "body": "".join(f"<p>{line}</p>" for line in LINES)},
        {"title": TITLE, "text": "\n\n".join(LINES), "related": [RELATED]},
        {"headlines": {"basic": TITLE}, "content_elements": [{"type": "text", "content": line} for line in LINES]},
        {"title": TITLE, "blocks": [{"type": "p", "text": line} for line in LINES]},
        {"head": {"title": TITLE}, "paragraphs": LINES},
        {"title": TITLE, "p1": LINES[0], "p2": LINES[1], "p3": LINES[2], "p4": LINES[3]},
        {
            "title": TITLE,
            "json": {
                "type": "doc",
                "content": [
                    {
                        "type": "paragraph",
                        "content": [
                            {"type": "text", "text": line[:30]},
                            {"type": "text", "marks": [{"type": "bold"}], "text": line[30:]},
                        ],
                    }
                    for line in LINES
                ],
            },
        },
        {"title": TITLE, "content": [{"text": line} for line in LINES[:2]] + [RELATED] + [{"text": line} for line in LINES[2:]]},
    ],
)  # fmt: skip
def test_the_text_beside_the_headline_is_found_by_its_shape(article: Any) -> None:
    assert body(page(wrapped(article))) == (LINES, "page-data")


def test_a_stream_of_server_components_is_read() -> None:
    shown = [["$", "h1", None, {"children": TITLE}], *(["$", "p", str(n), {"children": [line[:20], ["$", "b", None, {"children": line[20:]}]]}] for n, line in enumerate(LINES))]  # fmt: skip
    row = "0:" + json.dumps(["$", "div", None, {"children": ["$", "article", None, {"children": shown}]}]) + "\n"
    assert body(page(f"self.__next_f.push({json.dumps([1, row])})", "")) == ([TITLE, *LINES], "page-data")


def test_the_body_that_json_ld_names_is_read_where_the_markup_has_none() -> None:
    linked = {"@type": "NewsArticle", "headline": TITLE, "articleBody": "\n\n".join(LINES)}
    found = body(page(linked, 'type="application/ld+json"'))
    assert found == (LINES, "json-ld:articleBody")


def test_markup_with_a_text_comes_before_all_data() -> None:
    text = "".join(f"<p>{line}</p>" for line in reversed(LINES))
    html = page(wrapped({"title": TITLE, "body": "\n\n".join(LINES)})).replace(
        "Loading…", f"<h1>{TITLE}</h1><div>{text}</div>"
    )
    assert body(html) == (LINES[::-1], "trafilatura")


@pytest.mark.parametrize(
    "article", [{"title": "Another story", "body": "\n\n".join(LINES)}, {"title": TITLE}, [], "x", None]
)
def test_no_text_is_made_up_where_the_data_has_none_of_the_headline(article: Any) -> None:
    assert body(page({"pageProps": article, "top": [RELATED]}))[0] == []


@pytest.mark.parametrize(
    "shell",
    [
        "<div>Loading…</div>",
        "<div>加载中…</div>",
        "<noscript>Please enable JavaScript to read this page.</noscript>",
        "<ul><li><a href=/a>World</a></li><li><a href=/b>Politics and all that belongs to it.</a></li></ul>",
        "<div class=cookie-banner><p>We use cookies and similar means to show you what you may like.</p></div>",
    ],
)
def test_a_logo_and_a_menu_are_no_text(shell: str) -> None:
    html = page({}).replace("<div id=app>Loading…</div>", shell)
    assert body(html) == ([], "trafilatura")


def test_a_short_sentence_is_a_text() -> None:
    html = page({}).replace("Loading…", "<p>The minister has resigned.</p>")
    assert body(html)[0] == ["The minister has resigned."]
