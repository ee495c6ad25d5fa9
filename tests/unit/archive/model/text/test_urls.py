from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.text.urls import clean_url, host_of, is_http, same_site, url_key


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("HTTPS://News.Example:443/a/../b?utm_source=rss&id=7#top", "https://news.example/b?id=7"),
        ("https://news.example/x?fbclid=1", "https://news.example/x"),
        ("https://news.example/x?ref=home&from=1", "https://news.example/x?ref=home&from=1"),
        ("http://user:secret@news.example/", "http://news.example/"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        (" https://news.example/a b ", "https://news.example/a%20b"),
    ],
)
def test_clean_url(url: str, clean: str) -> None:
    assert clean_url(url) == clean


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "mailto:a@b.example", "/relative", "", "http://", "ftp://a.example/", "data:,x"]
)
def test_what_is_no_web_address(url: str) -> None:
    assert clean_url(url) is None


def test_relative_addresses_need_a_base() -> None:
    assert clean_url("../c?x=1", "https://news.example/a/b/") == "https://news.example/a/c?x=1"
    assert clean_url("javascript:void(0)", "https://news.example/") is None


@pytest.mark.parametrize(
    "variant",
    [
        "http://www.news.example/story",
        "https://news.example/story/",
        "https://news.example/story?utm_medium=x",
        "https://news.example/story#c",
        "https://news.example/story/index.html",
    ],
)
def test_one_key_for_one_page(variant: str) -> None:
    assert url_key(variant) == url_key("https://news.example/story")


def test_parameters_that_choose_the_page_make_another_key() -> None:
    assert url_key("https://news.example/?p=1") != url_key("https://news.example/?p=2")
    assert url_key("https://news.example/?a=1&b=2") == url_key("https://news.example/?b=2&a=1")
    assert url_key("https://news.example:8080/") != url_key("https://news.example/")


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    cleaned = clean_url("https://news.example/" + text)
    assert cleaned is None or clean_url(cleaned) == cleaned
    assert url_key(url_key(text)) is not None


def test_is_http() -> None:
    assert is_http("HTTP://a.example")
    assert not is_http("httpx://a.example")


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://en.yna.example/x", "https://www.yna.example/", True),
        ("https://mofa.gov.vn/", "https://moit.gov.vn/", False),
        ("https://a.co.kr/", "https://b.a.co.kr/", True),
        ("https://a.example/", "https://b.example/", False),
        ("http://127.0.0.1/", "http://10.0.0.1/", False),
        ("nonsense", "nonsense", False),
    ],
)
def test_same_site(a: str, b: str, same: bool) -> None:
    assert same_site(a, b) is same


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example/a", "news.example"),
        ("http://news.example:8080/a", "news.example:8080"),
        ("http://[2001:DB8::1]/a", "[2001:db8::1]"),
        ("http://[::1]:8080/a", "[::1]:8080"),
    ],
)
def test_the_unit_of_politeness_can_be_made_an_address_again(url: str, host: str) -> None:
    assert host_of(url) == host
    assert host_of(f"http://{host}/") == host
