"""Seeing ordered checks through: by whoever fetches, or by this process where nobody does.

    orders ─> [somebody fetches: a daemon, a crawl, a backfill?] ── yes ─> wait for the verdicts
                   │ no, or nobody takes them
                   └─> take the right to fetch, and carry them out here

Orders are rows (`archive.planning.checks`): whoever is stopped or killed, they stay.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.cli.console.output import tell
from archive.cli.console.progress import spinner
from archive.config import Settings
from archive.model.source import Source
from archive.planning import checks
from archive.planning.checks import Check
from archive.queue import workers
from archive.storage.locks import AlreadyFetching, is_scheduled
from archive.storage.session import Archive
from crawler.engine.pause_messages import WAITING, Say, waiting_for

if TYPE_CHECKING:
    from crawler.channels.survey import Survey

LOOK = 0.3
"""Seconds from one look for verdicts to the next."""
GRACE = 15.0
"""Seconds for which others are expected to take an order: a daemon may just be starting its fetching process again."""


@dataclass
class Seeing:
    """The checks of `sources`, whose jobs are `pks` (by source), and the searches of the sites at `homepages`, which a
    command waits for."""

    settings: Settings
    archive: Archive | None
    sources: Mapping[str, Source]
    pks: Mapping[str, int]
    say: Say
    homepages: Sequence[str] = ()
    surveys: list[Survey] = field(default_factory=list)
    _used: bool = False
    """Whether this process has fetched: Twisted's reactor does not start twice."""

    def run(self) -> list[Check]:
        """Wait until all is known, or Ctrl-C comes. Return the checks that are over, in the order of `sources`."""
        with suppress(KeyboardInterrupt):
            if self.archive is not None and self.pks:
                self._see_through(self.archive)
            if self.homepages and not self._used:
                self._look_around()
        return self._over()

    def _over(self) -> list[Check]:
        if self.archive is None or not self.pks:
            return []
        with self.archive.reading() as session:
            found = {check.source_id: check for check in checks.checks_of(session, list(self.pks.values()))}
        return [found[i] for i in self.sources if i in found and found[i].is_over]

    def _see_through(self, archive: Archive) -> None:
        idle_since = monotonic()  # nobody has been at work on what is left
        while True:
            with archive.reading() as session:
                left = [check for check in checks.checks_of(session, list(self.pks.values())) if not check.is_over]
                now = workers.database_now(session)
                at_work = {
                    row.pk for row in workers.alive(session) if row.lease_until > now and not workers.is_gone(row.name)
                }
            if not left:
                return
            if any(check.state == "leased" and check.worker in at_work for check in left):
                idle_since = monotonic()
            elif not self._will_others(archive, bool(at_work), monotonic() - idle_since):
                if self._used:
                    return  # nobody will see to it now; the orders stay
                if self._fetch(archive, left):
                    continue
            self._tell_what_is_waited_for(archive, left)
            sleep(LOOK)

    def _will_others(self, archive: Archive, at_work: bool, idle: float) -> bool:
        """Whether others can be expected to take what is left: each process that fetches looks for it all the time."""
        return idle < GRACE and (at_work or is_scheduled(archive.engine, self.settings.home))

    def _fetch(self, archive: Archive, left: Sequence[Check]) -> bool:
        """Carry the orders out here; False where somebody else fetches."""
        from crawler.runner.crawl import run_checks  # Scrapy takes a second to import: not for --help

        self._reap(archive)
        self.say(f"checking {self._named(left)}, one request at a time to each host …")
        try:
            self.surveys = run_checks(
                self.settings,
                archive,
                [check.pk for check in left],
                self.homepages,
                tell=self._tell_of_request,
                say=self.say,
            )
        except AlreadyFetching:
            return False
        self._used = True
        return True

    def _reap(self, archive: Archive) -> None:
        """Hand back what processes had that died: there may be no daemon that does so."""
        with archive.reading() as session:
            if not workers.is_any_overdue(session):
                return
        with archive.writing() as session:
            workers.reap(session, now=datetime.now(UTC))

    def _look_around(self) -> None:
        from crawler.runner.survey import survey_sites

        hosts = ", ".join(urlsplit(url).netloc for url in self.homepages)
        self.say(f"asking {hosts} for robots.txt …")
        self._used = True
        self.surveys = survey_sites(
            self.settings, self.homepages, tell=self._tell_of_request, say=self.say, archive=self.archive
        )

    def _tell_of_request(self, number: int, url: str) -> None:
        self.say(f"{number}: {url}")

    def _tell_what_is_waited_for(self, archive: Archive, left: Sequence[Check]) -> None:
        under_way = [check for check in left if check.state == "leased"]
        now = datetime.now(UTC)
        with archive.reading() as session:
            paused = [
                (host, until)
                for check in under_way
                for host, until, _ in checks.pauses(session, self.sources[check.source_id], now)
            ]
        if paused:
            host, until = paused[0]
            self.say(waiting_for(host, until))
        elif under_way:
            self.say(f"the process that fetches for this archive is checking {self._named(under_way)} …")
        else:
            self.say(f"waiting until the process that fetches for this archive checks {self._named(left)} …")

    def _named(self, left: Sequence[Check]) -> str:
        return left[0].source_id if len(left) == 1 else f"{len(left)} sources"


@contextmanager
def show_check_progress(quiet: bool) -> Iterator[Say]:
    """Show on stderr what goes on, in a line that changes. Where stderr is no terminal, only waits are told."""
    if quiet:
        yield lambda said: None
        return
    if sys.stderr.isatty():
        with spinner("") as tell_at_terminal:
            yield tell_at_terminal
        return
    told: set[str] = set()

    def tell_once(said: str) -> None:
        if said.startswith(WAITING) and said not in told:
            told.add(said)
            tell(said)

    yield tell_once
