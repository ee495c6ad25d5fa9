"""Data that no JSON parser takes."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.markup.lenient_json import lenient_values, string_at


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a": 1, /* no */ "b": "https://x.example/*y", // no\n}', [{"a": 1, "b": "https://x.example/*y"}]),
        ("{a: 'it\\'s', b: [1, 2.5, -3,], c: true, d: null}", [{"a": "it's", "b": [1, 2.5, -3], "c": True, "d": None}]),
        ('{"a": "she said "no", and left", "b": 2}', [{"a": 'she said "no", and left', "b": 2}]),
        ('{"a": "the "end""}', [{"a": 'the "end"'}]),
        ('[{"a": "\\u20ac \\ud83d\\ude00 \\x41 \\q"}] {"b": 1}', [[{"a": "€ 😀 A q"}], {"b": 1}]),
        ('{"a": {"b": [{"c": "open', [{"a": {"b": [{"c": "open"}]}}]),
        ("", []),
        ("}]", []),
    ],
)
def test_what_is_broken_is_passed_over(text: str, values: list[Any]) -> None:
    assert lenient_values(text, escaped=False) == values


def test_a_program_is_read_for_the_values_in_it() -> None:
    code = 'window.__STATE__=(function(a,b){return {post:{title:"Pact",parts:[a,"Two."],n:void 0}}}("x",1));'
    assert {"post": {"title": "Pact", "parts": [None, "Two."], "n": None}} in _flat(lenient_values(code, escaped=True))


def _flat(values: list[Any]) -> list[Any]:
    """The values and their members that are objects."""
    found = []
    while values:
        value = values.pop()
        found.append(value)
        values += [m for m in (value.values() if isinstance(value, dict) else value) if isinstance(m, (dict, list))]
    return found


def test_a_string_literal_is_read_where_it_stands() -> None:
    assert string_at("f('a\\nb')", 2) == "a\nb"
    assert string_at("f(x)", 2) == ""


@given(st.recursive(st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))  # fmt: skip
def test_json_is_read_as_json_is(value: Any) -> None:
    assert lenient_values(json.dumps([value]), escaped=True) == [[value]]


@given(st.text(alphabet="{}[]:,\"'`\\/*a1 \n-$"))
def test_any_text_has_a_reading(text: str) -> None:
    for escaped in (True, False):
        assert isinstance(lenient_values(text, escaped=escaped), list)


@pytest.mark.parametrize("piece", ["[", "{", '"', '\\"', "/*", "//", "'`", '{"a":"b" c', "a:", '","'])
def test_a_hostile_text_is_read_in_time(piece: str) -> None:
    begun = time.process_time()
    lenient_values(piece * (200_000 // len(piece)), escaped=False)
    assert time.process_time() - begun < 10
