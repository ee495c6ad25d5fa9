from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search import postgres, sqlite
from archive.search.language import MOST_TERMS, QueryError, parse


@pytest.mark.parametrize(
    ("text", "fts5", "tsquery"),
    [
        ("Campbell sarapan", '(("campbell") AND ("sarapan"))', "('campbell') & ('sarapan')"),
        ('"Laut Barat"', '(("laut barat"))', "('laut' <-> 'barat')"),
        ("“Laut Barat”", '(("laut barat"))', "('laut' <-> 'barat')"),
        ('"laut barat', '(("laut barat"))', "('laut' <-> 'barat')"),
        ("Indo-Pasifik", '(("indo pasifik"))', "('indo' <-> 'pasifik')"),
        ("iran OR irak iraq", '(("iran" OR "irak") AND ("iraq"))', "('iran' | 'irak') & ('iraq')"),
        ("iran AND irak", '(("iran") AND ("irak"))', "('iran') & ('irak')"),
        ("iran -irak", '(("iran")) NOT "irak"', "('iran') & !('irak')"),
        ('iran -"laut barat"', '(("iran")) NOT "laut barat"', "('iran') & !('laut' <-> 'barat')"),
        ("дипл*", '(("дипл" *))', "('дипл':*)"),
        ("中美关系", '(("中美 美关 关系"))', "('中美' <-> '美关' <-> '关系')"),
        ("美", '(("美" *))', "('美':*)"),
        ("G美", '(("g 美" *))', "('g' <-> '美':*)"),
        ('"中美 关系"', '(("中美 美 关系"))', "('中美' <-> '美' <-> '关系')"),
        ("iran OR", '(("iran"))', "('iran')"),
        ("OR iran", '(("iran"))', "('iran')"),
        ("iran - irak !!", '(("iran") AND ("irak"))', "('iran') & ('irak')"),
    ],
)
def test_a_query_in_both_syntaxes(text: str, fts5: str, tsquery: str) -> None:
    query = parse(text)
    assert sqlite.expression(query) == fts5
    assert postgres.expression(query) == tsquery


@pytest.mark.parametrize("text", ["", "   ", "!!!", '""', "-iran", "OR", "*"])
def test_nothing_to_look_for(text: str) -> None:
    with pytest.raises(QueryError, match="nothing to look for"):
        parse(text)


def test_a_word_or_the_absence_of_another_is_refused() -> None:
    with pytest.raises(QueryError, match="absence"):
        parse("iran OR -irak")


def test_too_many_words_are_refused() -> None:
    with pytest.raises(QueryError, match="more than"):
        parse(" ".join(f"w{n}" for n in range(MOST_TERMS + 1)))


@given(st.text(max_size=60))
def test_what_is_typed_never_becomes_syntax(text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    tokens = [t for group in query.all_of for term in group for t in term.tokens]
    tokens += [t for term in query.none_of for t in term.tokens]
    assert tokens
    assert not any(set(token) & set("\"'\\*()&|!<>:^ ") for token in tokens)
