"""A backfill of the newsroom's sites without feeds finds every article, by each kind of list."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from support import forked

from archive.config import Settings
from archive.query import find
from archive.storage.session import open_archive
from dateline.newsroom import AFTER_EDITS, Newsroom


def test_a_backfill_finds_every_article_of_sites_without_feeds(tmp_path: Path) -> None:
    with Newsroom.start(time=AFTER_EDITS, lists=True) as room:
        chosen = {site.id for site in room.sites.values() if site.lists}
        registry = {"sources": [entry for entry in room.registry()["sources"] if entry["id"] in chosen]}
        (tmp_path / "registry.yaml").write_text(json.dumps(registry), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        environment |= room.environment(tmp_path) | {"PYTHONPATH": str(Path(__file__).parents[1])}
        command = [sys.executable, "-m", "support.backfill", str(tmp_path), str(tmp_path / "registry.yaml")]
        result = forked.run(
            [*command, "2024-02-15", "2024-03-02"],
            env=environment,
            timeout=200,
        )
        assert result.returncode == 0, result.stderr
        truth = {article.url: article.title for article in room.truth() if article.site in chosen}
    walks = json.loads(result.stdout)["walks"]
    assert {
        site: (walk["state"], walk["captured"], walk["unaccounted"]) for site, walk in walks.items()
    } == dict.fromkeys(chosen, ("ended", 6, []))
    assert set(walks["cabinet"]["excluded"]) == {"id-missed"}
    archive = open_archive(Settings(home=tmp_path))
    with archive.reading() as session:
        found = {article.url: article.title for article in find(session, limit=100)}
    assert found == truth
