"""What a crawl did, counted by source: shown while it runs, printed at its end, kept in the archive. And whom it waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class HostWait:
    """A host that asked to be left alone until then (UTC), and why: the answer that said so. `put_off`: what it has is not
    waited for but left to the next crawl."""

    host: str
    until: datetime
    reason: str
    put_off: bool


Waits = Callable[[HostWait], None]

Count = Literal["found", "new", "revised", "unchanged", "gone", "withheld", "alias", "blocked"]


@dataclass(slots=True)
class SourceReport:
    """Counts of one source. `excluded` and `failed` count by reason."""

    source_id: str
    polls: int = 0
    polls_unchanged: int = 0
    polls_failed: int = 0
    found: int = 0
    """Links that we had not seen before."""
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    gone: int = 0
    """Looks at known articles that found them missing, gone, moved away or blocked."""
    withheld: int = 0
    """Pages that may not be kept."""
    withheld_because: Counter[str] = field(default_factory=Counter)
    """These, by the signal that forbids it."""
    noarchive: int = 0
    """Looks at pages that are kept for the owner of the archive alone. They are counted among `new`, `revised` and the others, too."""
    alias: int = 0
    """Further addresses of articles known by another one."""
    excluded: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    postponed: Counter[str] = field(default_factory=Counter)
    """Left for the next crawl, by reason: the host asked for a pause, the crawl was stopped."""
    problems: list[str] = field(default_factory=list)
    """The first failures in full: `URL: reason`."""

    @property
    def failed_wholly(self) -> bool:
        """Whether something failed and nothing at all succeeded."""
        succeeded = (
            self.polls - self.polls_failed + self.new + self.revised + self.unchanged + self.withheld + self.gone
        )
        return bool(self.failed or self.polls_failed) and not succeeded

    def as_dict(self) -> dict[str, Any]:
        """The counts by name, as they are printed and stored."""
        return {
            "source": self.source_id,
            "polls": self.polls,
            "polls_unchanged": self.polls_unchanged,
            "polls_failed": self.polls_failed,
            "found": self.found,
            "new": self.new,
            "revised": self.revised,
            "unchanged": self.unchanged,
            "gone": self.gone,
            "withheld": self.withheld,
            "withheld_because": dict(self.withheld_because),
            "noarchive": self.noarchive,
            "alias": self.alias,
            "excluded": dict(self.excluded),
            "failed": dict(self.failed),
            "postponed": dict(self.postponed),
            "problems": list(self.problems),
        }


PROBLEMS_KEPT = 20


class CrawlReport:
    """The reports of all sources of one crawl, and the requests made."""

    def __init__(self, source_ids: Iterable[str]) -> None:
        self.sources = {source_id: SourceReport(source_id) for source_id in source_ids}
        self.requests = 0
        self.bytes = 0
        self.stopped = False
        """Somebody stopped the crawl before it was done."""
        self.halted: str | None = None
        """Why the crawl stopped itself."""

    def __getitem__(self, source_id: str) -> SourceReport:
        return self.sources.setdefault(source_id, SourceReport(source_id))

    def fail(self, source_id: str, reason: str, url: str) -> None:
        """Count a failure. The counter's key is the reason's name, without the detail behind the colon."""
        report = self[source_id]
        report.failed[reason.partition(":")[0]] += 1
        if len(report.problems) < PROBLEMS_KEPT:
            report.problems.append(f"{url}: {reason}")

    def signals(self, source_id: str, withheld_because: str | None, *, noarchive: bool) -> None:
        """Count what follows from the signals on the page of a look."""
        report = self[source_id]
        report.noarchive += noarchive
        if withheld_because is not None:
            report.withheld += 1
            report.withheld_because[withheld_because] += 1

    def exclude(self, source_id: str, reason: str) -> None:
        """Count what was left out, under the name of the reason."""
        self[source_id].excluded[reason.partition(":")[0]] += 1

    def postpone(self, source_id: str, reason: str, count: int = 1) -> None:
        """Count what was left to the next crawl, under the name of the reason."""
        self[source_id].postponed[reason.partition(":")[0]] += count

    @property
    def failed_wholly(self) -> list[str]:
        """The sources of which something failed and nothing succeeded."""
        return [report.source_id for report in self.sources.values() if report.failed_wholly]
