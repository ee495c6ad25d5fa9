"""What the daemon does again and again: plan polls, plan revisits, reap leases.

Each tick reads facts, asks the policies, and keeps their decisions: rows in the archive, jobs in its queue. It holds no state
that matters: a daemon that starts anew goes on where the last one stood.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from archive.model.history import ChannelHistory, Habit
from archive.model.job import BACKFILL_SHARE, Order, Priority
from archive.model.source import Source
from archive.model.text.urls import host_of
from archive.planning import backfills, polls, revisits
from archive.planning.hosts import HostFacts, host_facts, paused_origins
from archive.planning.polls import ChannelFacts, ChannelPlan
from archive.planning.revisits import ArticleFacts, DueArticle
from archive.queue import workers
from archive.queue.jobs import open_polls
from archive.storage.session import Archive
from scheduler.policy import revisit
from scheduler.policy.backfill import order_for
from scheduler.policy.backoff import CircuitBreaker, may_ask
from scheduler.policy.budget import Candidate, revisits_left, spend
from scheduler.policy.due import Due
from scheduler.policy.fixed import next_fixed
from scheduler.policy.polling import Limits, learn, next_poll

log = structlog.get_logger()

CHUNK = 500
"""Channels or articles planned in one transaction: SQLite has one writer, and it must not wait."""
MOST_CHUNKS = 20
"""Chunks in one tick."""
REVISITS = 40
"""Articles in one revisit job: at the usual delay some minutes of one host."""
MOST_DUE = 5_000
"""Due articles weighed against each other in one tick."""
AGAIN = timedelta(seconds=60)
"""A channel whose job ended without a poll (its host asked for a pause …) is ordered again after so long."""


@dataclass(slots=True)
class TickContext:
    """What the ticks work with. `sources`: those that are scheduled, by id; replaced when the registry changes."""

    archive: Archive
    limits: Limits
    host_budget: int
    sources: dict[str, Source] = field(default_factory=dict)
    channels: dict[tuple[str, str], str] = field(default_factory=dict)
    """Host of each channel that is scheduled, by (source id, channel key)."""
    revisited: Counter[str] = field(default_factory=Counter)
    """Looks ordered today by host."""
    day: str = ""

    def follow(self, sources: Iterable[Source], kinds: frozenset[str]) -> None:
        """Schedule these sources and no others."""
        self.sources = {source.id: source for source in sources}
        self.channels = {
            (source.id, channel.key): host_of(channel.url)
            for source in self.sources.values()
            for channel in source.discover
            if channel.kind in kinds
        }


# --- polls


def plan_polls(desk: TickContext, now: datetime) -> int:
    """Plan what was polled since the last tick, and order what is due. Returns the number of jobs made."""
    _plan_channels(desk, now)
    with desk.archive.reading() as session:
        # Where fetching cannot keep up, what waits already is not ordered over and over.
        ordered = polls.recently_fired(session, now - AGAIN, now) | open_polls(session)
        due = [
            firing
            for firing in polls.due_channels(session, now)
            if (firing.source_id, firing.key) in desk.channels and (firing.source_id, firing.key) not in ordered
        ]
        left = [i for i in polls.sources_with_pending(session, now) if i in desk.sources and (i, "") not in ordered]
        if due or left:
            hosts = host_facts(session, _day(now))
            closed = closed_hosts(hosts, paused_origins(session, now), desk, now)
    orders = [
        Order(firing.source_id, "poll", firing.key, firing.at or now, firing.why or "due", Priority.poll)
        for firing in due
        if desk.channels[firing.source_id, firing.key] not in closed
    ]
    orders += [
        Order(i, "poll", "", now, "links left by an earlier job", Priority.pending)
        for i in left
        if not _all_closed(desk.sources[i], closed)
    ]
    return _order(desk, orders, now) + _asked(desk, now)


def _plan_channels(desk: TickContext, now: datetime) -> None:
    for _ in range(MOST_CHUNKS):
        with desk.archive.reading() as session:
            found = polls.unplanned_channels(session, CHUNK)
        if not found:
            return
        plans = [_planned(desk, facts, now) for facts in found]
        with desk.archive.writing() as session:
            for plan in plans:
                polls.plan_channel(session, plan)
        if len(found) < CHUNK:
            return


def _planned(desk: TickContext, facts: ChannelFacts, now: datetime) -> ChannelPlan:
    """The decision about one channel."""
    history, rhythm = _until(facts.history, now), None
    source = desk.sources.get(history.source_id)
    if source is None or (history.source_id, history.key) not in desk.channels:
        return ChannelPlan(facts.history, None, "not scheduled")
    answered = facts.history.answered_at
    if answered is not None and answered != history.since:
        rhythm = learn(history.rhythm, facts.arrivals, polled_at=answered, since=history.since)
        history = replace(history, rhythm=rhythm)
    else:
        history = replace(history, since=None)  # it is in the rhythm already
    due: Due | None
    if source.schedule == "adaptive":
        due = next_poll(history, desk.limits, now)
    else:
        fired_at = facts.fired_at and min(facts.fired_at, now)
        due = next_fixed(source.schedule, source.timezone or "UTC", fired_at, history.added_at, now)
    if due is None:
        return ChannelPlan(facts.history, None, f"{source.schedule}: never fires", rhythm)
    return ChannelPlan(facts.history, due.at, due.why, rhythm)


def _until(history: ChannelHistory, now: datetime) -> ChannelHistory:
    """A poll of a time to come was noted by a clock that went wrong: it counts as made just now."""
    polled, answered = (at and min(at, now) for at in (history.polled_at, history.answered_at))
    return replace(history, polled_at=polled, answered_at=answered, added_at=min(history.added_at, now))


def _asked(desk: TickContext, now: datetime) -> int:
    """Order what somebody asked for with `dateline schedule run`."""
    with desk.archive.reading() as session:
        if not polls.is_any_run_requested(session):
            return 0
    with desk.archive.writing() as session:  # one transaction: what was asked for is not lost between
        asked = polls.take_requested_runs(session)
        for source_id in asked:
            if source_id not in desk.sources:
                log.warning("run_refused", source=source_id, because="it is not scheduled")
        wanted = [
            Order(source_id, "poll", key, now, "asked for", Priority.asked)
            for source_id, key in desk.channels
            if source_id in asked
        ]
        return polls.order_jobs(session, wanted, now)


def _order(desk: TickContext, orders: list[Order], now: datetime) -> int:
    if not orders:
        return 0
    with desk.archive.writing() as session:
        made = polls.order_jobs(session, orders, now)
    log.debug("jobs_ordered", jobs=made)
    return made


# --- revisits


def plan_revisits(desk: TickContext, now: datetime) -> int:
    """Plan what was looked at since the last tick, and order the looks that are due and worth their request. Returns the
    number of looks ordered."""
    habits = _plan_articles(desk, now)
    with desk.archive.reading() as session:
        due = [found for found in revisits.due_articles(session, now, MOST_DUE) if found.source_id in desk.sources]
        if not due:
            return 0
        hosts = host_facts(session, _day(now))
        closed = closed_hosts(hosts, paused_origins(session, now), desk, now)
    if desk.day != _day(now):
        desk.day = _day(now)
        desk.revisited.clear()
    chosen: defaultdict[str, list[DueArticle]] = defaultdict(list)
    for host, found in _by_host(due).items():
        if host in closed:
            continue
        for article in spend(
            [
                Candidate(revisit.gain(a.history, habits.get(a.source_id, _UNKNOWN), now), a.history.pk, a)
                for a in found
            ],
            _allowed(desk, host, hosts.get(host, HostFacts()), now),
        ):
            chosen[article.source_id].append(article)
    orders = []
    for source_id, found in chosen.items():
        taken = found[:REVISITS]
        pks = tuple(article.history.pk for article in taken)
        orders.append(Order(source_id, "revisit", "", now, f"{len(pks)} articles are due", Priority.revisit, pks))
        for article in taken:
            desk.revisited[host_of(article.url)] += 1
    _order(desk, orders, now)
    return sum(len(order.articles) for order in orders)


def _plan_articles(desk: TickContext, now: datetime) -> dict[str, Habit]:
    with desk.archive.reading() as session:
        habits = revisits.habits(session)
    for _ in range(MOST_CHUNKS):
        with desk.archive.reading() as session:
            found = revisits.unplanned_articles(session, CHUNK)
        if not found:
            break
        learnt = {facts.source_id for facts in found if _teach(habits, facts)}
        plans = []
        for facts in found:
            due = revisit.next_look(facts.history, habits.get(facts.source_id, _UNKNOWN), now)
            plans.append((facts.history, due.at if due else None, due.why if due else None))
        with desk.archive.writing() as session:
            revisits.plan_articles(session, plans)
            revisits.record_habits(session, {i: habits[i] for i in learnt})
        if len(found) < CHUNK:
            break
    return habits


def _teach(habits: dict[str, Habit], facts: ArticleFacts) -> bool:
    """Let the source's habit learn from the looks since the article was last planned."""
    before = facts.before
    if before is None or before.looked_at >= facts.history.looked_at:
        return False
    habit = habits.get(facts.source_id, _UNKNOWN)
    changed = facts.history.changes > before.changes
    habits[facts.source_id] = revisit.learn(habit, before, facts.history.looked_at, changed=changed)
    return True


