"""A daemon under chaos for as long as you like, and whether its archive is sound afterwards.

    .venv/bin/python benchmarks/chaos.py --minutes 10 --seed 1                     SQLite
    .venv/bin/python benchmarks/chaos.py --minutes 10 --seed 1 --postgres          a server of its own, restarted now and then
    .venv/bin/python benchmarks/chaos.py --minutes 10 --seed 1 --database-url URL  an empty database (its connections are ended)

The daemon and its fetching processes are killed, frozen and started again, the database goes away, the sample newsroom's hosts
have outages; at the end comes a quiet phase. Exit 1 if anything was lost, came twice, is stuck, or a host was asked too much.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import soundness  # noqa: E402
from support.chaos import Blow, Chaos, Server, own_server, write_registry  # noqa: E402
from support.fast import FastClock  # noqa: E402
from support.processes import Daemon  # noqa: E402
from support.reader import Reader  # noqa: E402

from archive.storage.session import Archive  # noqa: E402
from archive.tables import CaptureRow, JobRow, ObservationRow, RevisionRow, WorkerRow  # noqa: E402
from dateline.newsroom import AFTER_FLAP, START, Newsroom  # noqa: E402

QUIET = timedelta(hours=12)
"""Of the newsroom: longer than any pause that a failing host earns in this time."""
LEAST_QUIET = 60.0
"""Seconds: every lease has run out by then."""
DELAYS = {"harbour-times": 1_200.0, "kabar": 600.0, "vestnik": 120.0}
BLOWS: dict[Blow, float] = {
    "worker": 3, "worker-alone": 2, "extractor": 3, "daemon": 2, "everything": 2, "frozen": 0.4, "connections": 2, "restart": 0.5,
}  # fmt: skip


def run(minutes: float, seed: int, server: Server | None, folder: Path, pace: float) -> int:
    """The exit status."""
    chaos_seconds = minutes * 60
    # The publishers' script ends within the chaos; what they do in the last third is found in peace.
    speed = ((AFTER_FLAP - START) / timedelta(seconds=1)) / chaos_seconds
    quiet_seconds = max(QUIET.total_seconds() / speed, LEAST_QUIET)
    with Newsroom.start() as room:
        registry = write_registry(room, folder / "newsroom.yaml", DELAYS)
        reader = Reader(room, folder / "home", server.url if server else None, {"DATELINE_SOURCES": str(registry)})
        reader.run("init")
        clock = FastClock.at(START, speed, after=5.0)
        room.run_from(START, began=clock.began, speed=speed)
        with Daemon.fast(reader, clock, folder / "daemon.log") as daemon:
            time.sleep(max(0.0, clock.began - time.time()))
            chaos = Chaos(daemon, room, clock, random.Random(seed), server, say=lambda line: print(line, flush=True))
            chaos.run(chaos_seconds, BLOWS, pause=(0.5 * pace, 2.0 * pace))
            quiet_since = clock()
            print(f"{quiet_since:%d %b %H:%M}  quiet for {quiet_seconds:.0f} s", flush=True)
            time.sleep(quiet_seconds)
            end = clock()
            status = daemon.stop()
        archive, held, log = reader.archive(), reader.export(), room.log()
        hosts = {room.site(name).host: delay for name, delay in DELAYS.items()}
        findings = {
            "lost": soundness.lost(room, held, quiet_since + timedelta(minutes=30), end),
            "untrue": soundness.untrue(room, held, end),
            "twice": soundness.twice(archive, room),
            "damaged": soundness.damaged(archive, reader.home / "warc"),
            "stuck": soundness.stuck(archive),
            "rude": soundness.rude(log, speed, hosts, chaos.outages, chaos.interrupted, chaos.thawed),
            "faults": [
                f"{event['event']}: {event.get('error') or event.get('file')}"
                for event in daemon.events("tick_failed", "look_failed", "crawl_halted", "warc_damaged", "warc_missing")
                if not (chaos.thawed and "LeaseLost" in str(event))  # a frozen process is told that it came too late
            ],
            "end": [] if status == 0 else [f"the daemon ended with {status}"],
        }
        _tell(chaos, archive, len(log), speed, daemon)
        archive.engine.dispose()
    for name, lines in findings.items():
        print(f"{name}: {len(lines)}" + "".join(f"\n    {line}" for line in lines[:20]))
    return 1 if any(findings.values()) else 0


def _tell(chaos: Chaos, archive: Archive, requests: int, speed: float, daemon: Daemon) -> None:
    print(f"\nspeed {speed:.0f}; blows: " + ", ".join(f"{name} {n}" for name, n in sorted(chaos.done.items())))
    with archive.reading() as session:
        rows = {
            row.__tablename__: session.scalar(select(func.count()).select_from(row))
            for row in (CaptureRow, RevisionRow, ObservationRow, WorkerRow)
        }
        leases = Counter(session.scalars(select(JobRow.leases)))
        ended = Counter((why or "").partition(":")[0] for why in session.scalars(select(WorkerRow.ended_because)))
    print(f"requests {requests}; " + ", ".join(f"{name} {n}" for name, n in rows.items()))
    print(f"workers ended: {dict(ended)}; jobs by leases: {dict(sorted(leases.items()))}")
    print(
        f"events: {dict(Counter(e['event'] for e in daemon.events() if e.get('level') in ('warning', 'error')).most_common(12))}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="of chaos [10]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", type=float, default=3.0, help="mean seconds between two blows, roughly [3]")
    parser.add_argument("--database-url", help="an empty PostgreSQL database; default: SQLite")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL server of its own")
    parser.add_argument(
        "--keep", type=Path, help="an empty folder for the archive and the log; default: a temporary one"
    )
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dateline-chaos-")))
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        server = stack.enter_context(own_server(folder / "postgres")) if chosen.postgres else None
        if server is None and chosen.database_url:
            server = Server(chosen.database_url)
        return run(chosen.minutes, chosen.seed, server, folder, chosen.pace)


if __name__ == "__main__":
    sys.exit(main())
