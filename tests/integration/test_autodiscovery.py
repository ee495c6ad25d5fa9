"""Autodiscovery from the homepage alone, at every site of the newsroom; and the commands that use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import forked
from typer.testing import CliRunner, Result

from archive.config import Settings
from archive.errors import UsageError
from archive.model.source import Channel
from archive.registry import load
from archive.sources.discovered_channels import (
    DEAD_AFTER,
    SEARCH_AGAIN,
    record_discovered_channels,
    with_discovered_channels,
)
from archive.storage.session import Archive, open_archive
from archive.tables import ChannelRow
from crawler.channels.survey import MOST_REQUESTS
from dateline.main import app
from dateline.newsroom import Newsroom, Request
from dateline.newsroom.content import list_sites, sites
from dateline.newsroom.homepages import HOMEPAGES

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Looked:
    """The newsroom after all its homepages were looked around once."""

    room: Newsroom
    found: dict[str, dict[str, Any]]
    log: list[Request]

    def proposed(self, url: str) -> list[tuple[str, str]]:
        """(kind, address) of the channels that the entry would name."""
        return [next(iter(entry.items())) for entry in self.found[url]["proposed"]]


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with Newsroom.start(lists=True) as running:
        yield running


def environment(room: Newsroom, home: Path) -> dict[str, str]:
    """A small registry (loading the shipped one takes seconds), and the user's own."""
    own = home / "sources"
    own.mkdir(parents=True, exist_ok=True)
    registry = home.parent / "registry.yaml"
    registry.write_text("sources: [{id: yonhap-en, name: Yonhap, homepage: 'https://en.yna.co.kr/'}]", encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    return (
        inherited
        | room.environment(home, registry=registry)
        | {
            "DATELINE_SOURCES": f"{registry},{own}",
            "DATELINE_DELAY": "0",
            "DATELINE_RETRIES": "0",
            "PYTHONPATH": str(TESTS),
            "COLUMNS": "160",
        }
    )


@pytest.fixture(scope="module")
def looked(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    room.clear_log()
    urls = [room.url(site) for site in room.sites.values()]
    urls += [site.url("/", room.port) for site in room.homepages.values()]
    done = forked.run(
        [sys.executable, "-m", "support.survey", room.time.isoformat(), *urls],
        env=environment(room, tmp_path_factory.mktemp("home")),
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    found = {told["url"]: told for told in map(json.loads, done.stdout.splitlines())}
    assert found.keys() == set(urls)
    return Looked(room, found, room.log())


@pytest.mark.parametrize("name", sites())
def test_a_site_with_feeds_is_followed_by_them(looked: Looked, name: str) -> None:
    site = looked.room.site(name)
    feeds = {looked.room.url(site, feed.path) for feed in site.feeds}
    proposed = looked.proposed(looked.room.url(site))
    assert proposed
    assert {kind for kind, _ in proposed} == {"feed"}
    assert {url for _, url in proposed} <= feeds


@pytest.mark.parametrize("name", list_sites())
def test_a_site_without_feeds_is_followed_by_a_list(looked: Looked, name: str) -> None:
    """The homepage itself shows the newest articles of each."""
    site = looked.room.site(name)
    proposed = looked.proposed(looked.room.url(site))
    ways = {(entry.kind, looked.room.url(site, entry.path)) for entry in site.lists}
    assert proposed
    assert set(proposed) <= ways | {("listing", looked.room.url(site))}


@pytest.mark.parametrize("host", HOMEPAGES)
def test_a_working_channel_is_found_unless_there_is_none_and_no_decoy_is_taken(looked: Looked, host: str) -> None:
    site, port = looked.room.homepages[host], looked.room.port
    proposed = looked.proposed(site.url("/", port))
    working = {(kind, site.url(path, port)) for kind, path in site.working}
    assert working <= set(proposed)
    assert not {site.url(path, port) for path in site.decoys} & {url for _, url in proposed}
    assert bool(proposed) == bool(working)


def test_what_needs_a_browser_is_told_from_what_has_nothing(looked: Looked) -> None:
    told = {site.host: looked.found[site.url("/", looked.room.port)] for site in looked.room.homepages.values()}
    assert {host for host, survey in told.items() if survey["needs_browser"]} == {
        "www.scripted.example",
        "www.scripts-only.example",
    }
    assert {host: survey["problem"] for host, survey in told.items() if survey["problem"]} == {
        "www.closed.example": "robots"
    }
    assert told["www.harbour-office.example"]["ranked"]


def test_decoys_are_told_by_name(looked: Looked) -> None:
    def verdict(host: str, path: str) -> tuple[str, list[str]]:
        site, port = looked.room.homepages[host], looked.room.port
        ranked = looked.found[site.url("/", port)]["ranked"]
        return next((r["verdict"], r["doubts"]) for r in ranked if r["url"] == site.url(path, port))

    assert verdict("www.straits-centre.example", "/rss.xml") == ("stale", [])
    assert verdict("www.security-forum.example", "/in-the-press.xml") == ("off-site", [])
    assert verdict("www.debate.example", "/xml/all") == ("live", ["comments"])
    assert verdict("www.broadcaster.example", "/rss") == ("failed", [])
    assert verdict("www.harbour-office.example", "/newsroom") == ("no-articles", [])


def test_sites_are_asked_politely(looked: Looked) -> None:
    """robots.txt first, nothing twice, nothing that robots.txt forbids, and not many requests."""
    by_host: dict[str, list[str]] = {}
    for request in looked.log:
        by_host.setdefault(request.host, []).append(request.path)
    assert {request.user_agent.partition("/")[0] for request in looked.log if request.user_agent} == {"Dateline"}
    for host, asked in by_host.items():
        assert asked[0] == "/robots.txt", host
        assert max(Counter(asked).values()) == 1, host
        assert len(asked) <= MOST_REQUESTS + 2, host
    assert by_host["www.closed.example"] == ["/robots.txt"]


# --- the command


def dateline(room: Newsroom, home: Path, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it, on a machine whose clock shows the newsroom's time."""
    done = forked.run(
        [sys.executable, "-m", "support.at", room.time.isoformat(), *arguments],
        env=environment(room, home),
        timeout=100,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def here(room: Newsroom, home: Path, *arguments: str) -> Result:
    """The same in this process, for commands that ask nobody: a new one takes seconds to start."""
    values = {
        name: value for name, value in environment(room, home).items() if name.startswith(("DATELINE_", "COLUMNS"))
    }
    return CliRunner().invoke(app, arguments, env=values, catch_exceptions=False)


def test_an_entry_is_proposed_written_and_followed(room: Newsroom, tmp_path: Path) -> None:
    home, url = tmp_path / "home", room.homepages["www.gazette.example"].url("/", room.port)
    asked = dateline(room, home, "sources", "add", url)
    assert "named by the page's head" in asked.stdout
    assert "id: gazette-example" in asked.stdout
    assert "--yes writes the entry" in asked.stderr
    assert list(home.rglob("*.yaml")) == []

    here(room, home, "init")
    done = dateline(
        room,
        home,
        "sources",
        "add",
        url,
        "--yes",
        "--kind",
        "newspaper",
        "--country",
        "GB",
        "--timezone",
        "Europe/London",
    )
    assert "dateline crawl gazette-example" in done.stderr
    source = load([home / "sources" / "gazette-example.yaml"]).sources["gazette-example"]
    assert (source.name, source.language, source.country, source.kind) == ("The Gazette", ("en",), "GB", "newspaper")
    assert [channel.key for channel in source.discover] == [f"feed:{url}feed/"]
    shown = json.loads(here(room, home, "sources", "list", "--format", "json", "--country", "GB").stdout)
    assert {row["id"]: row["state"] for row in shown}["gazette-example"] == "polled"

    again = dateline(room, home, "sources", "add", url, "--yes")  # it is known now: checked, and followed as before
    assert f"{url} stands in the registry as gazette-example." in again.stderr
    assert "gazette-example: its channel is alive" in again.stderr
    with pytest.raises(UsageError, match="has this site already, as gazette-example"):
        here(room, home, "sources", "add", url, "--id", "another", "--yes")


def test_where_nothing_is_found_it_says_what_was_tried_and_how_to_go_on(room: Newsroom, tmp_path: Path) -> None:
    def add(host: str) -> subprocess.CompletedProcess[str]:
        return dateline(
            room, tmp_path / "home", "sources", "add", room.homepages[host].url("/", room.port), "--yes", status=1
        )

    nothing = add("www.harbour-office.example")
    assert "no live feed, sitemap or list was found" in nothing.stderr
    assert "places were tried" in nothing.stderr
    assert "dateline help channels" in nothing.stderr
    assert "none of the 3 links opened is an article" in " ".join(nothing.stdout.split())
    scripts = add("www.scripts-only.example")
    assert "empty without its scripts" in scripts.stderr
    assert "render: true" in scripts.stderr
    assert "robots.txt forbids" in add("www.closed.example").stderr
    assert list(tmp_path.rglob("home/sources/*")) == []


def test_programs_get_the_ranking(room: Newsroom, tmp_path: Path) -> None:
    url = room.homepages["www.scripted.example"].url("/", room.port)
    done = dateline(room, tmp_path / "home", "sources", "add", url, "--format", "jsonl")
    first, *others = map(json.loads, done.stdout.splitlines())
    assert (first["proposed"], first["kind"], first["verdict"], first["items"]) == (True, "sitemap", "live", 8)
    assert not any(row["proposed"] for row in others)
    assert "a browser is needed" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("not an address",), "not the address of a site"),
        (("https://x.example/", "--id", "Not An Id"), "id"),
        (("https://x.example/", "--country", "Korea"), "may mean 2 countries"),
        (("https://en.yna.co.kr/", "--id", "another"), "has this site already, as yonhap-en"),
        (("yonhap",), "no such source: yonhap .did you mean yonhap-en"),
        (("yonhap-en", "https://x.example/", "--name", "X"), "describe one new source"),
        (("https://x.example/", "--id", "yonhap-en"), "the id yonhap-en is taken"),
    ],
)
def test_wrong_usage_is_told_before_anybody_is_asked(
    room: Newsroom, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        here(room, tmp_path / "home", "sources", "add", *arguments)


# --- sources whose registry entry names no channel


def silent(room: Newsroom, home: Path, *hosts: str) -> Archive:
    """An archive whose registry has these sites, without channels; ids are the hosts' second labels."""
    entries = [
        {"id": host.split(".")[1], "name": host, "homepage": room.homepages[host].url("/", room.port), "delay": 0}
        for host in hosts
    ]
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "silent.yaml").write_text(json.dumps({"sources": entries}), encoding="utf-8")  # JSON is YAML
    here(room, home, "init")
    return open_archive(Settings(home=home))


def found(archive: Archive, home: Path, source_id: str) -> list[str]:
    """The addresses of the channels that were found."""
    with archive.reading() as session:
        [source] = with_discovered_channels(session, [load([home / "sources"]).sources[source_id]])
    assert source.found == bool(source.discover)
    return [channel.url for channel in source.discover]


def test_a_check_finds_the_channels_that_the_registry_does_not_name(room: Newsroom, tmp_path: Path) -> None:
    home = tmp_path / "home"
    archive = silent(room, home, "www.gazette.example", "www.harbour-office.example")
    feed = room.homepages["www.gazette.example"].url("/feed/", room.port)
    checked = dateline(room, home, "sources", "check", "gazette", "harbour-office", "--format", "jsonl", status=1)
    gazette, office = map(json.loads, checked.stdout.splitlines())
    assert (gazette["channel"], gazette["outcome"], gazette["items"]) == (feed, "live", 8)
    assert (office["channel"], office["outcome"]) == (None, "nothing-found")
    assert found(archive, home, "gazette") == [feed]
    assert found(archive, home, "harbour-office") == []

    shown = here(room, home, "sources", "show", "gazette").stdout
    assert "These were found from its homepage." in shown
    [row] = json.loads(here(room, home, "sources", "show", "gazette", "--format", "json").stdout)
    assert (row["state"], row["channels"][0]["url"], row["channels"][0]["named_by"]) == (
        "polled",
        feed,
        "autodiscovery",
    )

    room.clear_log()
    told = dateline(room, home, "crawl", "--limit", "2", "--format", "jsonl").stdout.splitlines()
    rows = {row["source"]: row for row in map(json.loads, told)}
    crawled = rows.pop("gazette")
    others = {source_id: row["postponed"] for source_id, row in rows.items()}
    assert others == {
        "harbour-office": {"not-alive": 1},
        "yonhap-en": {"not-alive": 1},
    }  # not seen alive yet: looked at again
    assert (crawled["source"], crawled["polls"], crawled["found"], crawled["new"]) == ("gazette", 1, 8, 2)
    assert "/" not in {request.path for request in room.log() if "gazette" in request.host}  # it is remembered

    with archive.writing() as session:  # the channel moves away
        record_discovered_channels(session, "gazette", [Channel("feed", feed + "gone.xml")], room.time)
    [again] = map(
        json.loads, dateline(room, home, "sources", "check", "gazette", "--format", "jsonl").stdout.splitlines()
    )
    assert (again["channel"], again["outcome"]) == (feed, "live")
    assert found(archive, home, "gazette") == [feed]
    archive.engine.dispose()


def test_a_crawl_searches_first_and_again_where_what_was_found_has_died(room: Newsroom, tmp_path: Path) -> None:
    home = tmp_path / "home"
    archive = silent(room, home, "www.foreign-ministry.example")
    releases = room.homepages["www.foreign-ministry.example"].url("/the-ministry/press-releases", room.port)

    def crawl() -> dict[str, Any]:
        done = dateline(room, home, "crawl", "foreign-ministry", "--limit", "1", "--format", "jsonl")
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    first = crawl()
    assert (first["polls"], first["polls_failed"], first["new"]) == (1, 0, 1)
    assert found(archive, home, "foreign-ministry") == [releases]

    gone = Channel("listing", releases + "/old")
    with archive.writing() as session:
        record_discovered_channels(session, "foreign-ministry", [gone], room.time - 2 * SEARCH_AGAIN)
        session.add(
            ChannelRow(
                source_id="foreign-ministry", key=gone.key, failures=DEAD_AFTER - 1, weight=0, added_at=room.time
            )
        )
    assert crawl()["polls_failed"] == 1
    assert found(archive, home, "foreign-ministry") == [releases]
    archive.engine.dispose()
