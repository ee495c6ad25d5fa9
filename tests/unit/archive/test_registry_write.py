"""Entries written as YAML and read back; ids for new ones."""

from __future__ import annotations

import re
from pathlib import Path

from archive.model.source import Channel, IdWalk, ListActions, Next, Selectors, Source, UrlRules, WebArchive
from archive.registry import load, shipped_folder
from archive.registry.naming import free_id
from archive.registry.write import to_yaml

FULL = Source(
    id="herald",
    name="Thời báo: “The Herald” # 1",
    homepage="https://www.herald.example/",
    country="NO",
    language=("no", "en-GB"),
    timezone="Europe/Oslo",
    kind="newspaper",
    discover=(
        Channel("feed", "https://www.herald.example/feed/"),
        Channel("listing", "https://www.herald.example/a", "h2 a", Next(css="a.next")),
        Channel(
            "listing",
            "https://www.herald.example/b",
            items="tr",
            links="a",
            title="td",
            date="td + td",
            pattern=r"f\('(\d+)'\)",
            view="/v?id={id}",
            next=Next(form=(("a", "Page${page}"), ("b", ""), ("1", "2")), carry="#f", first=0, step=20),
        ),
        Channel("archive", "https://www.herald.example/{date:%Y/%m/%d}/", next=Next(url="?p={page}")),
        Channel("json", "https://www.herald.example/j", items="[]", links="url", script="#d", next=Next(cursor="n", url="?c={cursor}")),
        Channel("ids", "https://www.herald.example/{id}", ids=IdWalk(0, 2, 5)),
        Channel("ids", "https://www.herald.example/x/{id}", ids=IdWalk()),
        Channel("wayback", "https://www.herald.example/", web_archive=WebArchive("domain", "https://a.example/cdx", "https://a.example/w/")),
        Channel("wayback", "https://www.herald.example/x", web_archive=WebArchive()),
        Channel("warc", "s3://bucket/warc.paths.gz", base="https://data.example/"),
    ),
    article_urls=UrlRules((re.compile(r"/\d{4}/"),), (re.compile("/photo/"),)),
    render=True,
    schedule="0 6 * * *",
    delay=0,
    extract=Selectors("h1", "div.body", (".ad",), "time", ".by"),
    expect_per_day=(0, 20),
    status="refused",
    note="2026",
    list_actions=ListActions("button.more", 5, "li.last"),
)  # fmt: skip


def test_what_is_written_reads_as_the_same(tmp_path: Path) -> None:
    plain = Source("plain", "Plain", "https://plain.example/")
    text = to_yaml([FULL, plain])
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    assert list(load([path]).sources.values()) == [FULL, plain]
    assert "Thời báo" in text
    assert "schedule" not in text.partition("plain")[2]


def test_actions_without_a_browser_are_not_written() -> None:
    source = Source("plain", "Plain", "https://plain.example/", list_actions=ListActions(scroll=2))
    assert "scroll" not in to_yaml([source])


def test_the_shipped_registry_survives_the_way_there_and_back(tmp_path: Path) -> None:
    shipped = list(load([shipped_folder()]).sources.values())
    path = tmp_path / "x.yaml"
    path.write_text(to_yaml(shipped), encoding="utf-8")
    assert list(load([path]).sources.values()) == shipped


def test_ids_for_new_sources() -> None:
    assert free_id("https://www.mofa.go.jp/press/", ()) == "mofa-go-jp"
    assert free_id("https://www.mofa.go.jp/", {"mofa-go-jp", "mofa-go-jp-2"}) == "mofa-go-jp-3"
    assert free_id("https://xn--1-7sbc.example:8080/", ()) == "xn-1-7sbc-example"
    assert len(free_id(f"https://{'a' * 60}.{'b' * 60}.example/", ())) <= 60
    assert free_id("nonsense", ()) == "source"
