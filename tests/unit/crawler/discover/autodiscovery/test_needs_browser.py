from __future__ import annotations

import pytest

from crawler.discover.autodiscovery.needs_browser import needs_browser

SHELL = "<html><head><title>{title}</title></head><body>{body}<script src=/app.js></script></body></html>"


def verdict(body: str, title: str = "Kementerian Luar Negeri") -> str | None:
    return needs_browser(SHELL.format(title=title, body=body).encode())


@pytest.mark.parametrize("root", ["<div id=root></div>", "<div id=__next> </div>", "<app-root></app-root>"])
def test_an_application_without_content(root: str) -> None:
    assert verdict(root) == "an empty page that a script fills"


@pytest.mark.parametrize(
    "sentence",
    [
        "You need to enable JavaScript to run this app.",
        "Please turn on JavaScript",
        "This site requires JavaScript.",
        "We're sorry but news doesn't work properly without JavaScript enabled.",
    ],
)
def test_a_page_that_asks_for_scripts(sentence: str) -> None:
    assert verdict(f"<noscript>{sentence}</noscript><div id=root></div>") == "the page asks for JavaScript"


def test_a_page_of_scripts() -> None:
    assert verdict("<p>Loading…</p>") == "scripts, but hardly any text or links"


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<p>Short, but without any script</p>",
        SHELL.format(title="News", body="<p>" + "The ministers met. " * 30 + "</p>").encode(),
        SHELL.format(title="News", body="".join(f"<a href=/news/{n}>Story {n}</a>" for n in range(6))).encode(),
        SHELL.format(title="News", body="<noscript>enable JavaScript</noscript>" + "<p>Text. </p>" * 100).encode(),
    ],
)
def test_pages_that_can_be_read_as_they_are(page: bytes) -> None:
    assert needs_browser(page) is None


def test_a_challenge_is_no_reason() -> None:
    assert verdict("<noscript>Enable JavaScript and cookies to continue</noscript>", "Just a moment...") is None
