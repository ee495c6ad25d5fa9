"""The queue of jobs and the leases of the processes that work on it, on both databases."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from support.waiting import ENOUGH

from archive.model.clock import LONGEST_PAUSE
from archive.model.job import LeasedJob, Order, Priority
from archive.queue import host_slots, jobs, workers
from archive.storage.session import Archive
from archive.tables import HostSlotRow, JobRow, SourceRow, WorkerRow
from archive.testing import START

SOURCES = [f"source-{number}" for number in range(6)]


@pytest.fixture(autouse=True)
def _sources(archive: Archive) -> None:
    with archive.writing() as session:
        session.add_all(SourceRow(id=i, name=i, homepage=f"https://{i}.example/", added_at=START) for i in SOURCES)


def an_order(source_id: str = SOURCES[0], key: str = "feed:x", **fields: object) -> Order:
    given: dict[str, object] = {"due_at": START, "why": "due", "priority": Priority.poll, "kind": "poll"}
    return Order(source_id=source_id, key=key, **given | fields)  # type: ignore[arg-type]


def enqueue(archive: Archive, *orders: Order, now: datetime = START) -> int:
    with archive.writing() as session:
        return jobs.enqueue(session, orders, now)


def enlist(archive: Archive, name: str = "machine:1") -> int:
    with archive.writing() as session:
        return workers.enlist(session, name)


def lease(archive: Archive, worker: int, limit: int = 100, lowest: int | None = None) -> list[LeasedJob]:
    with archive.writing() as session:
        return jobs.lease(session, worker, limit=limit, lowest=lowest)


def complete(archive: Archive, worker: int, *pks: int) -> int:
    with archive.writing() as session:
        return jobs.complete(session, worker, pks, START)


def states(archive: Archive) -> list[tuple[str, int | None]]:
    with archive.reading() as session:
        return [(row.state, row.worker_pk) for row in session.scalars(select(JobRow).order_by(JobRow.pk))]


def expire(archive: Archive, worker: int) -> None:
    """Let the worker's lease be over."""
    with archive.writing() as session:
        past = workers.database_now(session) - timedelta(seconds=1)
        session.execute(update(WorkerRow).where(WorkerRow.pk == worker).values(lease_until=past))


def together(count: int, work: object) -> list[object]:
    """The results of `work(0 … count-1)`, begun at the same moment in threads of their own."""
    barrier = threading.Barrier(count)

    def begin(number: int) -> object:
        barrier.wait(ENOUGH)
        return work(number)  # type: ignore[operator]

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


# --- orders


def test_a_job_is_open_once_and_may_come_again_when_it_is_done(archive: Archive) -> None:
    assert enqueue(archive, an_order(), an_order(key="feed:y"), an_order()) == 2
    assert enqueue(archive, an_order(priority=Priority.backfill)) == 0
    worker = enlist(archive)
    first = lease(archive, worker, limit=1)
    assert enqueue(archive, an_order()) == 0  # leased is open as well
    assert complete(archive, worker, first[0].pk) == 1
    assert enqueue(archive, an_order()) == 1
    with archive.reading() as session:
        assert jobs.count_jobs(session) == {"ready": 2, "done": 1}
        assert [row.key for row in jobs.open_jobs(session)] == ["feed:y", "feed:x"]


def test_what_somebody_asks_for_goes_before_what_waited_already(archive: Archive) -> None:
    enqueue(archive, *(an_order(i) for i in SOURCES))
    assert enqueue(archive, an_order(SOURCES[3], priority=Priority.asked, why="asked for")) == 0
    taken = lease(archive, enlist(archive), limit=2)
    assert [(job.source_id, job.priority) for job in taken] == [
        (SOURCES[3], Priority.asked),
        (SOURCES[0], Priority.poll),
    ]


def test_planners_at_the_same_moment_make_one_job(archive: Archive) -> None:
    orders = [an_order(i, key) for i in SOURCES for key in ("feed:x", "feed:y")]
    made = together(4, lambda number: enqueue(archive, *(orders if number % 2 else reversed(orders))))
    assert sum(made) == len(orders)  # type: ignore[arg-type]
    assert len(states(archive)) == len(orders)


def test_a_revisit_carries_its_articles(archive: Archive) -> None:
    enqueue(archive, an_order(kind="revisit", key="", articles=(7, 3, 5), priority=Priority.revisit))
    (job,) = lease(archive, enlist(archive))
    assert (job.kind, job.key, job.articles, job.priority) == ("revisit", "", (7, 3, 5), Priority.revisit)


