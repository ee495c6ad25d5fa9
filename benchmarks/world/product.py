"""The product under test: its own commands at moved times, and what its archive says afterwards."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from benchmarks.world.site import Site

ROOT = Path(__file__).parents[2]
LONGEST = 3 * 3600
"""Seconds that one crawl of a large world may take."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A row of `v_revisions`, and the captions."""

    article: str
    number: int
    captured_at: datetime
    title: str
    lead: str
    body: str
    authors: tuple[str, ...]
    published_at: str | None
    published_precision: str | None
    changes: frozenset[str]
    extractor: str

    @property
    def text(self) -> str:
        return f"{self.lead}\n{self.body}"


@dataclass
class Held:
    """What the archive holds."""

    articles: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Id of each article: source and address."""
    addresses: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """The articles that are known under a source's address (path and query)."""
    revisions: dict[str, list[Revision]] = field(default_factory=lambda: defaultdict(list))
    """In the order of their captures."""
    looks: list[tuple[str, datetime, str, str]] = field(default_factory=list)
    """Article, time, outcome and detail of each observation."""


class Start(Protocol):
    """How a command is run to its end, with its outputs captured as text."""

    def __call__(
        self, args: Sequence[str], *, timeout: float, env: Mapping[str, str], cwd: Path
    ) -> subprocess.CompletedProcess[str]: ...


def in_a_process(
    args: Sequence[str], *, timeout: float, env: Mapping[str, str], cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Start the command as a process, and wait for it."""
    return subprocess.run(args, timeout=timeout, env=env, cwd=cwd, capture_output=True, text=True, check=False)


class Product:
    """`dateline` with a home of its own."""

    def __init__(self, folder: Path, sites: list[Site], start: Start = in_a_process) -> None:
        self._start = start
        self._home, self._log = folder / "home", folder / "commands.log"
        registry = folder / "world.yaml"
        registry.write_text(json.dumps({"sources": [_entry(site) for site in sites]}, ensure_ascii=False), "utf-8")
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")} | {
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
            "DATELINE_HOME": str(self._home),
            "DATELINE_SOURCES": str(registry),
            "DATELINE_RESOLVE": ",".join(f"{site.host}=127.0.0.1" for site in sites),
            "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
            "DATELINE_DELAY": "0",
            "DATELINE_RETRIES": "0",
            "DATELINE_TIMEOUT": "60s",
        }

    def run(self, at: datetime, *arguments: str) -> tuple[int, str, str]:
        """Run a command with a clock that stands at a time: (status, output, messages)."""
        command = [sys.executable, "-m", "support.at", at.isoformat(), *arguments]
        done = self._start(command, env=self._environment, cwd=self._home.parent, timeout=LONGEST)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(
                f"$ dateline {' '.join(arguments)}   # {at}\n{done.stdout}{done.stderr}exit {done.returncode}\n\n"
            )
        if "Traceback" in done.stderr:
            raise SystemExit(f"dateline {' '.join(arguments)}:\n{done.stderr[-4000:]}")
        return done.returncode, done.stdout, done.stderr

    def crawl(self, at: datetime) -> None:
        """Poll every site, and look at every known article. Exit status 1 says only that a site showed nothing at this look."""
        status, out, messages = self.run(at, "crawl", "--revisit", "all", "--format", "json")
        if status not in (0, 1) or not out:
            raise SystemExit(f"dateline crawl: exit {status}\n{messages[-4000:]}")

    def reread(self, at: datetime) -> bool:
        """Read stored captures again with what is known by now. Return whether this version of the product can."""
        if self.run(at, "reextract", "--help")[0] != 0:
            return False
        status, _, messages = self.run(at, "reextract")
        if status != 0:
            raise SystemExit(f"dateline reextract: exit {status}\n{messages[-4000:]}")
        return True

    def held(self) -> Held:
        """What the archive holds now: its SQL views, and the aliases, which no view has."""
        held = Held()
        with sqlite3.connect(f"file:{self._home / 'archive.sqlite'}?mode=ro", uri=True) as database:
            for article, source, url in database.execute("SELECT id, source, url FROM v_articles"):
                held.articles[article] = (source, url)
                held.addresses[source, _address(url)].add(article)
            aliases = "SELECT a.id, a.source_id, l.url FROM aliases AS l JOIN articles AS a ON a.pk = l.article_pk"
            for article, source, url in database.execute(aliases):
                held.addresses[source, _address(url)].add(article)
            columns = (
                "number, captured_at, title, lead, body, authors, published_at, published_precision, changes, extractor"
            )
            for article, *row in database.execute(
                f"SELECT article_id, {columns} FROM v_revisions ORDER BY captured_at, number"
            ):
                held.revisions[article].append(_revision(article, row))
            for article, at, outcome, detail in database.execute(
                "SELECT article_id, captured_at, outcome, detail FROM v_observations"
            ):
                held.looks.append((article, datetime.fromisoformat(at), outcome, detail or ""))
        database.close()
        return held


def _entry(site: Site) -> dict[str, object]:
    return {
        "id": site.id,
        "name": site.name,
        "homepage": site.origin + "/",
        "language": site.language.code,
        "timezone": site.zone,
        "delay": 0,
        "status": "verified",
        "discover": [{"feed": site.origin + "/feed.xml"}],
    }


def _revision(article: str, row: list[object]) -> Revision:
    number, captured, title, lead, body, authors, published, precision, changes, extractor = row
    assert isinstance(number, int) and isinstance(captured, str)
    return Revision(
        article=article,
        number=number,
        captured_at=datetime.fromisoformat(captured),
        title=str(title or ""),
        lead=str(lead or ""),
        body=str(body or ""),
        authors=tuple(str(authors).split("; ")) if authors else (),
        published_at=str(published) if published else None,
        published_precision=str(precision) if precision else None,
        changes=frozenset(str(changes).split("; ")) if changes else frozenset(),
        extractor=str(extractor),
    )


def _address(url: str) -> str:
    """Path and query without what was added for tracking."""
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if part and not part.startswith("utm_"))
    return f"{parts.path}?{query}" if query else parts.path
