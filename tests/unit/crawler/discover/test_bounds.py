"""Lists that cost far more than they weigh are bounded before a costly reader sees them, and known for what they are."""

from __future__ import annotations

import gzip
import json

import pytest

from archive.model.source import Channel, ChannelKind
from archive.model.walk import WalkPage
from crawler.discover.answer import read_answer
from crawler.discover.feeds import xml_feed
from crawler.discover.feeds.feed import parse_feed
from crawler.discover.feeds.xml_feed import ATTRIBUTE_LIMIT, DEPTH_LIMIT
from crawler.discover.lists.html_list import parse_listing
from crawler.discover.lists.json_list import parse_json_list
from crawler.discover.parsing.cost import LIGHT_BYTES, LIGHT_MARKS, is_light, is_light_page
from crawler.discover.parsing.json_paths import PathError, first_text, search
from crawler.discover.parsing.xml_shape import Shape, shape_of
from crawler.extract.markup.json_text import DEPTH_LIMIT as JSON_DEPTH
from crawler.extract.markup.json_text import read_json, read_json_at

URL = "https://gazette.example/feed"


def rss(inner: str) -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>{inner}</channel></rss>'.encode()


def items(count: int) -> str:
    return "".join(f"<item><title>n{n}</title><link>https://gazette.example/{n}</link></item>" for n in range(count))


def attributes(count: int) -> str:
    return " ".join(f'a{n}="1"' for n in range(count))


def nested(depth: int, inside: str = "1") -> str:
    return "[" * depth + inside + "]" * depth


# --- feeds

ENTRY_LIMIT = 100