def test_withdrawing_leaves_what_has_begun(archive: Archive) -> None:
    enqueue(archive, an_order(), an_order(key="feed:y"), an_order(SOURCES[1]))
    worker = enlist(archive)
    (begun,) = lease(archive, worker, limit=1)
    with archive.writing() as session:
        assert jobs.withdraw(session, SOURCES[0]) == 1
    assert begun.source_id == SOURCES[0]
    assert states(archive) == [("leased", worker), ("ready", None)]


def test_forgetting_takes_what_ended_long_ago(archive: Archive) -> None:
    enqueue(archive, an_order(), an_order(SOURCES[1]), an_order(SOURCES[2]))
    worker = enlist(archive)
    taken = lease(archive, worker, limit=2)
    complete(archive, worker, taken[0].pk)
    with archive.writing() as session:
        jobs.fail(session, worker, taken[1].pk, START + timedelta(hours=2), "the source is not in the registry")
        assert jobs.forget(session, START + timedelta(hours=1)) == 1
    assert sorted(state for state, _ in states(archive)) == ["failed", "ready"]


# --- leases


def test_most_urgent_first_then_longest_overdue(archive: Archive) -> None:
    enqueue(
        archive,
        an_order(SOURCES[0], priority=Priority.backfill, kind="backfill", due_at=START - timedelta(days=9)),
        an_order(SOURCES[1], priority=Priority.revisit, kind="revisit"),
        an_order(SOURCES[2], due_at=START + timedelta(minutes=1)),
        an_order(SOURCES[3], due_at=START),
        an_order(SOURCES[4], priority=Priority.asked, due_at=START + timedelta(hours=1)),
    )
    worker = enlist(archive)
    without_backfill = lease(archive, worker, lowest=Priority.revisit)
    assert [job.source_id for job in without_backfill] == [SOURCES[i] for i in (4, 3, 2, 1)]
    assert [job.kind for job in lease(archive, worker)] == ["backfill"]
    with archive.reading() as session:
        assert not jobs.is_any_ready(session)


def test_a_source_is_worked_on_by_one_worker(archive: Archive) -> None:
    enqueue(archive, an_order(key="feed:x"), an_order(key="feed:y"), an_order(SOURCES[1]))
    first, second = enlist(archive), enlist(archive, "machine:2")
    assert [job.source_id for job in lease(archive, first, limit=1)] == [SOURCES[0]]
    assert [job.source_id for job in lease(archive, second)] == [SOURCES[1]]
    assert [job.key for job in lease(archive, first)] == ["feed:y"]  # the one that has the source gets the rest


def test_workers_leasing_at_the_same_moment_never_share_a_source(archive: Archive) -> None:
    names = [enlist(archive, f"machine:{number}") for number in range(4)]
    for turn in range(5):
        enqueue(archive, *(an_order(i, f"feed:{turn}-{n}") for i in SOURCES for n in range(3)))
        found = together(4, lambda number: lease(archive, names[number], limit=5))
        holders: defaultdict[str, set[int]] = defaultdict(set)
        taken: list[int] = []
        for worker, leased in zip(names, found, strict=True):
            for job in leased:  # type: ignore[attr-defined]
                holders[job.source_id].add(worker)
                taken.append(job.pk)
        assert taken
        assert len(taken) == len(set(taken)), "a job was taken twice"
        assert all(len(having) == 1 for having in holders.values()), holders
        for worker in names:
            with archive.reading() as session:
                mine = list(session.scalars(select(JobRow.pk).where(JobRow.worker_pk == worker)))
            complete(archive, worker, *mine)


# --- fences


def test_only_the_holder_can_end_a_job(archive: Archive) -> None:
    enqueue(archive, an_order())
    worker, other = enlist(archive), enlist(archive, "machine:2")
    (job,) = lease(archive, worker)
    assert complete(archive, other, job.pk) == 0
    with archive.writing() as session:
        jobs.fail(session, other, job.pk, START, "not mine")
    assert states(archive) == [("leased", worker)]
    assert complete(archive, worker, job.pk) == 1
    assert complete(archive, worker, job.pk) == 0


def test_a_worker_not_heard_of_is_ended_and_fenced_off(archive: Archive) -> None:
    enqueue(archive, an_order(), an_order(SOURCES[1]))
    lost, well = enlist(archive, "machine:lost"), enlist(archive, "machine:well")
    (job,) = lease(archive, lost, limit=1)
    expire(archive, lost)
    with archive.writing() as session:
        assert workers.reap(session, now=START) == [("machine:lost", 1)]
        assert workers.reap(session, now=START) == []
    with pytest.raises(workers.LeaseLost), archive.writing() as session:
        workers.renew(session, lost)
    assert complete(archive, lost, job.pk) == 0
    again = lease(archive, well)
    assert job.pk in {taken.pk for taken in again}
    assert complete(archive, lost, job.pk) == 0  # not even now that somebody else has it
    assert complete(archive, well, job.pk) == 1
    with archive.reading() as session:
        assert [row.name for row in workers.alive(session)] == ["machine:well"]
        row = session.get_one(WorkerRow, lost)
        assert row.ended_because == "lost"
        assert session.get_one(JobRow, job.pk).leases == 2


