"""The daemon's life: ticks that fail, registries that change, signals, a database that goes away. It launches no fetching
process here; what it orders is read from the queue."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs
from support.waiting import ENOUGH

from archive.config import Settings
from archive.model.clock import SystemClock
from archive.planning import polls
from archive.queue import jobs
from archive.queue.workers import enlist
from archive.storage.engine import open_engine
from archive.storage.locks import AlreadyScheduling
from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.tables import ChannelRow
from scheduler import daemon as daemon_module
from scheduler import launcher as launcher_module
from scheduler import ticks
from scheduler.daemon import Daemon
from scheduler.monitoring import obstacles as watch_module

ENTRY = """
  - id: {id}
    name: {id}
    homepage: https://www.{id}.example/
    status: verified
    schedule: {schedule}
    discover:
      - feed: https://www.{id}.example/feed.xml
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    given: dict[str, Any] = {"metrics": ""}  # two tests at once would want one port
    if request.param == "postgresql":
        given["database_url"] = request.getfixturevalue("postgres_url")
    settings = Settings(home=tmp_path, sources=[tmp_path / "sources"], **given)
    write(settings, one="adaptive")
    return settings


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    engine = open_engine(settings.database)
    migrate(engine)
    yield Archive(engine)
    engine.dispose()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POLLS", "REVISITS", "LEASES", "LEADERSHIP", "REGISTRY"):
        monkeypatch.setattr(daemon_module, name, 0.2)


def write(settings: Settings, **sources: str) -> None:
    """The registry: ids with their schedules."""
    entries = "".join(ENTRY.format(id=name, schedule=when) for name, when in sources.items())
    replace(settings, "sources:" + (entries or " []\n"))


def replace(settings: Settings, registry: str) -> None:
    """Put another registry in the old one's place, of which nobody reads a half."""
    folder = settings.home / "sources"
    folder.mkdir(exist_ok=True)
    (settings.home / "new.yaml").write_text(registry)
    (settings.home / "new.yaml").replace(folder / "all.yaml")


def a_daemon(settings: Settings, archive: Archive) -> Daemon:
    return Daemon(settings, archive, clock=SystemClock(), worker_command=["false"], workers=0)


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(daemon.run())
    try:
        yield task
    finally:
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, ENOUGH)


async def until(true: Callable[[], bool], seconds: float = ENOUGH) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.05)


def ordered(archive: Archive) -> set[str]:
    with archive.reading() as session:
        return {row.source_id for row in jobs.open_jobs(session)}


async def test_it_leads_orders_and_ends_on_sigterm(settings: Settings, archive: Archive) -> None:
    daemon = a_daemon(settings, archive)
    with capture_logs() as events:
        async with running(daemon):
            await until(lambda: ordered(archive) == {"one"})
            await until(lambda: daemon.problems() == ["no fetching process is alive"])
    names = [event["event"] for event in events]
    assert "leading" in names
    assert names[-1] == "daemon_ended"
    assert not [event for event in events if event["log_level"] == "error"]


async def test_a_tick_that_fails_does_not_end_it(
    settings: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [ValueError("a fault of ours"), ValueError("once more")]
    plan = ticks.plan_polls

    def fail_first(*given: Any) -> int:
        if failures:
            raise failures.pop()
        return plan(*given)

    monkeypatch.setattr(ticks, "plan_polls", fail_first)
    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: ordered(archive) == {"one"})
    failed = [event for event in events if event["event"] == "tick_failed"]
    assert [event["tick"] for event in failed] == ["polls", "polls"]
    assert "a fault of ours" in str(failed)


