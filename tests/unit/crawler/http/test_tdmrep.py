"""/.well-known/tdmrep.json."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawler.http.tdmrep import LIMIT, RULES, parse_tdmrep

POLICY = "https://example.org/policy.json"


def reservation(rules: Any, path: str) -> tuple[bool | None, str | None]:
    return parse_tdmrep(json.dumps(rules)).reservation(path)


def rule(location: str, value: Any = 1, **more: Any) -> dict[str, Any]:
    return {"location": location, "tdm-reservation": value, **more}


@pytest.mark.parametrize(
    ("location", "path", "matches"),
    [
        ("/", "/news/1", True),
        ("/news", "/news/1", True),
        ("/news/*", "/news/1", True),
        ("/news/*", "/opinion/1", False),
        ("/News/", "/news/1", False),
        ("/*.jpg$", "/images/a.jpg", True),
        ("/*.jpg$", "/images/a.jpg?w=1", False),
        ("/a*b*c", "/a1b2c3", True),
        ("/a*b*c", "/a1c2b3", False),
        ("/a*b$", "/ab", True),
        ("/ab*b$", "/ab", False),
        ("/exact$", "/exact", True),
        ("/exact$", "/exactly", False),
        ("/*?id=", "/x?id=3", True),
        ("/caf%c3%a9", "/café/1", True),
        ("/%7Ejoe", "/~joe", True),
        ("*", "/anything", True),
        ("/", "", True),
    ],
)
def test_locations(location: str, path: str, matches: bool) -> None:
    assert reservation([rule(location)], path) == ((True, None) if matches else (None, None))


def test_the_first_rule_that_matches_decides() -> None:
    rules = [rule("/open/", 0), rule("/", 1, **{"tdm-policy": POLICY}), rule("/open/deep", 1)]
    assert reservation(rules, "/open/deep") == (False, None)
    assert reservation(rules, "/closed") == (True, POLICY)


@pytest.mark.parametrize("value", [2, -1, "1", True, False, None, 1.0, [1]])
def test_other_values_than_1_and_0_say_nothing(value: Any) -> None:
    assert reservation([rule("/", value), rule("/", 1)], "/x") == (None, None)


def test_a_policy_without_reservation_has_no_effect() -> None:
    assert reservation([rule("/", 0, **{"tdm-policy": POLICY})], "/x") == (False, None)
    assert reservation([{"location": "/", "tdm-policy": POLICY}], "/x") == (None, None)
    assert reservation([rule("/", 1, **{"tdm-policy": 7})], "/x") == (True, None)


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "   ",
        "<html>404</html>",
        "[",
        "{}",
        "7",
        "null",
        '"x"',
        "[" * 100_000,
        '[{"location": 3}, 4, null]',
        "\x00",
    ],
)
def test_what_is_no_tdm_file_says_nothing(body: str | None) -> None:
    assert parse_tdmrep(body).reservation("/x") == (None, None)


def test_objects_of_a_wrong_form_do_not_hide_the_others() -> None:
    assert reservation([{"location": None}, "x", rule("/")], "/x") == (True, None)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_tdmrep("\ufeff" + json.dumps([rule("/")])).reservation("/x") == (True, None)


def test_many_stars_take_no_time() -> None:
    assert reservation([rule("/" + "a*" * 500 + "b$")], "/" + "a" * 5_000) == (None, None)


def test_rules_behind_the_bound_reserve_all_that_those_before_say_nothing_about() -> None:
    rules = [rule("/free/", 0), *(rule(f"/{n}/", 0) for n in range(RULES - 1)), rule("/last/", 1)]
    file = parse_tdmrep(json.dumps(rules))
    assert len(file.rules) == RULES + 1
    assert file.reservation("/free/a") == (False, None)
    assert file.reservation("/last/a") == (True, None)
    assert file.reservation("/other") == (True, None)


def test_rules_behind_the_bound_that_reserve_nothing_say_nothing() -> None:
    file = parse_tdmrep(json.dumps([rule(f"/{n}/", 0) for n in range(2 * RULES)]))
    assert len(file.rules) == RULES
    assert file.reservation("/other") == (None, None)


def test_a_file_that_was_cut_reserves_everything() -> None:
    text = json.dumps([rule(f"/{n}/", 0) for n in range(20_000)])
    assert len(text) > LIMIT
    assert parse_tdmrep(text[:LIMIT]).reservation("/news") == (True, None)
    assert parse_tdmrep(text[: LIMIT // 2]).reservation("/news") == (None, None), "this one is only broken"


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"a":' * 100_000, "9" * 500_000, '[{"location": "' + "*a" * 200_000 + '"}]']
)
def test_odd_files_are_no_statement(text: str) -> None:
    assert parse_tdmrep(text).reservation("/news") == (None, None)
