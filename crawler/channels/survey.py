"""Looking around a site for the ways to its articles: one request after another, as politely as the crawl that it is
part of, until no further request can change what is proposed.

homepage ─> candidates ─> ask the likeliest ─> read ─> rank ─> open some links of what would be proposed ─> rank again
                 └────────── as long as a candidate may still change the proposal ──────────┘
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

import structlog

from archive.model.capture import Exchange
from archive.model.content_codings import ContentError
from archive.model.source import Source
from archive.model.text.urls import same_site, url_key
from crawler.channels.list_reading import read_list
from crawler.discover.autodiscovery.candidates import Candidate, Discovery
from crawler.discover.autodiscovery.needs_browser import needs_browser
from crawler.discover.autodiscovery.probe import Reading, read_homepage, read_probe, samples, with_child
from crawler.discover.autodiscovery.ranking import FEWEST, Probe, Ranked, propose, rank, worth_probing
from crawler.discover.parsing.cost import is_light, is_light_page
from crawler.discover.sitemaps.children import Walked, plan_poll
from crawler.engine.crawl import Crawl
from crawler.extraction_pool.pool import ExtractionFailed
from crawler.frontier.callbacks import ResponseFuture
from crawler.frontier.task import Task
from crawler.frontier.unavailable import Unavailable
from crawler.reading.page import Page

log = structlog.get_logger()

MOST_REQUESTS = 40
"""Requests of one survey, besides those for the rules of its hosts."""
LONGEST = 900.0
"""Seconds that the pauses between them may last together: a site that asks for long ones gets fewer requests."""
FEWEST_REQUESTS = 8
CHILDREN = 2
"""Sitemaps of an index that are asked to see what it leads to."""
FEED_SAMPLE = 1
"""A feed's entries are articles by their nature; one is opened to see whether it can be read without a browser."""

NOWHERE = Discovery(())
Tell = Callable[[int, str], None]
"""Called before each request with its number and address."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look around a site found. `homepage`: where it was served in the end. `proposal`: the registry entry to propose,
    None if no way was found. `problem`: why the homepage could not be read."""

    homepage: str
    discovery: Discovery = NOWHERE
    ranked: tuple[Ranked, ...] = ()
    proposal: Source | None = None
    needs_browser: bool = False
    """The pages have no text without their scripts."""
    requests: int = 0
    not_asked: int = 0
    """Candidates that could not have changed the proposal, or for which no request was left."""
    problem: str | None = None
    titles: tuple[str, ...] = ()
    """Headlines of the channels proposed: the language that they are in is the source's."""


