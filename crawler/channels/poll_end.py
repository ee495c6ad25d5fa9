"""The end of a poll: how it went, and what the archive is told of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from archive.frontier.channels import record_failed_poll, record_poll
from archive.model.frontier import ChannelMemory
from archive.queue import jobs
from archive.sources.discovered_channels import are_dead
from archive.writer.writer import Transaction
from crawler.engine.log_events import Events
from crawler.frontier.walk import Walk


@dataclass(frozen=True, slots=True)
class PollEnd:
    """How a poll ended, and why it failed, or what of it did."""

    outcome: Literal["ok", "unfinished", "failed"]
    reason: str | None = None


def ending_of(walk: Walk) -> PollEnd | None:
    """Return how a poll ended of which nothing is under way any more. None where nothing was asked.

    It counts as failed if no answer could be read. If some could not be read, the next poll reads farther than it would
    otherwise.
    """
    if not walk.read:
        return PollEnd("failed", _reason(walk.failed[0])) if walk.failed else None
    if walk.missing == walk.read and walk.goal.since is None:
        return PollEnd("failed", "HTTP 404: none of its pages is there")
    if walk.failed:
        number = len(walk.failed)
        return PollEnd("unfinished", f"{number} of {walk.read + number} requests failed: {walk.failed[0]}")
    return PollEnd("ok")


def end_poll(tx: Transaction, walk: Walk, now: datetime) -> bool:
    """Record how a poll went of which nothing is under way any more.

    Return whether the source needs other channels, because those that were found for it have all died.
    """
    source_id, key = walk.source.id, walk.channel.key
    jobs.mark_polled(tx.session, walk.job)
    ending = ending_of(walk)
    if ending is None or ending.outcome == "failed":
        if ending is not None:
            record_failed_poll(tx, source_id, key, polled_at=now, reason=ending.reason or "")
        return are_dead(tx.session, walk.source, now)
    shown = walk.shown
    if walk.channel.kind in (
        "archive",
        "ids",
    ):  # every day, every id has a page of its own: there is no window that moves on
        shown = replace(shown, known=None)
    record_poll(
        tx,
        source_id,
        key,
        memory=walk.memory if ending.outcome == "ok" else ChannelMemory(),
        polled_at=now,
        outcome=ending.outcome,
        shown=shown,
        detail=ending.reason,
    )
    return False


def log_end(events: Events, walk: Walk) -> None:
    """Say in the log how a poll ended, now that it is written."""
    if (ending := ending_of(walk)) is not None:
        events.poll_ended(walk.source.id, walk.channel.key, ending.outcome, links=walk.taken, reason=ending.reason)


def _reason(problem: str) -> str:
    """The reason of a failed request, without its address."""
    return problem.partition(": ")[2]
