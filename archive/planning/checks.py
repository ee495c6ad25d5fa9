"""Checks of sources, as orders. Whichever process fetches finds out whether a source has a live channel.

    order_checks ─> ready ─> leased by a fetching process ─> done, with what was seen
             ^                                        │ nothing alive, and the source is to be followed
             └────────────── wake (due) <── resting <─┘

Only a process that fetches may ask hosts: it holds their leases, knows their pauses and their budgets. So a command that wants
to know whether a source is alive writes an order and reads the verdict. It carries the order out itself only where nobody else
fetches, in the same way. The order is a row: whoever is killed, it stays and is carried out by the next one. It brings the
registry entry along, because the process that takes it may have read another registry, or run on another machine.

A source that is enabled and was never seen alive keeps one row all the time: an order, or one that rests until its next try.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.model.job import REST_OFFLINE, LeasedJob, Order, Priority, rest_after_check
from archive.model.source import Channel, Source
from archive.model.text.urls import host_of
from archive.queue import jobs
from archive.registry.entry import source_of
from archive.registry.write import source_entry
from archive.sources.discovered_channels import record_discovered_channels
from archive.sources.state import mark_verified
from archive.storage.queries import chunks
from archive.tables import HostRow, JobRow, SourceRow

ALIVE, NOT_ALIVE, OFFLINE, PUT_OFF = "alive", "not alive", "offline", "put off"
"""Outcomes of a check. The last two say nothing about the source: this machine has no network; the host is in a pause."""

_IS_CHECK = JobRow.kind == "check"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw.

    `channels` has a row for each channel, as `dateline sources check` prints it. `found` has the channels that a search of the
    site proposes. It is None if no search was made. `until` is the time until which the source's host asked to be left alone,
    or None.
    """

    channels: Sequence[Mapping[str, Any]]
    alive: bool
    found: tuple[Channel, ...] | None = None
    offline: bool = False
    until: datetime | None = None

    @property
    def outcome(self) -> str:
        """The outcome of the check in one word."""
        if self.alive:
            return ALIVE
        return OFFLINE if self.offline else PUT_OFF if self.until is not None else NOT_ALIVE


