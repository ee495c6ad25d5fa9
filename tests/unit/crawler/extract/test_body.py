"""Where a page's text is looked for."""

from __future__ import annotations

import pytest

from crawler.extract.body import find_body
from crawler.extract.markup.document import parse

SAID = "The delegation said on Monday that item {} of the treaty would be discussed again in the harbour next week."
ABOVE, BELOW = ("".join(f"<p>{SAID.format(n)}</p>" for n in numbers) for numbers in (range(8), range(8, 16)))


@pytest.mark.parametrize("box", ["<ul><li>", "<div>", "<h1>"])
def test_a_text_nested_a_thousand_deep_is_read(box: str) -> None:
    """trafilatura would call itself for every list in a list, and give up with a RecursionError."""
    document = parse(f"<section>{ABOVE}</section>{box * 1_000}{BELOW}", "https://news.example/a")
    assert document is not None
    assert max(sum(1 for _ in element.iterancestors()) for element in document.tree.iter()) < 200
    shown = [line for line in find_body(document).lines if line.startswith("The delegation")]
    assert shown == [SAID.format(n) for n in range(16)]
