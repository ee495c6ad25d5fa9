"""Pages with `noarchive` and with a TDM reservation, from a real server through the command, on both databases: what the owner of
the archive sees, and what every exit to others holds, while the settings change between the crawls."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support import forked, hostile
from support.crawled import Crawled, crawl
from support.hostile import HTML, Server, http

from archive.config import Settings
from archive.query import get
from archive.storage.session import Archive, open_archive
from archive.verify import verify

META = '<meta name="robots" content="index, NOARCHIVE">'
RESERVED = "TDM-Reservation: 1"
SITES = ("marked.example", "header.example", "reserved.example", "free.example")


@pytest.fixture
def server() -> Iterator[Server]:
    with hostile.serve() as running:
        for host in SITES:
            running.site(host)
            publish(running, host)
        yield running


def publish(server: Server, host: str, words: str = "met on Monday", *, head: str = "", headers: str = "") -> None:
    """Give a site one article that bears its signal, or the one that is given instead."""
    head = head or (META if host == "marked.example" else "")
    given = headers or {"header.example": "X-Robots-Tag: noarchive", "reserved.example": RESERVED}.get(host, "")
    body = hostile.article(server.url(host, "/1"), f"Ministers of {host.partition('.')[0]}", _paragraphs(words))
    page = body.replace(b"<title>", head.encode() + b"<title>")
    server.routes[host, "/feed"] = http("200 OK", hostile.rss(server.url(host, ""), "/1"), hostile.XML)
    server.routes[host, "/1"] = http("200 OK", page, HTML, *([given] if given else []))


def _paragraphs(words: str) -> list[str]:
    return [f"The foreign ministers {words} to discuss shared patrols in the strait.", *hostile.PARAGRAPHS[1:]]


@dataclass
class Owner:
    """The owner of an archive, with the command."""

    server: Server
    folder: Path
    database_url: str
    environment: dict[str, str] = field(default_factory=dict)

    def crawl(self, *arguments: str, **settings: str) -> Crawled:
        hosts = {host.partition(".")[0]: self.server.url(host, "/feed") for host in SITES}
        self.environment = {"DATELINE_DATABASE_URL": self.database_url, **settings}
        return crawl(self.folder, hosts, "--revisit", "all", *arguments, **self.environment)

    def run(self, *arguments: str, status: int = 0) -> tuple[str, str]:
        done = forked.run(
            [sys.executable, "-m", "dateline", "--home", str(self.folder / "home"), *arguments],
            env=os.environ
            | {"DATELINE_SOURCES": str(self.folder / "sources.yaml"), "COLUMNS": "200"}
            | self.environment,
            timeout=200,
        )
        assert done.returncode == status, done.stderr
        return done.stdout, done.stderr

    def export(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """The lines of an export, by source."""
        lines = map(json.loads, self.run("export", *arguments)[0].splitlines())
        return {line["source"]: line for line in lines}

    def url(self, host: str) -> str:
        return self.server.url(host, "/1")

    def archive(self) -> Archive:
        return open_archive(Settings(home=self.folder / "home", database_url=self.database_url))

    def warc(self) -> bytes:
        return b"".join(gzip.decompress(path.read_bytes()) for path in (self.folder / "home" / "warc").glob("*.gz"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def owner(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Owner:
    url = request.getfixturevalue("empty_postgres") if request.param == "postgresql" else ""
    return Owner(server, tmp_path, url)


def statuses(owner: Owner) -> dict[str, tuple[str, int, int]]:
    """Status, number of revisions and number of changes of each article, by source."""
    archive = owner.archive()
    with archive.reading() as session:
        rows = session.execute(
            text(
                "SELECT source_id, status, changes, (SELECT count(*) FROM revisions r WHERE r.article_pk = a.pk)"
                " FROM articles a"
            )
        ).all()
    archive.engine.dispose()
    return {source: (status, revisions, changes) for source, status, changes, revisions in rows}


def test_every_exit_of_a_private_page(owner: Owner) -> None:
    first = owner.crawl()
    assert {name: (row["new"], row["noarchive"], row["withheld"]) for name, row in first.sources.items()} == {
        "marked": (1, 1, 0),
        "header": (1, 1, 0),
        "reserved": (0, 0, 1),
        "free": (1, 0, 0),
    }
    assert first.sources["reserved"]["withheld_because"] == {"tdm-reservation": 1}
    assert "noarchive on 2 pages: kept for you and handed to nobody (DATELINE_NOARCHIVE = private)." in first.stderr
    assert "A TDM reservation on 1 page: withheld (DATELINE_TDM = respect)." in first.stderr
    publish(owner.server, "marked.example", "met on Tuesday")
    assert owner.crawl().sources["marked"]["revised"] == 1
    marked = owner.url("marked.example")

    # The owner: command line, Python, SQL.
    found = json.loads(owner.run("search", "ministers", "--format", "json")[0])
    assert {hit["source"]: hit["noarchive"] for hit in found} == {"marked": True, "header": True, "free": False}
    assert "noarchive" in owner.run("search", "ministers", "--source", "marked")[0]
    shown = owner.run("show", marked)[0]
    assert "met on Tuesday" in shown
    assert "kept for you alone" in shown
    assert "kept for you alone" not in owner.run("show", owner.url("free.example"))[0]
    assert "met on Monday" in owner.run("show", marked, "--revision", "1", "--format", "json")[0]
    assert "Tuesday" in owner.run("history", marked)[0]
    assert "{+Tuesday+}" in owner.run("diff", marked)[0]
    archive = owner.archive()
    assert "met on Tuesday" in (get(archive, marked).revision.body or "")  # type: ignore[union-attr]
    with archive.reading() as session:
        bodies = session.scalars(text("SELECT body FROM v_revisions WHERE source = 'marked' AND noarchive = 1")).all()
    assert len(bodies) == 2
    assert list(verify(archive, owner.folder / "home" / "warc")) == []
    archive.engine.dispose()
    assert b"Ministers of reserved" not in owner.warc()
    assert b"Ministers of marked" in owner.warc()

    # Others: files of every format.
    lines = owner.export()
    assert {name: line["status"] for name, line in lines.items()} == {
        "marked": "withheld",
        "header": "withheld",
        "reserved": "withheld",
        "free": "live",
    }
    assert {name: line["reasons"].get("title") for name, line in lines.items()} == {
        "marked": "withheld: noarchive",
        "header": "withheld: noarchive",
        "reserved": "withheld: tdm-reservation",
        "free": None,
    }
    for fmt in ("jsonl", "csv"):
        written, said = owner.run("export", "--format", fmt)
        assert "Ministers of free" in written
        assert "Ministers of marked" not in written
        assert "Ministers of header" not in written
        assert "2 articles are without text, because the publisher says noarchive." in said
        written, said = owner.run("export", "--format", fmt, "--include-noarchive")
        assert "Ministers of marked" in written
        assert "Ministers of reserved" not in written
        assert "without text" not in said
    assert [r["number"] for r in owner.export("--include-noarchive")["marked"]["revisions"]] == [1, 2]

    # How many, and which setting decides.
    said = owner.run("status")[1]
    assert "2 articles bear noarchive: kept for you and handed to nobody (DATELINE_NOARCHIVE = private)." in said
    assert "1 article bears a TDM reservation: withheld (DATELINE_TDM = respect)." in said
    assert {row["source"]: row["noarchive"] for row in json.loads(owner.run("status", "--format", "json")[0])} == {
        "marked": 1,
        "header": 1,
        "reserved": 0,
        "free": 0,
    }
    assert "1 article bears noarchive: kept for you" in owner.run("sources", "show", "marked")[0]
    (row,) = json.loads(owner.run("sources", "show", "reserved", "--format", "json")[0])
    assert row["signals"] == {"noarchive": 0, "withheld_noarchive": 0, "withheld_tdm": 1}
    assert row["rights_policy"] == {"tdm": "respect", "noarchive": "private"}


def test_the_settings_change_between_looks(owner: Owner) -> None:
    closed = owner.crawl(DATELINE_NOARCHIVE="withhold")
    assert {name: row["withheld_because"] for name, row in closed.sources.items()} == {
        "marked": {"noarchive": 1},
        "header": {"noarchive": 1},
        "reserved": {"tdm-reservation": 1},
        "free": {},
    }
    assert "noarchive on 2 pages: withheld (DATELINE_NOARCHIVE = withhold)." in closed.stderr
    assert "DATELINE_NOARCHIVE = withhold" in owner.run("status")[1]
    assert b"Ministers of marked" not in owner.warc()
    assert [hit["source"] for hit in json.loads(owner.run("search", "ministers", "--format", "json")[0])] == ["free"]
    assert "does not allow keeping the text: noarchive" in owner.run("show", owner.url("marked.example"))[0]

    # Both become whole at their next look, and nobody edited anything.
    opened = owner.crawl(DATELINE_TDM="research")
    assert sum(row["revised"] for row in opened.sources.values()) == 0
    assert statuses(owner) == dict.fromkeys(("marked", "header", "reserved", "free"), ("live", 1, 0))
    assert len(json.loads(owner.run("search", "ministers", "--format", "json")[0])) == 4
    assert {name: line["status"] for name, line in owner.export().items()} == {
        "marked": "withheld",
        "header": "withheld",
        "reserved": "live",
        "free": "live",
    }

    # The same bytes come again, and may not be kept any more.
    owner.crawl(DATELINE_NOARCHIVE="withhold")
    assert {name: status for name, (status, _, _) in statuses(owner).items()} == {
        "marked": "withheld",
        "header": "withheld",
        "reserved": "withheld",
        "free": "live",
    }
    assert "withheld" in owner.export("--include-noarchive")["marked"]["status"]

    # A header goes while the bytes stay; a real edit is one revision.
    owner.crawl()
    publish(owner.server, "header.example", headers="X-Robots-Tag: index")
    publish(owner.server, "marked.example", "met on Friday")
    last = owner.crawl()
    assert {name: row["revised"] for name, row in last.sources.items()} == {
        "marked": 1,
        "header": 0,
        "reserved": 0,
        "free": 0,
    }
    assert owner.export()["header"]["status"] == "live"
    assert statuses(owner)["marked"] == ("live", 2, 1)
    archive = owner.archive()
    assert list(verify(archive, owner.folder / "home" / "warc")) == []
    archive.engine.dispose()
