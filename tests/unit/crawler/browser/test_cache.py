from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.browser.cache import LONGEST, SCRIPT_AGE, Cache, Part, lifetime

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
URL = "https://news.example/app.js"


def part(control: str | None = None, body: bytes = b"x", status: int = 200) -> Part:
    return Part(status, (("Cache-Control", control),) if control else (), body, len(body))


@pytest.mark.parametrize(
    ("answer", "kind", "fresh"),
    [
        (part(), "script", SCRIPT_AGE),
        (part(), "fetch", timedelta(0)),
        (part("public, max-age=60"), "fetch", timedelta(minutes=1)),
        (part("max-age=31536000"), "script", LONGEST),
        (part("max-age=60, no-store"), "script", timedelta(0)),
        (part("no-cache"), "script", timedelta(0)),
        (part("max-age=60", status=404), "script", timedelta(0)),
    ],
)
def test_for_how_long(answer: Part, kind: str, fresh: timedelta) -> None:
    assert lifetime(answer, kind) == fresh


def test_an_answer_is_given_again_until_it_is_stale() -> None:
    cache = Cache()
    cache.put(URL, "script", part("max-age=60"), NOW)
    assert cache.get(URL, NOW + timedelta(seconds=59)) == part("max-age=60")
    assert cache.get(URL, NOW + timedelta(seconds=60)) is None


def test_what_was_not_wanted_for_longest_makes_room() -> None:
    cache = Cache(largest=400)
    for name in "abcd":
        cache.put(name, "script", part(body=b"." * 100), NOW)
    cache.get("a", NOW)
    cache.put("e", "script", part(body=b"." * 100), NOW)
    assert [name for name in "abcde" if cache.get(name, NOW)] == ["a", "c", "d", "e"]
    cache.put("large", "script", part(body=b"." * 101), NOW)
    assert cache.get("large", NOW) is None
