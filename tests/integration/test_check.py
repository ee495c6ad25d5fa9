"""`dateline sources check` against a server that has every kind of channel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from support import forked

DAY = 86_400
CHANNELS = {
    "/live": "live",
    "/undated": "undated",
    "/moved": "live",
    "/stale": "stale",
    "/empty": "empty",
    "/html": "html-instead-of-feed",
    "/foreign": "off-site",
    "/bomb": "broken",
    "/blank": "not-a-feed",
    "/403": "blocked",
    "/404": "dead",
    "/500": "failing",
    "/private/rss": "refused-by-robots",
}


def rss(base: str, *ages: float | None) -> str:
    items = "".join(
        f"<item><title>Item {number}</title><link>{base}/a/{number}</link>"
        + (f"<pubDate>{formatdate(time.time() - age)}</pubDate>" if age is not None else "")
        + "</item>"
        for number, age in enumerate(ages)
    )
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    """A host with a channel of every kind."""
    base = httpserver.url_for("").rstrip("/")
    publish(
        httpserver,
        {
            "/robots.txt": "User-agent: *\nDisallow: /private/\n",
            "/live": rss(base, 3_600, DAY),
            "/undated": rss(base, None),
            "/stale": rss(base, 90 * DAY),
            "/empty": rss(base),
            "/html": "<!DOCTYPE html><html><head><title>News</title></head></html>",
            "/foreign": rss("http://elsewhere.example", 60),
            "/bomb": '<!DOCTYPE rss [<!ENTITY a "aaaa">]>' + rss(base, 60),
            "/blank": "",
        },
    )
    httpserver.expect_request("/moved").respond_with_data(status=301, headers={"Location": "/live"})
    for status in (403, 500):
        httpserver.expect_request(f"/{status}").respond_with_data("no", status)
    return httpserver


def publish(site: HTTPServer, pages: Mapping[str, str]) -> None:
    for path, text in pages.items():
        site.expect_request(path).respond_with_data(text, content_type="text/xml")


def asked(site: HTTPServer) -> Counter[str]:
    """How often each path was asked for."""
    return Counter(request.path for request, _ in site.log)


def dateline(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")} | {
        "DATELINE_SOURCES": str(home / "registry.yaml"),
        "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
        "DATELINE_DELAY": "0",
        "DATELINE_RETRIES": "0",
        "DATELINE_TIMEOUT": "60s",
    }
    command = [sys.executable, "-m", "dateline", "--home", str(home), *arguments]
    return forked.run(command, env=environment, timeout=200)


def rows(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert result.stdout, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_kind_of_channel_is_told_apart(site: HTTPServer, closed_port: int, tmp_path: Path) -> None:
    base = site.url_for("").rstrip("/")
    registry = {
        "sources": [
            {"id": "good", "name": "Good", "homepage": base, "discover": [{"feed": f"{base}/live"}]},
            {
                "id": "mixed",
                "name": "Mixed",
                "homepage": base,
                "discover": [{"feed": base + path} for path in CHANNELS],
            },
            {
                "id": "away",
                "name": "Away",
                "homepage": "http://192.0.2.1/",
                "discover": [{"feed": f"http://127.0.0.1:{closed_port}/rss"}, {"feed": "http://10.0.0.1/rss"}],
            },
            {"id": "mute", "name": "Mute", "homepage": base},
        ]
    }
    (tmp_path / "registry.yaml").write_text(json.dumps(registry), encoding="utf-8")  # JSON is YAML
    made = dateline(tmp_path, "init")
    assert made.returncode == 0
    assert (
        "4 of the 4 sources of the registry are enabled." in made.stderr
    )  # a registry of one's own is meant as it stands

    result = dateline(tmp_path, "sources", "check", "--format", "jsonl")
    checks = rows(result)
    assert result.returncode == 1
    mixed = {row["channel"].removeprefix(base): row for row in checks if row["source"] == "mixed"}
    assert {path: row["outcome"] for path, row in mixed.items()} == CHANNELS
    assert (mixed["/live"]["items"], mixed["/undated"]["without_date"]) == (2, 1)
    assert mixed["/moved"]["detail"] == f"moved to {base}/live"
    assert mixed["/stale"]["newest_at"] is not None
    assert {row["robots"] for row in mixed.values()} == {"ok"}
    away = [row for row in checks if row["source"] == "away"]
    assert [row["outcome"] for row in away] == ["failing", "failing"]
    assert "connection-refused" in away[0]["detail"]
    assert "address-refused" in away[1]["detail"]
    [mute] = [row for row in checks if row["source"] == "mute"]  # names no channel: its homepage is looked at
    assert (mute["outcome"], mute["detail"], mute["channel"]) == ("dead", "HTTP 404", None)

    assert asked(site)["/robots.txt"] == 1
    assert asked(site)["/private/rss"] == 0

    states = {row["id"]: row["state"] for row in rows(dateline(tmp_path, "sources", "list", "--format", "jsonl"))}
    assert states == {"good": "polled", "mixed": "polled", "away": "unverified", "mute": "unverified"}
    assert list(tmp_path.rglob("*.warc.gz")) == []  # nothing is filed

    again = dateline(tmp_path, "sources", "check", "good", "mute", "--format", "jsonl")
    assert again.returncode == 1
    assert [row["outcome"] for row in rows(again)] == ["live", "dead"]
    assert asked(site)["/robots.txt"] == 2  # fetched anew


def test_lists_of_every_kind_are_told_apart(site: HTTPServer, tmp_path: Path) -> None:
    base, day = site.url_for("").rstrip("/"), datetime.now(UTC)
    lists: dict[str, tuple[dict[str, Any], tuple[str, int | None]]] = {
        "index": ({"sitemap": f"{base}/index.xml"}, ("live", 2)),
        "old-map": ({"sitemap": f"{base}/old.xml"}, ("stale", 1)),
        "no-map": ({"sitemap": f"{base}/html"}, ("html-instead-of-feed", None)),
        "list": ({"listing": f"{base}/list", "links": "h2 a"}, ("live", 2)),
        "other-list": ({"listing": f"{base}/list", "links": "h5 a"}, ("empty", 0)),
        "days": ({"archive": base + "/day/{date:%Y-%m-%d}", "links": "h2 a"}, ("live", 1)),
        "no-days": ({"archive": base + "/never/{date:%Y-%m-%d}"}, ("dead", None)),
        "json": ({"json": f"{base}/list.json", "items": "@", "links": "url", "date": "date"}, ("live", 1)),
        "no-json": ({"json": f"{base}/html"}, ("html-instead-of-feed", None)),
        "ids": ({"ids": base + "/view/{id}", "start": 7}, ("live", 1)),
        "no-ids": ({"ids": base + "/view/{id}", "start": 70}, ("dead", None)),
    }
    pages = {
        "/index.xml": f"<sitemapindex><sitemap><loc>{base}/gone.xml</loc></sitemap><sitemap><loc>{base}/news.xml</loc>"
        "</sitemap></sitemapindex>",
        "/news.xml": "".join(
            [
                "<urlset>",
                *(f"<url><loc>{base}/a/{n}</loc><lastmod>{day:%Y-%m-%d}</lastmod></url>" for n in (1, 2)),
                "</urlset>",
            ]
        ),
        "/old.xml": f"<urlset><url><loc>{base}/a/1</loc><lastmod>2016-01-01</lastmod></url></urlset>",
        "/list": f"<div><h2><a href='/a/1'>One</a></h2><time>{day:%Y-%m-%d}</time></div>"
        "<div><h2><a href='/a/2'>Two</a></h2></div>",
        **{  # midnight may come before it is asked for
            f"/day/{day + timedelta(days=n):%Y-%m-%d}": "<h2><a href='/a/1'>One</a></h2>" for n in (0, 1)
        },
        "/list.json": json.dumps([{"url": "/a/1", "date": day.isoformat()}]),
        "/view/7": f"<html><head><meta property='article:published_time' content='{day.isoformat()}'></head><body><article>"
        f"<h1>Ministers sign harbour pact</h1>{'<p>Two governments agreed on shared patrols, officials said in May.</p>' * 6}"
        "</article></body></html>",
    }
    publish(site, pages)
    registry = [
        {"id": name, "name": name, "homepage": base, "timezone": "UTC", "discover": [channel]}
        for name, (channel, _) in lists.items()
    ]
    (tmp_path / "registry.yaml").write_text(json.dumps({"sources": registry}), encoding="utf-8")
    assert dateline(tmp_path, "init").returncode == 0
    checks = {row["source"]: row for row in rows(dateline(tmp_path, "sources", "check", "--format", "jsonl"))}
    assert {name: (row["outcome"], row["items"]) for name, row in checks.items()} == {
        name: expected for name, (_, expected) in lists.items()
    }
    assert "1 of 3 requests failed: HTTP 404" in checks["index"]["detail"]
    assert all(row["newest_at"] for row in checks.values() if row["outcome"] == "live")


def test_channels_that_cannot_be_polled_are_passed_over_calmly(site: HTTPServer, tmp_path: Path) -> None:
    base = site.url_for("").rstrip("/")
    channels = [{"wayback": base}, {"warc": str(tmp_path / "old.warc.gz")}]
    registry = {
        "sources": [
            {"id": "past", "name": "Past", "homepage": base, "discover": channels},
            {"id": "mute", "name": "Mute", "homepage": base},
        ]
    }
    (tmp_path / "registry.yaml").write_text(json.dumps(registry), encoding="utf-8")
    assert dateline(tmp_path, "init").returncode == 0

    checked = dateline(tmp_path, "sources", "check", "past", "--format", "jsonl")
    assert checked.returncode == 0
    assert [(row["outcome"], row["detail"]) for row in rows(checked)] == [
        ("unchecked", "wayback: it holds the past, which a backfill reads"),
        ("unchecked", "warc: it holds the past, which a backfill reads"),
    ]
    crawled = dateline(tmp_path, "crawl", "past", "--format", "jsonl")
    assert crawled.returncode == 0
    assert "past: its channels (wayback, warc) hold the past, which only `dateline backfill` reads" in crawled.stderr
    assert [(row["source"], row["polls"], row["failed"]) for row in rows(crawled)] == [("past", 0, {})]
    assert site.log == []

    crawled = dateline(tmp_path, "crawl", "mute", "--format", "jsonl")
    assert crawled.returncode == 1
    assert "mute: the registry names no channel for it. Its homepage is searched for one." in crawled.stderr
    [mute] = rows(crawled)
    assert mute["failed"] == {"no-channel": 1}
    assert mute["problems"] == [f"{base}: no-channel: HTTP 404"]
    assert asked(site)["/"] == 1
