"""Checking a source: ask robots.txt and each channel as a crawl would, but file nothing and say what was seen.

A check sends its requests through whichever crawl is running (`crawler.frontier.callbacks`): they go through that crawl's
frontier, with the same robots rules, delays, budgets and pauses, and beside everything else that the process fetches.

order ─> begin ─> Checker ─> channels judged, or the site looked around ─> one transaction: verdict, verified, next try
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from archive.cli.console.output import json_value
from archive.frontier.known_articles import channel_articles
from archive.model.capture import Exchange
from archive.model.content_codings import ContentError
from archive.model.job import LeasedJob, Priority
from archive.model.link import Link
from archive.model.source import RENDERED_KINDS, Channel, IdWalk, Source
from archive.model.walk import WalkGoal, WalkPage
from archive.outage import is_outage
from archive.planning import checks
from archive.planning.checks import Finding
from archive.queue import jobs
from archive.sources.state import POLLED_KINDS, other_hosts, polled_addresses, polled_channels
from crawler.channels.connectivity import UNREACHED, is_offline
from crawler.channels.list_reading import read_channel
from crawler.channels.liveness import Liveness, Outcome, assess_channel, assess_failure
from crawler.channels.survey import Survey, Surveyor
from crawler.discover.answer import Answer
from crawler.discover.autodiscovery.ranking import Ranked
from crawler.discover.lists.ids import id_of, id_url
from crawler.discover.own_links import sort_links
from crawler.discover.walk_plan import first_pages, next_step
from crawler.engine.crawl import Crawl
from crawler.engine.log_events import log_database_away
from crawler.engine.rendering import Stopped, render
from crawler.extraction_pool.pool import ExtractionFailed
from crawler.frontier.callbacks import ResponseFuture
from crawler.frontier.task import Task
from crawler.frontier.unavailable import Unavailable
from crawler.frontier.walk import Walk
from crawler.http.failures import Failure
from crawler.reading.page import Page

log = structlog.get_logger()

DAYS_BACK = timedelta(days=3)
"""Of a dated archive the pages of so many days are looked at."""
NO_SUCH_DAY = ("HTTP 404", "HTTP 410")
"""What a dated archive answers for days without articles, too."""
MOST_CHILDREN = 3
"""Sitemaps of an index that are looked at."""
LOOK = 0.5
"""Seconds from one look for checks that somebody asked for to the next."""
MOST_ASKED = 50
"""Checks that are taken at once."""
IS_IT_ONLINE = "no other host can be found either; is this machine online?"
LEFT_ALONE = "the host wants to be left alone for now"

Tell = Callable[[Source, str], None]
"""Called with what is done for a source."""


@dataclass(frozen=True, slots=True)
class ChannelCheck:
    """What a check saw of a channel (None: the source has none). `robots` is the state of its host's robots.txt."""

    source_id: str
    channel: Channel | None
    liveness: Liveness
    robots: str | None = None
    crawl_delay: float | None = None

    def as_row(self) -> dict[str, Any]:
        """What `dateline sources check` prints of it."""
        liveness = self.liveness
        return {
            "source": self.source_id,
            "channel": self.channel.url if self.channel else None,
            "kind": self.channel.kind if self.channel else None,
            "outcome": liveness.outcome,
            "alive": liveness.alive,
            "items": liveness.items,
            "newest_at": json_value(liveness.newest_at),
            "without_date": liveness.without_date,
            "robots": self.robots,
            "crawl_delay": self.crawl_delay,
            "detail": liveness.detail,
        }


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """A source after its check. `source` has the channels that were found where its entry names none; `survey` is the look
    around its site, where one was made."""

    source: Source
    channels: tuple[ChannelCheck, ...]
    survey: Survey | None = None
    offline: bool = False
    until: datetime | None = None

    @property
    def alive(self) -> bool:
        return any(channel.liveness.alive for channel in self.channels)

    @property
    def finding(self) -> Finding:
        found = None
        if self.survey is not None:
            found = self.survey.proposal.discover if self.survey.proposal is not None else ()
        rows = [channel.as_row() for channel in self.channels]
        return Finding(rows, self.alive, found, self.offline, self.until)


@dataclass(slots=True)
class _Seen:
    """What the requests for one channel brought."""

    answers: list[Answer] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    moved: str | None = None


