from __future__ import annotations

import pytest

from crawler.browser.request_rules import is_tracker, passed_on, rule, visible_headers

URL = "https://news.example/api/1.json"


@pytest.mark.parametrize(
    ("kind", "url", "method", "ruling"),
    [
        ("script", "https://news.example/app.js", "GET", "let"),
        ("fetch", URL, "GET", "let"),
        ("xhr", "https://elsewhere.example/1.json", "GET", "let"),
        ("fetch", URL, "POST", "method"),
        ("stylesheet", "https://news.example/site.css", "GET", "empty"),
        *((kind, URL, "GET", "kind") for kind in ("image", "media", "font", "websocket", "eventsource", "ping", "other")),
        ("script", "https://www.google-analytics.com/ga.js", "GET", "tracker"),
        ("fetch", "https://a.b.doubleclick.net/x", "GET", "tracker"),
        ("fetch", "file:///etc/passwd", "GET", "not-http"),
        ("script", "data:text/javascript,1", "GET", "not-http"),
        ("fetch", "https://reader:secret@news.example/", "GET", "credentials"),
    ],
)  # fmt: skip
def test_sub_requests(kind: str, url: str, method: str, ruling: str) -> None:
    assert rule(kind, url, method, first=False, navigation=False) == ruling


def test_one_document_is_loaded_and_no_other() -> None:
    assert rule("document", URL, "GET", first=True, navigation=True) == "let"
    assert rule("document", URL, "GET", first=False, navigation=True) == "navigation"


def test_a_tracker_is_known_by_its_host_and_all_below_it() -> None:
    assert is_tracker("https://chartbeat.com/js")
    assert is_tracker("https://static.chartbeat.com./js")
    assert not is_tracker("https://notchartbeat.com/js")
    assert not is_tracker("https://com/js")


def test_no_credentials_go_out() -> None:
    sent = {
        "accept": "application/json",
        "cookie": "a=1",
        "authorization": "Bearer x",
        "origin": "https://news.example",
    }
    assert passed_on(sent) == {"accept": "application/json", "origin": "https://news.example"}


def test_the_page_sees_an_answer_without_what_the_wire_added() -> None:
    headers = (
        ("Content-Type", "text/html"),
        ("Content-Encoding", "br"),
        ("Set-Cookie", "a=1"),
        ("Vary", "A"),
        ("Vary", "B"),
    )
    assert visible_headers(headers) == {"content-type": "text/html", "vary": "A, B"}
