"""The same article on two layouts: what both pages show is no edit."""

from __future__ import annotations

import pytest
from support.gazette import NEWSLETTER, Piece

from archive.model.decisions.decide import changed_kinds
from archive.model.revision import state_of
from crawler.reading.page import Later, Page
from crawler.reading.read import read

URL = "https://gazette.example/news/3"


def changes(before: Piece, after: Piece) -> tuple[str, ...]:
    """The kinds in which the old page of one differs from the new page of the other, as a crawl compares them."""
    later = Page(after.new_page(URL).encode(), URL)
    now = read(later).article
    assert now is not None
    then = read(Page(before.old_page(URL).encode(), URL, later=Later(later, now.layout))).article
    assert then is not None
    return changed_kinds(state_of(now).hashes, state_of(then).hashes)


@pytest.fixture(autouse=True)
def _without_newsletter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.gazette.NEWSLETTER", "")


def test_a_redesign_is_no_edit() -> None:
    assert changes(Piece(3), Piece(3)) == ()


def test_an_edit_in_a_redesign_is_one() -> None:
    after = Piece(3)
    after.body[1] = "The minister resigned in the evening."
    assert changes(Piece(3), after) == ("body",)
    after = Piece(3)
    after.title = "Ministers part in anger"
    assert "headline" in changes(Piece(3), after)


def test_a_line_that_only_one_page_shows_was_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.gazette.NEWSLETTER", NEWSLETTER)
    assert changes(Piece(3), Piece(3)) == ("body",)


def test_pages_of_one_layout_have_one_name() -> None:
    def layout(piece: Piece, *, new: bool) -> str | None:
        html = piece.new_page(URL) if new else piece.old_page(URL)
        article = read(Page(html.encode(), URL)).article
        assert article is not None
        return article.layout

    assert layout(Piece(1), new=False) == layout(Piece(2), new=False) is not None
    assert layout(Piece(1), new=True) != layout(Piece(1), new=False)