def _by_host(due: Iterable[DueArticle]) -> dict[str, list[DueArticle]]:
    found: defaultdict[str, list[DueArticle]] = defaultdict(list)
    for article in due:
        found[host_of(article.url)].append(article)
    return found


def _allowed(desk: TickContext, host: str, facts: HostFacts, now: datetime) -> int:
    """How many looks the host's budget leaves room for now."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    passed = (now - midnight) / timedelta(days=1)
    looks = desk.revisited[host]
    fresh = max(0, facts.requests - looks)
    rest = fresh * (1 - passed) / max(passed, 1 / 24)  # the day goes on as it began
    return revisits_left(
        desk.host_budget, fresh_today=fresh, fresh_expected=rest, revisits_today=looks, day_passed=passed
    )


_UNKNOWN = Habit()


# --- backfills


def plan_backfills(desk: TickContext, now: datetime) -> int:
    """Order the backfills that rest and may go on now, and end those that have nothing left. Returns the number of jobs made."""
    with desk.archive.reading() as session:
        if not backfills.resting_windows(session):
            return 0
    with desk.archive.writing() as session:
        backfills.close_done(session, now)
    return _order(desk, backfills_due(desk, now), now)


def backfills_due(
    desk: TickContext, now: datetime, *, source_ids: Collection[str] | None = None, rest: timedelta = polls.PENDING_REST
) -> list[Order]:
    """The orders by which backfills (of these sources) go on that rest and may be gone on with at `now`."""
    with desk.archive.reading() as session:
        resting = backfills.resumable_windows(session, now, source_ids=source_ids, rest=rest)
        if not resting:
            return []
        hosts = host_facts(session, _day(now))
        closed = closed_hosts(hosts, paused_origins(session, now), desk, now, share=BACKFILL_SHARE)
    return [
        order_for(window.source_id, window.channel, window.window, now)
        for window in resting
        if host_of(window.channel.partition(":")[2]) not in closed
    ]


# --- hosts and workers


def closed_hosts(
    hosts: dict[str, HostFacts], paused_origins: Iterable[str], desk: TickContext, now: datetime, *, share: float = 1.0
) -> frozenset[str]:
    """The hosts for which nothing is ordered now.

    They asked for a pause, keep failing, or have had their day's requests (this `share` of them).
    """
    closed = {host_of(origin) for origin in paused_origins}
    for host, facts in hosts.items():
        breaker = CircuitBreaker.recalled(facts.failures, facts.failed_at)
        if facts.requests >= share * desk.host_budget or not may_ask(breaker, now):
            closed.add(host)
    return frozenset(closed)


def reap(desk: TickContext, now: datetime) -> None:
    """Hand back the jobs of processes that were not heard of."""
    with desk.archive.reading() as session:  # mostly there is none, and SQLite's one writer is not kept waiting
        if not workers.is_any_overdue(session):
            return
    with desk.archive.writing() as session:
        for name, handed in workers.reap(session, now=now):
            log.warning("worker_lost", name=name, jobs_handed_back=handed)


def _all_closed(source: Source, closed: frozenset[str]) -> bool:
    hosts = {host_of(source.homepage), *(host_of(channel.url) for channel in source.discover)}
    return hosts <= closed


def _day(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m-%d}"
