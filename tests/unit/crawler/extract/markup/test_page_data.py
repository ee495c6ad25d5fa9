"""The data in a page's scripts."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from crawler.extract.markup.page_data import page_data

LONG = "The envoy will travel to the two capitals on the lake before the end of the month. " * 4


def script(code: str, attributes: str = "") -> str:
    return f"<html><body><script {attributes}>{code}</script></body></html>"


def pushes(*pieces: str) -> str:
    return "".join(f"<script>self.__next_f.push({json.dumps([1, piece])})//{' ' * 200}</script>" for piece in pieces)


@pytest.mark.parametrize(
    "page",
    [
        script(json.dumps({"title": "Envoy", "body": LONG}), "type=application/json"),
        script(f"window.__INITIAL_STATE__ = {json.dumps({'title': 'Envoy', 'body': LONG})};"),
        script(f"window.__D__ = JSON.parse({json.dumps(json.dumps({'title': 'Envoy', 'body': LONG}))})"),
        script(f"window.__NUXT__=function(a){{return {{title:a,x:{{title:'Envoy',body:'{LONG}'}}}}}}(1)"),
        script(json.dumps([{"data": 1}, {"page": 2}, {"title": 3, "body": 4}, "Envoy", LONG])),
        script(
            json.dumps(
                {
                    "ROOT": {"__typename": "Q", "page": {"__ref": "Page:1"}},
                    "Page:1": {"__typename": "P", "title": "Envoy", "body": LONG},
                }
            )
        ),
        pushes(
            '1:["$","div",null,{"title":"En',
            f'voy","body":"$2"}}]\n2:T{len(LONG.encode()):x},{LONG}3:["$","p",null,{{}}]\n',
        ),
    ],
)
def test_the_same_object_is_found_in_every_form(page: str) -> None:
    assert {"title": "Envoy", "body": LONG}.items() <= _object_of(page_data(page), "Envoy").items()


def _object_of(values: list[Any], title: str) -> dict[str, Any]:
    """The object among the values and their members that has this title."""
    while values:
        value = values.pop(0)
        if isinstance(value, dict) and value.get("title") == title:
            return value
        values += [m for m in (value.values() if isinstance(value, dict) else value) if isinstance(m, (dict, list))]
    raise AssertionError("no object has the title")


@pytest.mark.parametrize(
    "page",
    [
        "<script>" * 10_000,
        script("JSON.parse(" * 20_000),
        script('JSON.parse("' * 20_000),
        script("self.__next_f.push(" * 20_000),
        pushes("1:T1," * 20_000, "2:[" * 20_000),
        script(json.dumps([{"a": 1}, {"b": 0}, *[{"c": 1, "d": 2}] * 1_000])),
        script(json.dumps({"a": {"__typename": "x", "b": {"__ref": "a"}}, "b": {"__typename": "x", "c": {"__ref": "a"}}}) + " " * 200),
        script("[" * 100_000),
    ],
)  # fmt: skip
def test_hostile_data_is_read_in_time(page: str) -> None:
    begun = time.process_time()
    page_data(page)
    assert time.process_time() - begun < 20
