"""`dateline sources list` and `show`, before there is an archive."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from archive.cli import sources
from archive.cli.console.context import CommandContext
from archive.cli.template import as_dict
from archive.config import load_settings
from archive.errors import UsageError
from archive.ingest.site_templates import SiteMemory, TemplatePast
from archive.model.site_memory import Block, FieldName, Learnt, Place, Template
from archive.model.source import Selectors, Source
from archive.registry import registry_for
from archive.sources.state import sync_sources
from archive.storage.session import open_archive

REGISTRY = """
sources:
  - id: bao-moi
    name: "Báo \\e[31mMới"
    homepage: https://bao.example/
    country: VN
    language: [vi, en]
    kind: newspaper
    discover: [{feed: 'https://bao.example/rss'}]
    status: verified
  - {id: agence, name: Agence, homepage: 'https://agence.example/', country: FR, language: fr, kind: wire}
  - {id: closed, name: Closed, homepage: 'https://closed.example/', country: VN, status: refused, note: answers 403}
  - {id: radio, name: Rádio, homepage: 'https://radio.example/', language: pt-BR, kind: broadcaster}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    registry = tmp_path / "registry.yaml"
    registry.write_text(REGISTRY, encoding="utf-8")
    monkeypatch.setenv("DATELINE_SOURCES", str(registry))
    monkeypatch.delenv("DATELINE_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path / "home"


def run(home: Path, *arguments: str) -> str:
    app = typer.Typer()
    app.add_typer(sources.app, name="sources")
    result = CliRunner().invoke(app, ["sources", *arguments], obj=CommandContext(home=home), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def told(home: Path, *arguments: str) -> str:
    app = typer.Typer()
    app.add_typer(sources.app, name="sources")
    result = CliRunner().invoke(app, ["sources", *arguments], obj=CommandContext(home=home), catch_exceptions=False)
    return " ".join(result.stderr.split())


def listed(home: Path, *arguments: str) -> list[str]:
    rows: list[dict[str, Any]] = json.loads(run(home, "list", "--format", "json", *arguments))
    return [row["id"] for row in rows]


def test_filters(home: Path) -> None:
    assert listed(home) == ["bao-moi", "agence", "closed", "radio"]
    assert listed(home, "--country", "vn") == ["bao-moi", "closed"]
    assert listed(home, "--kind", "wire") == ["agence"]
    assert listed(home, "--language", "en") == ["bao-moi"]
    assert listed(home, "--language", "pt") == ["radio"]
    assert listed(home, "--language", "ps") == []
    assert listed(home, "--language", "Portuguese") == ["radio"]
    assert listed(home, "--country", "Vietnam") == ["bao-moi", "closed"]
    assert listed(home, "--status", "refused", "--country", "VN") == ["closed"]


def test_the_state_says_why_a_source_is_not_polled(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(home, "list", "--format", "csv"))))
    assert {row["id"]: row["state"] for row in rows} == {
        "bao-moi": "polled",
        "agence": "unverified",
        "closed": "refused",
        "radio": "unverified",
    }


def test_a_table_for_people(home: Path) -> None:
    table = run(home, "list")
    assert "Agence" in table
    assert "\x1b[31m" not in table


def test_show(home: Path) -> None:
    text = run(home, "show", "bao-moi")
    assert "https://bao.example/rss" in text
    (row,) = json.loads(run(home, "show", "bao-moi", "--format", "json"))
    assert (row["id"], row["languages"], row["schedule"]) == ("bao-moi", ["vi", "en"], "adaptive")
    assert row["channels"][0]["kind"] == "feed"
    assert row["channels"][0]["polled_at"] is None
    assert "answers 403" in run(home, "show", "closed")


