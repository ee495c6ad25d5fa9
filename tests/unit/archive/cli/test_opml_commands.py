"""`dateline sources import` and `export`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from archive.cli import opml, sources
from archive.cli.console.context import CommandContext
from archive.config import Settings
from archive.errors import UsageError
from archive.registry import load
from archive.registry.opml import read_opml
from archive.sources.state import source_states
from archive.storage.schema import migrate
from archive.storage.session import opened, prepare

OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Asia"><outline type="rss" text="Báo Mới" xmlUrl="https://bao.example/rss" htmlUrl="https://bao.example/"/>
<outline type="rss" text="Báo Mới: world" xmlUrl="https://bao.example/world.rss" htmlUrl="https://bao.example/"/></outline>
<outline type="rss" text="Known" xmlUrl="https://en.yna.co.kr/RSS/news.xml" htmlUrl="https://en.yna.co.kr/"/>
<outline text="nothing"/></body></opml>"""

REGISTRY = """
sources:
  - {id: yonhap-en, name: Yonhap, homepage: 'https://en.yna.co.kr/', language: en, discover: [{feed: 'https://en.yna.co.kr/RSS/news.xml'}]}
  - {id: mofa, name: Ministry, homepage: 'https://mofa.example/', discover: [{listing: 'https://mofa.example/news'}]}
  - {id: closed, name: Closed, homepage: 'https://closed.example/', status: refused, note: answers 403}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    registry, own = tmp_path / "registry.yaml", tmp_path / "home" / "sources"
    registry.write_text(REGISTRY, encoding="utf-8")
    own.mkdir(parents=True)
    monkeypatch.setenv("DATELINE_SOURCES", f"{registry},{own}")
    monkeypatch.delenv("DATELINE_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "my feeds.opml").write_text(OPML, encoding="utf-8")
    return tmp_path / "home"


def run(home: Path, *arguments: str) -> Result:
    app = typer.Typer()
    opml.register(sources.app)
    app.add_typer(sources.app, name="sources")
    return CliRunner().invoke(app, ["sources", *arguments], obj=CommandContext(home=home), catch_exceptions=False)


def test_the_feeds_of_a_reader_become_sources(home: Path) -> None:
    file = str(home.parent / "my feeds.opml")
    shown = run(home, "import", file, "--dry-run", "--format", "jsonl")
    [row] = map(json.loads, shown.stdout.splitlines())
    assert (row["id"], row["homepage"], len(row["feeds"])) == ("bao-example", "https://bao.example/", 2)
    assert "https://en.yna.co.kr/RSS/news.xml (the registry has it already)" in shown.stderr
    assert "nothing (it has no address that can be fetched)" in shown.stderr
    assert list(home.rglob("*.yaml")) == []

    assert "dateline init" in run(home, "import", file).stderr
    written = load([home / "sources" / "my-feeds.yaml"]).sources
    assert [channel.url for channel in written["bao-example"].discover] == row["feeds"]
    with pytest.raises(UsageError, match="already exists"):
        run(home, "import", _renamed(file, "bao.example", "other.example"))
    assert "The file has no feed that is new." in run(home, "import", file).stderr


def test_they_are_taken_into_the_archive_and_enabled(home: Path) -> None:
    settings = Settings(home=home)
    engine = prepare(settings)
    migrate(engine)
    engine.dispose()
    assert "Next: `dateline daemon` checks them" in run(home, "import", str(home.parent / "my feeds.opml")).stderr
    with opened(settings) as archive, archive.reading() as session:
        [state] = source_states(session, load([home / "sources"]).sources.values())
    assert (state.enabled, state.added_at is None, state.why_not) == (True, False, "unverified")


def test_what_is_no_opml_is_refused(home: Path) -> None:
    page = home.parent / "page.opml"
    page.write_text("<html><body>no</body></html>")
    with pytest.raises(UsageError, match="not-opml"):
        run(home, "import", str(page))
    with pytest.raises(UsageError, match="No such file"):
        run(home, "import", str(home / "none.opml"))


def test_what_is_exported_can_be_imported(home: Path) -> None:
    file = home.parent / "out.opml"
    assert "Wrote 2 sources" in run(home, "export", "yonhap-en", "mofa", "-o", str(file)).stderr
    back = read_opml(file.read_bytes()).sources
    assert {source.homepage for source in back} == {"https://en.yna.co.kr/", "https://mofa.example/"}
    assert [bool(source.discover) for source in back] == [True, False]


def test_without_ids_the_enabled_sources_are_exported(home: Path) -> None:
    back = read_opml(run(home, "export").stdout_bytes).sources
    assert {source.name for source in back} == {"Yonhap", "Ministry"}


def _renamed(file: str, old: str, new: str) -> str:
    """The same file in another folder, with other addresses."""
    folder = Path(file).parent / "again"
    folder.mkdir()
    other = folder / Path(file).name
    other.write_text(Path(file).read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return str(other)
