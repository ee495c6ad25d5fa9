"""The wayback channel against a real pywb, in an environment of its own: it needs other versions of libraries than we do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.foreign_warc import warc_record
from support.past_backfill import Backfill
from support.past_pages import SITE, page
from support.web_archive import web_archive

from archive.query import get
from archive.verify import verify

PYWB = "pywb==2.10.0"
UV = Path(sys.executable).parent / "uv"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of pywb's programs."""
    if not UV.exists():
        if os.environ.get("CI"):
            pytest.fail(f"CI must test against pywb: {UV} is not there (make setup installs it)")
        pytest.skip(f"{UV} is not there: run `make test-all`")
    folder = tmp_path_factory.mktemp("pywb") / "environment"
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, folder], check=True, timeout=120)
    subprocess.run([UV, "pip", "install", "-q", "--python", folder / "bin" / "python", PYWB], check=True, timeout=240)
    return folder / "bin"


@contextmanager
def pywb(programs: Path, folder: Path, warc: bytes) -> Iterator[int]:
    """A pywb that serves the collection `press`; gives its port."""
    (folder / "press.warc.gz").write_bytes(warc)
    for command in (["init", "press"], ["add", "press", "press.warc.gz"]):
        subprocess.run([programs / "wb-manager", *command], cwd=folder, check=True, timeout=60, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    log = (folder / "pywb.log").open("wb")
    process = subprocess.Popen(
        [programs / "wayback", "-p", str(port), "-b", "127.0.0.1"], cwd=folder, stdout=log, stderr=log
    )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < until and process.poll() is None, (folder / "pywb.log").read_text()
                time.sleep(0.2)
        yield port
    finally:
        process.kill()
        process.wait()
        log.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_captures_of_a_real_pywb_become_histories(programs: Path, tmp_path: Path) -> None:
    with web_archive(robots={SITE: "User-agent: *\nDisallow: /news/forbidden/\n"}) as live:
        site = f"http://{SITE}:{live.port}"
        headers = [("Content-Type", "text/html; charset=utf-8"), ("X-Powered-By", "Press")]
        noarchive = [*headers, ("X-Robots-Tag", "noarchive")]
        warc = b"".join(
            (
                warc_record(f"{site}/news/treaty", page("treaty", "March"), at="2024-03-04T10:00:00Z", headers=headers),
                warc_record(f"{site}/news/treaty", page("treaty", "April"), at="2024-03-08T10:00:00Z", headers=headers),
                warc_record(f"{site}/news/river", page("river", "March"), at="2024-03-25T10:00:00Z"),
                warc_record(f"{site}/news/closed", page("closed", "May"), headers=noarchive),
                warc_record(f"{site}/news/forbidden/x", page("forbidden", "May")),
                warc_record(f"{site}/news/old", page("old", "May"), at="2023-03-04T10:00:00Z"),
                warc_record(f"{site}/tag/all", b"<p>list</p>"),
            )
        )
        with pywb(programs, tmp_path, warc) as port:
            channel = (
                f"{{wayback: {site}/, cdx: http://pywb.example:{port}/press/cdx, "
                f"replay: http://pywb.example:{port}/press/}}"
            )
            environment = live.environment(tmp_path, SITE, "pywb.example") | {"DATELINE_NOARCHIVE": "withhold"}
            with Backfill(tmp_path, site, channel, environment) as backfill:
                report = backfill.run()
                assert backfill.told("treaty") == [
                    ("20240304", "wayback", "changed"),
                    ("20240308", "wayback", "changed"),
                ]
                assert backfill.told("river") == [("20240325", "wayback", "changed")]
                assert get(backfill.archive, backfill.url("closed")).status == "withheld"
                assert (report["new"], report["revised"], report["withheld"]) == (2, 1, 1)
                assert report["excluded"] == {"robots": 1, "rule": 1}
                assert list(verify(backfill.archive, backfill.home / "warc")) == []
                before = len(backfill.told("treaty"))
                backfill.run()  # another walk: all that it lists is filed
                assert len(backfill.told("treaty")) == before