class Checker:
    """One check of `source`, on behalf of `crawl`."""

    def __init__(self, crawl: Crawl, source: Source) -> None:
        self._crawl = crawl
        self._source = source
        self._reasons: list[str] = []
        """Why requests gave nothing."""
        self._heard = False
        """Whether some answer came."""
        self._put_off = False

    async def run(self) -> CheckedSource:
        """Ask all channels. Look around the site where the source names none, or where those that were found for it have all
        died.

        Nothing that a site answers makes it raise.
        """
        source = self._source
        for url in polled_addresses(source):
            self._crawl.politeness.forget_robots(url)
        survey: Survey | None = None
        channels = tuple(await asyncio.gather(*(self._check(channel) for channel in source.discover)))
        dead = source.found and not any(channel.liveness.alive for channel in channels) and not self._put_off
        if not source.discover or dead:
            bare = replace(source, discover=(), found=False)
            survey = await Surveyor(self._crawl, bare).run()
            channels = self._found(survey)
            if survey.proposal is not None:
                source = replace(source, discover=survey.proposal.discover, found=True)
        alive = any(channel.liveness.alive for channel in channels)
        offline = not alive and await self._is_offline()
        until = None if alive or offline or not self._put_off else self._pause_ends()
        return CheckedSource(source, channels, survey, offline, until)

    async def _check(self, channel: Channel) -> ChannelCheck:
        if channel.kind not in POLLED_KINDS:
            past = Liveness("unchecked", f"{channel.kind}: it holds the past, which a backfill reads")
            return ChannelCheck(self._source.id, channel, past)
        try:
            liveness = await self._liveness(channel)
        except Exception as error:  # a fault in one channel must not hide what the others show
            log.error("check_failed", source=self._source.id, channel=channel.key, error=repr(error), exc_info=error)
            liveness = Liveness("failing", f"internal-error: {error!r}"[:300])
        return self._with_rules(channel, liveness)

    def _with_rules(self, channel: Channel, liveness: Liveness) -> ChannelCheck:
        robots = self._crawl.politeness.robots(channel.url)
        delay = self._crawl.politeness.crawl_delay(channel.url)
        return ChannelCheck(self._source.id, channel, liveness, robots.state if robots else None, delay or None)

    async def _liveness(self, channel: Channel) -> Liveness:
        crawl, source = self._crawl, self._source
        goal = WalkGoal(since=crawl.clock() - DAYS_BACK)
        walk = Walk(source, channel, goal, None, Priority.poll)
        pages = (
            [self._id_page(channel)]
            if channel.kind == "ids"
            else list(first_pages(source, channel, goal, crawl.clock()))
        )
        walk.asked.update(page.key for page in pages)
        seen = _Seen()
        while pages:
            page = pages.pop(0)
            answer = await self._answer(walk, page, seen)
            if isinstance(answer, str):
                seen.failed.append(answer)
                continue
            seen.answers.append(answer)
            children = _children(page, answer, walk, crawl.clock())
            walk.asked.update(child.key for child in children)
            pages += children
        self._reasons += seen.failed
        return self._verdict(walk, seen)

    def _id_page(self, channel: Channel) -> WalkPage:
        """The highest id known to lead to an article, else the one where the walk begins."""
        with self._crawl.archive.reading() as session:
            found = [id_of(channel.url, url) for url, _ in channel_articles(session, self._source.id, channel.key)]
        number = max((n for n in found if n is not None), default=(channel.ids or IdWalk()).start)
        url = id_url(channel.url, number) or channel.url
        return WalkPage(url, url, chain=url)

    async def _answer(self, walk: Walk, page: WalkPage, seen: _Seen) -> Answer | str:
        """What an answer shows, or why it shows nothing."""
        exchange = await self._fetch(page)
        if isinstance(exchange, str):
            return exchange
        if exchange.status != 200:
            return f"HTTP {exchange.status}"
        try:
            body = await self._crawl.decode(exchange)
        except ContentError as error:
            return error.reason
        channel = walk.channel
        if self._source.render and channel.kind in RENDERED_KINDS:
            body_or_reason = await self._rendered(page, exchange, body)
            if isinstance(body_or_reason, str):
                return body_or_reason
            body = body_or_reason
        if channel.kind != "ids":
            answer = await read_channel(self._crawl, walk, page, exchange, body)
        elif isinstance(answer_or_reason := await self._article(exchange, body), str):
            return answer_or_reason
        else:
            answer = answer_or_reason
        if exchange.url != page.url and channel.kind != "archive" and page.key == page.chain and page.number <= 1:
            seen.moved = seen.moved or exchange.url
        return answer

    async def _fetch(self, page: WalkPage) -> Exchange | str:
        handler = ResponseFuture(lane=1)
        form = page.form if page.method == "POST" else None
        await self._crawl.offer(Task(handler, self._source, page.url, form=form))
        outcome = await handler.answer
        if not isinstance(outcome, Unavailable):
            self._heard = True
            return outcome
        if outcome.how == "put-off":
            self._put_off = True
            return f"{outcome.reason}: {LEFT_ALONE}"
        return outcome.reason

    async def _rendered(self, page: WalkPage, exchange: Exchange, body: bytes) -> bytes | str:
        """The page as the browser shows it, or why it could not be rendered."""
        if (missing := self._crawl.browser.missing()) is not None:
            return f"browser-missing: {missing}"
        try:
            task = Task(ResponseFuture(), self._source, page.url)
            drawn = await render(self._crawl, task, exchange, body, self._source.list_actions)
        except Stopped:
            return "stopped before it was asked"
        if isinstance(drawn, Failure):
            return drawn.reason
        return drawn.dom if drawn is not None else body

    async def _article(self, exchange: Exchange, body: bytes) -> Answer | str:
        """The page of an id, as an answer with at most one article."""
        try:
            reading = await self._crawl.pool.read(
                Page(body, exchange.url, exchange.response_headers, source=self._source)
            )
        except ExtractionFailed as error:
            return f"extraction: {error}"
        if reading.article is None:
            return Answer()
        published = reading.article.published
        times = (published.at,) if published is not None else ()
        return Answer((Link(exchange.url),), times=times, without_date=1 - len(times))

    def _verdict(self, walk: Walk, seen: _Seen) -> Liveness:
        if not seen.answers:
            return assess_failure(seen.failed[0])
        shown = _together(seen.answers)
        wanted = len(sort_links(walk.source, seen.moved or walk.channel.url, shown.links).wanted)
        # What the registry expects is the whole source's: one channel of several may have a slower rhythm of its own.
        expected = walk.source.expect_per_day if len(polled_channels(walk.source)) == 1 else None
        liveness = assess_channel(shown, self._crawl.clock(), wanted=wanted, expect_per_day=expected)
        remarks = [liveness.detail] if liveness.detail else []
        if seen.moved:
            remarks.append(f"moved to {seen.moved}")
        failed = [why for why in seen.failed if not (walk.channel.kind == "archive" and why in NO_SUCH_DAY)]
        if failed:
            remarks.append(f"{len(failed)} of {len(seen.answers) + len(failed)} requests failed: {failed[0]}")
        return replace(liveness, detail="; ".join(remarks) or None)

    # --- a source that names no channel

    def _found(self, survey: Survey) -> tuple[ChannelCheck, ...]:
        """What was seen of the channels that were found, the proposed ones only."""
        source = self._source
        self._heard = self._heard or survey.problem is None
        if survey.problem is not None:
            reason = survey.problem.removeprefix("put-off: ")
            self._put_off = self._put_off or reason != survey.problem
            self._reasons.append(reason)
            return (ChannelCheck(source.id, None, assess_failure(reason)),)
        if survey.proposal is None:
            why = f"no live feed, sitemap or list among {len(survey.ranked)} places; `dateline sources add {source.homepage}` shows them"
            return (ChannelCheck(source.id, None, Liveness("nothing-found", why)),)
        ranked = {found.candidate.channel.key: found for found in survey.ranked}
        return tuple(self._found_channel(channel, ranked[channel.key]) for channel in survey.proposal.discover)

    def _found_channel(self, channel: Channel, found: Ranked) -> ChannelCheck:
        outcome: Outcome = "live" if found.verdict == "live" else "undated"
        liveness = Liveness(outcome, f"found from the homepage ({found.candidate.found})", found.items, found.newest_at)
        return self._with_rules(channel, liveness)

    # --- what says nothing about the source

    async def _is_offline(self) -> bool:
        unreached = [reason for reason in self._reasons if _failure(reason) in UNREACHED]
        if self._heard or not unreached or len(unreached) < len(self._reasons):
            return False
        with self._crawl.archive.reading() as session:
            names = other_hosts(session, self._source)
        return await is_offline(self._crawl, names)

    def _pause_ends(self) -> datetime | None:
        """Return when the longest pause of the source's hosts is over. None where it was put off for another reason."""
        now = self._crawl.clock()
        pauses = [
            pause[0]
            for url in polled_addresses(self._source)
            if (pause := self._crawl.politeness.pause(url, now)) is not None
        ]
        return now + timedelta(seconds=max(pauses)) if pauses else None


