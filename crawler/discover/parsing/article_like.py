"""Does a link look as if it led to an article? Pure rules on address and text; they rank, they never exclude for good."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.discover.parsing.url_dates import date_in_url

_NEVER = re.compile(
    r"/(?:tags?|topics?|categor(?:y|ies)|authors?|users?|profile|search|login|log-?in|sign-?(?:in|up)|register|subscribe|account|cart"
    r"|about(?:-us)?|contact(?:-us)?|privacy|cookies?|terms|imprint|impressum|sitemap|rss|feeds?|newsletters?|jobs|careers|advertise"
    r"|help|faq|wp-(?:admin|login|content)|cdn-cgi|share|print|comments?)(?:[/.?]|$)|/page/\d+/?$",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|gif|webp|svg|mp[34]|m4a|avi|mov|css|js|xml|rss|atom|ics|exe|apk)$",
    re.IGNORECASE,
)
_ID = re.compile(r"\d{4,}")
_NUMBER = re.compile(r"\d+")
_QUERY_ID = re.compile(r"(?:^|&)(?:id|nid|aid|seq|no|article\w*|news\w*|p|idx|item\w*|docid)=[\w-]*\d", re.IGNORECASE)
_NO_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
LIKELY = 3
"""Points from which on a link counts as an article's."""


def points(url: str, text: str = "") -> int:
    """Count how much a link looks like an article's: up to 3 for its address, up to 2 for its text. 0 is for what never
    is one."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if (not path and not parts.query) or _NEVER.search(parts.path) or _FILE.search(path):
        return 0
    last = path.rpartition("/")[2]
    return min(3, _points_of_words(last) + _points_of_numbers(url, last, parts.query)) + _points_of_text(text)


def _points_of_words(last: str) -> int:
    """Count for a headline in the last part of the path."""
    words = sum(1 for word in re.split(r"[-_]|%20", last.partition(".")[0]) if word)
    if words >= 4 or "%" in last:
        return 2
    return 1 if words == 3 else 0


def _points_of_numbers(url: str, last: str, query: str) -> int:
    """Count for a date or a number that tells articles apart."""
    if date_in_url(url) or _ID.search(last) or _QUERY_ID.search(query):
        return 2
    return 1 if _NUMBER.search(last) else 0


def _points_of_text(text: str) -> int:
    """Count for a text as long as a headline. A character of a script without spaces counts three times."""
    length = len(text) + 2 * len(_NO_SPACES.findall(text))
    if length >= 25:
        return 2
    return 1 if length >= 12 else 0


def is_likely(url: str, text: str = "") -> bool:
    """Return whether a link looks like an article's."""
    return points(url, text) >= LIKELY


def shape(url: str) -> str:
    """The form of an address: its folders, with numbers and the last part left open. Articles of a section share
    one."""
    parts = urlsplit(url)
    *folders, last = parts.path.rstrip("/").split("/")
    opened = [_NUMBER.sub("9", folder) for folder in folders[:4]]
    ending = last.rpartition(".")[2] if "." in last else ""
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return f"{parts.netloc}{'/'.join(opened)}/*.{ending}?{'&'.join(names)}"