@dataclass(frozen=True, slots=True)
class Check:
    """How far an ordered check is.

    `worker` is the key of the worker that has it, or had it last. `outcome` is None until the check is done. `again_at` is the
    time at which the next one is due, or None.
    """

    pk: int
    source_id: str
    state: str
    worker: int | None = None
    outcome: str | None = None
    channels: tuple[Mapping[str, Any], ...] = ()
    until: datetime | None = None
    again_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Return whether the check is done, or cannot be carried out."""
        return self.state in ("done", "failed")


def order_checks(
    session: Session, sources: Iterable[Source], now: datetime, *, why: str, priority: int = Priority.asked
) -> dict[str, int]:
    """Order a check of these sources, whose rows exist. Return the key of each one's job (`jobs.pk`) by source.

    A check that is ordered already is not ordered twice. If nobody has begun it, it takes today's entry and urgency.
    """
    wanted = {source.id: source for source in sources}
    before = _delete_resting(session, wanted)
    for source_id, source in wanted.items():
        entry = source_entry(source) | ({"found": True} if source.found else {})
        order = Order(
            source_id, "check", "", now, why, priority, entry=entry, failures=before.get(source_id, 0)
        )  # fmt: skip
        if not jobs.enqueue(session, [order], now):
            _renew(session, source_id, entry)
    found: dict[str, int] = {}
    for chunk in chunks(wanted):
        open_ = select(JobRow.source_id, JobRow.pk).where(
            _IS_CHECK, JobRow.is_in("ready", "leased"), JobRow.source_id.in_(chunk)
        )
        found.update((source_id, pk) for source_id, pk in session.execute(open_))
    return found


def _delete_resting(session: Session, source_ids: Iterable[str]) -> dict[str, int]:
    """Delete the checks of these sources that rest, and return the failures in a row of each."""
    found: dict[str, int] = {}
    for chunk in chunks(source_ids):
        gone = session.execute(
            delete(JobRow)
            .where(_IS_CHECK, JobRow.is_in("resting"), JobRow.source_id.in_(chunk))
            .returning(JobRow.source_id, JobRow.payload)
        )
        found.update((source_id, payload.get("failures", 0)) for source_id, payload in gone)
    return found


def _renew(session: Session, source_id: str, entry: Mapping[str, Any]) -> None:
    for row in session.scalars(
        select(JobRow).where(_IS_CHECK, JobRow.is_in("ready"), JobRow.source_id == source_id).with_for_update()
    ):
        row.payload = row.payload | {"entry": dict(entry)}


def source_to_check(leased: LeasedJob) -> Source | None:
    """The source as the order describes it. None means that this version cannot read its entry."""
    entry = dict(leased.entry or {})
    found = entry.pop("found", False)
    source = source_of(entry)
    return replace(source, found=bool(found)) if source is not None else None


def settle(session: Session, worker: int, job: LeasedJob, finding: Finding, now: datetime) -> bool:
    """Record what a check saw, and that it is done. Return False if the worker does not hold the job any more. Then nothing is
    written.

    A source of which a channel is alive counts as verified. One that is enabled and was never seen alive is to be checked
    again, the later the more often nothing was alive.
    """
    held = JobRow.pk == job.pk, JobRow.worker_pk == worker, JobRow.is_in("leased")
    row = session.scalars(select(JobRow).where(*held).with_for_update()).one_or_none()
    if row is None:
        return False
    again_at = _record(session, job.source_id, job.entry or {}, finding, job.failures, now)
    row.state, row.outcome, row.finished_at = "done", finding.outcome, now
    row.payload = row.payload | {
        "channels": [dict(channel) for channel in finding.channels],
        "until": finding.until.isoformat() if finding.until else None,
        "again_at": again_at.isoformat() if again_at else None,
    }
    return True


def withdraw_check(session: Session, source_id: str) -> None:
    """Withdraw an order that nobody has begun, because a crawl checks this source by itself."""
    session.execute(delete(JobRow).where(_IS_CHECK, JobRow.is_in("ready"), JobRow.source_id == source_id))


def record_verdict(session: Session, source: Source, finding: Finding, now: datetime) -> datetime | None:
    """Record a verdict that nobody ordered, because a crawl checked the source by itself.

    Return the time at which the source is to be checked again. None means that it is not.
    """
    failures = _delete_resting(session, [source.id]).get(source.id, 0)
    return _record(session, source.id, source_entry(source), finding, failures, now)


def _record(
    session: Session, source_id: str, entry: Mapping[str, Any], finding: Finding, failures: int, now: datetime
) -> datetime | None:
    source = session.get_one(SourceRow, source_id)
    if not finding.offline and finding.until is None:
        if finding.found is not None:
            record_discovered_channels(session, source_id, finding.found, now)
        if finding.alive:
            mark_verified(session, source_id, now)
    failures += finding.outcome == NOT_ALIVE
    if source.enabled and source.verified_at is None and entry.get("status") != "verified":
        _delete_resting(session, [source_id])  # there is one at most
        again_at: datetime = finding.until or now + (REST_OFFLINE if finding.offline else rest_after_check(failures))
        session.add(
            JobRow(
                source_id=source_id,
                kind="check",
                key="",
                payload={"failures": failures} if failures else {},
                priority=int(Priority.poll),
                why=f"the last check: {finding.outcome}",
                due_at=again_at,
                created_at=now,
                state="resting",
                leases=0,
            )
        )
    else:
        return None
    return again_at


def checks_of(session: Session, pks: Collection[int]) -> list[Check]:
    """How far the checks with these keys are. A check that is gone, because its source was disabled, is missing."""
    rows = session.scalars(select(JobRow).where(JobRow.pk.in_(pks)).execution_options(populate_existing=True))
    return [
        Check(
            row.pk,
            row.source_id,
            row.state,
            row.worker_pk,
            row.outcome,
            tuple(row.payload.get("channels", ())),
            _time(row.payload.get("until")),
            _time(row.payload.get("again_at")),
        )
        for row in rows
    ]


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def open_checks(session: Session) -> dict[str, JobRow]:
    """The checks that are ordered, under way or resting, by source. Of a source with two it is the one that is under way."""
    rows = session.scalars(select(JobRow).where(_IS_CHECK, JobRow.is_in("ready", "leased", "resting")))
    found: dict[str, JobRow] = {}
    for row in rows:
        if row.source_id not in found or row.state != "resting":
            found[row.source_id] = row
    return found


def drop_resting(session: Session, source_ids: Iterable[str]) -> None:
    """Delete the resting checks of sources that nobody wants to follow any more, or that were seen alive meanwhile."""
    _delete_resting(session, source_ids)


def pauses(session: Session, source: Source, now: datetime) -> list[tuple[str, datetime, str]]:
    """The hosts of a source's homepage and channels that asked to be left alone: (host, until, why), the longest pause first."""
    hosts = {host_of(source.homepage), *(host_of(channel.url) for channel in source.discover if "://" in channel.url)}
    wanted = select(HostRow.origin, HostRow.paused_until, HostRow.pause_reason).where(
        HostRow.paused_until > now,
        HostRow.origin.in_([f"{scheme}://{host}" for host in hosts for scheme in ("https", "http")]),
    )
    found = {host_of(origin): (until, why or "") for origin, until, why in session.execute(wanted) if until is not None}
    return sorted(
        ((host, until, why) for host, (until, why) in found.items()), key=lambda pause: pause[1], reverse=True
    )
