"""JSON lists in all their wrappings."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.model.source import Channel, Next
from crawler.discover.lists.json_list import parse_json_list
from crawler.discover.lists.model import Listing, NextPage

URL = "https://api.mea.example/list"
TEN = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)
DATA = {
    "data": {
        "items": [
            {"id": 7, "url": "/a/7", "headline": "One &amp; <b>two</b>", "at": "2026-10-01T19:00:00+09:00"},
            {"id": 8, "url": "https://mea.example/a/8", "headline": None, "at": 1790848800},
            {"id": 9, "url": None, "headline": "no address"},
            {"id": 10, "url": {"href": "/a/10"}, "headline": "an object"},
            "text",
        ],
        "next": "abc=",
    }
}


def read(body: Any, url: str = URL, number: int = 1, **options: Any) -> Listing:
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return parse_json_list(data, url, Channel("json", URL, **options), number=number)


def urls(found: Listing) -> list[str]:
    return [link.url for link in found.links]


def test_addresses_by_path() -> None:
    found = read(DATA, links="data.items[].url")
    assert urls(found) == ["https://api.mea.example/a/7", "https://mea.example/a/8"]
    assert (found.problem, found.skipped) == (None, 1)


def test_items_with_headline_and_date() -> None:
    found = read(DATA, items="data.items", links="url", title="headline", date="at")
    first, second = found.links
    assert first.hints.title == "One & two"
    assert (first.hints.published, first.hints.published_at) == ("2026-10-01T19:00:00+09:00", TEN)
    assert (second.hints.published, second.hints.published_at) == ("1790848800", TEN)
    assert found.skipped == 3


@pytest.mark.parametrize("value", [1790848800, 1790848800000, "1790848800", 1790848800.25])
def test_unix_times(value: object) -> None:
    (link,) = read([{"u": "/a", "t": value}], items="[]", links="u", date="t").links
    assert link.hints.published_at == TEN


@pytest.mark.parametrize("value", [7, 10**12 + 10**13, True, [], {}, "soon", "2026-10-01"])
def test_what_is_no_instant(value: object) -> None:
    (link,) = read([{"u": "/a", "t": value}], items="[]", links="u", date="t").links
    assert link.hints.published_at is None


def test_ids_for_addresses() -> None:
    found = read(DATA, items="data.items", links="id", view="https://mea.example/view?id={id}")
    assert urls(found)[:2] == ["https://mea.example/view?id=7", "https://mea.example/view?id=8"]
    picked = read(["ds_12.json", "x"], links="[]", pattern=r"ds_(\d+)", view="/c_{id}.html")
    assert (urls(picked), picked.skipped) == (["https://api.mea.example/c_12.html"], 1)


def test_without_paths_members_named_like_addresses_are_taken() -> None:
    found = read({"a": [{"link": "/1", "x": {"permalink": "/2"}}, {"url": "/3", "href": "/no"}], "url": 5})
    assert [link.url[-2:] for link in found.links] == ["/1", "/2", "/3"]


@pytest.mark.parametrize(
    "body",
    [
        '{"u": ["/a"]}',
        '\ufeff \n{"u": ["/a"]}',
        'callback({"u": ["/a"]});',
        '/**/ jQuery123_456({"u": ["/a"]})',
        'var list = {"u": ["/a"]}; more();',
        'window.__DATA__={"u": ["/a"]}',
        ')]}\',\n{"u": ["/a"]}',
        'while(1);{"u": ["/a"]}',
        '{"u": ["/a"]} trailing',
    ],
)
def test_wrappings(body: str) -> None:
    assert urls(read(body, links="u")) == ["https://api.mea.example/a"]


def test_json_in_a_script_element() -> None:
    page = '<html><script>var x = [1];</script><script id="d" type="application/json">{"u": ["/a", "</b>"]}</script></html>'
    assert urls(read(page, links="u", script="#d"))[0] == "https://api.mea.example/a"
    assert read("<p>no script</p>", links="u", script="#d").problem == "not-json: no element #d"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not-json: empty"),
        (b"<html><body>{}</body></html>", "not-json: HTML page"),
        (b"Access denied", "not-json: something else"),
        (b'{"u": ', "not-json: "),
        (b"[" * 100_000, "not-json: "),
    ],
)
def test_something_else(body: bytes, problem: str) -> None:
    found = read(body, links="u")
    assert found.links == ()
    assert found.problem is not None
    assert found.problem.startswith(problem)


def test_a_path_to_something_else_is_named_and_a_path_to_nothing_is_an_empty_list() -> None:
    assert read({"u": {"a": 1}}, links="u").problem == "no-path: u gives no addresses"
    assert read({"u": 1}, links="keys(u)").problem is not None
    assert read({}, links="u[].x") == Listing()
    assert read({}, items="u", links="x") == Listing()


def test_next() -> None:
    cursor = Next(cursor="data.next", url="?after={cursor}")
    assert read(DATA, links="data.items[].url", next=cursor).next == NextPage(URL + "?after=abc%3D")
    assert read({"n": "/list?p=2"}, links="x", next=Next(cursor="n")).next == NextPage(
        "https://api.mea.example/list?p=2"
    )
    assert read({"n": URL}, links="x", next=Next(cursor="n")).next is None
    assert read({"n": 0}, links="x", next=Next(cursor="n", url="?o={cursor}")).next == NextPage(URL + "?o=0")
    assert read([], links="x", number=2, next=Next(url="?p={page}")).next == NextPage(URL + "?p=3")
    form = Next(cursor="n", form=(("after", "{cursor}"), ("size", "50")))
    assert read({"n": "a=b"}, links="x", next=form).next == NextPage(URL, "POST", (("after", "a=b"), ("size", "50")))
    assert read(DATA, links="data.items[].url").next is None


def test_hostile_values() -> None:
    found = read(
        [{"u": "javascript:alert(1)"}, {"u": "file:///etc/passwd"}, {"u": "/a\u0000b", "t": "x\ud800"}],
        items="[]",
        links="u",
        title="t",
    )
    assert found.skipped == 2
    assert found.links[0].hints.title == "x"
