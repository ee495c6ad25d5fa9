"""The wayback channel against a web archive on loopback: nothing asked twice, politeness kept, one history."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.past_backfill import Backfill
from support.past_pages import SITE, page
from support.web_archive import Held, WebArchiveServer, web_archive

from archive.query import get
from archive.verify import verify

SECRET = "zebra"


def holdings(site: str) -> list[Held]:
    """What the archive holds of a site that lives at `site`."""

    def held(name: str, stamp: str, state: str, head: str = "", **headers: str) -> Held:
        body = page(name, state, head=head)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return Held(stamp + "000000", f"{site}/news/{name}", body, f"{name}-{state}", fields)

    return [
        held("treaty", "20240304", "March"),
        held("treaty", "20240306", "March"),  # the same content: not fetched
        held("treaty", "20240308", "April"),
        held("treaty", "20240310", "May"),
        held("river", "20240305", "March", Content_Language="en", X_Powered_By="Press"),
        held("closed", "20240305", SECRET, X_Robots_Tag="noarchive"),
        held("meta", "20240305", SECRET, '<meta name="robots" content="noarchive">'),
        held("forbidden/x", "20240305", "March"),
        held("late", "20240325", "March"),
        held("older", "20230101", "March"),
        Held("20240305000000", f"{site}/tag/all", b"<p>list</p>", "list"),
        Held("20240305000000", f"{site}/news/gone", b"", "gone"),
        Held("20240305000000", f"{site}/news/gallery", b"<html><body><h1>Pictures</h1></body></html>", "gallery"),
    ]


@pytest.fixture
def server() -> Iterator[WebArchiveServer]:
    robots = {SITE: "User-agent: *\nDisallow: /news/forbidden/\n"}
    with web_archive(robots=robots, page_size=7) as made:
        site = f"http://{SITE}:{made.port}"
        made.held += holdings(site)
        made.answers[f"/web/20240305000000id_/{site}/news/gone"] = [404]
        yield made


@pytest.fixture
def backfill(server: WebArchiveServer, tmp_path: Path) -> Iterator[Backfill]:
    site = f"http://{SITE}:{server.port}"
    channel = f"{{wayback: {site}/, cdx: {server.base}/cdx, replay: {server.base}/web/}}"
    environment = server.environment(tmp_path, SITE) | {"DATELINE_NOARCHIVE": "withhold"}
    with Backfill(tmp_path, site, channel, environment) as made:
        yield made


def test_captures_of_the_window_become_histories(server: WebArchiveServer, backfill: Backfill) -> None:
    report = backfill.run()
    archive = backfill.archive
    assert backfill.told("treaty") == [
        ("20240304", "wayback", "changed"),
        ("20240308", "wayback", "changed"),
        ("20240310", "wayback", "changed"),
    ]
    treaty = get(archive, backfill.url("treaty"))
    assert [r.changes for r in treaty.revisions] == [(), ("body",), ("body",)]
    assert treaty.revisions[0].origin.url == f"{server.base}/web/20240304000000id_/{backfill.url('treaty')}"
    assert (report["new"], report["revised"], report["withheld"]) == (3, 2, 2)
    assert report["excluded"] == {"robots": 1, "rule": 1, "empty": 1}
    assert backfill.told("late") == [("20240325", "wayback", "changed")]  # captured after the window, published in it
    for name in ("closed", "meta"):
        assert get(archive, backfill.url(name)).status == "withheld"
    kept = b"".join(gzip.decompress(path.read_bytes()) for path in (backfill.home / "warc").glob("*.gz"))
    assert SECRET.encode() not in kept
    assert list(verify(archive, backfill.home / "warc")) == []
    # Politeness: rules of both hosts first, nothing forbidden, nothing twice, one honest name.
    assert server.log.index(f"{SITE} /robots.txt") < server.log.index(server.asked("id_/")[0])
    assert server.asked("forbidden") == [] and server.asked("20230101") == [] and server.asked("20240306") == []
    assert server.twice() == []
    assert len(server.asked("/cdx?")) == 2  # 12 captures, 7 an answer
    assert all(agent.startswith("Dateline/") for agent in server.agents)
    before = len(server.log)
    backfill.run()  # another walk: all that it lists is filed
    assert all("/cdx?" in line for line in server.log[before:])


def test_killed_and_gone_on_with(server: WebArchiveServer, backfill: Backfill) -> None:
    for requests in (4, 8):  # after the first lists, among the mementos
        process = backfill.start()
        until = time.monotonic() + 100
        while len(server.log) < requests and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.kill()
        process.communicate()
    backfill.run()
    archive = backfill.archive
    assert [look[0] for look in backfill.told("treaty")] == ["20240304", "20240308", "20240310"]
    assert [r.changes for r in get(archive, backfill.url("treaty")).revisions] == [(), ("body",), ("body",)]
    # What was under way at a kill is asked again, what was filed is not.
    assert len(server.twice()) <= 4
    assert list(verify(archive, backfill.home / "warc")) == []


def test_an_archive_that_wants_to_be_left_alone_is(server: WebArchiveServer, backfill: Backfill) -> None:
    server.answers["/cdx"] = [503]
    report = backfill.run()
    assert report["new"] == 0
    assert len(server.asked("/cdx?")) == 1
    assert backfill.run()["new"] == 3  # the next job goes on


def test_a_dry_run_asks_for_the_list_of_captures_and_for_none_of_them(server: WebArchiveServer, tmp_path: Path) -> None:
    site = f"http://{SITE}:{server.port}"
    channels = (
        f"{{wayback: {site}/, cdx: {server.base}/cdx, replay: {server.base}/web/}}\n      - {{warc: {tmp_path}/*.gz}}"
    )
    with Backfill(tmp_path, site, channels, server.environment(tmp_path, SITE)) as backfill:
        rows = backfill.estimate()
    assert server.asked("id_/") == []
    held = rows["wayback"]
    assert (held["lists"], held["articles"], held["requests"]) == (len(server.asked("/cdx?")), 8, 12)
    files = rows["warc"]
    assert (files["requests"], files["note"]) == (0, "its files would have to be read through: not estimated")
    assert rows["(all, each article once)"]["requests"] == held["requests"]
