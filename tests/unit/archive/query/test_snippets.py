from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.query.snippets import WIDTH, snippet
from archive.search.language import parse

FILLER = "lorem ipsum dolor sit amet " * 20


def marked(text: str, query: str) -> list[str]:
    found = snippet(text, parse(query))
    return [found.text[a:b] for a, b in found.marks]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Ministers sign a pact", "PACT sign", ["sign", "pact"]),
        ("Thế giới hôm nay", "the gioi", ["Thế", "giới"]),
        ("Kerja sama Indo- Pasifik", "Indo-Pasifik", ["Indo- Pasifik"]),
        ("The U.S. said", "us", ["U.S"]),
        ("中美关系稳定", "美关", ["美关"]),
        ("英美", "美", ["美"]),
        ("дипломатия и диплом", "диплом", ["диплом"]),
        ("дипломатия и диплом", "диплом*", ["дипломатия", "диплом"]),
        ("Straße", "strasse", ["Straße"]),
        ("impact", "pact", []),
    ],
)
def test_the_words_found_are_marked(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


def test_the_window_is_around_the_first_match_and_cuts_no_word() -> None:
    found = snippet(f"{FILLER}the needle here {FILLER}", parse("needle"))
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")
    assert len(found.text) <= WIDTH + 10
    assert set(found.text.split()) <= {*FILLER.split(), "the", "needle", "here", "…"}


def test_without_a_match_or_a_query_it_is_the_start() -> None:
    assert snippet(FILLER, parse("absent")).text.startswith("lorem ipsum")
    assert snippet(FILLER, None).marks == ()
    assert snippet(None, None).text == ""
    assert snippet("one\ntwo", None).text == "one two"


@given(st.text(max_size=400), st.sampled_from(["a", "中", "abc*", '"a b"', "ไทย"]))
def test_marks_lie_within_the_snippet(text: str, query: str) -> None:
    found = snippet(text, parse(query))
    assert all(0 <= a < b <= len(found.text) for a, b in found.marks)
    assert "\n" not in found.text