def begin(crawl: Crawl, worker: int, job: LeasedJob) -> None:
    """Carry out an ordered check beside whatever else the crawl does. The crawl does not end before it.

    The job is not in hand as others are: what is cut short must not count as done, but is handed back when the process ends.
    """
    source = checks.source_to_check(job)

    async def work() -> None:
        try:
            if source is None:
                missing = Liveness("failing", "this version of Dateline cannot read its registry entry")
                checked = CheckedSource(Source(job.source_id, "", ""), (ChannelCheck(job.source_id, None, missing),))
            else:
                checked = await Checker(crawl, source).run()
        except Exception as error:  # a fault of ours is a verdict, too: somebody waits for it
            log.error("check_failed", source=job.source_id, error=repr(error), exc_info=error)
            broken = Liveness("failing", f"internal-error: {error!r}"[:300])
            checked = CheckedSource(Source(job.source_id, "", ""), (ChannelCheck(job.source_id, None, broken),))
        if crawl.frontier.closed and not checked.alive:
            return  # stopped meanwhile: that is no verdict, and the order is handed back
        finding = checked.finding
        if await crawl.write(lambda tx: checks.settle(tx.session, worker, job, finding, crawl.clock())):
            log_checked(job.source_id, checked)

    crawl.background.go(source or Source(job.source_id, job.source_id, ""), None, work())


