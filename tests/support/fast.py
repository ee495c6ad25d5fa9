"""A clock that runs hundreds of times faster, and daemons that live by it.

`python -m support.fast daemon|worker CLOCK`: the product's own daemon and fetching process, with nothing changed but the
clock. The settings come from the environment, as always.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class FastClock:
    """`speed` times as fast as the machine's clock since `began` (seconds of the Unix epoch), when it stood at `start` (ISO).

    Until then it stands there. All processes that are given the same values show the same time.
    """

    start: str
    began: float
    speed: float

    @classmethod
    def at(cls, start: datetime, speed: float, *, after: float = 0.0) -> FastClock:
        """One that begins to run in `after` seconds."""
        return cls(start.astimezone(UTC).isoformat(), time.time() + after, speed)

    def __call__(self) -> datetime:
        return datetime.fromisoformat(self.start) + timedelta(seconds=max(0.0, time.time() - self.began) * self.speed)

    def real(self, seconds: float) -> float:
        return seconds / self.speed

    def as_text(self) -> str:
        return json.dumps(asdict(self))


def main() -> int:
    from archive.config import load_settings
    from archive.logs import configure_logs
    from archive.registry import registry_for
    from archive.storage.session import open_archive

    what, text = sys.argv[1:3]
    clock = FastClock(**json.loads(text))
    settings = load_settings()
    configure_logs(1, settings.log_format)
    archive = open_archive(settings, create=what == "daemon")
    if what == "worker":
        from crawler.cli.worker import RECYCLED
        from crawler.runner.crawl import run_worker

        ended = run_worker(settings, archive, lambda: registry_for(settings), clock=clock, managed=True)
        return 0 if ended == "stopped" else RECYCLED

    from scheduler.daemon import Daemon

    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 1

    async def run() -> None:
        command = [sys.executable, "-m", "support.fast", "worker", text]
        await Daemon(settings, archive, clock=clock, worker_command=command, workers=workers).run()

    asyncio.run(run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