@pytest.fixture(autouse=True)
def few_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as really are read take seconds."""
    monkeypatch.setattr(xml_feed, "ENTRY_LIMIT", ENTRY_LIMIT)


def test_of_a_feed_that_is_too_long_the_first_entries_are_read_and_that_is_said() -> None:
    feed = parse_feed(rss(items(ENTRY_LIMIT + 500)), URL, None)
    assert len(feed.links) == ENTRY_LIMIT
    assert (feed.links[0].url, feed.links[-1].url) == (
        "https://gazette.example/0",
        f"https://gazette.example/{ENTRY_LIMIT - 1}",
    )
    assert feed.problem == f"too-large: more than {ENTRY_LIMIT} entries"
    assert feed.title == "Gazette"


def test_a_feed_of_as_many_entries_as_are_read_is_complete() -> None:
    feed = parse_feed(rss(items(ENTRY_LIMIT)), URL, None)
    assert (len(feed.links), feed.problem) == (ENTRY_LIMIT, None)


def test_what_stands_behind_the_entries_of_a_long_feed_still_counts() -> None:
    body = rss(items(ENTRY_LIMIT + 1) + "<ttl>180</ttl>")
    assert parse_feed(body, URL, None).at_least is not None


def test_elements_with_attributes_without_number_are_not_read() -> None:
    feed = parse_feed(
        rss(f"<item {attributes(ATTRIBUTE_LIMIT + 1)}><link>https://gazette.example/1</link></item>"), URL, None
    )
    assert (feed.links, feed.problem) == ((), f"too-large: an element with more than {ATTRIBUTE_LIMIT} attributes")


def test_a_feed_may_have_many_attributes() -> None:
    feed = parse_feed(
        rss(f"<item {attributes(ATTRIBUTE_LIMIT)}><link>https://gazette.example/1</link></item>"), URL, None
    )
    assert ([link.url for link in feed.links], feed.problem) == (["https://gazette.example/1"], None)


def test_elements_nested_without_end_are_not_read() -> None:
    depth = DEPTH_LIMIT + 1
    feed = parse_feed(rss(items(1) + "<a>" * depth + "</a>" * depth), URL, None)
    assert feed.problem == f"too-large: elements more than {DEPTH_LIMIT} deep"


def test_the_shape_of_a_document() -> None:
    assert shape_of(b'<a><b x="1" y="2"/><c><d/></c></a>') == Shape(True, 4, 2, 3)
    assert shape_of(b'<a><b x="1"/><c></a>') == Shape(False, 3, 1, 2)
    assert not shape_of(b"<a><media:b/></a>").well_formed, "feedparser takes its slow way for undeclared prefixes"


# --- what is cheap


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("feed", rss(items(50))),
        ("feed", b'{"version": "https://jsonfeed.org/version/1.1", "items": []}'),
        ("feed", b"<html><body>no feed</body></html>"),
        ("feed", b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>"),
        ("sitemap", b"<urlset><url><loc>https://gazette.example/1</loc></url></urlset>"),
        ("sitemap", gzip.compress(b"<urlset><url><loc>https://gazette.example/1</loc></url></urlset>", mtime=0)),
        ("sitemap", b"<urlset><url><loc>https://gazette.example/1"),
        ("sitemap", b"\x1f\x8bno gzip at all"),
        ("listing", b"<a href=/1>one</a>" * 1000),
        ("json", b"[]"),
    ],
)
def test_small_and_simple_lists_are_light(kind: ChannelKind, body: bytes) -> None:
    assert is_light(body, kind, None)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("feed", rss("x" * LIGHT_BYTES)),
        ("feed", rss("<item><title><a <a <a")),  # the loose reader's expressions need the square of this
        ("feed", b"<br>Warning: x<br>" + rss("<item>")),
        ("sitemap", rss("<item>")),
        ("sitemap", gzip.compress(bytes(LIGHT_BYTES + 1), mtime=0)),
        ("sitemap", gzip.compress(rss("<item>"), mtime=0)),
        ("listing", b"<b>" * (LIGHT_MARKS + 1)),
        ("archive", b"x" * (LIGHT_BYTES + 1)),
        ("json", b"[" + b" " * LIGHT_BYTES + b"]"),
    ],
)
def test_all_others_are_not(kind: ChannelKind, body: bytes) -> None:
    assert not is_light(body, kind, None)


def test_a_light_page() -> None:
    assert is_light_page(b"<p>x</p>" * 1000)
    assert not is_light_page(b"<p>" * (LIGHT_MARKS + 1))


# --- JSON


def test_json_may_be_nested_so_deeply_and_no_deeper() -> None:
    assert read_json(nested(JSON_DEPTH - 1)) is not None
    for depth in (JSON_DEPTH + 1, 600, 900, 100_000):
        with pytest.raises(ValueError, match=f"nested more than {JSON_DEPTH} levels deep"):
            read_json(nested(depth))
        with pytest.raises(ValueError, match="nested more than"):
            read_json_at("x = " + nested(depth), 4)


@pytest.mark.parametrize("depth", [JSON_DEPTH - 5, JSON_DEPTH + 1, 500, 900, 100_000])
def test_no_list_of_json_raises_because_it_is_nested_deeply(depth: int) -> None:
    deep = nested(depth)
    channel = Channel("json", URL, items="[]", links="a", title="b", date="c")
    for text in (deep, f'[{{"a": {deep}, "b": {deep}, "c": {deep}}}]', f'{{"version": {deep}, "items": {deep}}}'):
        parse_json_list(text.encode(), URL, channel)
        parse_json_list(text.encode(), URL, Channel("json", URL))
        parse_listing(text.encode(), URL, Channel("listing", URL))
        assert parse_feed(text.encode(), URL, None).problem is not None


def test_a_text_deep_in_lists_is_found_without_recursion() -> None:
    value: object = "here"
    for _ in range(900):
        value = [value]
    assert first_text(value) == "here"
    assert first_text([None, True, [[]], ["", 7]]) == "7"
    assert first_text({"a": "b"}) is None


def test_what_functions_of_a_path_cannot_do_is_a_fault_of_the_path() -> None:
    for path, data in (("ceil(@)", float("inf")), ("a[::0]", {"a": [1]}), ("sort(@)", [1, "a"]), ("join(@, @)", 1)):
        with pytest.raises(PathError):
            search(path, data)


def test_an_answer_says_which_dates_were_none() -> None:
    body = json.dumps(
        [
            {"url": "https://gazette.example/1", "day": "0000-00-00"},
            {"url": "https://gazette.example/2", "day": "2026-11-02T09:00:00Z"},
            {"url": "https://gazette.example/3"},
        ]
    ).encode()
    channel = Channel("json", URL, items="[]", links="url", date="day")
    answer = read_answer(body, URL, channel, WalkPage(URL, URL))
    assert (len(answer.links), answer.odd_dates, answer.without_date) == (3, ("0000-00-00",), 2)
