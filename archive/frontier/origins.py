"""What the archive remembers about origins: robots.txt, TDM file and pauses. It is read when a crawl starts, and written as the
crawl learns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.tables import HostRow
from archive.writer.writer import Transaction


@dataclass(frozen=True, slots=True)
class OriginMemory:
    """One origin as last seen. Times are UTC. `HostRow` lists the states."""

    origin: str
    robots_state: str | None
    robots_body: str | None
    robots_fetched_at: datetime | None
    tdm_body: str | None
    tdm_fetched_at: datetime | None
    paused_until: datetime | None
    pause_reason: str | None
    failures: int


def load_origins(session: Session, hosts: Iterable[str] | None = None) -> dict[str, OriginMemory]:
    """What the archive knows of the origins of these hosts, by origin.

    `hosts` are names, or `name:port`. None means all hosts.
    """
    wanted = select(HostRow)
    if hosts is not None:
        wanted = wanted.where(
            HostRow.origin.in_([f"{scheme}://{host}" for host in hosts for scheme in ("https", "http")])
        )
    return {
        row.origin: OriginMemory(
            origin=row.origin,
            robots_state=row.robots_state,
            robots_body=row.robots_body,
            robots_fetched_at=row.robots_fetched_at,
            tdm_body=row.tdm_body,
            tdm_fetched_at=row.tdm_fetched_at,
            paused_until=row.paused_until,
            pause_reason=row.pause_reason,
            failures=row.failures,
        )
        for row in session.scalars(wanted)
    }


def copy_hosts(session: Session, remembered: Mapping[str, OriginMemory]) -> None:
    """Copy what another archive remembers of origins into one that knows none of them."""
    session.add_all(HostRow(**asdict(memory)) for memory in remembered.values())


def record_robots(tx: Transaction, origin: str, *, state: str, body: str | None, fetched_at: datetime) -> None:
    """Record the robots.txt of an origin as it was fetched. `fetched_at` is UTC."""
    row = _row(tx, origin)
    row.robots_state = state
    row.robots_body = body
    row.robots_fetched_at = fetched_at


def record_tdm(tx: Transaction, origin: str, *, body: str | None, fetched_at: datetime) -> None:
    """Record the TDM file of an origin. A `body` of None means that there is none."""
    row = _row(tx, origin)
    row.tdm_body = body
    row.tdm_fetched_at = fetched_at


def record_pause(tx: Transaction, origin: str, *, until: datetime, reason: str) -> None:
    """Record that an origin asked to be left alone `until` then (UTC), and the answer that said so."""
    row = _row(tx, origin)
    row.paused_until = until
    row.pause_reason = reason
    row.failures += 1


def _row(tx: Transaction, origin: str) -> HostRow:
    row = tx.session.get(HostRow, origin)
    if row is None:
        row = HostRow(origin=origin, failures=0)
        tx.session.add(row)
    return row