async def test_the_registrys_changes_are_followed(settings: Settings, archive: Archive) -> None:
    def planned(source_id: str) -> str:
        with archive.reading() as session:
            row = session.get(ChannelRow, (source_id, f"feed:https://www.{source_id}.example/feed.xml"))
            return (row.why or "") if row and row.next_poll_at else ""

    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: ordered(archive) == {"one"})
            write(settings, one="every 12h", two="adaptive")
            await until(lambda: "every 12 h" in planned("one") and planned("two") == "first poll")
            await until(lambda: ordered(archive) == {"one", "two"})
            replace(settings, "sources: [{id: one, nonsense: 1}]\n")
            await until(lambda: any(event["event"] == "registry_refused" for event in events))
            write(settings, two="adaptive")
            await until(lambda: any(event.get("dropped") for event in events))
    changes = [(e["sources"], e["changed"], e["dropped"]) for e in events if e["event"] == "schedule_changed"]
    assert changes == [(1, 1, 0), (2, 2, 0), (1, 0, 1)]


async def test_sighup_reads_the_registry_at_once(
    settings: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon_module, "REGISTRY", 600.0)
    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: ordered(archive) == {"one"})
            write(settings, one="adaptive", two="adaptive")
            await asyncio.sleep(0.5)
            assert ordered(archive) == {"one"}
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: ordered(archive) == {"one", "two"})
    assert [event["event"] for event in events].count("registry_read") == 1


async def test_a_source_that_is_disabled_is_dropped_and_comes_back(settings: Settings, archive: Archive) -> None:
    from archive.sources.state import set_enabled

    def enable(enabled: bool) -> None:
        with archive.writing() as session:
            set_enabled(session, "one", enabled)

    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: ordered(archive) == {"one"})
            enable(False)
            await until(lambda: [event["dropped"] for event in events if "dropped" in event][1:] == [1])
            enable(True)
            await until(lambda: [event["changed"] for event in events if "changed" in event][1:] == [0, 1])
            with archive.reading() as session:
                assert [firing.source_id for firing in polls.firings(session)] == ["one"]


async def test_a_second_daemon(settings: Settings, archive: Archive) -> None:
    async with running(a_daemon(settings, archive)):
        await until(lambda: ordered(archive) == {"one"})
        second = a_daemon(settings, archive)
        if archive.engine.dialect.name == "sqlite":
            with pytest.raises(AlreadyScheduling):
                second._take_leadership()
        else:
            assert not second._take_leadership()


@pytest.mark.postgres
@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
async def test_it_goes_on_after_every_connection_was_cut(settings: Settings, archive: Archive) -> None:
    other = open_engine(settings.database)
    with capture_logs() as events:
        async with running(a_daemon(settings, archive)) as task:
            await until(lambda: ordered(archive) == {"one"})
            for _ in range(5):
                with other.connect() as connection:
                    connection.execute(
                        text(
                            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        )
                    )
                await asyncio.sleep(0.3)
            write(settings, one="adaptive", two="adaptive")
            await until(lambda: ordered(archive) == {"one", "two"})
            assert not task.done()
    other.dispose()
    assert [event for event in events if event["log_level"] == "error"] == []


async def test_clocks_put_back(settings: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon_module, "LOOK_AT_CLOCK", 0.1)
    shift = [0.0]
    monkeypatch.setattr(daemon_module, "time", lambda: time.time() + shift[0])

    def postpone() -> None:
        with archive.writing() as session:
            for row in session.scalars(select(ChannelRow)):
                row.next_poll_at = row.added_at and row.added_at.replace(year=2099)

    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: ordered(archive) == {"one"})
            await asyncio.to_thread(postpone)
            shift[0] = -3600.0
            await until(lambda: any(event["event"] == "clock_jumped" for event in events))

            def planned_anew() -> bool:
                with archive.reading() as session:
                    return all(f.at is not None and f.at.year < 2099 for f in polls.firings(session))

            await until(planned_anew)


