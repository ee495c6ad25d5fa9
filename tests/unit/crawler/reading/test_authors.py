"""Who wrote an article: people before agencies, agencies before the site, and where that was read."""

from __future__ import annotations

from crawler.extract.markup.document import Document, parse
from crawler.reading.authors import Authors, choose_authors, site_names

URL = "https://www.portal.example/world/story"
SITES = ["Portal"]


def document(body: str = "", head: str = "") -> Document:
    parsed = parse(f"<html><head>{head}</head><body><h1>Treaty signed</h1>{body}</body></html>", URL)
    assert parsed is not None
    return parsed


def authors(
    body: str = "", head: str = "", *, place: str | None = None, by_feed: tuple[str, ...] = (), sites: list[str] = SITES
) -> Authors:
    page = document(body, head)
    known = page.tree.find(f".//{place}") if place else None
    return choose_authors(page, page.tree.find(".//h1"), known, by_feed, sites)


def test_metadata_comes_before_the_feed() -> None:
    head = '<meta name="author" content="Jane Doe">'
    assert authors(head=head, by_feed=("John Roe",)) == Authors(("Jane Doe",), "meta:author")
    assert authors(by_feed=("John Roe",)) == Authors(("John Roe",), "feed")


def test_a_byline_at_its_known_place_comes_before_all_that_is_only_printed() -> None:
    body = '<p class="byline">By Jane Doe</p><cite>John Roe</cite>'
    assert authors(body) == Authors(("Jane Doe",), "visible:byline")
    assert authors(body, place="cite") == Authors(("John Roe",), "template")
    assert authors(body, '<meta name="author" content="Ann Poe">', place="cite") == Authors(("Ann Poe",), "meta:author")


def test_an_agency_stands_in_for_people_and_comes_before_the_site() -> None:
    head = '<meta name="author" content="Portal"><meta name="article:author" content="Reuters">'
    assert authors(head=head) == Authors(("Reuters",), "metadata:organisation")
    assert authors(head='<meta name="author" content="Portal">') == Authors(("Portal",), "metadata:organisation")


def test_nobody_is_named() -> None:
    assert authors("<p>The ministers signed it.</p>") == Authors()


def test_a_site_has_the_names_that_its_pages_its_address_and_the_registry_give_it() -> None:
    page = document(head='<meta property="og:site_name" content="The Portal">')
    assert site_names(page, None) == ["The Portal", "portal.example", "portal"]
