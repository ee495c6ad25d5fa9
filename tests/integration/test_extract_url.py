"""`dateline extract URL` against the sample newsroom and hosts that refuse, fail or do not exist."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from support import forked

from dateline.newsroom import AFTER_EDITS, Newsroom


def extract(
    room: Newsroom, home: Path, *arguments: str, status: int = 0, **changed: str
) -> subprocess.CompletedProcess[str]:
    """The command, run where nothing may be kept: the home must stay as it was (there was none)."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    own |= room.environment(home) | {"DATELINE_DELAY": "0", "DATELINE_RETRIES": "0", "DATELINE_TIMEOUT": "10s"}
    done = forked.run(
        [sys.executable, "-m", "dateline", "extract", *arguments],
        env=own | changed,
        timeout=100,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert not home.exists()
    return done


@pytest.fixture
def rogue(httpserver: HTTPServer) -> str:
    """The address of a host that sends its visitors to bad places."""
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private\n")
    httpserver.expect_request("/refused").respond_with_data("no", 403)
    for path, place in {
        "/inside": "http://169.254.169.254/latest/meta-data/",
        "/forbidden": "/private",
        "/file": "file:///etc/passwd",
    }.items():
        httpserver.expect_request(path).respond_with_data(status=302, headers={"Location": place})
    return httpserver.url_for("").rstrip("/")


def paths(room: Newsroom) -> list[str]:
    return [request.path for request in room.log()]


def test_a_page_is_asked_for_politely_and_read(room: Newsroom, tmp_path: Path) -> None:
    article = room.article("mekonghub/breakfast")
    row = json.loads(extract(room, tmp_path / "home", article.url, "--format", "json").stdout)
    assert (row["id"], row["error"], row["language"]) == (article.url, None, "id")
    assert row["title"] == article.states[0].title
    path = article.url.partition(str(room.port))[2]
    assert paths(room) == ["/robots.txt", "/.well-known/tdmrep.json", path]
    assert {request.user_agent.partition("/")[0] for request in room.log() if request.user_agent} == {"Dateline"}


def test_it_is_shown_to_people_and_fragments_and_credentials_stay_here(room: Newsroom, tmp_path: Path) -> None:
    article = room.article("mekonghub/breakfast")
    address = article.url.replace("http://", "http://me:secret@") + "#comments"
    shown = extract(room, tmp_path / "home", address)
    assert article.states[0].title.split()[0] in shown.stdout
    assert "secret" not in shown.stdout + shown.stderr


@pytest.mark.parametrize(
    ("site", "because"),
    [("courrier", "noarchive"), ("guancha", "tdm-reservation")],
)
def test_a_reserved_page_is_shown_and_said_to_be_reserved(
    room: Newsroom, tmp_path: Path, site: str, because: str
) -> None:
    article = next(a for a in room.truth() if a.site == site and a.withheld == because)
    done = extract(room, tmp_path / "home", article.url, "--format", "json")
    assert json.loads(done.stdout)["title"] == article.states[0].title
    assert f"The publisher reserves this page: {because}" in done.stderr


def test_what_robots_forbids_is_not_asked(room: Newsroom, tmp_path: Path) -> None:
    forbidden = next(article for article in room.truth() if article.forbidden)
    done = extract(room, tmp_path / "home", forbidden.url, status=1)
    assert f"{forbidden.url}: robots\n" in done.stderr
    assert "--url" in done.stderr
    assert done.stdout == ""
    assert set(paths(room)) <= {"/robots.txt", "/.well-known/tdmrep.json"}


def test_a_page_that_is_not_there(room: Newsroom, tmp_path: Path) -> None:
    done = extract(room, tmp_path / "home", room.url("thoidai", "/no/such/page"), status=1)
    assert "HTTP 404" in done.stderr
    assert "Is the address complete?" in done.stderr


def test_a_front_page_is_no_article(room: Newsroom, tmp_path: Path) -> None:
    done = extract(room, tmp_path / "home", room.url("harbour-times"), "--format", "json", status=1)
    row = json.loads(done.stdout)
    assert row["title"] is None
    assert row["error"]


def test_without_robots_txt_nothing_is_asked(room: Newsroom, tmp_path: Path) -> None:
    room.fail("thoidai", "500", path="/robots.txt")
    article = next(article for article in room.truth() if article.site == "thoidai")
    done = extract(room, tmp_path / "home", article.url, status=1)
    assert "robots-unreachable: HTTP 500" in done.stderr
    assert "RFC 9309" in done.stderr
    assert paths(room) == ["/robots.txt"]


def test_a_host_that_wants_to_be_left_alone(room: Newsroom, tmp_path: Path) -> None:
    article = next(article for article in room.truth() if article.site == "kabar")
    room.fail("kabar", "429", path=article.url.partition(str(room.port))[2], retry_after=3600)
    done = extract(room, tmp_path / "home", article.url, status=1)
    assert "HTTP 429 with Retry-After" in done.stderr


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://[::1]/", "address-refused"),
        ("http://no-such-host.invalid/news/1", "host-not-found"),
    ],
)
def test_hosts_that_are_not_asked_or_do_not_exist(room: Newsroom, tmp_path: Path, address: str, reason: str) -> None:
    done = extract(room, tmp_path / "home", address, status=1)
    assert reason in done.stderr
    assert done.stdout == ""
    assert room.log() == []


