"""What a crawl learns of a site, and that neither learning, nor a redesign, nor an upgrade of ours becomes an edit."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from support import forked, hostile
from support.gazette import HOST, NEWSLETTER, Gazette, Piece

from archive.config import Settings
from archive.ingest.site_templates import SiteMemory, site_memory
from archive.model.site_memory import CONTRADICTION
from archive.storage.session import Archive, open_archive
from archive.tables import ArticleRow, RevisionRow, TemplateRow
from crawler.learn.fit import is_sampled

REGISTRY = """sources:
  - {{id: gazette, name: Gazette, homepage: '{home}', delay: 0, status: verified, language: en, timezone: UTC,
     discover: [{{feed: '{home}feed'}}]}}
"""


@dataclass
class Reader:
    """Somebody who crawls the site."""

    gazette: Gazette
    home: Path

    def run(self, *arguments: str) -> Any:
        registry = self.home.parent / "sources.yaml"
        registry.write_text(REGISTRY.format(home=self.gazette.server.url(HOST)))
        environment = {
            "DATELINE_HOME": str(self.home),
            "DATELINE_SOURCES": str(registry),
            "DATELINE_RESOLVE": f"{HOST}=127.0.0.1",
            "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
            "DATELINE_DELAY": "0",
            "DATELINE_EXTRACT_PROCESSES": "1",
        }
        done = forked.run(
            [sys.executable, "-m", "dateline", *arguments, "--format", "json"],
            env=os.environ | environment,
            timeout=180,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)[0]

    def look_again(self) -> dict[str, int]:
        self.gazette.publish()
        row = self.run("crawl", "--revisit", "all")
        return {name: row[name] for name in ("new", "revised", "unchanged")}

    def memory(self) -> SiteMemory:
        archive = self.archive()
        with archive.reading() as session:
            found = site_memory(session, "gazette")
        archive.engine.dispose()
        return found

    def archive(self) -> Archive:
        return open_archive(Settings(home=self.home))

    def bodies(self) -> dict[str, str]:
        """The newest text of each article, by its headline's last word."""
        archive = self.archive()
        with archive.reading() as session:
            rows = session.execute(select(RevisionRow.title, RevisionRow.body).order_by(RevisionRow.pk))
            found = {str(title).rpartition(" ")[2]: str(body) for title, body in rows}
        archive.engine.dispose()
        return found


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with hostile.serve() as server:
        yield Reader(Gazette(server, [Piece(number) for number in range(12)]), tmp_path / "home")


def test_a_site_is_learnt_redesigned_and_learnt_again_without_a_revision(reader: Reader) -> None:
    gazette = reader.gazette
    gazette.pieces[3].body.append(
        "This line stands in one article only, whatever it looks like: subscribe to our letter!"
    )
    assert reader.look_again() == {"new": 12, "revised": 0, "unchanged": 0}
    learnt = reader.memory()
    assert learnt.current is not None
    assert learnt.current.learnt.template is not None
    assert learnt.current.learnt.template.selector("body") == "div.story-text"
    assert [block.text for block in learnt.current.learnt.blocks] == [NEWSLETTER[:60]]

    # Read with what was learnt now, before without: nobody edited anything but one headline.
    gazette.pieces[0].title += " (and last)"
    gazette.pieces += [Piece(number) for number in range(12, 16)]
    assert reader.look_again() == {"new": 4, "revised": 1, "unchanged": 11}
    bodies = reader.bodies()
    assert "one article only" in bodies["3"]
    assert bodies["12"].split("\n") == gazette.pieces[12].body  # without the newsletter line

    # Two thirds of the way through these pages the template is given up; soon after the new pages are learnt.
    gazette.redesigned = True
    gazette.pieces[5].body[1] = "The minister resigned in the evening, and took the draft with him."
    assert reader.look_again() == {"new": 0, "revised": 1, "unchanged": 15}
    assert any("layout changed" in (past.retired_because or "") for past in reader.memory().history)

    # An upgrade of the extractor is no edit either; what an older version learnt is learnt again.
    _pretend_upgrade(reader)
    assert reader.look_again() == {"new": 0, "revised": 0, "unchanged": 16}
    relearnt = reader.memory()
    assert relearnt.current is not None
    assert relearnt.current.learnt.template is not None
    assert relearnt.current.learnt.template.selector("body") == "section.reading"
    assert relearnt.redesign is None


def test_a_template_that_finds_the_wrong_text_is_given_up_soon_after_the_first_page_of_the_sample(
    reader: Reader,
) -> None:
    gazette = reader.gazette
    reader.look_again()
    sampled = [n for n in range(100, 400) if is_sampled(gazette.server.url(HOST, Piece(n).path))]
    others = [n for n in range(100, 400) if n not in sampled]
    # Pages of today have the name of the text for another box; those of before are as they were.
    gazette.moved = True
    gazette.pieces = [Piece(n) for n in (*others[:4], sampled[0], *others[4:24])]
    assert reader.look_again() == {"new": 25, "revised": 0, "unchanged": 12}
    given_up = [past.retired_because or "" for past in reader.memory().history]
    assert any(because.startswith("layout changed") and CONTRADICTION in because for because in given_up), given_up


def _pretend_upgrade(reader: Reader) -> None:
    """As if all had been read by an older version of the code, and the template learnt by one with another format."""
    archive = reader.archive()
    with archive.writing() as session:
        session.execute(update(ArticleRow).values(state_extractor="dateline-0+trafilatura-0"))
        session.execute(update(TemplateRow).where(TemplateRow.retired_at.is_(None)).values(format=0))
    archive.engine.dispose()
