"""robots.txt: RFC 9309, and what publishers really write."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from crawler.http import robots as robots_module
from crawler.http.robots import (
    LONGEST_DELAY,
    RULES,
    TEXT_LIMIT,
    Robots,
    _select,
    fresh,
    parse_robots,
    sitemaps_in,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SITE = "https://www.example.org"


def allows(text: str | bytes, path: str, token: str = "Dateline") -> bool:
    body = text if isinstance(text, bytes) else text.encode()
    return parse_robots(200, body).allows(SITE + path, token)


@pytest.mark.parametrize(
    ("status", "state", "allowed"),
    [
        (200, "ok", False),
        (204, "ok", False),
        (301, "unavailable", True),
        (401, "unavailable", True),
        (403, "unavailable", True),
        (404, "unavailable", True),
        (410, "unavailable", True),
        (429, "unreachable", False),
        (500, "unreachable", False),
        (503, "unreachable", False),
        (None, "unreachable", False),
    ],
)
def test_what_the_status_means(status: int | None, state: str, allowed: bool) -> None:
    robots = parse_robots(status, b"User-agent: *\nDisallow: /")
    assert robots.state == state
    assert robots.allows(f"{SITE}/news", "Dateline") is allowed


@pytest.mark.parametrize("status", [200, 404, 500, None])
def test_robots_txt_itself_may_always_be_asked_for(status: int | None) -> None:
    assert parse_robots(status, b"User-agent: *\nDisallow: /").allows(f"{SITE}/robots.txt", "Dateline")


def test_a_robots_txt_elsewhere_in_the_tree_is_no_exception() -> None:
    assert not allows("User-agent: *\nDisallow: /", "/shop/robots.txt")


@pytest.mark.parametrize(
    ("agent", "concerned"),
    [
        ("Dateline", True),
        ("dateline", True),
        ("DATELINE/1.0", True),
        ("Dateline Foo", True),
        ("Date", False),
        ("line", False),
        ("Datelinebot", False),
        ("dateline-images", False),
        ("Mozilla/5.0 (compatible; Dateline/1.0)", False),
    ],
)
def test_which_groups_concern_us(agent: str, concerned: bool) -> None:
    assert allows(f"User-agent: {agent}\nDisallow: /\n", "/news") is not concerned


def test_the_general_group_counts_only_without_one_for_us() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: dateline\nDisallow: /private\n"
    assert allows(text, "/news")
    assert not allows(text, "/private/a")
    assert not allows(text, "/news", token="Other")


def test_groups_for_the_same_token_are_merged() -> None:
    text = "User-agent: dateline\nDisallow: /a\n\nUser-agent: x\nDisallow: /b\n\nUser-agent: Dateline\nDisallow: /c\n"
    assert not allows(text, "/a")
    assert allows(text, "/b")
    assert not allows(text, "/c")


def test_several_agents_share_a_group_whatever_unknown_lines_stand_between() -> None:
    text = "User-agent: a\nSitemap: https://x/\nFoo: bar\n\nUser-agent: dateline\n# note\nUser-agent: b\nDisallow: /x\n"
    assert not allows(text, "/x")
    assert not allows(text, "/x", token="a")


def test_a_crawl_delay_ends_the_list_of_agents() -> None:
    text = "User-agent: *\nCrawl-delay: 7\n\nUser-agent: BadBot\nDisallow: /\n"
    assert allows(text, "/news")
    assert parse_robots(200, text.encode()).crawl_delay("Dateline") == 7


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Disallow: /a/b\nAllow: /a", "/a/b/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),  # a tie: the least restrictive rule
        ("Disallow: /a", "/A", True),
        ("Disallow:", "/a", True),
        ("Disallow: /\nAllow:", "/a", False),
        ("Disallow: */news/", "/en/news/1", False),  # news.un.org
        ("Disallow: */news/", "/feed/subscribe/en/rss.xml", True),
        ("Disallow: /*PAGEN_1", "/ru/list/?PAGEN_1=2", False),  # mid.ru
        ("Disallow: /*PAGEN_1", "/ru/list/1/", True),
        ("Disallow: /*.pdf$", "/a.pdf", False),
        ("Disallow: /*.pdf$", "/a.pdf?x=1", True),
        ("Disallow: /a?q=", "/a?q=1", False),
        ("Disallow: /caf%C3%A9", "/café", False),
        ("Disallow: /café", "/caf%c3%a9", False),
        ("Disallow: /%7Ejoe", "/~joe/", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /a # the archive", "/a", False),
        ("disallow : /a", "/a", False),
    ],
)
def test_rules(rules: str, path: str, allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}\n", path) is allowed


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /x",
        b"User-agent: *\rDisallow: /x\r",
        b"\r\n\r\nUser-agent: *\r\nDisallow: /x\r\n",
        "User-agent: *\nDisallow: /x".encode("utf-16"),
        b"\x00User-agent: *\nDisallow: /x\n\xff",
        b"garbage\nUser-agent: *\n\x80\x81\nmore: garbage\nDisallow: /x",
        b"User agent *\nDissallow: /x",
    ],
)
def test_untidy_files_keep_their_effect(body: bytes) -> None:
    robots = parse_robots(200, body)
    assert not robots.allows(f"{SITE}/x", "Dateline")
    assert robots.allows(f"{SITE}/y", "Dateline")
    assert "\x00" not in (robots.text or "")


def test_rules_before_any_agent_concern_nobody() -> None:
    assert allows("Disallow: /\n\nUser-agent: x\nDisallow: /\n", "/news")


@pytest.mark.parametrize(
    "body", [b"", b"<!DOCTYPE html><html><body>Home: <a href='/'>x</a></body></html>", b"\xff" * 100]
)
def test_an_answer_that_is_no_robots_txt_has_no_rules(body: bytes) -> None:
    robots = parse_robots(200, body)
    assert robots.state == "ok"
    assert robots.allows(f"{SITE}/news", "Dateline")
    assert robots.crawl_delay("Dateline") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("10", 10.0),
        ("0.5", 0.5),
        ("1.", 1.0),
        ("120 seconds", 120.0),
        ("0", 0.0),
        ("-3", None),
        ("soon", None),
        ("nan", None),
        ("", None),
    ],
)
def test_crawl_delay(value: str, seconds: float | None) -> None:
    robots = parse_robots(200, f"User-agent: *\nCrawl-delay: {value}\nDisallow:\n".encode())
    assert robots.crawl_delay("Dateline") == seconds


def test_the_longest_crawl_delay_of_our_group_counts() -> None:
    text = b"User-agent: *\nCrawl-delay: 60\n\nUser-agent: dateline\nCrawl-delay: 5\nCrawl-delay: 2\n"
    assert parse_robots(200, text).crawl_delay("Dateline") == 5
    assert parse_robots(404, text).crawl_delay("Dateline") is None


def test_a_long_file_is_cut_at_a_line_end() -> None:
    line = b"Disallow: /abcdefgh\n"
    body = b"User-agent: *\n" + line * (TEXT_LIMIT // len(line) + 10)
    robots = parse_robots(200, body)
    assert robots.text is not None
    assert len(robots.text) <= TEXT_LIMIT
    assert robots.text.endswith("/abcdefgh\n")
    assert robots.allows(f"{SITE}/abc", "Dateline")
    assert not robots.allows(f"{SITE}/abcdefgh", "Dateline")


@pytest.mark.parametrize("status", [200, 404, 503, None])
def test_what_is_remembered_means_the_same(status: int | None) -> None:
    first = parse_robots(status, b"\xef\xbb\xbfUser-agent: *\nDisallow: /x\nCrawl-delay: 3")
    again = Robots.recall(first.state, first.text)
    assert again == first
    for path in ("/x", "/y"):
        assert again.allows(SITE + path, "Dateline") == first.allows(SITE + path, "Dateline")
    assert again.crawl_delay("Dateline") == first.crawl_delay("Dateline")


def test_an_unknown_state_allows_nothing() -> None:
    assert not Robots.recall("fine", "User-agent: *\nAllow: /").allows(f"{SITE}/x", "Dateline")


def test_freshness() -> None:
    assert fresh(NOW, NOW)
    assert fresh(NOW - timedelta(hours=24), NOW)
    assert not fresh(NOW - timedelta(hours=24, seconds=1), NOW)
    assert not fresh(NOW + timedelta(minutes=5), NOW)
    assert fresh(NOW - timedelta(minutes=59), NOW, "unreachable")
    assert not fresh(NOW - timedelta(hours=2), NOW, "unreachable")


def test_the_sitemaps_that_it_names() -> None:
    text = "User-agent: *\nDisallow: /x\nSitemap: https://a.example/1.xml\nsitemap:/2.xml\n# Sitemap: https://a.example/3.xml\nSitemap: /2.xml"
    assert sitemaps_in(text) == ("https://a.example/1.xml", "/2.xml")
    assert sitemaps_in(None) == ()


# --- files that are made to cost something


def rules_of(text: str) -> int:
    """How many rules are weighed for an address."""
    group = _select(text, "Dateline").rules
    return sum(len(rules._rules) for rules in group._user_agents.values())


@pytest.mark.parametrize("agent", ["Dateline", "*", "dateline/2.0"])
def test_a_group_counts_once_however_often_it_names_us(agent: str) -> None:
    text = f"User-agent: {agent}\n" * 12_000 + "Allow: /x\n" * 20_000 + "Disallow: /y\n"
    assert rules_of(text) == 2
    assert not allows(text, "/y")
    assert allows(text, "/z")


def test_groups_that_repeat_each_other_are_one() -> None:
    assert rules_of("User-agent: dateline\nDisallow: /a\n" * 15_000) == 1


@pytest.mark.parametrize("count", [RULES, RULES + 1])
def test_up_to_the_bound_and_beyond_it_nothing_is_let_through_that_is_forbidden(count: int) -> None:
    rules = "".join(f"Disallow: /closed/{n}/\n" for n in range(count - 3))
    text = f"User-agent: *\nAllow: /news/\nDisallow: /news/*/print$\n{rules}Disallow: /last/\n"
    assert not allows(text, "/closed/17/a")
    assert not allows(text, "/last/a")
    assert not allows(text, "/news/1/print")
    assert allows(text, "/opinion/1")
    assert allows(text, "/news/1/read") is (count <= RULES), "a path counts up to its first wildcard"


def test_beyond_the_bound_what_is_allowed_counts_no_more() -> None:
    rules = "".join(f"Disallow: /{n}/\n" for n in range(RULES))
    assert not allows(f"User-agent: *\nDisallow: /\nAllow: /news/\n{rules}", "/news/1")


def test_all_rules_of_the_first_five_hundred_kibibytes_count() -> None:
    head = "User-agent: *\n"
    lines = [f"Disallow: /{n:05}\n" for n in range((500 << 10) // 17)]
    text = head + "".join(lines)
    assert len(text) > 499 << 10
    assert not allows(text, f"/{len(lines) - 1:05}/a")
    assert allows(text, "/news")


@pytest.mark.parametrize(
    "line",
    [
        "Disallow: /" + "*a" * 200_000, "Disallow: /" + "$" * 400_000, "Disallow: /" + "%e4" * 150_000, "a" * 500_000,
        "Disallow" + " " * 500_000 + "x", " " * 500_000, "Sitemap" + " " * 400_000, "Crawl-delay: " + "9" * 400_000,
    ],
    ids=["wildcards", "dollars", "escapes", "word", "blanks-inside", "blanks", "sitemap", "delay"],
)  # fmt: skip
def test_one_huge_line_changes_nothing_else(line: str) -> None:
    text = f"User-agent: *\nDisallow: /before\n{line}\nDisallow: /behind\n"
    assert not allows(text, "/before")
    assert not allows(text, "/behind")
    assert allows(text, "/news")
    assert sitemaps_in(text) in ((), ("Disallow:",))


@pytest.mark.parametrize("value", ["9" * 400, "1000000000000000", "99999999", "2592001"])
def test_a_crawl_delay_has_a_longest_meaning(value: str) -> None:
    robots = parse_robots(200, f"User-agent: *\nCrawl-delay: {value}\n".encode())
    assert robots.crawl_delay("Dateline") == LONGEST_DELAY


@pytest.mark.parametrize("value", ["inf", "Infinity", "1e400", "nan"])
def test_a_crawl_delay_is_written_in_figures(value: str) -> None:
    robots = parse_robots(200, f"User-agent: *\nCrawl-delay: {value}\n".encode())
    assert robots.crawl_delay("Dateline") in (None, 1.0)


async def test_a_long_file_is_read_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def select(text: str, token: str) -> object:
        threads.append(threading.current_thread())
        return _select(text, token)

    monkeypatch.setattr(robots_module, "_select", select)
    long, short = b"".join(b"Disallow: /%d/\n" % n for n in range(3_000)), b"Disallow: /7/\n"
    for rules in (long, short):
        robots = parse_robots(200, b"User-agent: *\n" + rules)
        await robots.read_for("Dateline")
        await robots.read_for("Dateline")
        assert not robots.allows(f"{SITE}/7/a", "Dateline")
    first, second = threads
    assert first is not threading.main_thread()
    assert second is threading.main_thread(), "a short one is read when it is asked for"


def test_what_an_older_version_kept_is_cut_as_well() -> None:
    robots = Robots.recall("ok", "User-agent: *\n" + "Disallow: /a\n" * 80_000)
    assert len(robots.text or "") == TEXT_LIMIT
