"""The writer and the locks while the database fails: connections cut, leases lost, answers of a COMMIT that never came."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError
from support.processes import until
from support.waiting import ENOUGH
from support.writing import a_look, a_writer, rows

from archive.outage import is_outage
from archive.queue import workers
from archive.queue.workers import LeaseLost
from archive.storage.engine import open_engine
from archive.storage.locks import AlreadyFetching, AlreadyScheduling, Leadership, fetching_lock
from archive.storage.session import Archive
from archive.tables import WorkerRow
from archive.testing import START
from archive.warc.reader import read_response
from archive.warc.writer import Place
from archive.writer.writer import Transaction

postgres = pytest.mark.postgres


@pytest.fixture
def server(postgres_url: str) -> Iterator[Archive]:
    """An archive on PostgreSQL."""
    engine = open_engine(postgres_url)
    yield Archive(engine)
    engine.dispose()


def enlist(archive: Archive) -> int:
    with archive.writing() as session:
        return workers.enlist(session, "machine:1")


def responses(folder: Path) -> int:
    """Responses kept in WARC files."""
    from warcio.archiveiterator import WARCIterator

    found = 0
    for path in folder.glob("*.warc.gz"):
        with path.open("rb") as file:
            found += sum(record.rec_type == "response" for record in WARCIterator(file))
    return found


def terminate(engine: Engine, pid: int) -> None:
    """Cut a connection off, as a server does that is stopped."""
    other = open_engine(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 60000)"), {"pid": pid})
    other.dispose()


def backend_of(tx: Transaction) -> int:
    return int(tx.session.scalar(text("SELECT pg_backend_pid()")) or 0)


# --- the writer


@postgres
@pytest.mark.parametrize("when", ["before the work's first statement", "after its last"])
def test_a_group_cut_off_is_carried_out_again_once(server: Archive, tmp_path: Path, when: str) -> None:
    cut: list[int] = []

    def work(tx: Transaction) -> Place:
        if when.startswith("before") and not cut:
            cut.append(backend_of(tx))
            terminate(server.engine, cut[0])
        place = a_look(tx)
        if not cut:
            cut.append(backend_of(tx))
            terminate(server.engine, cut[0])
        return place

    with a_writer(server, tmp_path / "warc", patience=ENOUGH, worker=enlist(server)) as writer:
        futures = [writer.submit(a_look), writer.submit(work), writer.submit(a_look)]
        places = [future.result(ENOUGH) for future in futures]
    assert len(cut) == 1
    assert rows(server) == 3
    assert responses(tmp_path / "warc") == 3
    assert len({place.offset for place in places}) == 3
    assert all(read_response(tmp_path / "warc" / place.file, place.offset).status == 200 for place in places)


@postgres
def test_a_work_that_fails_by_itself_fails_once_though_its_group_is_repeated(server: Archive, tmp_path: Path) -> None:
    tried: list[str] = []

    def refuse(tx: Transaction) -> None:
        tried.append("refused")
        a_look(tx)
        raise ValueError("no article")

    def cut(tx: Transaction) -> None:
        tried.append("cut")
        if tried.count("cut") == 1:
            terminate(server.engine, backend_of(tx))
        a_look(tx)

    with a_writer(server, tmp_path / "warc", patience=ENOUGH, worker=enlist(server)) as writer:
        first, second = writer.submit(refuse), writer.submit(cut)
        with pytest.raises(ValueError, match="no article"):
            first.result(ENOUGH)
        second.result(ENOUGH)
    assert tried.count("cut") > 1
    assert (rows(server), responses(tmp_path / "warc")) == (1, 1)


def at_first_commit(archive: Archive, cut: Callable[[Any], None]) -> list[bool]:
    """Call `cut` with the driver's connection while the first COMMIT is under way that made a run: a check that PostgreSQL
    defers to the COMMIT waits for a lock, which is held until `cut` is done."""
    with archive.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$"
            )
        )
        connection.execute(
            text(
                "CREATE CONSTRAINT TRIGGER held AFTER INSERT ON runs DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION wait()"
            )
        )
    other = open_engine(archive.engine.url.render_as_string(hide_password=False))
    gate = other.connect()
    gate.execute(text("SELECT pg_advisory_lock(1)"))
    done: list[bool] = []

    def strike(driver: Any) -> None:
        try:
            until(lambda: waiting(archive) == ["advisory"], ENOUGH, what="the COMMIT")
            cut(driver)
        finally:
            gate.execute(text("SELECT pg_advisory_unlock_all()"))
            gate.close()
            other.dispose()

    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        if done or threading.current_thread().name != "archive-writer":
            return
        done.append(True)
        threading.Thread(target=strike, args=[driver]).start()

    event.listen(archive.engine, "commit", begin)
    return done


def waiting(archive: Archive) -> list[str]:
    """What the connections to the archive's database wait for that wait for a lock."""
    engine = open_engine(archive.engine.url.render_as_string(hide_password=False))
    with engine.connect() as connection:
        found = connection.scalars(
            text(
                "SELECT wait_event FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        ).all()
    engine.dispose()
    return sorted(found)


@postgres
def test_a_commit_whose_answer_is_lost_is_not_repeated(server: Archive, tmp_path: Path) -> None:
    """The connection breaks, and the server, which does not know, commits a moment later."""
    worker = enlist(server)

    def lose(driver: Any) -> None:
        os.dup2(_closed_socket(), driver.pgconn.socket)
        until(lambda: len(waiting(server)) == 2, ENOUGH, what="the question whether it came about")

    done = at_first_commit(server, lose)
    with a_writer(server, tmp_path / "warc", patience=ENOUGH, worker=worker) as writer:
        place = writer.submit(a_look).result(ENOUGH)
        assert done
        assert (rows(server), responses(tmp_path / "warc")) == (1, 1)
        writer.submit(a_look).result(ENOUGH)
    assert (rows(server), responses(tmp_path / "warc")) == (2, 2)
    assert read_response(tmp_path / "warc" / place.file, place.offset).status == 200
    with server.reading() as session:
        assert session.get_one(WorkerRow, worker).committed == 2


def _closed_socket() -> int:
    """A connection at whose other end nobody is any more."""
    ours, theirs = socket.socketpair()
    theirs.close()
    return ours.detach()


@postgres
def test_a_commit_that_the_server_gave_up_is_repeated(server: Archive, tmp_path: Path) -> None:
    def kill(driver: Any) -> None:
        terminate(server.engine, driver.info.backend_pid)

    done = at_first_commit(server, kill)
    with a_writer(server, tmp_path / "warc", patience=ENOUGH, worker=enlist(server)) as writer:
        writer.submit(a_look).result(ENOUGH)
    assert done
    assert (rows(server), responses(tmp_path / "warc")) == (1, 1)


@postgres
def test_an_outage_longer_than_the_patience_fails_the_works(server: Archive, tmp_path: Path) -> None:
    with a_writer(server, tmp_path / "warc", patience=0.5, worker=enlist(server)) as writer:

        def cut(tx: Transaction) -> None:
            terminate(server.engine, backend_of(tx))
            a_look(tx)

        with pytest.raises(OperationalError) as caught:
            writer.submit(cut).result(ENOUGH)
        assert is_outage(caught.value)
        assert rows(server) == 0
        writer.submit(a_look).result(ENOUGH)  # the next group finds the database well
    assert (rows(server), responses(tmp_path / "warc")) == (1, 1)


def test_a_writer_that_lost_its_lease_writes_nothing(archive: Archive, tmp_path: Path) -> None:
    worker = enlist(archive)
    with a_writer(archive, tmp_path / "warc", patience=ENOUGH, worker=worker) as writer:
        writer.submit(a_look).result(ENOUGH)
        with archive.writing() as session:
            workers.end(session, worker, "lost", now=START)
        assert not writer.lost
        futures: list[Future[Place]] = [writer.submit(a_look) for _ in range(3)]
        for future in futures:
            with pytest.raises(LeaseLost):
                future.result(ENOUGH)
        assert writer.lost
        with pytest.raises(LeaseLost):
            writer.submit(a_look).result(ENOUGH)
    assert (rows(archive), responses(tmp_path / "warc")) == (1, 1)


def test_every_group_renews_the_lease(archive: Archive, tmp_path: Path) -> None:
    worker = enlist(archive)
    with archive.writing() as session:
        before = session.get_one(WorkerRow, worker).lease_until
    time.sleep(0.05)
    with a_writer(archive, tmp_path / "warc", patience=ENOUGH, worker=worker) as writer:
        for _ in range(3):
            writer.submit(a_look).result(ENOUGH)
    with archive.reading() as session:
        row = session.get_one(WorkerRow, worker)
        assert row.lease_until > before
        assert row.committed == 3


def test_closing_does_not_wait_for_a_database_that_is_away(tmp_path: Path) -> None:
    engine = open_engine("postgresql+psycopg://me@127.0.0.1:1/news")
    tried = threading.Event()
    event.listen(engine, "do_connect", lambda *_: tried.set())
    with a_writer(Archive(engine), tmp_path / "warc", patience=3600.0) as writer:
        future = writer.submit(a_look)
        assert tried.wait(ENOUGH)
        assert not future.done()
        begun = time.monotonic()
    assert isinstance(future.exception(0), OperationalError)
    assert time.monotonic() - begun < 600
    engine.dispose()


def test_what_is_an_outage(archive: Archive) -> None:
    with pytest.raises(Exception) as faulty, archive.reading() as session:  # noqa: PT011  # the class differs
        session.execute(text("SELECT nothing FROM nowhere"))
    assert not is_outage(faulty.value)
    assert not is_outage(ValueError("locked"))


# --- locks


def test_fetching_is_for_one(archive: Archive, tmp_path: Path) -> None:
    with fetching_lock(archive.engine, tmp_path / "a"):
        home = "b" if archive.engine.dialect.name == "postgresql" else "a"
        for shared in (False, True):
            with pytest.raises(AlreadyFetching), fetching_lock(archive.engine, tmp_path / home, shared=shared):
                pytest.fail("two at once")
    with fetching_lock(archive.engine, tmp_path / "a"):
        pass


def test_workers_share_the_lock_on_postgresql_only(archive: Archive, tmp_path: Path) -> None:
    with fetching_lock(archive.engine, tmp_path, shared=True):
        if archive.engine.dialect.name == "postgresql":
            with fetching_lock(archive.engine, tmp_path, shared=True):
                pass
        else:
            with pytest.raises(AlreadyFetching), fetching_lock(archive.engine, tmp_path, shared=True):
                pytest.fail("two at once")
        with pytest.raises(AlreadyFetching), fetching_lock(archive.engine, tmp_path):
            pytest.fail("a crawl beside a worker")


@postgres
def test_a_broken_lock_is_left_without_an_error(server: Archive, tmp_path: Path) -> None:
    with fetching_lock(server.engine, tmp_path):
        _terminate_others(server)
    with fetching_lock(server.engine, tmp_path):
        pass


def _terminate_others(archive: Archive) -> None:
    """Cut off every connection to the archive's database."""
    engine = open_engine(archive.engine.url.render_as_string(hide_password=False))
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


@postgres
def test_a_second_daemon_stands_by_and_takes_over(server: Archive, tmp_path: Path) -> None:
    first, second = Leadership(server.engine, tmp_path / "a"), Leadership(server.engine, tmp_path / "b")
    assert first.shared
    assert first.take()
    assert first.take()
    assert not second.take()
    first.give_up()
    assert second.take()
    assert not first.take()
    second.give_up()
    second.give_up()


@postgres
def test_a_leader_whose_connection_broke_may_have_lost_it(postgres_url: str, tmp_path: Path) -> None:
    engines = [open_engine(postgres_url) for _ in range(3)]
    leaders = [Leadership(engine, tmp_path / name) for engine, name in zip(engines[:2], "ab", strict=True)]
    observer = Archive(engines[2])
    assert leaders[0].take()
    _terminate_others(observer)
    assert leaders[1].take()  # it was quicker
    assert not leaders[0].take()
    _terminate_others(observer)
    assert leaders[1].take()  # nobody came in between: it leads on
    assert not leaders[0].take()
    for leader in leaders:
        leader.give_up()
    for engine in engines:
        engine.dispose()


@postgres
def test_giving_up_a_broken_leadership(server: Archive, tmp_path: Path) -> None:
    leader = Leadership(server.engine, tmp_path)
    assert leader.take()
    _terminate_others(server)
    leader.give_up()
    assert leader.take()
    leader.give_up()


def test_a_server_that_is_away_is_an_outage_for_the_leader(tmp_path: Path) -> None:
    leader = Leadership(open_engine("postgresql+psycopg://me@127.0.0.1:1/news"), tmp_path)
    with pytest.raises(OperationalError) as caught:
        leader.take()
    assert is_outage(caught.value)


def test_on_sqlite_a_second_daemon_is_refused(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.sqlite'}")
    first, second = Leadership(engine, tmp_path), Leadership(engine, tmp_path)
    assert not first.shared
    assert first.take()
    assert first.take()
    with pytest.raises(AlreadyScheduling, match=r"daemon\.lock"):
        second.take()
    first.give_up()
    assert second.take()
    second.give_up()
    engine.dispose()
