"""Scrapy's own commands, in the folder of `scrapy.cfg`: they do what `dateline` does, or say why they do not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dateline.newsroom import Newsroom

ROOT = Path(__file__).parents[2]


def scrapy(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "scrapy", *words]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with Newsroom.start() as room:
        yield room


def test_there_is_one_spider() -> None:
    assert scrapy("list").stdout == "news\n"


def test_crawling_by_scrapy_is_crawling_by_dateline(room: Newsroom, tmp_path: Path) -> None:
    environment = room.environment(tmp_path)
    done = scrapy("crawl", "news", "-a", "sources=mekonghub, harbour-times", "-a", "limit=2", **environment)
    assert done.returncode == 0, done.stderr
    assert "harbour-times" in done.stdout
    listed = subprocess.run(
        [sys.executable, "-m", "dateline", "export"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    sources = Counter(json.loads(line)["source"] for line in listed.stdout.splitlines())
    assert sources.keys() == {"mekonghub", "harbour-times"}
    assert max(sources.values()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("crawl", "poll"), "the spider of this project is `news`"),
        (("crawl", "news", "-a", "source=x"), "-a source: the spider `news` takes -a sources=ID,ID and -a limit=N"),
        (("crawl", "news", "-a", "sources=no-such"), "no such source: no-such"),
    ],
)
def test_what_is_wrong_is_said(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = scrapy(*words, DATELINE_HOME=str(tmp_path))
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("command", ["fetch", "view", "shell"])
def test_nothing_goes_past_the_rules_of_hosts(command: str, room: Newsroom) -> None:
    before = len(room.log())
    done = scrapy(command, room.url("harbour-times"))
    assert done.returncode == 2
    assert "obeys neither the host's robots.txt nor the delay it wants" in done.stderr
    assert len(room.log()) == before


def test_nor_does_a_shell_on_a_file(room: Newsroom, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>Hello")
    assert "<p>Hello" in scrapy("shell", page, "-c", "response.text").stdout
    before = len(room.log())
    done = scrapy("shell", page, "-c", f"fetch({room.url('harbour-times')!r})")
    assert "PastTheRules" in done.stderr
    assert len(room.log()) == before
