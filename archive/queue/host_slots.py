"""Host slots: the right to ask a host, held by one worker at a time, with the delay that is owed and the day's requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from archive.model.clock import LONGEST_PAUSE
from archive.model.failure import ONE_FAILURE, WEIGHTS, FailureKind
from archive.storage.queries import chunks
from archive.tables import HostSlotRow

STEP = 120.0
"""Seconds: what a host is owed beside its delay and the pauses that it asks for. The pause after a failed request is shorter."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A host that a worker may ask now.

    `wait` is the number of seconds that must pass first. `requests` is the number already made on this day (UTC).
    """

    host: str
    wait: float
    requests: int
    failing: bool = False
    """Its last request failed."""


def claim(session: Session, worker: int, hosts: Iterable[str], now: datetime) -> dict[str, Slot]:
    """Take the slots of `hosts` that are free or ours. Those that another worker holds are missing from the answer."""
    wanted = sorted(set(hosts))
    _make(session, wanted)
    rows = session.scalars(
        select(HostSlotRow)
        .where(HostSlotRow.host.in_(wanted))
        .order_by(HostSlotRow.host)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found: dict[str, Slot] = {}
    for row in rows:
        if row.worker_pk not in (None, worker):
            continue
        row.worker_pk = worker
        wait = max(0.0, (row.next_at - now).total_seconds()) if row.next_at else 0.0
        # A pause that the host asked for is remembered with its origin. What goes further was noted by a clock that was wrong.
        wait = min(wait, max(_bounded(row.delay), STEP))
        found[row.host] = Slot(row.host, wait, row.requests if row.day == day_of(now) else 0, row.failures > 0)
    session.flush()
    return found


def _make(session: Session, hosts: list[str]) -> None:
    """Make the slots that are not there yet. Another worker may be making them at the same moment: it is waited for."""
    there = set(session.scalars(select(HostSlotRow.host).where(HostSlotRow.host.in_(hosts))))
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for host in hosts:
        if host not in there:
            new = dialect.insert(HostSlotRow).values(host=host, requests=0, delay=0.0, failures=0.0)
            session.execute(new.on_conflict_do_nothing())


def renew(
    session: Session, worker: int, delays: Mapping[str, float], requests: Mapping[str, int], now: datetime
) -> None:
    """Record, by host, the delays that `worker` keeps and the requests that it made since it last said so."""
    for row in _held(session, worker, [*delays, *requests]):
        row.delay = _bounded(delays.get(row.host, row.delay))
        _count(row, requests.get(row.host, 0), now)


def release(
    session: Session, worker: int, waits: Mapping[str, float], requests: Mapping[str, int], now: datetime
) -> None:
    """Give these slots up. `waits` has, by host, the seconds for which nobody may ask it yet."""
    for row in _held(session, worker, waits):
        row.worker_pk = None
        row.next_at = now + timedelta(seconds=_bounded(waits[row.host]))
        _count(row, requests.get(row.host, 0), now)


def record_answers(session: Session, worker: int, answers: Mapping[str, FailureKind | None], now: datetime) -> None:
    """Weigh the failures in a row of each host. None means that the host answered, which ends the row.

    Failures that are close together count once.
    """
    for row in _held(session, worker, answers):
        kind = answers[row.host]
        if kind is None:
            if row.failures:
                row.failures, row.failed_at = 0.0, None
        elif row.failed_at is None or not timedelta(0) <= now - row.failed_at < ONE_FAILURE:
            row.failures += WEIGHTS[kind]
            row.failed_at = now


def day_of(now: datetime) -> str:
    """The day (UTC, YYYY-MM-DD) to which a request counts."""
    return f"{now.astimezone(UTC):%Y-%m-%d}"


def _bounded(seconds: float) -> float:
    return min(seconds, LONGEST_PAUSE.total_seconds())


def _held(session: Session, worker: int, hosts: Iterable[str]) -> list[HostSlotRow]:
    return [
        row
        for chunk in chunks(sorted(hosts))
        for row in session.scalars(
            select(HostSlotRow).where(HostSlotRow.host.in_(chunk), HostSlotRow.worker_pk == worker)
        )
    ]


def _count(row: HostSlotRow, requests: int, now: datetime) -> None:
    if not requests:
        return
    if row.day != day_of(now):
        row.day, row.requests = day_of(now), 0
    row.requests += requests
