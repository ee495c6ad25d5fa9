"""Where a page's text is looked for."""

from __future__ import annotations

import pytest

from crawler.extract.body import find_body
from crawler.extract.document import parse

SAID = "The delegation said on Monday that item {} of the treaty would be discussed again in the harbour next week."
TWO_PLACES = "".join(f"<p>{SAID.format(n)}</p>" for n in range(8))


@pytest.mark.parametrize("box", ["<ul><li>", "<div>"])
def test_a_page_nested_beyond_reason_is_not_trafilaturas(box: str) -> None:
    """It would call itself for every list in a list, and give up with a RecursionError; or take seconds."""
    deep = parse(f"<section>{TWO_PLACES}</section>{box * 1_000}{TWO_PLACES}", "https://news.example/a")
    flat = parse(f"<section>{TWO_PLACES}</section>{box * 20}{TWO_PLACES}", "https://news.example/a")
    assert deep is not None
    assert flat is not None
    found = find_body(deep)
    assert found.source == "prose"
    assert SAID.format(3) in found.lines
    assert find_body(flat).source == "trafilatura"