# --- what it says in its log


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a warning or a summary does not wait long."""
    for name in ("SUMMARY", "WATCH"):
        monkeypatch.setattr(daemon_module, name, 0.2)


@pytest.mark.usefixtures("watchful")
async def test_it_warns_where_nothing_can_be_polled(settings: Settings, archive: Archive) -> None:
    folder = settings.home / "sources"
    text = (folder / "all.yaml").read_text().replace("status: verified", "status: unverified")
    (folder / "all.yaml").write_text(text)
    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: any(e["event"] == "no_source_polled" for e in events))
            write(settings, one="adaptive")  # somebody checked it
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: any(e["event"] == "warning_over" for e in events))
    warned = [e for e in events if e["event"] == "no_source_polled"]
    assert len(warned) == 1  # once, and again in an hour
    assert warned[0]["log_level"] == "warning"
    assert "1 without a check that found a live channel" in warned[0]["because"]
    assert "dateline sources check" in warned[0]["helps"]


@pytest.mark.usefixtures("watchful")
async def test_it_warns_where_no_source_is_enabled(settings: Settings, archive: Archive) -> None:
    from archive.registry import registry_for
    from archive.sources.state import set_enabled, sync_sources

    with archive.writing() as session:
        sync_sources(session, registry_for(settings), SystemClock()())
        set_enabled(session, "one", False)
    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: any(e["event"] == "no_source_enabled" for e in events))


@pytest.mark.usefixtures("watchful")
async def test_it_warns_where_nobody_fetches(
    settings: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "PATIENCE", 0.0)
    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: any(e["event"] == "nobody_fetches" for e in events))
            with archive.writing() as session:  # one joins, perhaps on another machine
                enlist(session, "elsewhere:1", timedelta(hours=1))
            monkeypatch.setattr(watch_module, "PATIENCE", 1e9)
            await until(lambda: any(e["event"] == "warning_over" for e in events))
    (warned,) = [e for e in events if e["event"] == "nobody_fetches"]
    assert "this daemon starts no fetching process" in warned["because"]
    assert "dateline worker" in warned["helps"]


@pytest.mark.usefixtures("watchful")
async def test_it_warns_where_its_process_dies_again_and_again(
    settings: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher_module, "FIRST_PAUSE", 0.02)
    daemon = Daemon(settings, archive, clock=SystemClock(), worker_command=["false"], workers=1)
    with capture_logs() as events:
        async with running(daemon):
            await until(lambda: any(e["event"] == "nobody_fetches" for e in events))
    (warned,) = [e for e in events if e["event"] == "nobody_fetches"]
    assert "times in a row soon after its start" in warned["because"]
    assert len([e for e in events if e["event"] == "worker_died"]) >= 3


class MovedClock(SystemClock):
    """The machine's clock, set forward by somebody."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return super().__call__() + self.ahead


@pytest.mark.usefixtures("watchful")
async def test_it_sums_up_each_hour_and_at_its_end(settings: Settings, archive: Archive) -> None:
    clock = MovedClock()
    daemon = Daemon(settings, archive, clock=clock, worker_command=["false"], workers=0)
    with capture_logs() as events:
        async with running(daemon):
            await until(lambda: ordered(archive) == {"one"})
            clock.ahead = timedelta(minutes=61)
            await until(lambda: any(e["event"] == "hourly_summary" for e in events))
    hour = next(e for e in events if e["event"] == "hourly_summary")
    assert (hour["polls"], hour["articles"], hour["waiting_jobs"]) == (0, 0, 1)
    assert [e["event"] for e in events[-2:]] == ["final_summary", "daemon_ended"]
    assert events[-2]["since"] == hour["since"]


async def test_insiders_names_carry_their_meaning(settings: Settings, archive: Archive) -> None:
    settings = settings.model_copy(update={"metrics": "127.0.0.1:0"})
    with capture_logs() as events:
        async with running(a_daemon(settings, archive)):
            await until(lambda: any(e["event"] == "schedule_changed" for e in events))
    by_name = {e["event"]: e for e in events}
    assert by_name["leading"]["meaning"] == "this daemon makes the schedule from now on"
    assert by_name["schedule_changed"]["meaning"] == (
        "sources polled from now on: 1; new or changed: 1; no longer polled: 0"
    )
    served = by_name["metrics_served"]
    assert served["url"] == f"http://127.0.0.1:{served['port']}/metrics"
