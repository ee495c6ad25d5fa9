"""What a crawl says in the log: one line for each thing that came about.

Called after the commit, in the order of the commits: what stands in the log stands in the archive. Beside what came about there
is what came to nothing (polls that showed nothing new, looks at articles that are as they were); that is logged for whoever asks
for more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import structlog

from archive.ingest.record import Recorded
from archive.model.article import Article

log = structlog.get_logger()

PollOutcome = Literal["ok", "unfinished", "failed", "not-modified", "same-body"]
"""As in the archive: read to its end, in parts, not at all; or the server, or the same bytes, said that nothing changed."""


@dataclass(slots=True)
class _Trouble:
    """What is wrong with a source's polls: its channels that fail, and the reasons that were named."""

    channels: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Events:
    """The lines of one crawl. `service`: it runs for weeks, and its log is all that a person reads of it; where somebody waits
    for the crawl, failures stand in its report."""

    service: bool = False
    _troubles: dict[str, _Trouble] = field(default_factory=dict)

    def poll_ended(
        self, source: str, channel: str, outcome: PollOutcome, *, links: int = 0, reason: str | None = None
    ) -> None:
        """Say that a poll of a channel is over.

        `links` counts those that were never seen before. `reason` tells why the poll failed, or what part of it did. A source
        in trouble says so once for each reason, whichever of its channels it strikes, until all of them answer again.
        """
        if links:
            log.info("poll_found_links", source=source, channel=channel, links=links)
        elif outcome in ("ok", "not-modified", "same-body"):
            log.debug("poll_found_nothing", source=source, channel=channel, because=_NOTHING[outcome])
        if outcome in ("failed", "unfinished"):
            self._failed(source, channel, outcome, reason or "no reason given")
        else:
            self._answered(source, channel)

    def _failed(self, source: str, channel: str, outcome: Literal["failed", "unfinished"], reason: str) -> None:
        trouble = self._troubles.setdefault(source, _Trouble())
        name = f"{outcome} {name_of(reason)}"
        told = name in trouble.named
        trouble.channels.add(channel)
        trouble.named.add(name)
        tell = log.debug if told else log.warning if self.service else log.info
        tell(f"poll_{outcome}", source=source, channel=channel, reason=reason)

    def _answered(self, source: str, channel: str) -> None:
        if (trouble := self._troubles.get(source)) is None:
            return
        trouble.channels.discard(channel)
        if not trouble.channels:
            del self._troubles[source]
            log.info("source_answers_again", source=source, channel=channel)

    def looked_at(self, source: str, article: Article | None, url: str, recorded: Recorded) -> None:
        """Say that a look at an article is recorded. `url` is the address that was asked for."""
        facts = {"article": recorded.article_id, "source": source}
        address = article.canonical_url if article is not None else url
        title = article.title if article is not None else None
        match recorded.kind:
            case "new" if not recorded.was_withheld:
                marked = {"noarchive": True} if recorded.noarchive else {}
                log.info("article_new", **facts, title=title or "(without a title)", **marked, url=address)
            case "revised":
                changes = list(recorded.changes)
                log.info("article_revised", **facts, revision=recorded.revision, changes=changes, url=address)
            case "withheld" if recorded.first:  # what its publisher lets nobody keep does not stand in a log either
                log.info("article_new", **facts, withheld=True, url=address)
            case "flapping":
                log.info("article_as_before", **facts, revision=recorded.revision, url=address)
            case "gone":
                log.info("article_gone", **facts, url=address)
            case other:
                log.debug("article_looked_at", **facts, outcome=other, url=address)

    def host_paused(self, host: str, until: datetime, seconds: float, reason: str) -> None:
        """Say that a host asked to be left alone until then."""
        log.debug("host_paused", host=host, seconds=seconds, until=_clock(until), reason=reason)


_NOTHING = {
    "ok": "it lists no new address",
    "not-modified": "the server says that nothing changed",
    "same-body": "its bytes are the same",
}


def log_database_away(error: BaseException | str, **where: object) -> None:
    """Say in the log that the database is away. `error`: what showed that, or what follows from it; `where`: the source and
    the address that were at work, where there is one."""
    log.warning("database_away", **where, error=str(error).strip()[:200])


def name_of(reason: str) -> str:
    """The name of a reason, without its detail: `HTTP 503`, `timeout`. That of a poll of which parts failed is the part's."""
    parts = reason.partition(" requests failed: ")[2].split(": ")[1:] or [reason]
    return parts[0].partition(":")[0]


def _clock(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
