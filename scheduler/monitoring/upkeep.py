"""Upkeep: the work that the daemon does every few minutes, so that the archive shows what was missed.

recount the ledger -> assess the health of sources -> open and close alarms -> delete finished jobs -> post to the webhook

All facts are read for all sources at once, outside any writing transaction. Writing transactions are short.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import structlog

from archive.ingest import site_templates
from archive.model.days import day_before, day_of
from archive.model.decisions.health import AlarmKind, SourceFacts, assess_source, is_long
from archive.model.source import Source
from archive.monitoring import coverage_ledger, health
from archive.monitoring.coverage_ledger import Followed
from archive.monitoring.health import AlarmEvent
from archive.queue import jobs
from archive.registry import Registry
from archive.sources.state import polled_sources
from archive.storage.session import Archive
from scheduler.monitoring.webhook import Webhook

log = structlog.get_logger()

Rhythm = Mapping[str, Any]
"""The learnt rhythm of a channel, as it is stored."""
Expected = Callable[[Rhythm, datetime, datetime], float]
"""A function that gives the number of items that are expected of a rhythm between two times."""
UsualGap = Callable[[Rhythm], timedelta | None]
"""A function that gives the mean time between two items of a rhythm. It gives None while too few were seen."""

ROWS_AT_ONCE = 200
"""The number of rows of the ledger in one writing transaction."""
TEXTS_AT_ONCE = 150
"""The number of sources whose newest texts are read in one upkeep. With 2,000 sources, each has its turn within some 70 minutes."""
REDESIGN_IS_NEWS = timedelta(days=14)
"""The time for which a retired template is an alarm, unless another one is learnt."""
JOBS_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class UpkeepReport:
    """What an upkeep did.

    `counted` is the number of days of sources that were counted in the ledger. `told` is the number of opened and closed alarms
    that the webhook accepted. `forgotten` is the number of jobs that were deleted. `seconds` is by the machine's clock.
    """

    sources: int
    counted: int
    opened: tuple[AlarmEvent, ...]
    closed: tuple[AlarmEvent, ...]
    told: int
    forgotten: int
    seconds: float


def upkeep(
    archive: Archive,
    registry: Registry,
    now: datetime,
    *,
    expected: Expected,
    usual_gap: UsualGap,
    webhook: Webhook | None = None,
) -> UpkeepReport:
    """Run one upkeep. `now` is the archive's time.

    Two of them at the same time on one archive do no harm, but the work is done twice.
    """
    began = perf_counter()
    with archive.reading() as session:
        sources = {source.id: source for source in polled_sources(session, registry)}
        since = coverage_ledger.counted_until(session)
        rhythms = _rhythms(sources, coverage_ledger.rhythms(session))
    counted = _count(archive, sources, rhythms, expected, since, now)
    found, read = _judge(archive, sources, rhythms, expected, usual_gap, now)
    with archive.writing() as session:
        opened, closed = health.raise_alarms(session, found, now)
        forgotten = jobs.forget(session, now - JOBS_KEPT)
        coverage_ledger.mark_counted(session, now)
        health.mark_turn(session, read)
    for each in (*opened, *closed):
        log.warning(each.event.replace(".", "_"), source=each.source_id, kind=each.kind, detail=each.detail)
    told = webhook.tell(archive, now) if webhook is not None else 0
    return UpkeepReport(
        len(sources), counted, tuple(opened), tuple(closed), told, forgotten, perf_counter() - began
    )  # fmt: skip


def _rhythms(
    sources: Mapping[str, Source], stored: Mapping[tuple[str, str], dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """The learnt rhythms of the channels that each source has in the registry."""
    return {
        source.id: [stored[source.id, channel.key] for channel in source.discover if (source.id, channel.key) in stored]
        for source in sources.values()
    }


def _count(
    archive: Archive,
    sources: Mapping[str, Source],
    rhythms: Mapping[str, list[dict[str, Any]]],
    expected: Expected,
    since: datetime | None,
    now: datetime,
) -> int:
    """Count the days again that may be out of date, and return the number of days of sources."""
    followed = {
        source.id: Followed(source.id, source.timezone, frozenset(channel.key for channel in source.discover))
        for source in sources.values()
    }

    def expectation(source_id: str, start: datetime, end: datetime) -> float | None:
        learnt = rhythms[source_id]
        return sum(expected(rhythm, start, end) for rhythm in learnt) if learnt else None

    with archive.reading() as session:
        active = coverage_ledger.active_sources(session, since) & sources.keys() if since else set(sources)
        wanted = coverage_ledger.days_to_count(session, followed, active, since, now)
        rows = coverage_ledger.measure_days(session, followed, wanted, expectation, now)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        with archive.writing() as session:
            coverage_ledger.store_days(session, rows[start : start + ROWS_AT_ONCE])
    return len(rows)


def _judge(
    archive: Archive,
    sources: Mapping[str, Source],
    rhythms: Mapping[str, list[dict[str, Any]]],
    expected: Expected,
    usual_gap: UsualGap,
    now: datetime,
) -> tuple[dict[str, list[tuple[AlarmKind, str]]], list[str]]:
    """Find what is wrong with each source. Also returns the sources whose texts were read this time."""
    yesterdays = {zone: day_before(day_of(now, zone)) for zone in {source.timezone for source in sources.values()}}
    with archive.reading() as session:
        channels = health.channel_facts(session)
        found_at = health.found_since(session)
        days = health.day_facts(session, set(yesterdays.values()))
        looks = health.look_facts(session, now)
        read = health.next_in_turn(session, sources, TEXTS_AT_ONCE)
        articles = health.article_facts(session, read)
        alarms = health.open_alarms(session)
        paused = health.paused_sources(session)
        redesigns = site_templates.redesigns(session, now - REDESIGN_IS_NEWS)
    found: dict[str, list[tuple[AlarmKind, str]]] = {}
    for source in sources.values():
        if source.id in paused:
            continue
        of_source = channels.get(source.id, {})
        gap = _together([usual_gap(rhythm) for rhythm in rhythms[source.id]])
        made, refused = looks.get(source.id, (0, 0))
        facts = SourceFacts(
            channels=tuple(of_source[channel.key] for channel in source.discover if channel.key in of_source),
            found_at=found_at.get(source.id),
            usual_gap=gap,
            per_day=source.expect_per_day,
            yesterday=days.get((source.id, yesterdays[source.timezone])),
            looks=made,
            blocked=refused,
            articles=articles.get(source.id),
            redesign=redesigns.get(source.id),
            open=alarms.get(source.id, {}),
        )
        if is_long(facts.silence, gap) and facts.found_at and facts.answered_at:
            awaited = sum(expected(each, facts.found_at, facts.answered_at) for each in rhythms[source.id])
            facts = replace(facts, awaited=awaited)
        found[source.id] = assess_source(facts, now)
    return found, read


def _together(gaps: list[timedelta | None]) -> timedelta | None:
    """The usual gap of a source, from those of its channels. Their rates add up. None means that no gap is known."""
    rates = [1 / gap.total_seconds() for gap in gaps if gap]
    return timedelta(seconds=1 / sum(rates)) if rates else None
