"""Backfills of the press, undisturbed and killed; and what must hold of both."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.config import Settings
from archive.planning import backfills
from archive.storage.session import open_archive
from support import forked
from support.press import SOURCE, Press
from support.processes import kill, tree

ROOT = Path(__file__).parents[2]
OURS = frozenset({"id", "first_seen_at", "last_seen_at"})
OURS_OF_A_REVISION = frozenset({"captured_at", "first_captured_at", "warc"})
"""What two archives of one past may differ in: names that we draw, times at which we looked, places in our files."""


@dataclass
class Archivist:
    """Somebody who backfills the press into a home of their own."""

    press: Press
    home: Path
    extra: dict[str, str] = field(default_factory=dict)
    """Variables of the environment."""

    @property
    def environment(self) -> dict[str, str]:
        registry = self.home.parent / f"{self.home.name}.yaml"
        if not registry.exists():
            registry.write_text(json.dumps(self.press.registry()), encoding="utf-8")  # JSON is YAML
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        own = {"DATELINE_HOME": str(self.home), "DATELINE_SOURCES": str(registry), "PYTHONPATH": paths}
        own["DATELINE_CONTACT"] = self.contact
        return os.environ | self.press.environment() | own | self.extra

    @property
    def contact(self) -> str:
        return f"{self.home.name}@localhost.example"

    def requests(self) -> int:
        """Requests that the press had from here."""
        return self.press.requests(self.contact)

    @property
    def order(self) -> tuple[str, ...]:
        return "backfill", SOURCE, "--since", str(self.press.begin), "--until", str(self.press.end)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return forked.Popen(
            [sys.executable, "-m", "dateline", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, status: int = 0, seconds: float = 240) -> tuple[str, str]:
        """(stdout, stderr)."""
        process = self.start(*arguments)
        try:
            out, errors = process.communicate(timeout=seconds)
        finally:
            if process.poll() is None:
                kill(*tree(process.pid))
                process.communicate()
        assert process.returncode == status, f"{arguments}: exit {process.returncode}\n{out}\n{errors}"
        return out, errors

    def rows(self, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run(*arguments, "--format", "json", status=status)[0])
        return found

    def backfill_killed(
        self, kills: int, requests: int, rng: random.Random, say: Callable[[str], object] = lambda line: None
    ) -> None:
        """Kill the command and all below it so many times, at moments drawn over a run of about `requests`, and give it again.
        The last time it runs to its end."""
        for number, after in enumerate(_moments(kills, requests, rng), 1):
            before = self.requests()
            process = self.start(*self.order)
            while process.poll() is None and self.requests() - before < after:
                time.sleep(0.1)
            time.sleep(rng.uniform(0.0, 0.3))
            asked = self.requests() - before
            kill(*tree(process.pid))
            process.communicate()
            say(f"kill {number} after {asked} requests")

    def held(self) -> dict[str, dict[str, Any]]:
        """The archive's articles by address, without what is ours."""
        out, _ = self.run("export", "--format", "jsonl")
        return {row["canonical_url"]: _masked(row) for row in map(json.loads, out.splitlines())}

    def unaccounted(self) -> list[str]:
        """Addresses without capture or reason."""
        archive = open_archive(Settings(home=self.home, database_url=self.extra.get("DATELINE_DATABASE_URL", "")))
        try:
            with archive.reading() as session:
                return backfills.unaccounted_addresses(session, backfills.windows(session))
        finally:
            archive.engine.dispose()


def _moments(kills: int, requests: int, rng: random.Random) -> list[int]:
    """After how many requests of each start it is killed: the parts of a run cut at random."""
    cuts = sorted(rng.randrange(requests) for _ in range(kills))
    return [cut - before for cut, before in zip(cuts, [0, *cuts], strict=False)]


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key not in OURS}
    kept["revisions"] = [
        {key: value for key, value in revision.items() if key not in OURS_OF_A_REVISION}
        for revision in row["revisions"]
    ]
    return kept


def expected(press: Press) -> set[str]:
    """The addresses of all articles of the window."""
    numbers = range(press.articles)
    return {f"{press.origin}{press.path(n)}" for n in numbers if press.fate(n) == "article"}


def free(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        kill(*tree(process.pid))
    process.communicate()
