"""A backfill of one source as a process that a test can kill, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.config import Settings
from archive.query import history
from archive.storage.session import Archive, open_archive
from support import forked

ROOT = Path(__file__).parents[2]


class Backfill:
    """Of the first ten days of March 2024, over the channel that `channel` describes in YAML. Context manager: closes what
    it opened."""

    def __init__(self, folder: Path, site: str, channel: str, environment: dict[str, str]) -> None:
        self.home, self.site = folder / "home", site
        self._environment = environment | {"DATELINE_HOME": str(self.home)}
        self._registry = folder / "registry.yaml"
        self._registry.write_text(
            f"""sources:
  - id: press
    name: Press
    homepage: {site}/
    timezone: UTC
    language: en
    status: verified
    article_urls: {{allow: ['/news/']}}
    discover:
      - {channel}
"""
        )
        self._archive: Archive | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._archive is not None:
            self._archive.engine.dispose()

    def start(self) -> subprocess.Popen[str]:
        return self._start("support.past_backfill_run", str(self._registry), "2024-03-01", "2024-03-10")

    def estimate(self) -> dict[str, dict[str, Any]]:
        """What `dateline backfill --dry-run` says, by kind of channel."""
        days = ("--since", "2024-03-01", "--until", "2024-03-10")
        process = self._start("dateline", "backfill", "press", *days, "--dry-run", "--format", "json")
        out, errors = process.communicate(timeout=250)
        assert process.returncode == 0, errors
        return {row["channel"].partition(":")[0]: row for row in json.loads(out)}

    def _start(self, *command: str) -> subprocess.Popen[str]:
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        own = {"PYTHONPATH": paths, "DATELINE_SOURCES": str(self._registry)}
        return forked.Popen(
            [sys.executable, "-m", *command],
            env=os.environ | self._environment | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self) -> dict[str, Any]:
        """To its end; what it reports of the source."""
        process = self.start()
        out, errors = process.communicate(timeout=250)
        assert process.returncode == 0, errors
        found: dict[str, Any] = json.loads(out.splitlines()[-1])
        return found

    @property
    def archive(self) -> Archive:
        if self._archive is None:
            self._archive = open_archive(Settings(home=self.home))
        return self._archive

    def url(self, name: str) -> str:
        return f"{self.site}/news/{name}"

    def told(self, name: str) -> list[tuple[str, str, str]]:
        """The looks at an article: day of the capture, who made it, what it showed."""
        return [
            (f"{look.captured_at:%Y%m%d}", look.origin.kind, look.outcome)
            for look in history(self.archive, self.url(name)).looks
            if look.captured_at is not None
        ]
