"""Judging: what a page that was fetched and read is. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from archive.model.article import Article
from archive.model.decisions.another_page import ANOTHER_PAGE, asks_to_come_back
from archive.model.text.urls import url_key
from crawler.engine.look import Look, Verdict
from crawler.reading.page import Reading


def classify_response(look: Look) -> Verdict:
    """Return the verdict on a look, from its status, its redirects and its reading. Pure."""
    status = look.capture.answer.status
    if status == 304:
        return Verdict("look", "304", outcome="same")
    if (verdict := _refused(status)) is not None:
        return verdict
    if status != 200:
        return Verdict("failed", f"HTTP {status}")
    if look.same_bytes:
        return Verdict("look", "identical bytes", outcome="same")
    if _sent_home(look):
        return Verdict("look", "redirected to the home page", outcome="soft-404")
    if look.capture.redirects and asks_to_come_back(look.capture.url, look.capture.final_url):
        return Verdict("failed", ANOTHER_PAGE)
    reading = look.reading
    assert reading is not None, "a page with status 200 and new bytes was read"
    if look.lacking and (look.task.known is not None or reading.article is None):
        # What a page shows that lacks a part says nothing about the article, and of a known one it is no edit.
        return Verdict("failed", f"page-incomplete: {look.lacking[0]}")
    return _classify_reading(reading)


def _classify_reading(reading: Reading) -> Verdict:
    """Return the verdict on a page that was read and lacks nothing."""
    reason = f"{reading.kind}: {reading.reason}" if reading.reason else reading.kind
    match reading.kind:
        case "article" | "paywalled":
            return Verdict("read")
        case "soft-404":
            return Verdict("look", reading.reason or "soft-404", outcome="soft-404")
        case "challenge" | "login-wall":
            return Verdict("look", reason, outcome="blocked")
    return Verdict("excluded", reason)


def _refused(status: int) -> Verdict | None:
    if status == 410:
        return Verdict("look", "HTTP 410", outcome="gone")
    if status == 404:
        return Verdict("look", "HTTP 404", outcome="missing")
    if 400 <= status < 500:
        return Verdict("look", f"HTTP {status}", outcome="blocked")
    return None


def _sent_home(look: Look) -> bool:
    """Return whether the answer is the front page instead of the page: a deleted article often redirects to it."""
    if not look.capture.redirects:
        return False
    landed, asked = urlsplit(look.capture.final_url), urlsplit(look.capture.url)
    home = urlsplit(look.task.source.homepage)
    at_home = (
        _HOME.fullmatch(landed.path) is not None
        or landed.path in ("", "/")
        or (landed.netloc, landed.path.rstrip("/"))
        == (
            home.netloc,
            home.path.rstrip("/"),
        )
    )
    return at_home and asked.path not in ("", "/")


_HOME = re.compile(r"/(?:[a-z]{2}(?:[-_][a-z]{2})?/)?(?:index|default|home|main)(?:\.[a-z]{2,5})?", re.IGNORECASE)
"""The path of a front page, or of that of one language, by the names that servers have for it."""


def names_another(article: Article) -> bool:
    """Return whether the page says that its article lives under another URL."""
    return url_key(article.canonical_url) != url_key(article.url)
