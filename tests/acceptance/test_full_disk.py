"""A crawl on a disk that fills up, and the next one with room again: nothing is missing, and the archive is sound."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import forked
from support.crawled import crawl
from support.hostile import HTML, Server, article, http, serve

ARTICLES = 60


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 3 MB. Only root may make one."""
    if os.geteuid() != 0:
        pytest.skip("a small file system is mounted, which only root may do")
    folder = tmp_path / "home"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "dateline", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def a_site(server: Server) -> dict[str, str]:
    """A source whose pages do not compress: they take up more than the disk has."""
    noise = random.Random(1)
    paths = [f"/{number}" for number in range(ARTICLES)]
    server.site("harbour.example", *paths)
    for path in paths:
        page = article(server.url("harbour.example", path), f"Ministers meet, part {path}")
        body = page + f"<!-- {noise.randbytes(40_000).hex()} -->".encode()
        server.routes["harbour.example", path] = http("200 OK", body, HTML)
    return {"harbour": server.url("harbour.example", "/feed")}


def test_a_crawl_that_could_not_write_says_so_and_the_next_one_completes_it(small_disk: Path, tmp_path: Path) -> None:
    with serve() as server:
        feeds = a_site(server)
        full = crawl(tmp_path, feeds, DATELINE_MIN_FREE="1")
        assert full.exit_code == 1
        assert "stopped:" in full.stderr
        assert "no room left" in full.stderr
        assert "Traceback" not in full.stderr
        kept = full.sources["harbour"]["new"]
        assert kept < ARTICLES
        assert full.sources["harbour"]["failed"] == {}

        subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
        again = crawl(tmp_path, feeds, DATELINE_MIN_FREE="1")
        assert again.exit_code == 0
        assert kept + again.sources["harbour"]["new"] == ARTICLES
    environment = os.environ | {"DATELINE_HOME": str(small_disk)}
    verified = forked.run([sys.executable, "-m", "dateline", "verify"], env=environment, timeout=120)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_no_room_for_the_archive_itself(small_disk: Path, tmp_path: Path) -> None:
    (small_disk / "filling").write_bytes(bytes((3 << 20) - (200 << 10)))
    environment = os.environ | {"DATELINE_HOME": str(small_disk)}
    made = forked.run([sys.executable, "-m", "dateline", "init"], env=environment, timeout=120)
    assert made.returncode == 1
    assert "no room left on the disk" in made.stderr
    assert "Traceback" not in made.stderr
    (small_disk / "filling").unlink()
    made = forked.run([sys.executable, "-m", "dateline", "init"], env=environment, timeout=120)
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize(("kind", "status"), [("-S", {0}), ("", {0, 1})])
def test_a_limit_on_the_size_of_files(tmp_path: Path, kind: str, status: set[int]) -> None:
    """A soft limit (`ulimit -S -f`) is raised; a hard one only by who may, and else it is named."""
    made = subprocess.run(
        ["bash", "-c", f'ulimit {kind} -f 100; exec "$@"', "bash", sys.executable, "-m", "dateline", "init"],
        env=os.environ | {"DATELINE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode in status, made.stderr
    assert made.returncode == 0 or "ulimit -f" in made.stderr
    assert "Traceback" not in made.stderr
