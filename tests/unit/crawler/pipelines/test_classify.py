from __future__ import annotations

import pytest
from support.handlers import a_handler

from archive.model.capture import Rights
from archive.model.frontier import KnownArticle
from archive.model.link import Hints
from archive.testing import a_capture, a_source, an_article
from crawler.engine.look import Look
from crawler.engine.verdict import classify_response
from crawler.extract.kind import Kind
from crawler.frontier.task import Task
from crawler.reading.page import Reading

URL = "https://www.harbour-times.example/news/pact"


def look(kind: Kind, *, known: bool, lacking: tuple[str, ...] = ("https://x.example/api: HTTP 503",)) -> Look:
    article = an_article() if kind == "article" else None
    before = KnownArticle(1, "a", "harbour-times", URL, None, None, None, "x", Hints()) if known else None
    task = Task(a_handler(), a_source(), URL, known=before)
    return Look(task, a_capture(URL, b"<p>"), reading=Reading(kind, None, Rights(), article), lacking=lacking)


@pytest.mark.parametrize("kind", ["empty", "soft-404", "index-page"])
def test_a_page_that_lacks_a_part_says_nothing_about_the_article(kind: Kind) -> None:
    verdict = classify_response(look(kind, known=False))
    assert (verdict.kind, verdict.reason) == ("failed", "page-incomplete: https://x.example/api: HTTP 503")
    assert classify_response(look(kind, known=False, lacking=())).kind in ("excluded", "look")


def test_an_article_that_shows_all_the_same_is_read() -> None:
    assert classify_response(look("article", known=False)).kind == "read"
    assert classify_response(look("article", known=True)).kind == "failed"  # what it shows less may be no edit


def redirected(to: str) -> Look:
    hop = a_capture(URL, b"", status=302, headers=(("Location", to),)).answer
    task = Task(a_handler(), a_source(), URL)
    capture = a_capture(to, b"<p>", redirects=(hop,), asked=URL)
    return Look(task, capture, reading=Reading("article", None, Rights(), an_article(to)))


@pytest.mark.parametrize("path", ["", "index.html", "en/home.aspx", "pt-br/default", "Index.php"])
def test_a_redirect_to_the_front_page_says_that_the_page_is_missing(path: str) -> None:
    verdict = classify_response(redirected(f"https://www.harbour-times.example/{path}"))
    assert (verdict.kind, verdict.outcome) == ("look", "soft-404")


def test_a_redirect_to_a_gate_is_another_page() -> None:
    verdict = classify_response(redirected("https://www.harbour-times.example/gate?back=%2Fnews%2Fpact"))
    assert (verdict.kind, verdict.reason) == ("failed", "another-page")
    assert classify_response(redirected("https://www.harbour-times.example/news/home-again")).kind == "read"
