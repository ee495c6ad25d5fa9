"""One `dateline crawl` over sites that a test serves, and what it answered."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import forked


@dataclass
class Crawled:
    """What `dateline crawl` answered."""

    exit_code: int
    sources: dict[str, dict[str, Any]]
    stderr: str
    home: Path


def registry(path: Path, hosts: dict[str, str]) -> Path:
    """A registry with one source a host; `hosts` maps a source's id to the URL of its feed."""
    lines = ["sources:"]
    for source_id, feed in hosts.items():
        home = feed.removesuffix("/feed") + "/"
        lines += [
            f"  - {{id: {source_id}, name: {source_id}, homepage: '{home}', delay: 0, status: verified, language: en,",
            f"     timezone: UTC, discover: [{{feed: '{feed}'}}]}}",
        ]
    path.write_text("\n".join(lines) + "\n")
    return path


def crawl(
    tmp_path: Path, hosts: dict[str, str], *arguments: str, program: str = "dateline", **environment: str
) -> Crawled:
    names = {feed.split("/")[2].rpartition(":")[0] for feed in hosts.values()}
    environment = {
        "DATELINE_HOME": str(tmp_path / "home"),
        "DATELINE_SOURCES": str(registry(tmp_path / "sources.yaml", hosts)),
        "DATELINE_RESOLVE": ",".join(f"{name}=127.0.0.1" for name in sorted(names) if name.endswith(".example")),
        "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
        "DATELINE_TIMEOUT": "60s",
        "DATELINE_MAX_BODY": "3M",
        "DATELINE_RETRIES": "0",
        "DATELINE_DELAY": "0",
        "DATELINE_EXTRACT_PROCESSES": "1",
    } | environment
    done = forked.run(
        [sys.executable, "-m", program, "crawl", "--format", "json", *arguments],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])} | environment,
        timeout=200,
    )
    assert done.stdout, done.stderr
    return Crawled(
        done.returncode, {row["source"]: row for row in json.loads(done.stdout)}, done.stderr, tmp_path / "home"
    )