def test_loopback_is_refused_unless_it_is_allowed(room: Newsroom, tmp_path: Path) -> None:
    article = room.article("mekonghub/breakfast")
    done = extract(room, tmp_path / "home", article.url, status=1, DATELINE_ALLOW_NETWORKS="")
    assert "address-refused" in done.stderr
    assert "DATELINE_ALLOW_NETWORKS" in done.stderr
    assert room.log() == []


def test_a_page_beyond_the_limit(room: Newsroom, tmp_path: Path) -> None:
    article = room.article("mekonghub/breakfast")
    done = extract(room, tmp_path / "home", article.url, status=1, DATELINE_MAX_BODY="1K")
    assert "too-large" in done.stderr


@pytest.mark.parametrize("arguments", [["http://"], ["https://x.example/", "--url", "https://y.example/"]])
def test_wrong_usage(room: Newsroom, tmp_path: Path, arguments: list[str]) -> None:
    assert extract(room, tmp_path / "home", *arguments, status=2).stderr.startswith("error:")
    assert room.log() == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/inside", "address-refused"),
        ("/forbidden", ": robots\n"),
        ("/file", "redirect-not-http"),
        ("/refused", "HTTP 403"),
    ],
)
def test_each_hop_is_asked_with_the_same_manners(
    room: Newsroom, rogue: str, tmp_path: Path, path: str, reason: str
) -> None:
    done = extract(room, tmp_path / "home", rogue + path, status=1)
    assert reason in done.stderr
    assert done.stdout == ""


def test_a_page_that_moved_is_read_where_it_is(room: Newsroom, tmp_path: Path) -> None:
    room.set_time(AFTER_EDITS)
    article = next(a for a in room.truth() if a.moved_from and a.status == "live" and not a.withheld)
    done = extract(room, tmp_path / "home", article.moved_from[0], "--format", "json")
    assert json.loads(done.stdout)["title"] == article.states[-1].title
    assert f"moved to {article.url}" in done.stderr


def test_a_page_that_was_taken_down(room: Newsroom, tmp_path: Path) -> None:
    room.set_time(AFTER_EDITS)
    article = next(article for article in room.truth() if article.status == "home")
    done = extract(room, tmp_path / "home", article.url, status=1)
    assert "soft-404: redirected to the home page" in done.stderr


def test_nobody_waits_for_a_host_that_wants_ten_minutes_between_requests(
    room: Newsroom, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nCrawl-delay: 600\n")
    httpserver.expect_request("/a").respond_with_data("never asked")
    done = extract(room, tmp_path / "home", httpserver.url_for("/a"), status=1)
    assert "long crawl-delay: robots.txt asks for 600 s between two requests" in done.stderr
