"""The queue of crawl jobs: leased rows. A job is open (ready or leased) at most once for each source, kind and key.

    order ─> ready ─> leased by a worker ─> fetching ─> done
               ^            │
               └── handed back, or the worker died (`archive.queue.workers.end`)

A poll whose answer was taken in is `fetching`: its links are filed and under way, and the channel may be polled again
meanwhile, however long the host's delay makes them wait. If the worker dies then, nothing has to be polled again: the links
are pending, and ordered as such.

Delivery is at least once; what makes that harmless is that links and articles are known by their keys, and that a worker
which lost its lease cannot commit.

Checks of sources are jobs as well; `archive.planning.checks` has what is particular to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from archive.model.job import JobKind, LeasedJob, Order, Priority
from archive.model.period import period_of, stored_period
from archive.queue.workers import database_now
from archive.tables import JobRow

_LEASING = 0x6461746C6A6F6273
"""Key of the advisory lock under which jobs are leased on PostgreSQL: one at a time, so that no two workers take jobs of
one source. SQLite has one writer anyway."""


def enqueue(session: Session, orders: Iterable[Order], now: datetime) -> int:
    """Make jobs ready to be taken, and return how many are new.

    A job that is open already stays. If nobody has begun it, it becomes as urgent as the new order.
    """
    rows = [
        {
            "source_id": order.source_id,
            "kind": order.kind,
            "key": order.key,
            "payload": _payload(order),
            "priority": int(order.priority),
            "why": order.why,
            "due_at": order.due_at,
            "created_at": now,
            "state": "ready",
            "leases": 0,
        }
        for order in orders
    ]
    made = 0
    # In one order for all: two planners that wait for each other's rows would be a deadlock.
    for row in sorted(rows, key=lambda row: (row["source_id"], row["kind"], row["key"])):
        if session.execute(_insert(session).values(row).returning(JobRow.pk)).first() is not None:
            made += 1
        else:
            _hurry(session, row)
    return made


def _payload(order: Order) -> dict[str, Any]:
    """What of an order is read by nobody but its worker; what is unset is left out."""
    payload = {
        "articles": list(order.articles),
        "channel": order.channel,
        "window": stored_period(order.window),
        "entry": order.entry,
        "failures": order.failures,
    }
    return {name: value for name, value in payload.items() if value}


def _hurry(session: Session, row: Mapping[str, Any]) -> None:
    session.execute(
        update(JobRow)
        .where(
            JobRow.source_id == row["source_id"],
            JobRow.kind == row["kind"],
            JobRow.key == row["key"],
            JobRow.is_in("ready"),
            JobRow.priority > row["priority"],
        )
        .values(priority=row["priority"], why=row["why"])
    )


def _insert(session: Session) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(JobRow).on_conflict_do_nothing()


def is_any_ready(
    session: Session, *, backfill_of: Collection[str] | None = None, checks: Collection[int] | None = None
) -> bool:
    """Return whether some job waits to be taken. `backfill_of` and `checks` mean the same as for `lease`."""
    return session.scalar(select(exists().where(JobRow.is_in("ready"), *_only(backfill_of, checks)))) or False


def _only(backfill_of: Collection[str] | None, checks: Collection[int] | None) -> list[ColumnElement[bool]]:
    asked = and_(JobRow.kind == "check", JobRow.priority <= Priority.asked)
    if checks is not None:
        return [JobRow.kind == "check", JobRow.pk.in_(checks)] if checks else [asked]
    if backfill_of is not None:
        return [or_(and_(JobRow.kind == "backfill", JobRow.source_id.in_(backfill_of)), asked)]
    return []


def lease(
    session: Session,
    worker: int,
    *,
    limit: int,
    lowest: int | None = None,
    backfill_of: Collection[str] | None = None,
    checks: Collection[int] | None = None,
) -> list[LeasedJob]:
    """Take up to `limit` jobs, most urgent first. One worker at a time works on a source.

    With `lowest`, no job of a higher priority number is taken. With `backfill_of`, only backfills of these sources are taken,
    and checks that somebody waits for. With `checks`, only the checks with these keys are taken. If `checks` is empty, these
    are the checks that somebody waits for.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LEASING})
    elsewhere = select(JobRow.source_id).where(
        JobRow.is_in("leased", "fetching"), JobRow.worker_pk.is_distinct_from(worker)
    )
    wanted = select(JobRow.pk).where(
        JobRow.is_in("ready"), JobRow.source_id.not_in(elsewhere), *_only(backfill_of, checks)
    )
    if lowest is not None:
        wanted = wanted.where(JobRow.priority <= lowest)
    pks = list(session.scalars(wanted.order_by(JobRow.priority, JobRow.due_at, JobRow.pk).limit(limit)))
    if not pks:
        return []
    taken = session.execute(
        update(JobRow)
        .where(JobRow.pk.in_(pks), JobRow.state == "ready")
        .values(state="leased", worker_pk=worker, leases=JobRow.leases + 1, leased_at=database_now(session))
        .returning(JobRow.pk, JobRow.source_id, JobRow.kind, JobRow.key, JobRow.priority, JobRow.payload)
    ).all()
    return sorted(
        (
            LeasedJob(
                pk,
                source_id,
                cast(JobKind, kind),
                key,
                priority,
                tuple(payload.get("articles", ())),
                payload.get("channel"),
                period_of(payload.get("window")),
                payload.get("entry"),
                payload.get("failures", 0),
            )
            for pk, source_id, kind, key, priority, payload in taken
        ),
        key=lambda job: (job.priority, pks.index(job.pk)),
    )


