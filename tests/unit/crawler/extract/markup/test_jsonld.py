"""JSON-LD as publishers write it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawler.extract.markup.jsonld import is_false, names_of, read_linked, text_of

URL = "https://news.example/a/1"


def linked(*nodes: Any) -> Any:
    return read_linked([json.dumps(node) for node in nodes], URL)


@pytest.mark.parametrize(
    "document",
    [
        {"@type": "NewsArticle", "headline": "H"},
        [{"@type": "WebSite"}, {"@type": "ReportageNewsArticle", "headline": "H"}],
        {"@graph": [{"@type": "WebPage"}, {"@type": ["Thing", "AnalysisNewsArticle"], "headline": "H"}]},
        {"@type": "WebPage", "mainEntity": {"@type": "https://schema.org/LiveBlogPosting", "headline": "H"}},
        {"@type": "schema:BlogPosting", "headline": "H"},
    ],
)
def test_the_article_is_found_wherever_it_stands(document: Any) -> None:
    assert linked(document).article["headline"] == "H"


def test_of_several_articles_the_one_about_this_page_counts() -> None:
    other = {"@type": "NewsArticle", "headline": "Other", "url": "https://news.example/b/2"}
    own = {"@type": "NewsArticle", "headline": "Own", "mainEntityOfPage": {"@id": URL + "#page"}}
    assert linked(other, own).article["headline"] == "Own"


def test_references_are_followed() -> None:
    found = linked(
        {"@graph": [{"@type": "Article", "author": {"@id": "#ana"}}, {"@type": "Person", "@id": "#ana", "name": "Ana"}]}
    )
    assert [node["name"] for node in found.nodes("author")] == ["Ana"]


@pytest.mark.parametrize(
    "broken",
    ["{", "", "[" * 200_000, "null", '"x"', "<!-- -->", '{"@type": 5}', '{"@type": "Article", "author": [null, 3]}'],
)
def test_a_broken_block_does_not_harm_the_others(broken: str) -> None:
    good = json.dumps({"@type": "NewsArticle", "headline": "H"})
    found = read_linked([broken, good], URL)
    assert found.types >= {"NewsArticle"}
    found.nodes("author")


@pytest.mark.parametrize(
    "text",
    [
        '<!-- {"@type": "Article", "headline": "H",} -->',
        '//<![CDATA[\n{"@type": "Article", "headline": "H"}\n//]]>',
        '{"@type": "Article",\n "headline": "H"};',
    ],
)
def test_usual_wrappings_are_taken_off(text: str) -> None:
    assert read_linked([text], URL).article["headline"] == "H"


def test_line_feeds_inside_strings_are_read() -> None:
    assert read_linked(['{"@type": "Article", "headline": "two\nlines"}'], URL).article["headline"] == "two\nlines"


def test_a_list_is_told_from_an_article() -> None:
    assert linked({"@type": "CollectionPage"}).lists
    assert not linked({"@type": "CollectionPage"}, {"@type": "NewsArticle", "headline": "H"}).lists


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        ([" ", "b"], "b"),
        ({"@value": "c"}, "c"),
        ({"name": ["d"]}, "d"),
        (None, None),
        (3, None),
        ({}, None),
    ],
)
def test_text_of(value: Any, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "no"),
    [
        (False, True),
        ("False", True),
        ("http://schema.org/False", True),
        (True, False),
        ("true", False),
        (None, False),
        (0, False),
    ],
)
def test_is_false(value: Any, no: bool) -> None:
    assert is_false(value) is no


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ([[{"name": "Ana Lima"}], [[{"name": "Bo Sun"}]]], ["Ana Lima", "Bo Sun"]),
        ({"@list": [{"name": "Ana Lima"}, "Bo Sun"]}, ["Ana Lima", "Bo Sun"]),
        ({"@type": "Person", "name": ["Ana Lima", "Bo Sun"]}, ["Ana Lima", "Bo Sun"]),
        ({"@type": "Person", "givenName": "Ana", "familyName": "Lima"}, ["Ana Lima"]),
        ({"@type": "Person", "givenName": "太郎", "familyName": "山田"}, ["山田太郎"]),
        ({"@type": "Person", "givenName": "Ana"}, []),
        ({"name": "<b>Ana</b> Lima"}, ["Ana Lima"]),
    ],
)
def test_names_are_read_in_all_their_forms(author: Any, names: list[str]) -> None:
    found = linked({"@type": "NewsArticle", "headline": "H", "author": author})
    assert [name for node in found.nodes("author") for name in names_of(node)] == names


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "Article", // der Artikel\n "url": "https://news.example/a", /* "x": 1 */ "headline": "H"}',
        '{"@type": "WebSite", "name": "S"} {"@type": "Article", "headline": "H"}',
        '{"@type": "WebSite"},\n{"@type": "Article", "headline": "H"};',
        '{"@type": "Article", "description": "He said "no" to it", "headline": "H"}',
        '{"@type": "Article", "description": "it\\\'s", "headline": "H"}',
        "{&quot;@type&quot;: &quot;Article&quot;, &quot;headline&quot;: &quot;H&quot;}",
        '{"@type": "Article", "headline": "H"',
    ],
)
def test_what_is_nearly_json_is_read(text: str) -> None:
    assert read_linked([text], URL).article["headline"] == "H"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1794554400, "1794554400"), (1794561600000, "1794561600000"), (2026, None), (True, None), (float("inf"), None)],
)
def test_only_numbers_that_can_be_times_are_texts(number: Any, text: str | None) -> None:
    assert text_of(number) == text
