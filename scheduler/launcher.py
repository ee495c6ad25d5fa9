"""Fetching processes of this machine: started, watched, replaced, stopped."""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

import structlog

from archive.model.clock import Clock
from archive.outage import is_outage
from archive.queue import workers
from archive.storage.session import Archive

log = structlog.get_logger()

RECYCLED = 75
"""Exit status (EX_TEMPFAIL) of a process that wants to be replaced by a new one."""
LONGEST_STOP = 26.0
"""Seconds that processes get to end before they are killed: the daemon as a whole has 30."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
HEALTHY = 60.0
"""Seconds after which a process counts as started well."""


class Launcher:
    """The fetching processes of this machine. `count` of them are kept running.

    `command` starts one. It ends by itself when its standard input does.
    """

    def __init__(self, command: Sequence[str], count: int, archive: Archive, clock: Clock) -> None:
        self._command = list(command)
        self._count = count
        self._archive = archive
        self._clock = clock
        self._running: dict[int, Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self.died_young = 0
        """Processes in a row that died soon after their start."""

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [process.pid for process in self._running.values()]

    def start(self) -> None:
        """Start the processes, if they do not run yet."""
        if not self._keepers:
            self._keepers = [asyncio.create_task(self._keep(place)) for place in range(self._count)]

    def reload(self) -> None:
        """Let the processes read the registry again."""
        self._signal(signal.SIGHUP)

    async def stop(self) -> None:
        """End the processes. The work that they leave is handed back."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        if not self._keepers:
            return
        _, late = await asyncio.wait(self._keepers, timeout=LONGEST_STOP)
        for process in self._running.values():
            log.error("worker_killed", pid=process.pid, because=f"it did not end within {LONGEST_STOP:g} s")
        self._signal(signal.SIGKILL)
        if late:
            await asyncio.wait(late)

    def _signal(self, number: signal.Signals) -> None:
        for process in list(self._running.values()):  # ticks call from threads of their own
            with suppress(ProcessLookupError):  # it ended a moment ago
                process.send_signal(number)

    async def _keep(self, place: int) -> None:
        """Start a process again whenever it ends."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            try:
                status: int | str = await self._run(place)
            except Exception as error:  # noqa: BLE001  # no memory, no descriptors: that passes, and a place must not stay empty
                status = repr(error)
            lasted = asyncio.get_running_loop().time() - began
            if self._stopping.is_set():
                return
            if status == RECYCLED:
                continue
            pause = FIRST_PAUSE if lasted > HEALTHY else pause
            self.died_young = 0 if lasted > HEALTHY else self.died_young + 1
            log.error("worker_died", status=status, seconds=round(lasted, 1), again_in=pause)
            try:
                await asyncio.wait_for(self._stopping.wait(), pause)
            except TimeoutError:
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _run(self, place: int) -> int:
        process = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE)
        self._running[place] = process
        log.info("worker_launched", pid=process.pid)
        if self._stopping.is_set():  # told to stop while it was being started
            _send(process, signal.SIGTERM)
        try:
            status = await process.wait()
        finally:
            del self._running[place]
        await asyncio.to_thread(self._hand_back, process.pid)
        return status

    def _hand_back(self, pid: int) -> None:
        """A process that was killed could not say that it ended."""
        name = workers.process_name(pid)
        try:
            with self._archive.writing() as session:
                for worker in workers.named(session, name):
                    handed = workers.end(session, worker, "lost", now=self._clock())
                    log.warning("worker_lost", name=name, jobs_handed_back=handed)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("database_away", error=str(error)[:200])  # its lease will run out


def _send(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        process.send_signal(number)