def test_a_renewed_lease_holds(archive: Archive) -> None:
    worker = enlist(archive)
    expire(archive, worker)
    with archive.writing() as session:
        workers.renew(session, worker, 3)  # late, but nobody has missed it
    with archive.writing() as session:
        assert workers.reap(session, now=START) == []
        assert workers.last_committed(session, worker) == 3
        workers.renew(session, worker)
        assert workers.last_committed(session, worker) == 3


def test_the_lease_runs_by_the_databases_clock(archive: Archive) -> None:
    with archive.writing() as session:
        now = workers.database_now(session)
        worker = workers.enlist(session, "machine:1", timedelta(seconds=20))
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    with archive.reading() as session:
        row = session.get_one(WorkerRow, worker)
        assert timedelta(seconds=20) <= row.lease_until - now < timedelta(seconds=80)  # on a machine that stood still


def test_a_worker_that_ends_hands_its_jobs_and_hosts_back(archive: Archive) -> None:
    enqueue(archive, *(an_order(i) for i in SOURCES))
    worker, other = enlist(archive), enlist(archive, "machine:2")
    taken = lease(archive, worker, limit=3)
    lease(archive, other, limit=2)
    complete(archive, worker, taken[0].pk)
    with archive.writing() as session:
        host_slots.claim(session, worker, ["www.a.example", "www.b.example"], START)
        host_slots.renew(session, worker, {"www.a.example": 30.0}, {}, START)
        assert workers.named(session, "machine:1") == [worker]
        assert workers.end(session, worker, "stopped", now=START + timedelta(seconds=10)) == 2
        assert workers.end(session, worker, "lost", now=START) == 0
        assert workers.named(session, "machine:1") == []
    assert [state for state, _ in states(archive)].count("ready") == 3
    with archive.reading() as session:
        assert session.get_one(WorkerRow, worker).ended_because == "stopped"
        slot = session.get_one(HostSlotRow, "www.a.example")
        assert (slot.worker_pk, slot.next_at) == (None, START + timedelta(seconds=40))
    with archive.writing() as session:
        found = host_slots.claim(session, other, ["www.a.example"], START + timedelta(seconds=15))
    assert found["www.a.example"].wait == 25.0


def test_reaping_and_renewing_at_the_same_moment_never_both_succeed(archive: Archive) -> None:
    for turn in range(5):
        worker = enlist(archive, f"machine:{turn}")
        enqueue(archive, an_order(key=f"feed:{turn}"))
        (job,) = lease(archive, worker)
        expire(archive, worker)

        def race(number: int, worker: int = worker, pk: int = job.pk) -> str:
            try:
                with archive.writing() as session:
                    if number:
                        return "reaped" if workers.reap(session, now=START) else "spared"
                    workers.renew(session, worker)
                    return f"renewed, completed {jobs.complete(session, worker, [pk], START)}"
            except workers.LeaseLost:
                return "lost"

        assert together(2, race) in (["renewed, completed 1", "spared"], ["lost", "reaped"])
        with archive.writing() as session:
            workers.end(session, worker, "stopped", now=START)
            jobs.withdraw(session, SOURCES[0])


@pytest.fixture
def hosts() -> list[str]:
    return [f"www.host-{number}.example" for number in range(8)]


# --- hosts


def test_a_host_is_held_by_one_worker(archive: Archive, hosts: list[str]) -> None:
    first, second = enlist(archive), enlist(archive, "machine:2")
    with archive.writing() as session:
        assert set(host_slots.claim(session, first, hosts[:2], START)) == set(hosts[:2])
    with archive.writing() as session:
        assert set(host_slots.claim(session, second, hosts[1:4], START)) == set(hosts[2:4])
        assert set(host_slots.claim(session, first, hosts[:4], START)) == set(hosts[:2])  # its own it has still


def test_workers_claiming_unknown_hosts_at_the_same_moment(archive: Archive, hosts: list[str]) -> None:
    first, second = enlist(archive), enlist(archive, "machine:2")
    claimed, begun = threading.Event(), threading.Event()

    def claim_first() -> set[str]:
        with archive.writing() as session:
            found = set(host_slots.claim(session, first, hosts[:5], START))
            claimed.set()
            assert begun.wait(ENOUGH)
            time.sleep(0.3)  # the other one has asked the database by now, which makes it wait
        return found

    def claim_second() -> set[str]:
        assert claimed.wait(ENOUGH)
        begun.set()
        with archive.writing() as session:
            return set(host_slots.claim(session, second, hosts[3:], START))

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(claim_first), pool.submit(claim_second)
        assert (one.result(ENOUGH), two.result(ENOUGH)) == (set(hosts[:5]), set(hosts[5:]))


