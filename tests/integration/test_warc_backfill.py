"""The warc channel: files on disk and on the web, streamed, filtered, gone on with at the record."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

from sqlalchemy import select
from support.foreign_warc import AT, warc_record
from support.past_backfill import Backfill
from support.past_pages import SITE, page
from support.web_archive import web_archive

from archive.query import get, history
from archive.tables import LinkRow, WalkPageRow
from archive.verify import verify


class Foreign:
    """A WARC file that somebody else made."""

    def __init__(self) -> None:
        self.data = b""

    def add(self, url: str, body: bytes, at: str = AT, kind: str = "response", **headers: str) -> None:
        fields = [("Content-Type", "text/html"), *((name.replace("_", "-"), value) for name, value in headers.items())]
        self.data += warc_record(url, body, at=at, kind=kind, headers=fields)

    def cut_short(self, url: str, body: bytes) -> None:
        self.data += warc_record(url, body, fields={"WARC-Truncated": "length"})


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def test_pages_of_files_on_disk(tmp_path: Path) -> None:
    with web_archive(robots={SITE: "User-agent: *\nDisallow: /news/forbidden/\n"}) as server:
        site = f"http://{SITE}:{server.port}"
        one, two = Foreign(), Foreign()
        one.add(f"{site}/news/treaty", page("treaty", "March"), "2024-03-04T10:00:00Z")
        one.add("http://elsewhere.example/news/treaty", page("treaty", "June"))
        one.add(f"{site}/news/treaty", b"", kind="request")
        one.add(f"{site}/news/zipped", gzip.compress(page("zipped", "March")), Content_Encoding="gzip")
        one.add(f"{site}/news/chunked", chunked(page("chunked", "March")), Transfer_Encoding="chunked")
        one.add(f"{site}/news/lies", page("lies", "March"), Transfer_Encoding="chunked")
        one.add(f"{site}/news/bomb", gzip.compress(bytes(30 << 20)), Content_Encoding="gzip")
        one.add(f"{site}/news/broken", b"\x1f\x8b123", Content_Encoding="gzip")
        one.add(f"{site}/news/forbidden/x", page("forbidden", "March"))
        one.add(f"{site}/sport/cup", page("cup", "March"))
        one.cut_short(f"{site}/news/cut", page("cut", "March")[:800])
        one.add(f"{site}/news/early", page("early", "March"), "2023-03-04T10:00:00Z")
        two.add(f"{site}/news/treaty", page("treaty", "April"), "2024-03-03T10:00:00Z")
        (tmp_path / "a.warc.gz").write_bytes(one.data)
        (tmp_path / "b.warc.gz").write_bytes(two.data)
        backfill = Backfill(tmp_path, site, f"warc: {tmp_path}/*.warc.gz", server.environment(tmp_path, SITE))
        report = backfill.run()
        assert backfill.run()["new"] == 0  # all has its end
    with backfill:
        archive = backfill.archive
        treaty = get(archive, f"{site}/news/treaty")
        assert [(f"{r.captured_at:%d}", r.origin.kind, r.changes) for r in treaty.revisions] == [
            ("03", "warc", ()),
            ("04", "warc", ("body",)),
        ]
        assert [r.number for r in treaty.revisions] == [2, 1]
        assert (treaty.revisions[1].origin.url, treaty.revisions[1].origin.offset) == (str(tmp_path / "a.warc.gz"), 0)
        for name in ("zipped", "chunked", "lies"):
            assert "six engineers" in (get(archive, f"{site}/news/{name}").revision or treaty.revisions[0]).body  # type: ignore[operator]
        assert (report["new"], report["found"]) == (5, 0)
        with archive.reading() as session:
            ends = {row.url.removeprefix(site): row.reason for row in session.scalars(select(LinkRow)) if row.reason}
            assert {row.state for row in session.scalars(select(WalkPageRow))} == {"read"}
        assert ends == {
            "/news/bomb": "too-large",
            "/news/broken": "broken-gzip",
            "/news/forbidden/x": "robots",
            "/sport/cup": "rule",
            "/news/cut": "truncated: length",
            "/news/early": "outside-window: captured 2023-03-04",
        }
        assert list(verify(archive, tmp_path / "home" / "warc")) == []


def test_files_on_the_web_come_in_pieces_with_the_crawls_manners(tmp_path: Path) -> None:
    with web_archive() as server:
        site = f"http://{SITE}:{server.port}"
        foreign = Foreign()
        for number in range(60):
            foreign.add(f"{site}/news/n{number}", page(f"n{number}", "March") + os.urandom(4000).hex().encode())
        names = "crawl/CC-NEWS-20240305000000-00001.warc.gz", "crawl/CC-NEWS-20230101000000-00001.warc.gz"
        server.files = {"/warc.paths.gz": gzip.compress("\n".join(names).encode()), f"/{names[0]}": foreign.data}
        channel = f"{{warc: {server.base}/warc.paths.gz, base: {server.base}}}"
        small = {"DATELINE_MAX_BODY": "65536"}  # so that there are several pieces
        backfill = Backfill(tmp_path, site, channel, server.environment(tmp_path, SITE) | small)
        process = backfill.start()
        until = time.monotonic() + 100
        while len(server.asked("00001")) < 3 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        backfill.run()
    with backfill:
        archive = backfill.archive
        with archive.reading() as session:
            states = {
                row.url.rpartition("/")[2]: (row.state, row.reason) for row in session.scalars(select(WalkPageRow))
            }
            assert session.scalars(select(LinkRow.state)).all() == ["done"] * 60
        assert states.pop("warc.paths.gz") == ("read", None)
        assert states == {
            "CC-NEWS-20240305000000-00001.warc.gz": ("read", None),
            "CC-NEWS-20230101000000-00001.warc.gz": ("passed", "outside-window: before 2023-01-01"),
        }
        assert all(len(history(archive, f"{site}/news/n{number}").looks) == 1 for number in (0, 31, 59))
    pieces = server.asked("bytes=")
    assert len(pieces) > 3 and server.asked("20230101") == []
    assert server.log[0] == "archive.example /robots.txt"
    assert all(agent.startswith("Dateline/") for agent in server.agents)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    foreign = Foreign()
    foreign.add(f"http://{SITE}/news/treaty", page("treaty", "March"))
    damaged = bytearray(foreign.data)
    damaged[40:60] = bytes(20)
    (tmp_path / "damaged.warc.gz").write_bytes(damaged)
    places = "nothing-*.warc.gz", "missing.warc.gz", "damaged.warc.gz"
    channels = "\n      - ".join(f"warc: {tmp_path / place}" for place in places)
    with web_archive() as server:
        site = f"http://{SITE}:{server.port}"
        report = Backfill(tmp_path, site, channels, server.environment(tmp_path, SITE)).run()
    assert sum(report["failed"].values()) == 3
    assert all(any(place in problem for problem in report["problems"]) for place in places)