async def take_requested_checks(crawl: Crawl, worker: int) -> None:
    """Carry out the checks that somebody waits for, beside a crawl that has work of its own, until it is cancelled."""
    while not crawl.frontier.closed:
        await asyncio.sleep(LOOK)
        try:
            with crawl.archive.reading() as session:
                ready = jobs.is_any_ready(session, checks=())
            if ready:
                for job in await crawl.write(lambda tx: jobs.lease(tx.session, worker, limit=MOST_ASKED, checks=())):
                    begin(crawl, worker, job)
        except Exception as error:
            if not is_outage(error):
                raise
            log_database_away(error)


def log_checked(source_id: str, checked: CheckedSource) -> None:
    """Write one event for a verdict. A command shows verdicts itself, so none is a warning."""
    if checked.offline:
        log.info("offline", source=source_id, because=IS_IT_ONLINE)
        return
    if checked.until is not None:
        log.info("check_put_off", source=source_id, until=json_value(checked.until), because=LEFT_ALONE)
        return
    live = [channel for channel in checked.channels if channel.liveness.alive]
    newest = max((c.liveness.newest_at for c in live if c.liveness.newest_at is not None), default=None)
    facts: dict[str, Any] = {"source": source_id, "alive": bool(live), "channels": len(checked.channels)}
    if live:
        log.info("source_checked", **facts, live=len(live), newest_at=json_value(newest))
        return
    first = checked.channels[0].liveness if checked.channels else Liveness("nothing-found")
    log.info("source_checked", **facts, outcome=first.outcome, detail=first.detail)


def _failure(reason: str) -> str:
    """The name of the failure behind a reason; of a robots.txt that could not be had, of that."""
    return reason.removeprefix("robots-unreachable: ").partition(":")[0]


def _children(page: WalkPage, answer: Answer, walk: Walk, now: datetime) -> tuple[WalkPage, ...]:
    """The sitemaps to be looked at of an index: the likeliest to be fresh, and where none is, the one changed last."""
    if not answer.children:
        return ()
    step = next_step(page, answer, (), walk.asked, WalkGoal(), now)
    if step.ask:
        return step.ask[: max(0, MOST_CHILDREN + 1 - len(walk.asked))]
    stale = [child for child, reason in step.passed if reason.startswith("stale")]
    changed = {child.url: child.modified_at for child in answer.children}
    long_ago = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(stale, key=lambda child: changed.get(child.url) or long_ago)[-1:])


def _together(answers: Sequence[Answer]) -> Answer:
    """What several answers show, as one."""
    links = {link.url: link for answer in answers for link in answer.links}
    return Answer(
        tuple(links.values()),
        times=tuple(at for answer in answers for at in answer.times),
        without_date=sum(answer.without_date for answer in answers),
        skipped=sum(answer.skipped for answer in answers),
        problem=next((answer.problem for answer in answers if answer.problem is not None), None),
        odd_dates=tuple(claim for answer in answers for claim in answer.odd_dates),
    )
