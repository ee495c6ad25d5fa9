"""What a backfill would cost: its lists are read as politely as a crawl, its articles are counted, and nothing is kept.

The walk is the one of a backfill, in a temporary archive that is deleted in the end, and with room for no article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive.config import Settings
from archive.frontier import links, walks
from archive.frontier.mementos import waiting
from archive.frontier.origins import copy_hosts, load_origins
from archive.model.clock import SystemClock
from archive.model.frontier import PendingLink
from archive.model.job import BACKFILL_SHARE, CrawlJob
from archive.model.period import Period
from archive.model.source import Channel, Source
from archive.model.text.urls import host_of
from archive.registry import Registry
from archive.sources.state import sync_sources
from archive.storage.locks import fetching_lock
from archive.storage.session import Archive, open_archive
from crawler.http.politeness import Politeness
from crawler.runner.crawl import run_crawl
from crawler.user_agent import robots_token

ALL = "(all, each article once)"
DAY = 86400.0
NOT_READ = "its files would have to be read through: not estimated"
"""Of WARC files."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One channel of a source, or all of them together. `lists`: requests for lists that were made, and will be again;
    `articles`: links that the lists show for these days; of a web archive, addresses with captures, each of which
    may take several requests; `known`: those of them that the archive holds already; `requests`: all
    that the backfill would make; `delay`: the longest between two requests to one host, in seconds; `seconds`: how long it
    would take with that delay and the requests that a host gets in a day; `note`: what could not be read, and why."""

    source: str
    channel: str
    lists: int
    articles: int
    known: int
    requests: int
    delay: float
    seconds: float
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The estimate as it is printed, by name."""
        return asdict(self)


def estimate_walks(
    settings: Settings, archive: Archive, wanted: Sequence[tuple[Source, Sequence[tuple[Channel, Sequence[Period]]]]]
) -> list[Estimate]:
    """Walk these channels for these windows. It may be called once a process.

    Raises:
        AlreadyFetching: Another process fetches.
        DiskFull: Too little room is left on the disk.
    """
    clock = SystemClock()
    with ExitStack() as stack:
        # Hosts are asked by one process at a time, whatever for.
        stack.enter_context(fetching_lock(archive.engine, settings.home))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dateline-")))
        scratch_settings = settings.model_copy(update={"home": folder, "database_url": "", "warc_dir": None})
        scratch = open_archive(scratch_settings, create=True)
        stack.callback(scratch.engine.dispose)
        with archive.reading() as session:
            hosts = load_origins(session)
        with scratch.writing() as session:
            sync_sources(session, Registry({source.id: source for source, _ in wanted}), clock())
            copy_hosts(session, hosts)
        jobs = [
            CrawlJob(source, "backfill", (channel,), limit=0, window=window)
            for source, channels in wanted
            for channel, windows in channels
            if channel.kind != "warc"
            for window in windows
        ]
        run_crawl(scratch_settings, scratch, jobs)
        with scratch.reading() as session:
            politeness = Politeness(load_origins(session), robots_token(settings), clock())
        found: list[Estimate] = []
        for source, channels in wanted:
            of_source = [_walked(scratch, source, channel, windows, clock) for channel, windows in channels]
            known = _known(archive, source, of_source)
            found += [_estimate(settings, politeness, source, each.channel, each, known) for each in of_source]
            if len(of_source) > 1:
                found.append(_estimate(settings, politeness, source, ALL, _together(of_source), known))
        return found


@dataclass(frozen=True, slots=True)
class _Walked:
    channel: str
    lists: Counter[str]
    """Requests for lists, by host."""
    links: Mapping[str, PendingLink]
    """By key."""
    captures: Counter[str]
    """Requests for captures that web archives hold, by host; no other request is made for their links."""
    live: frozenset[str]
    """The keys of the links that are asked for at the publisher's."""
    reasons: Counter[str]


def _walked(
    scratch: Archive, source: Source, channel: Channel, windows: Iterable[Period], clock: SystemClock
) -> _Walked:
    lists: Counter[str] = Counter()
    captures: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    shown: dict[str, PendingLink] = {}
    if channel.kind == "warc":
        return _Walked(channel.key, lists, shown, captures, frozenset(), Counter({NOT_READ: 1}))
    of_others = channel.web_archive
    with scratch.reading() as session:
        for window in windows:
            walk = walks.latest(session, source.id, channel.key, window)
            if walk is None:
                reasons["not walked"] += 1
                continue
            counted = walks.count_outcomes(session, walk.pk)
            lists[host_of(of_others.cdx if of_others else channel.url)] += (
                counted.pages["read"] + counted.pages["failed"]
            )
            reasons.update({reason: n for reason, n in counted.page_reasons.items() if counted.pages["failed"]})
            if counted.pages["waiting"]:
                reasons["not read to the end"] += counted.pages["waiting"]
            shown.update((link.url_key, link) for link in walks.pending_links(session, walk.pk, clock()))
            if of_others:
                captures[host_of(of_others.replay)] += len(waiting(session, walk))
    return _Walked(channel.key, lists, shown, captures, frozenset() if of_others else frozenset(shown), reasons)


def _together(of_source: Iterable[_Walked]) -> _Walked:
    lists: Counter[str] = Counter()
    captures: Counter[str] = Counter()
    shown: dict[str, PendingLink] = {}
    live: set[str] = set()
    reasons: Counter[str] = Counter()
    for each in of_source:
        lists.update(each.lists)
        captures.update(each.captures)
        shown.update(each.links)
        live |= each.live
        reasons.update(each.reasons)
    return _Walked(ALL, lists, shown, captures, frozenset(live), reasons)


def _known(archive: Archive, source: Source, of_source: Iterable[_Walked]) -> set[str]:
    with archive.reading() as session:
        return links.captured_keys(session, source.id, {key for each in of_source for key in each.links})


def _estimate(
    settings: Settings, politeness: Politeness, source: Source, channel: str, walked: _Walked, known: set[str]
) -> Estimate:
    requests = walked.lists + walked.captures
    requests.update(host_of(walked.links[key].url) for key in walked.live - known)
    own = source.delay_or(settings.delay)
    addresses = [source.homepage, *(link.url for link in walked.links.values())]
    delays = {host_of(url): max(own, politeness.crawl_delay(url)) for url in addresses}
    a_day = BACKFILL_SHARE * settings.host_budget
    seconds = [max(n * delays.get(host, own), int(n / a_day) * DAY) for host, n in requests.items()]
    return Estimate(
        source=source.id,
        channel=channel,
        lists=walked.lists.total(),
        articles=len(walked.links),
        known=len(known & walked.links.keys()),
        requests=requests.total(),
        delay=max(delays.values()),
        seconds=round(max(seconds, default=0.0)),
        note=", ".join(
            reason if reason == NOT_READ else f"{n} {reason}" for reason, n in walked.reasons.most_common(3)
        ),
    )
