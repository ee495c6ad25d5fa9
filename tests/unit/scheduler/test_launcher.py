"""Fetching processes are started again, whatever came between."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from support.waiting import until

from archive.model.clock import SystemClock
from archive.queue import workers
from archive.storage.session import Archive
from scheduler import launcher as launcher_module
from scheduler.launcher import Launcher


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher_module, "FIRST_PAUSE", 0.05)


async def test_a_place_is_filled_again_after_a_process_could_not_be_started(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = asyncio.create_subprocess_exec, []

    async def create(*command: str, **options: Any) -> Any:
        tries.append(command)
        if len(tries) < 3:
            raise BlockingIOError(11, "no more processes")
        return await real(*command, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", create)
    launcher = Launcher([sys.executable, "-c", "input()"], 1, archive, SystemClock())
    launcher.start()
    await until(lambda: launcher.pids)
    assert len(tries) == 3
    await launcher.stop()
    assert launcher.pids == []


async def test_a_place_is_filled_again_after_the_archive_refused(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> list[int]:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(workers, "named", refuse)
    launcher = Launcher([sys.executable, "-c", "input()"], 1, archive, SystemClock())
    launcher.start()
    await until(lambda: launcher.pids)
    (first,) = launcher.pids
    launcher._running[0].kill()
    await until(lambda: launcher.pids not in ([], [first]))
    await launcher.stop()


async def test_a_process_that_has_just_ended_may_be_told_to_stop(archive: Archive) -> None:
    launcher = Launcher([sys.executable, "-c", ""], 2, archive, SystemClock())
    launcher.start()
    for _ in range(100):
        launcher.reload()
        await asyncio.sleep(0.005)
    await launcher.stop()
    assert launcher.pids == []
