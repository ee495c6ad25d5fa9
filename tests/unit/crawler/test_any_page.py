"""Whatever page comes, it is read without an exception, and twice the same. `benchmarks/fuzz.py` goes on for as long as one likes."""

from __future__ import annotations

from random import Random

import pytest
from support.mutate import gold_pages, mutated

from archive.model.link import Hints
from archive.model.source import Source
from crawler.reading.page import Page
from crawler.reading.read import read

SOURCE = Source(
    "courier", "River Courier", "https://courier.example/", language=("vi", "en"), timezone="Asia/Ho_Chi_Minh"
)


@pytest.mark.parametrize("seed", range(30))
def test_no_page_is_too_strange(seed: int) -> None:
    page = Page(
        mutated(Random(seed), gold_pages()), "https://courier.example/a/1", hints=Hints(title="x"), source=SOURCE
    )
    found = read(page)
    assert found == read(page)
    assert (found.article is None) == (found.kind not in ("article", "paywalled"))
