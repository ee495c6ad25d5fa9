"""A page's answer, rendered: the browser asks, the crawl fetches as politely as everything else.

answer ─> Browser.draw ─> DOM
             │  ^ wants a script, some JSON
             v  │
          offer(a handler) ─> robots, delay, budget, address guard ─> answer
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urldefrag

from archive.model.capture import Exchange
from archive.model.content_codings import ContentError
from archive.model.source import NO_ACTIONS, ListActions
from crawler.browser.cache import Part
from crawler.browser.document import Document
from crawler.browser.failures import BrowserLost, BrowserMissing, RenderFailed
from crawler.engine.crawl import Crawl
from crawler.extract.markup.decode import is_html
from crawler.frontier.callbacks import ResponseFuture
from crawler.frontier.task import Task
from crawler.frontier.unavailable import Unavailable
from crawler.http.failures import Failure

TRIES = 2
"""A browser that goes away may do so because of another page."""
LOOK = 0.5
"""Seconds from one look whether the crawl goes on to the next."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The DOM (UTF-8 behind a byte order mark), and what the page did not get for reasons that may pass."""

    dom: bytes
    lacking: tuple[str, ...]


class Stopped(Exception):
    """The crawl ends: the page is left to the next one."""


async def render(
    crawl: Crawl, task: Task, exchange: Exchange, payload: bytes, actions: ListActions = NO_ACTIONS
) -> Rendered | Failure | None:
    """Return the page in `payload` as the browser shows it after `actions`.

    None where there is nothing to render: no page, or none with status 200.

    Raises:
        Stopped: The crawl ended meanwhile.
    """
    if exchange.status != 200 or not is_html(payload, exchange.header("content-type")):
        return None
    source = task.source
    document = Document(
        exchange.url,
        exchange.response_headers,
        payload,
        next(iter(source.language), None),
        source.timezone or "UTC",
        actions,
    )

    async def fetch(url: str, kind: str, headers: dict[str, str]) -> Part | Unavailable:
        return await fetch_part(crawl, task, url, kind, headers)

    for left in reversed(range(TRIES)):
        try:
            drawn = await crawl.browser.draw(document, fetch)
        except BrowserMissing as error:
            return Failure("browser-missing", str(error), host=True)
        except RenderFailed as error:
            _unless_stopped(crawl)
            return Failure(error.name, error.detail)
        except BrowserLost as error:
            _unless_stopped(crawl)
            if not left:
                return Failure("browser-lost", str(error)[:200])
        else:
            _unless_stopped(crawl)
            return Rendered(drawn.dom, drawn.lacking)
    raise AssertionError("the last try returns")


async def fetch_part(crawl: Crawl, task: Task, url: str, kind: str, headers: dict[str, str]) -> Part | Unavailable:
    """Fetch what a page asks for that is being rendered for `task`."""
    address = urldefrag(url).url
    if (cached := crawl.browser.cache.get(address, crawl.clock())) is not None:
        return cached
    handler = ResponseFuture(lane=0, headers=headers)
    await crawl.offer(Task(handler, task.source, address, job=task.job, priority=task.priority))
    while not _stopped(crawl):
        done, _ = await asyncio.wait([handler.answer], timeout=LOOK)
        if done:
            break
    if not handler.answer.done():
        return Unavailable("put-off", "stopped")
    answer = handler.answer.result()
    if isinstance(answer, Unavailable):
        return answer
    try:
        part = Part(answer.status, answer.response_headers, await crawl.decode(answer), len(answer.body))
    except ContentError as error:
        return Unavailable("failed", error.reason)
    crawl.browser.cache.put(address, kind, part, crawl.clock())
    return part


def _unless_stopped(crawl: Crawl) -> None:
    """Raise Stopped if the crawl ends: what a page shows meanwhile is half of it."""
    if _stopped(crawl):
        raise Stopped


def _stopped(crawl: Crawl) -> bool:
    return crawl.frontier.closed or crawl.browser.closed
