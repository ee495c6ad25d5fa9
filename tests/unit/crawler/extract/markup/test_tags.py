"""Tags with attributes without number."""

from __future__ import annotations

from random import Random

import pytest
from support.mutate import gold_pages, mutated

from crawler.extract.markup.document import parse
from crawler.extract.markup.tags import ATTRIBUTE_LIMIT, bounded_tags


def tag(count: int, value: str = '="1"') -> str:
    return "<div " + " ".join(f"a{n}{value}" for n in range(count)) + ">x</div>"


def test_no_page_that_people_read_is_changed() -> None:
    rng, pages = Random(7), gold_pages()
    for page in [*pages, *(mutated(rng, pages) for _ in range(200))]:
        text = page.decode("utf-8", "replace")
        assert bounded_tags(text) is text


@pytest.mark.parametrize("value", ['="1"', "=1", "='<b>'", '=">"', "", ' = "x y"'])
def test_the_attributes_that_are_too_many_are_dropped(value: str) -> None:
    assert bounded_tags(tag(ATTRIBUTE_LIMIT, value)) == tag(ATTRIBUTE_LIMIT, value)
    page = parse(
        f"<html><body>{tag(ATTRIBUTE_LIMIT + 500, value)}<p>after</p></body></html>", "https://gazette.example/"
    )
    assert page is not None
    div = next(page.tree.iter("div"))
    assert (len(div.attrib), div.text) == (ATTRIBUTE_LIMIT, "x")
    assert [p.text for p in page.tree.iter("p")] == ["after"]


def test_two_such_tags_are_cut_both_and_what_stands_between_them_stays() -> None:
    assert bounded_tags(f"{tag(2_000)}<p>between</p>{tag(2_000)}") == (
        f"{tag(ATTRIBUTE_LIMIT)}<p>between</p>{tag(ATTRIBUTE_LIMIT)}"
    )
