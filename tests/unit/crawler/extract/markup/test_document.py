from __future__ import annotations

from crawler.extract.markup.document import Document, parse

TEXT = "<p>" + "The ministers met on Monday and spoke about the cables in the strait. " * 20 + "</p>"
TEASERS = "<div><h3>Another story</h3><p>Its first sentence stands here, too.</p></div>" * 80


def parsed(body: str) -> Document:
    document = parse(f"<html><body>{body}</body></html>", "https://news.example/a")
    assert document is not None
    return document


def tags(body: str) -> set[str]:
    return {str(element.tag) for element in parsed(body).tree.iter()}


def test_the_frame_goes() -> None:
    assert tags(f"<nav>Home</nav><main>{TEXT}</main><footer>About</footer>").isdisjoint({"nav", "footer"})


def test_a_large_frame_goes_where_the_text_is_elsewhere() -> None:
    assert "aside" not in tags(f"<article>{TEXT}</article><aside>{TEASERS}</aside>")


def test_a_frame_that_may_hold_the_text_stays() -> None:
    assert "aside" in tags(f"<main><p>Short.</p></main><aside>{TEASERS}</aside>")
    assert "nav" in tags(f"<nav>Home<article>{TEXT}</article>{TEASERS}</nav>")  # its end tag is missing


def test_a_note_to_those_without_scripts_is_never_the_text() -> None:
    assert "noscript" not in tags("<noscript>Please enable JavaScript.</noscript><div id=app></div>")
    assert "noscript" in tags(f"<noscript>{TEXT}")  # its end tag is missing


def test_control_characters_and_declarations_do_no_harm() -> None:
    document = parse('<?xml version="1.0" encoding="latin-1"?><p>a\x00b\x0bc \ufffe</p>', "https://news.example/a")
    assert document is not None
    assert document.tree.text_content().strip() == "abc"


def test_no_element_is_no_document() -> None:
    assert parse("", "https://news.example/a") is None
    assert parse("<!-- nothing -->", "https://news.example/a") is None
