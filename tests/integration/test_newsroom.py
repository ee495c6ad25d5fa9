"""The sample newsroom as its callers use it: a process of its own, spoken to over loopback."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.processes import until

from archive.config import load_settings
from archive.registry import load as load_registry
from dateline.newsroom import AFTER_EDITS, START, Newsroom, NewsroomError


def get(
    room: Newsroom, url: str, headers: Mapping[str, str] = {}, *, timeout: float = 120
) -> tuple[http.client.HTTPResponse, bytes]:
    host, _, rest = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=timeout)
    try:
        connection.request("GET", f"/{rest}", headers={"Host": host, **headers})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_the_clock_moves_when_the_caller_says_so(room: Newsroom) -> None:
    corridor = room.url("harbour-times", "/2024/03/01/grain-corridor-inspectors")
    assert room.time == START
    assert get(room, corridor)[0].status == 404
    assert room.advance(timedelta(hours=6)) == AFTER_EDITS
    assert get(room, corridor)[0].status == 200
    room.set_time(START)
    assert get(room, corridor)[0].status == 404


def test_the_truth_follows_the_clock(room: Newsroom) -> None:
    assert len(room.truth()) == 26
    assert len(room.article("mekonghub/breakfast").states) == 1
    room.set_time(AFTER_EDITS)
    assert len(room.truth()) == 32
    assert room.article("mekonghub/breakfast").states[1].changes == ("body",)
    with pytest.raises(KeyError):
        room.article("mekonghub/unheard-of")


def test_every_address_in_the_truth_answers_as_the_truth_says(room: Newsroom) -> None:
    room.set_time(AFTER_EDITS)
    expected = {"live": 200, "gone": 410, "missing": 404, "home": 302}
    for article in room.truth():
        assert get(room, article.url)[0].status == expected[article.status]
        if article.status == "live":
            left = [old.partition(str(room.port))[2] for old in article.moved_from]
            for alias in article.aliases:
                moved = any(path in alias for path in left)
                assert get(room, alias)[0].status == (301 if moved else 200)


def test_the_log_keeps_what_a_test_of_manners_needs(room: Newsroom) -> None:
    first, _ = get(room, room.url("thoidai", "/feed.json"), {"User-Agent": "Bot/1", "From": "bot@example.org"})
    tag = first.headers["ETag"]
    get(room, room.url("thoidai", "/feed.json"), {"User-Agent": "Bot/1", "If-None-Match": tag})
    before, after = room.log()
    assert (before.host, before.path, before.status) == ("thoidaiquocte.example", "/feed.json", 200)
    assert (before.user_agent, before.from_, before.conditional) == ("Bot/1", "bot@example.org", False)
    assert (after.status, after.if_none_match, after.conditional) == (304, tag, True)
    assert before.at < after.at <= datetime.now(UTC)
    assert before.room_time == START
    room.clear_log()
    assert room.log() == []


def test_orders_are_not_in_the_log(room: Newsroom) -> None:
    room.advance(timedelta(minutes=1))
    assert room.log() == []


@pytest.mark.parametrize("mode", ["500", "503", "429", "403"])
def test_a_host_that_answers_with_an_error(room: Newsroom, mode: str) -> None:
    room.fail("kabar", mode, retry_after=7)  # type: ignore[arg-type]
    response, _ = get(room, room.url("kabar", "/robots.txt"))
    assert (response.status, response.headers["Retry-After"]) == (int(mode), "7")
    assert get(room, room.url("thoidai"))[0].status == 200, "the others go on"
    room.heal("kabar")
    assert get(room, room.url("kabar", "/robots.txt"))[0].status == 200


def test_a_host_that_resets(room: Newsroom) -> None:
    room.fail("www.kabar-nusantara.example", "reset")
    with pytest.raises(ConnectionResetError):
        get(room, room.url("kabar"))
    assert room.log()[-1].status is None


def test_a_host_that_hangs(room: Newsroom) -> None:
    room.fail("kabar", "hang", seconds=600)
    with pytest.raises(TimeoutError):
        get(room, room.url("kabar"), timeout=0.2)
    until(room.log, what="the note of it, which is no later test's")


def test_a_host_that_is_slow(room: Newsroom) -> None:
    room.fail("kabar", "slow", seconds=0.4)
    began = time.monotonic()
    response, body = get(room, room.url("kabar"))
    assert time.monotonic() - began >= 0.4
    assert (response.status, len(body)) == (200, int(response.headers["Content-Length"]))


def test_a_body_that_is_cut_off(room: Newsroom) -> None:
    room.fail("kabar", "truncated", path="/rss")
    with pytest.raises(http.client.IncompleteRead):
        get(room, room.url("kabar", "/rss/internasional"))
    assert get(room, room.url("kabar"))[0].status == 200, "only the path that was named"


def test_a_feed_that_lies_with_304(room: Newsroom) -> None:
    feed = room.url("thoidai", "/feed.json")
    room.fail("thoidai", "not-modified")
    assert get(room, feed)[0].status == 200
    assert get(room, feed, {"If-None-Match": '"anything"'})[0].status == 304


def test_html_where_a_feed_should_be(room: Newsroom) -> None:
    room.fail("thoidai", "html", times=1)
    response, body = get(room, room.url("thoidai", "/feed.json"))
    assert response.headers["Content-Type"].startswith("text/html")
    assert b"Back soon" in body
    assert get(room, room.url("thoidai", "/feed.json"))[1].startswith(b"{")


def test_a_wrong_order_is_refused_with_its_reason(room: Newsroom) -> None:
    with pytest.raises(ValueError, match="zone"):
        room.set_time(datetime(2024, 3, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="418"):
        room.fail("kabar", "418")  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="no such site"):
        room.fail("nowhere.example", "500")


def test_one_connection_serves_many_requests(room: Newsroom) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=120)
    host = f"{room.site('vestnik').host}:{room.port}"
    for _ in range(50):
        connection.request("GET", "/rss.xml", headers={"Host": host})
        assert connection.getresponse().read()
    connection.close()
    assert len({request.peer for request in room.log()}) == 1


def test_many_at_once_get_different_pages(room: Newsroom) -> None:
    url = room.article("mekonghub/breakfast").url
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda _: get(room, url)[1], range(40)))
    assert len(set(bodies)) == 40
    assert len({request.number for request in room.log()}) == 40


def test_head_has_the_headers_and_no_body(room: Newsroom) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=120)
    connection.request("HEAD", "/feed.json", headers={"Host": room.site("thoidai").host})
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    assert int(response.headers["Content-Length"]) > 100
    connection.close()


def test_the_registry_is_one_that_dateline_accepts(room: Newsroom, tmp_path: Path) -> None:
    registry = load_registry([room.write_registry(tmp_path / "newsroom.yaml")])
    assert list(registry.sources) == list(room.sites)
    harbour = registry.sources["harbour-times"]
    assert [channel.url for channel in harbour.discover] == [
        room.url("harbour-times", "/feeds/world.xml"),
        room.url("harbour-times", "/feeds/all.xml"),
    ]
    assert (harbour.delay, harbour.status, harbour.timezone) == (0, "verified", "America/New_York")


def test_the_environment_holds_settings_that_dateline_accepts(
    room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in room.environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.home == tmp_path / "home"
    assert settings.resolve["www.kabar-nusantara.example"] == "127.0.0.1"
    assert [str(network) for network in settings.allow_networks] == ["127.0.0.0/8"]
    assert settings.sources[0].is_file()


def test_a_second_caller_can_attach(room: Newsroom) -> None:
    other = Newsroom.attach(room.control_port)
    assert other.port == room.port
    other.advance(timedelta(hours=1))
    assert room.time == START + timedelta(hours=1)


def test_the_command_moves_the_clock_and_tells_the_truth(room: Newsroom) -> None:
    def order(*words: str) -> str:
        command = [sys.executable, "-m", "dateline.newsroom", *words, "--control-port", str(room.control_port)]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    assert order("advance", "6h").strip() == AFTER_EDITS.isoformat()
    assert order("time").strip() == AFTER_EDITS.isoformat()
    told = [json.loads(line) for line in order("truth").splitlines()]
    assert len(told) == 32


def test_a_fresh_one_starts_at_the_time_asked_for() -> None:
    with Newsroom.start(time=AFTER_EDITS) as room:
        assert room.time == AFTER_EDITS


def test_nobody_there_is_a_clear_error() -> None:
    with Newsroom.start() as room:
        port = room.control_port
    with pytest.raises(NewsroomError, match=f"control port {port}"):
        Newsroom.attach(port)


def test_a_port_that_is_taken_is_a_clear_error(room: Newsroom) -> None:
    with pytest.raises(NewsroomError, match="did not start"):
        Newsroom.start(port=room.port)


def test_the_newsroom_dies_with_the_process_that_started_it() -> None:
    script = (
        "import sys\n"
        "from dateline.newsroom import Newsroom\n"
        "room = Newsroom.start()\n"
        "print(room.control_port, flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        Newsroom.attach(port)
        parent.kill()

    def is_over() -> bool:
        try:
            Newsroom.attach(port)
        except NewsroomError:
            return True
        return False

    until(is_over, what="the end of the newsroom")