def test_a_released_host_keeps_the_delay_that_is_owed(archive: Archive, hosts: list[str]) -> None:
    first, second = enlist(archive), enlist(archive, "machine:2")
    with archive.writing() as session:
        host_slots.claim(session, first, hosts[:2], START)
        host_slots.release(session, first, {hosts[0]: 12.5}, {hosts[0]: 3}, START)
        host_slots.release(session, second, {hosts[1]: 0.0}, {}, START)  # not its own: nothing happens
    with archive.writing() as session:
        found = host_slots.claim(session, second, hosts[:2], START + timedelta(seconds=2))
    assert found == {hosts[0]: host_slots.Slot(hosts[0], 10.5, 3)}
    with archive.writing() as session:
        late = host_slots.claim(session, second, hosts[:1], START + timedelta(minutes=2))
    assert late[hosts[0]].wait == 0.0


@pytest.mark.parametrize(("delay", "wait"), [(5.0, host_slots.STEP), (3_600.0, 3_600.0), (1e15, 30 * 86_400.0)])
def test_a_wait_that_a_wrong_clock_noted_is_no_longer_than_the_delay(
    archive: Archive, hosts: list[str], delay: float, wait: float
) -> None:
    first, second = enlist(archive), enlist(archive, "machine:2")
    years_ahead = START + timedelta(days=3_650)
    with archive.writing() as session:
        host_slots.claim(session, first, hosts[:1], years_ahead)
        host_slots.renew(session, first, {hosts[0]: delay}, {}, years_ahead)
        host_slots.release(session, first, {hosts[0]: delay}, {}, years_ahead)
    with archive.writing() as session:
        found = host_slots.claim(session, second, hosts[:1], START)
    assert found[hosts[0]].wait == wait


def test_no_delay_is_too_long_to_be_noted(archive: Archive, hosts: list[str]) -> None:
    worker = enlist(archive)
    with archive.writing() as session:
        host_slots.claim(session, worker, hosts[:2], START)
        for host in hosts[:2]:
            session.get_one(HostSlotRow, host).delay = math.inf  # as an older version may have noted it
        host_slots.release(session, worker, {hosts[1]: math.inf}, {}, START)
        workers.end(session, worker, "stopped", now=START)
    with archive.reading() as session:
        assert [session.get_one(HostSlotRow, host).next_at for host in hosts[:2]] == [START + LONGEST_PAUSE] * 2


def test_requests_are_counted_by_the_day(archive: Archive, hosts: list[str]) -> None:
    worker, host = enlist(archive), hosts[0]
    evening = datetime(2026, 11, 2, 23, 59, tzinfo=UTC)
    with archive.writing() as session:
        host_slots.claim(session, worker, [host], evening)
        host_slots.renew(session, worker, {host: 5.0}, {host: 4}, evening)
        host_slots.renew(session, worker, {}, {host: 3, hosts[5]: 9}, evening)
    with archive.writing() as session:
        assert host_slots.claim(session, worker, [host], evening)[host].requests == 7
        assert host_slots.claim(session, worker, [host], evening + timedelta(minutes=2))[host].requests == 0
        host_slots.renew(session, worker, {}, {host: 1}, evening + timedelta(minutes=2))
    with archive.reading() as session:
        row = session.get_one(HostSlotRow, host)
        assert (row.day, row.requests, row.delay) == ("2026-11-03", 1, 5.0)
        assert session.get(HostSlotRow, hosts[5]) is None


def test_failures_in_a_row_are_weighed_until_the_host_answers(archive: Archive, hosts: list[str]) -> None:
    worker, host = enlist(archive), hosts[0]

    def weight() -> tuple[float, datetime | None]:
        with archive.reading() as session:
            row = session.get_one(HostSlotRow, host)
            return row.failures, row.failed_at

    later = START + timedelta(minutes=5)
    with archive.writing() as session:
        host_slots.claim(session, worker, [host], START)
        host_slots.record_answers(session, worker, {host: "hard"}, START)
        host_slots.record_answers(session, worker, {host: "hard"}, START + timedelta(minutes=4))  # of the same outage
        host_slots.record_answers(session, worker, {host: "temporary", hosts[1]: "hard"}, later)
    assert weight() == (1.25, later)
    with archive.writing() as session:
        assert host_slots.claim(session, worker, [host], later)[host].failing
        host_slots.record_answers(session, worker, {host: None}, later)
    assert weight() == (0.0, None)