@pytest.mark.parametrize(
    ("render", "shown", "in_json"),
    [
        ("true", "render True", True),
        ("{scroll: 5, wait: 'li.last'}", "render scroll: 5; wait: li.last", {"scroll": 5, "wait": "li.last"}),
    ],
)
def test_show_says_what_a_browser_does(home: Path, tmp_path: Path, render: str, shown: str, in_json: object) -> None:
    entry = f"{{id: drawn, name: Drawn, homepage: 'https://drawn.example/', render: {render}}}"
    (tmp_path / "registry.yaml").write_text(f"sources: [{entry}]\n")
    assert shown in " ".join(run(home, "show", "drawn").split())
    (row,) = json.loads(run(home, "show", "drawn", "--format", "json"))
    assert row["render"] == in_json


def test_nothing_is_made_by_looking(home: Path) -> None:
    run(home, "list")
    run(home, "show", "agence")
    assert not home.exists()


def test_an_unknown_id(home: Path) -> None:
    with pytest.raises(UsageError, match="no such source: ghost"):
        run(home, "show", "ghost")


def test_the_template_of_a_site_of_which_nothing_is_known(home: Path) -> None:
    text = run(home, "show", "bao-moi", "--template")
    assert "none; pages are read by the general rules" in text
    assert "after 5 articles; so far it has seen 0" in text
    (row,) = json.loads(run(home, "show", "bao-moi", "--template", "--format", "json"))
    assert (row["version"], row["learns_next_at"], row["blocks"], row["history"]) == (None, 5, [], [])
    assert [place["from"] for place in row["places"]] == ["generic"] * 5


def test_a_learnt_template_is_explained_and_the_registry_comes_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: dict[FieldName, Place] = {"title": Place("h1.head", 9, 10), "body": Place("div.story", 10, 10)}
    template = Template(places, 10, 400, 9000, 20, frozenset({"p < div.teaser"}))  # fmt: skip
    learnt = Learnt(template, (Block("k", "Get the \x1b[31mletter", 7), Block("w", "", 3)))
    at = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    history = (
        TemplatePast(learnt.digest, learnt, 10, at),
        TemplatePast("0a", Learnt(), 5, at, at, "layout changed: the template did not fit 8 of the last 12 pages"),
        TemplatePast("0b", Learnt(), 5, at, ignored=True),
    )
    memory = SiteMemory(12, 12, "110", 2, 1, at, "body: too short: https://bao.example/7", history=history)
    monkeypatch.setattr(sources, "_memory", lambda *_: memory)
    text = run(home, "show", "bao-moi", "--template")
    for said in ("learnt 2026-11-02 09:00 UTC from the pages of 10 articles", "on 3 pages", "1 did not fit and were read by the general rules", "div.story", "10 of 10 pages", "p < div.teaser", "layout changed", "in force", "not of format", "after 20 articles; so far it has seen 12"):  # fmt: skip
        assert said in " ".join(text.split())
    assert "\x1b[31m" not in text
    own = Source("x", "X", "https://x.example/", extract=Selectors(body="div.mine"))
    rows = {place["field"]: place for place in as_dict(own, memory)["places"]}
    assert (rows["body"]["selector"], rows["body"]["from"]) == ("div.mine", "registry")
    assert (rows["title"]["selector"], rows["title"]["from"]) == ("h1.head", "learnt")
    assert rows["date"]["from"] == "generic"


def test_disabled_sources_are_only_counted_unless_they_are_asked_for(home: Path) -> None:
    home.mkdir(parents=True)
    settings = load_settings(home=home)
    with open_archive(settings, create=True).writing() as session:
        sync_sources(session, registry_for(settings), datetime(2026, 11, 2, tzinfo=UTC))
    run(home, "disable", "agence", "radio")
    assert [line.split()[0] for line in run(home, "list").splitlines()[1:]] == ["bao-moi", "closed"]
    assert "agence" in run(home, "list", "--all")
    assert "agence" in run(home, "list", "--country", "FR")
    assert len(listed(home)) == 4
    assert "2 disabled; --all shows them" in told(home, "list")


def test_an_empty_registry_says_what_to_do(home: Path, tmp_path: Path) -> None:
    assert "No source matches. The registry has 4 sources" in told(home, "list", "--country", "KR")
    (tmp_path / "registry.yaml").write_text("sources: []\n")
    assert "The registry is empty. `dateline sources add URL` adds a source" in told(home, "list")
