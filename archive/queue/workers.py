"""Fetching processes: their leases, and what becomes of their jobs and hosts when they end.

A lease is about a process being alive, so it runs by the database's clock, whatever time the articles live in. Every group
of works that a worker commits renews it (`renew`), and cannot commit without it: a process that was taken for dead, and
whose jobs somebody else has by now, writes nothing more.
"""

from __future__ import annotations

import os
import re
import socket
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from archive.errors import DatelineError
from archive.model.clock import LONGEST_PAUSE
from archive.tables import HostSlotRow, JobRow, WorkerRow

LEASE = timedelta(seconds=60)
"""A process that has not been heard of for so long is taken for dead."""
BEAT = 5.0
"""Seconds after which an idle process renews its lease."""


class LeaseLost(DatelineError):
    """This process was taken for dead, and its work was given to others."""

    def __init__(self) -> None:
        super().__init__(
            "this process lost its lease: the database did not hear of it for too long",
            hint="Its jobs are done by others; it ends now and may be started again.",
        )


def process_name(pid: int) -> str:
    """The name of a process of this machine in the archive: `machine:pid:mark`."""
    return f"{socket.gethostname()}:{pid}:{_mark()}"


def is_gone(name: str) -> bool:
    """Return whether this process is known to have ended. Of a process of another machine that cannot be told, so it is False."""
    here = re.fullmatch(rf"{re.escape(socket.gethostname())}:(\d+):{_mark()}", name)
    if here is None or not _mark():
        return False
    try:
        os.kill(int(here[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it runs as somebody else
        return False
    return _is_zombie(int(here[1]))


def _is_zombie(pid: int) -> bool:
    """Return whether the process has ended, and only nobody has asked yet how. Containers often have no init that does."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


@cache
def _mark() -> str:
    """Tells machines of one name and their containers apart: process numbers mean something within one start of the
    system and one namespace only. Empty where the system does not say (not on Linux)."""
    try:
        where = Path("/proc/sys/kernel/random/boot_id").read_text() + str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
    return sha256(where.encode()).hexdigest()[:8]


def database_now(session: Session) -> datetime:
    """The time (UTC) by the database's clock."""
    if session.get_bind().dialect.name == "postgresql":
        found = session.scalar(select(func.clock_timestamp()))
        assert isinstance(found, datetime)
        return found.astimezone(UTC)
    text = session.scalar(select(literal_column("strftime('%Y-%m-%dT%H:%M:%f', 'now')")))
    return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)


def enlist(session: Session, name: str, lease: timedelta = LEASE) -> int:
    """Register a process that begins, and return its key, which is its fence."""
    now = database_now(session)
    row = WorkerRow(name=name, started_at=now, lease_until=now + lease, committed=0)
    session.add(row)
    session.flush()
    return row.pk


def renew(session: Session, pk: int, group: int | None = None, lease: timedelta = LEASE) -> None:
    """Renew the lease, and record `group` as committed with this transaction.

    On PostgreSQL the row stays locked to the end of the transaction, so that nobody can take the lease away meanwhile.

    Raises:
        LeaseLost: The lease was given to others.
    """
    values: dict[str, object] = {"lease_until": database_now(session) + lease}
    if group is not None:
        values["committed"] = group
    done = session.execute(
        update(WorkerRow).where(WorkerRow.pk == pk, WorkerRow.ended_at.is_(None)).values(values).returning(WorkerRow.pk)
    )
    if done.scalar() is None:
        raise LeaseLost


def last_committed(session: Session, pk: int) -> int:
    """The number of the last group that this worker committed.

    On PostgreSQL a COMMIT whose connection broke may still be under way. It holds the row, so this waits for it.
    """
    return session.scalar(select(WorkerRow.committed).where(WorkerRow.pk == pk).with_for_update()) or 0


def end(session: Session, pk: int, because: str, *, now: datetime) -> int:
    """End a worker: its jobs are ready again, and its hosts free. Return the number of jobs handed back.

    `now` (the archive's time) begins the delay that its hosts are owed.
    """
    session.execute(
        update(WorkerRow)
        .where(WorkerRow.pk == pk, WorkerRow.ended_at.is_(None))
        .values(ended_at=database_now(session), ended_because=because)
    )
    for slot in session.scalars(select(HostSlotRow).where(HostSlotRow.worker_pk == pk)):
        slot.worker_pk = None
        slot.next_at = max(slot.next_at or now, now + timedelta(seconds=min(slot.delay, LONGEST_PAUSE.total_seconds())))
    session.flush()
    handed = session.execute(
        update(JobRow)
        .where(JobRow.worker_pk == pk, JobRow.is_in("leased"))
        .values(state="ready", leased_at=None)
        .returning(JobRow.pk)
    )
    session.execute(
        update(JobRow)
        .where(JobRow.worker_pk == pk, JobRow.is_in("fetching"))
        .values(state="done", finished_at=now, outcome="links left")
    )
    return len(handed.all())


_working = select(WorkerRow.pk, WorkerRow.name).where(WorkerRow.ended_at.is_(None))


def is_any_overdue(session: Session) -> bool:
    """Return whether there is a worker for `reap` to end."""
    rows = session.execute(select(WorkerRow.name, WorkerRow.lease_until).where(WorkerRow.ended_at.is_(None))).all()
    now = database_now(session)
    return any(until < now or is_gone(name) for name, until in rows)


def reap(session: Session, *, now: datetime) -> list[tuple[str, int]]:
    """End the workers whose lease ran out, and those of this machine that are gone. Return the name and the jobs handed back of
    each.
    """
    gone = [pk for pk, name in session.execute(_working) if is_gone(name)]
    overdue = session.execute(
        _working.where(or_(WorkerRow.lease_until < database_now(session), WorkerRow.pk.in_(gone))).with_for_update(
            skip_locked=True
        )
    ).all()
    return [(name, end(session, pk, "lost", now=now)) for pk, name in overdue]


def is_any_alive(session: Session) -> bool:
    """Return whether some fetching process was heard of lately."""
    return (
        session.scalar(
            select(WorkerRow.pk)
            .where(WorkerRow.ended_at.is_(None), WorkerRow.lease_until > database_now(session))
            .limit(1)
        )
        is not None
    )


def alive(session: Session) -> list[WorkerRow]:
    """The workers that have not ended, oldest first."""
    return list(session.scalars(select(WorkerRow).where(WorkerRow.ended_at.is_(None)).order_by(WorkerRow.pk)))


def named(session: Session, name: str) -> list[int]:
    """The keys of the workers of this name that have not ended."""
    return list(session.scalars(select(WorkerRow.pk).where(WorkerRow.name == name, WorkerRow.ended_at.is_(None))))