def mark_polled(session: Session, pk: int | None) -> None:
    """Record that the channel of this job was asked. What is left of the job are links."""
    if pk is not None:
        session.execute(update(JobRow).where(JobRow.pk == pk, JobRow.state == "leased").values(state="fetching"))


def complete(session: Session, worker: int, pks: Sequence[int], now: datetime, outcome: str = "done") -> int:
    """Record that `worker` carried out these jobs. Return how many were still its own: jobs that it no longer holds are left
    alone.
    """
    done = session.execute(
        update(JobRow)
        .where(JobRow.pk.in_(pks), JobRow.worker_pk == worker, JobRow.state.in_(("leased", "fetching")))
        .values(state="done", finished_at=now, outcome=outcome)
        .returning(JobRow.pk)
    )
    return len(done.all())


def fail(session: Session, worker: int, pk: int, now: datetime, reason: str) -> None:
    """Record that the job cannot be carried out at all: its source left the registry, or its payload makes no sense."""
    session.execute(
        update(JobRow)
        .where(JobRow.pk == pk, JobRow.worker_pk == worker, JobRow.state == "leased")
        .values(state="failed", finished_at=now, outcome=reason)
    )


def open_jobs(session: Session) -> list[JobRow]:
    """The jobs that are not over, most urgent first."""
    wanted = select(JobRow).where(JobRow.is_in("ready", "leased", "fetching"))
    return list(session.scalars(wanted.order_by(JobRow.priority, JobRow.due_at, JobRow.pk)))


def open_polls(session: Session) -> set[tuple[str, str]]:
    """The source and key of the polls that are ordered and whose answer is not recorded yet."""
    wanted = select(JobRow.source_id, JobRow.key).where(JobRow.kind == "poll", JobRow.is_in("ready", "leased"))
    return {(source_id, key) for source_id, key in session.execute(wanted)}


def count_jobs(session: Session) -> dict[str, int]:
    """The number of jobs by state."""
    counted = session.execute(select(JobRow.state, func.count().label("number")).group_by(JobRow.state))
    return {row.state: row.number for row in counted}


def withdraw(session: Session, source_id: str) -> int:
    """Delete the source's jobs that nobody has begun, and return how many there were."""
    gone = session.execute(
        delete(JobRow).where(JobRow.source_id == source_id, JobRow.is_in("ready")).returning(JobRow.pk)
    )
    return len(gone.all())


def forget(session: Session, before: datetime) -> int:
    """Delete the jobs that ended before that time, and return how many there were."""
    gone = session.execute(delete(JobRow).where(JobRow.finished_at < before).returning(JobRow.pk))
    return len(gone.all())
