"""Somebody who uses the product: a home folder, a newsroom in reach, and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.config import Settings
from archive.storage.session import Archive, open_archive
from dateline.newsroom import Newsroom
from support import forked


@dataclass
class Reader:
    """Somebody with a home folder, a newsroom in reach, and the command."""

    room: Newsroom
    home: Path
    database_url: str | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = self.room.environment(self.home) | {"DATELINE_METRICS": ""} | self.extra
        if self.database_url:
            own["DATELINE_DATABASE_URL"] = self.database_url
        return os.environ | own

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """The command in a process group of its own."""
        return forked.Popen(
            [sys.executable, "-m", "dateline", *arguments],
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, status: int | None = 0, **environment: str) -> str:
        process = self.start(*arguments, **environment)
        out, errors = process.communicate(timeout=180)
        if status is not None:
            assert process.returncode == status, f"{arguments}: exit {process.returncode}\n{out}\n{errors}"
        return out

    def crawl(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """A crawl; its summary by source."""
        rows = json.loads(self.run("crawl", "--format", "json", *arguments))
        return {row["source"]: row for row in rows}

    def export(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("export", "--format", "jsonl", *arguments).splitlines()]

    def by_url(self) -> dict[str, dict[str, Any]]:
        return {row["canonical_url"]: row for row in self.export()}

    def archive(self) -> Archive:
        settings = Settings(home=self.home, database_url=self.database_url or "")
        return open_archive(settings)
