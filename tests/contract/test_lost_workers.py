"""Processes of this machine that have ended are noticed before their lease runs out; others are given their time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

from sqlalchemy import select

from archive.queue import host_slots, workers
from archive.queue.workers import is_gone, process_name
from archive.storage.session import Archive
from archive.tables import HostSlotRow, WorkerRow

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def an_ended_process() -> str:
    """The name of a process that has ended and was waited for."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process_name(process.pid)


def test_who_is_gone() -> None:
    assert not is_gone(process_name(os.getpid()))
    assert not is_gone(process_name(1))
    ended = an_ended_process()
    assert is_gone(ended)
    machine, pid, mark = ended.rsplit(":", 2)
    assert not is_gone(f"other-{machine}:{pid}:{mark}"), "a process of another machine"
    assert not is_gone(f"{machine}:{pid}:00000000"), "of another machine, or container, with the same name"
    assert not is_gone(f"{machine}:{pid}"), "named by an older version"


def test_the_gone_are_reaped_at_once(archive: Archive) -> None:
    with archive.writing() as session:
        gone = workers.enlist(session, an_ended_process())
        here = workers.enlist(session, process_name(os.getpid()))
        elsewhere = workers.enlist(session, "elsewhere:1:00000000")
        host_slots.claim(session, gone, ["www.a.example"], NOW)
        host_slots.renew(session, gone, {"www.a.example": 30.0}, {}, NOW)
    with archive.writing() as session:
        assert [name for name, _ in workers.reap(session, now=NOW)] == [session.get_one(WorkerRow, gone).name]
    with archive.reading() as session:
        assert set(session.scalars(select(WorkerRow.pk).where(WorkerRow.ended_at.is_(None)))) == {here, elsewhere}
        slot = session.get_one(HostSlotRow, "www.a.example")
        assert slot.worker_pk is None
        assert slot.next_at is not None
        assert (slot.next_at - NOW).total_seconds() == 30.0
