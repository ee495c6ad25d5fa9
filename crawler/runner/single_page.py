"""One page at an address: fetched as politely as a crawl, read as a crawl reads, and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from archive.config import Settings
from archive.errors import DatelineError
from archive.model.capture import RightsPolicy
from archive.model.clock import SystemClock
from archive.model.source import Source
from archive.model.text.urls import host_of, origin_of
from crawler.engine.pauses import LONGEST_WAIT
from crawler.engine.single_page import SinglePageHandler
from crawler.frontier.task import Task
from crawler.reading.page import Reading
from crawler.runner.scrapy_process import new_process
from crawler.runner.temporary import temporary_crawl

PIPELINES = {
    "crawler.pipelines.extract_and_normalise.ExtractAndNormalise": 100,
    "crawler.pipelines.classify.Classify": 200,
}
"""Those of a crawl, without the ones that keep."""

IN_FLIGHT = 8
"""Requests under way at once: while a page is rendered, it and what it asks for."""


class PageNotRead(DatelineError):
    """The page was not had. `reason` begins with a stable name: `robots`, `HTTP 404`, `address-refused` …"""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}", hint=_next_step(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What came of the page. `url`: where it was served in the end. `reserved`: why an archive must not keep it, or not hand
    it on, with the publisher's own words; None where nobody reserved it. `withheld`: a crawl would not keep its text."""

    url: str
    reading: Reading
    reserved: str | None = None
    withheld: bool = False


def read_page(settings: Settings, url: str, *, render: bool = False) -> ReadPage:
    """Fetch the page at `url` (a clean http(s) address) and read it, after robots.txt and the TDM file of every host on the
    way.

    With `render` it is read as a browser shows it. It may be called once a process: Twisted's reactor does not start twice.

    Raises:
        PageNotRead: The page was not had.
    """
    source = Source(id="page", name=host_of(url), homepage=origin_of(url) + "/", render=render)
    with temporary_crawl(
        settings, [source.id], SystemClock(), in_flight=IN_FLIGHT, longest_delay=LONGEST_WAIT
    ) as crawl:
        process = new_process(settings, ITEM_PIPELINES=PIPELINES)
        from crawler.spiders.news import NewsSpider

        handler = SinglePageHandler(crawl)
        process.crawl(NewsSpider, crawl=crawl, seeds=partial(crawl.offer, Task(handler, source, url)))
        process.start()
        return _outcome(handler, url, settings.rights_policy)


def _outcome(handler: SinglePageHandler, url: str, policy: RightsPolicy) -> ReadPage:
    """Return what became of the page.

    Raises:
        PageNotRead: The page was not had.
    """
    look = handler.look
    if look is None or look.verdict is None:
        raise PageNotRead(url, handler.problem or "stopped before the page was there")
    if look.reading is None or look.verdict.outcome == "soft-404":
        name = look.verdict.outcome if look.capture.answer.status == 200 else None
        reason = look.verdict.reason or look.verdict.kind
        raise PageNotRead(url, f"{name}: {reason}" if name and name != reason else reason)
    rights = look.capture.rights
    withheld = rights.withheld_because(policy)
    because = withheld or ("noarchive" if rights.noarchive else None)
    reserved = f"{because} ({', '.join(rights.evidence)})" if because else None
    return ReadPage(look.capture.final_url, look.reading, reserved, withheld=withheld is not None)


def _next_step(reason: str) -> str:
    """Return what a person can do about the reason."""
    if "address-refused" in reason:
        return "Only public addresses are asked. DATELINE_ALLOW_NETWORKS lets networks of your own through."
    if "host-not-found" in reason:
        return "Is the host's name right? No address is known for it here."
    match reason.partition(":")[0]:
        case "robots":
            return (
                "The publisher's robots.txt forbids crawlers this page. If you may read it, save it with your browser: "
                "dateline extract FILE --url URL"
            )
        case "robots-unreachable":
            return "Where robots.txt cannot be had, everything is forbidden for the time being (RFC 9309). Try later."
        case "HTTP 404" | "HTTP 410" | "soft-404":
            return "The page is not there. Is the address complete?"
        case "HTTP 401" | "HTTP 402" | "HTTP 403" | "HTTP 451":
            return "The publisher refuses it. If you may read it, save it with your browser: dateline extract FILE --url URL"
        case "too-large":
            return "DATELINE_MAX_BODY is the limit."
        case "browser-missing":
            return "Or leave --render out: the page is then read as it is served."
        case "page-budget":
            return "DATELINE_RENDER_TIME, _REQUESTS, _SIZE and _MEMORY are the limits."
        case "timeout":
            return "DATELINE_TIMEOUT is the limit. Try later."
    return "Try later, or save the page with your browser: dateline extract FILE --url URL"
