"""What a plan must know of hosts: their requests and failures of the day, and the origins that asked to be left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from archive.model.clock import LONGEST_PAUSE
from archive.model.text.urls import host_of
from archive.tables import ChannelRow, HostRow, HostSlotRow


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What the planner must know of a host. `failures` counts failures in a row by weight. Times are UTC."""

    requests: int = 0
    failures: float = 0.0
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """An origin that asked to be left alone until then (UTC), and the answer that said so."""

    origin: str
    until: datetime
    reason: str


def host_facts(session: Session, day: str) -> dict[str, HostFacts]:
    """The hosts that were asked on this day (UTC, YYYY-MM-DD), and those that fail."""
    slot = HostSlotRow
    rows = session.execute(
        select(slot.host, slot.day, slot.requests, slot.failures, slot.failed_at).where(
            or_(slot.day == day, slot.failures > 0)
        )
    )
    return {
        host: HostFacts(requests if on == day else 0, failures, failed_at)
        for host, on, requests, failures, failed_at in rows
    }


def paused_origins(session: Session, now: datetime) -> list[str]:
    """The origins that asked to be left alone (Retry-After)."""
    return list(
        session.scalars(
            select(HostRow.origin).where(HostRow.paused_until > now, HostRow.paused_until <= now + LONGEST_PAUSE)
        )
    )


def pauses_of(session: Session, source_id: str, now: datetime) -> list[Pause]:
    """The origins of a source's channels that asked to be left alone for now (Retry-After)."""
    keys = session.scalars(select(ChannelRow.key).where(ChannelRow.source_id == source_id))
    hosts = {host_of(key.partition(":")[2]) for key in keys}
    return [pause for pause in pauses(session, now) if host_of(pause.origin) in hosts]


def pauses(session: Session, now: datetime) -> list[Pause]:
    """All origins that asked to be left alone for now, in their order."""
    rows = session.execute(
        select(HostRow.origin, HostRow.paused_until, HostRow.pause_reason)
        .where(HostRow.paused_until > now)
        .order_by(HostRow.origin)
    )
    return [Pause(origin, until, reason or "no reason given") for origin, until, reason in rows if until is not None]
