"""A browser in a fetching process that is running already: it is there once a source renders, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.chromium import require_chromium
from support.processes import Daemon, tree, until
from support.town import Resident, town

LONG = 240.0


def of_playwright(pid: int) -> list[int]:
    """The processes of the driver and of Chromium at or below a process."""
    return [child for child in tree(pid) if _command(child).startswith(("chrom", "node"))]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/exe").resolve().name
    except OSError:
        return ""


@pytest.mark.timeout(600)
def test_a_source_that_renders_may_be_enabled_later(tmp_path: Path) -> None:
    require_chromium()
    with town() as publishers:
        resident = Resident(publishers, tmp_path / "home")
        resident.registry(publishers.entry("plain.example"), publishers.entry("drawn.example", render=True))
        resident.run("init")
        resident.run("sources", "disable", "drawn")
        with Daemon.real(resident, resident.home / "daemon.log") as daemon:  # type: ignore[arg-type]  # an environment
            until(
                lambda: any("plain.example/news/" in place for place in publishers.asked), LONG, what="the first poll"
            )
            [worker] = daemon.workers()
            assert of_playwright(worker) == []
            assert not daemon.events("browser_started")
            resident.run("sources", "enable", "drawn")
            until(lambda: bool(daemon.events("browser_started")), LONG, what="the browser")
            assert of_playwright(worker)
            assert daemon.workers() == [worker]
            assert any("drawn.example/news/" in place for place in publishers.asked)
            assert daemon.stop() == 0
        assert not [event for event in daemon.events() if event.get("level") == "error"]