class Surveyor:
    """One survey of the homepage of `source`, on behalf of `crawl`."""

    def __init__(self, crawl: Crawl, source: Source, tell: Tell | None = None) -> None:
        self._crawl = crawl
        self._source = source
        self._tell = tell
        self._homepage = source.homepage
        self._candidates: list[Candidate] = []
        self._probes: dict[tuple[str, str], Probe] = {}
        self._ranked: tuple[Ranked, ...] = ()
        self._answers: dict[str, tuple[Exchange, bytes] | str] = {}
        self._requests = 0
        self._halted: str | None = None
        self._opened: set[tuple[str, str]] = set()
        self._unread = self._read = 0

    async def run(self) -> Survey:
        """Look around. Nothing that a site answers makes it raise."""
        answer = await self._page(self._source.homepage)
        if isinstance(answer, str):
            return Survey(self._source.homepage, requests=self._requests, problem=answer)
        exchange, body = answer
        self._homepage = exchange.url
        content_type = exchange.header("content-type")
        robots = self._crawl.politeness.robots(exchange.url)
        work = partial(
            read_homepage,
            url=exchange.url,
            content_type=content_type,
            link_headers=[v for name, v in exchange.response_headers if name.lower() == "link"],
            robots_text=robots.text if robots else None,
        )
        try:
            discovery = await read_list(self._crawl, body, work, is_light_page)
        except ExtractionFailed as error:
            return Survey(self._homepage, requests=self._requests, problem=f"extraction: {error}")
        self._candidates = list(discovery.candidates)
        for candidate in self._candidates:
            if url_key(candidate.channel.url) == url_key(exchange.url):  # the homepage itself need not be asked again
                await self._take(await self._reading(candidate, exchange, body))
        await self._look()
        proposal = propose(discovery, self._ranked, self._homepage)
        return Survey(
            self._homepage,
            discovery,
            self._ranked,
            proposal,
            self._unread > 0 and not self._read if self._unread + self._read else discovery.empty,
            self._requests,
            len(self._candidates) - len(self._probes),
            titles=self._titles(proposal),
        )

    async def _look(self) -> None:
        """Ask candidates and open links until nothing can change any more."""
        while not self._halted:
            wanted = next((c for c in self._candidates if self._is_wanted(c)), None)
            if wanted is not None:
                await self._take(await self._probe(wanted))
            elif (unsure := self._unsure() or self._last_resort()) is not None:
                await self._open(unsure)
            else:
                return

    def _is_wanted(self, candidate: Candidate) -> bool:
        return _key(candidate) not in self._probes and worth_probing(candidate, self._ranked)

    def _unsure(self) -> Candidate | None:
        """A channel that would be proposed, of which no link has been opened."""
        proposal = propose(NOWHERE, self._ranked, self._homepage)
        chosen = {(c.kind, url_key(c.url)) for c in proposal.discover} if proposal is not None else set()
        for found in self._ranked:
            key = _key(found.candidate)
            if key in chosen and key not in self._opened:
                return found.candidate
        return None

    def _last_resort(self) -> Candidate | None:
        """Where nothing is alive, or no sitemap, which a backfill would want: a list of own pages that do not look like
        articles, of which none has been opened."""
        alive = {found.candidate.channel.kind for found in self._ranked if found.good and not found.candidate.doubts}
        for found in self._ranked:
            plain = found.verdict == "no-articles" and found.items >= FEWEST and not found.candidate.doubts
            wanted = not alive or (found.candidate.channel.kind == "sitemap" and "sitemap" not in alive)
            if plain and wanted and _key(found.candidate) not in self._opened:
                return found.candidate
        return None

    # --- one candidate

    async def _probe(self, candidate: Candidate) -> Reading:
        answer = await self._page(candidate.channel.url)
        if isinstance(answer, str):
            return Reading(Probe(candidate, failure=answer))
        exchange, body = answer
        reading = await self._reading(candidate, exchange, body)
        if reading.children and not reading.probe.links:
            return replace(reading, probe=await self._children(reading))
        return reading

    async def _reading(self, candidate: Candidate, exchange: Exchange, body: bytes) -> Reading:
        content_type = exchange.header("content-type")
        work = partial(
            read_probe, candidate, url=exchange.url, content_type=content_type, languages=self._source.language
        )
        light = partial(is_light, kind=candidate.channel.kind, content_type=content_type)
        try:
            return await read_list(self._crawl, body, work, light)
        except ExtractionFailed as error:
            return Reading(Probe(candidate, failure=f"extraction: {error}"))

    async def _children(self, index: Reading) -> Probe:
        """The probe of an index, with the pages that its likeliest sitemaps name."""
        probe, failure = index.probe, None
        plan = plan_poll(
            index.children, Walked({url_key(probe.candidate.channel.url)}, 0, CHILDREN), self._crawl.clock()
        )
        for child in plan.ask[:CHILDREN]:
            answer = await self._page(child.url)
            if isinstance(answer, str):
                failure = answer
                continue
            exchange, body = answer
            reading = await self._reading(probe.candidate, exchange, body)
            probe = with_child(probe, reading)
            if probe.links:
                return probe
        return replace(
            probe, children=0, failure=f"its sitemaps: {failure}" if failure else "its sitemaps name no pages"
        )

    async def _take(self, reading: Reading) -> None:
        probe = reading.probe
        self._probes[_key(probe.candidate)] = probe
        known = {_key(candidate) for candidate in self._candidates}
        self._candidates += [more for more in reading.more if _key(more) not in known]
        await self._rank()

    async def _rank(self) -> None:
        """Beside the event loop: a sitemap may have given 100,000 links."""
        probes = tuple(self._probes.values())
        self._ranked = await asyncio.to_thread(rank, probes, self._homepage, self._crawl.clock())

    async def _open(self, candidate: Candidate) -> None:
        """Open some of a channel's links, and note how many are articles."""
        key = _key(candidate)
        self._opened.add(key)
        probe = self._probes[key]
        most = FEED_SAMPLE if candidate.channel.kind == "feed" else len(probe.links)
        for url in (await asyncio.to_thread(samples, probe, self._homepage))[:most]:
            answer = await self._page(url)
            if isinstance(answer, str) or not (kind := await self._kind(*answer)):
                continue  # says nothing about the list
            probe = replace(probe, opened=probe.opened + 1, articles=probe.articles + (kind == "article"))
        self._probes[key] = probe
        await self._rank()

    async def _kind(self, exchange: Exchange, body: bytes) -> str | None:
        """Return whether a page is an `article` or something `else`; None where that cannot be told without a browser."""
        page = Page(body, exchange.url, exchange.response_headers, source=self._source)
        look = partial(needs_browser, content_type=exchange.header("content-type"))
        try:
            if await read_list(self._crawl, body, look, is_light_page):
                self._unread += 1
                return None
            reading = await self._crawl.pool.read(page)
        except ExtractionFailed as error:
            log.info("sample_not_read", url=exchange.url, reason=str(error))
            return None
        if reading.kind in ("article", "paywalled"):
            self._read += 1
            return "article"
        return "else"

    # --- one request

    async def _page(self, url: str) -> tuple[Exchange, bytes] | str:
        """The answer for `url`, with its body after content decoding; or why there is none. Nothing is asked twice."""
        if (known := self._answers.get(url_key(url))) is not None:
            return known
        if self._halted is None and self._requests >= self._most(url):
            self._halted = "no request left"
        if self._halted is not None:
            return self._halted
        self._requests += 1
        if self._tell is not None:
            self._tell(self._requests, url)
        answer = self._answers[url_key(url)] = await self._fetch(url)
        return answer

    async def _fetch(self, url: str) -> tuple[Exchange, bytes] | str:
        handler = ResponseFuture(lane=1)
        await self._crawl.offer(Task(handler, self._source, url))
        outcome = await handler.answer
        if isinstance(outcome, Unavailable):
            if outcome.how != "put-off":
                return outcome.reason
            reason = f"put-off: {outcome.reason}"
            if same_site(url, self._homepage):  # it is not to be asked for others either
                self._halted = reason
            return reason
        if outcome.status != 200:
            return f"HTTP {outcome.status}"
        try:
            return outcome, await self._crawl.decode(outcome)
        except ContentError as error:
            return error.reason

    def _most(self, url: str) -> int:
        own = self._source.delay_or(self._crawl.settings.delay)
        pause = max(own, self._crawl.politeness.crawl_delay(url))
        return MOST_REQUESTS if pause <= 0 else int(min(MOST_REQUESTS, max(FEWEST_REQUESTS, LONGEST / pause)))

    def _titles(self, proposal: Source | None) -> tuple[str, ...]:
        chosen = {(c.kind, url_key(c.url)) for c in proposal.discover} if proposal is not None else set()
        links = [link for key, probe in self._probes.items() if key in chosen for link in probe.links]
        return tuple(link.hints.title for link in links if link.hints.title)[:30]


def _key(candidate: Candidate) -> tuple[str, str]:
    return candidate.channel.kind, url_key(candidate.channel.url)


def sites_of(homepages: Sequence[str]) -> list[Source]:
    """Sources that stand for the sites at `homepages`, until there are entries for them."""
    return [Source(f"site-{n}", urlsplit(url).hostname or url, url) for n, url in enumerate(homepages, 1)]


def unfinished(crawl: Crawl, source: Source) -> Survey:
    """The survey of a site that was cut short."""
    why = next(iter(crawl.report[source.id].problems), None) or "stopped before it was done"
    return Survey(source.homepage, problem=why)
