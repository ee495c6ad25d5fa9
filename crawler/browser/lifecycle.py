"""The one browser of a fetching process: started when the first page is to be rendered, closed when it has nothing to do,
replaced when it is worn out or lost."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from archive.config import Settings
from crawler.browser import processes
from crawler.browser.budget import Budget
from crawler.browser.cache import Cache
from crawler.browser.chromium import find_chromium
from crawler.browser.dead_proxy import DeadProxy
from crawler.browser.document import Document, Fetch, RenderedDocument
from crawler.browser.failures import BrowserLost, BrowserMissing
from crawler.user_agent import user_agent

if TYPE_CHECKING:
    from crawler.browser.download_handler import PlaywrightHandler

log = structlog.get_logger()

PAGES = 4
"""Pages at once: more do not make it faster on two cores."""
MOST_PAGES = 200
"""A browser is replaced after so many pages …"""
MOST_MEMORY = 1_500 << 20
"""… or once its processes hold so many bytes."""
IDLE = 60.0
"""Seconds without a page after which it is closed."""
MISSING = 600.0
"""Seconds for which a browser that is not there, or does not start, is not looked for again."""
GOODBYE = 5.0
"""Seconds that a browser may take to close."""


@dataclass(slots=True)
class _Running:
    """A started browser. `worn`: it gets no further page."""

    handler: PlaywrightHandler
    wall: DeadProxy
    pids: list[int]
    pages: int = 0
    active: int = 0
    worn: bool = False
    empty: asyncio.Event = field(default_factory=asyncio.Event)


class Browser:
    """Renders pages, at most `PAGES` at once. Belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        self.cache = Cache()
        self._settings = settings
        self._budget = Budget.of(settings)
        self._agent = user_agent(settings)
        self._slots = asyncio.Semaphore(PAGES)
        self._starting = asyncio.Lock()
        self._running: _Running | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False
        self._missing: tuple[float, BrowserMissing] | None = None

    async def draw(self, document: Document, fetch: Fetch) -> RenderedDocument:
        """Render a document. Raises BrowserMissing, RenderFailed, BrowserLost."""
        async with self._slots:
            running = await self._ready()
            try:
                from crawler.browser.page import draw  # Playwright need not be installed

                limit = self._settings.max_body
                return await draw(running.handler, document, fetch, self._budget, self._agent, limit)
            except BrowserLost:
                running.worn = True
                processes.kill(running.pids)  # if it hangs: nobody waits for it
                raise
            finally:
                self._leave(running)

    @property
    def closed(self) -> bool:
        """It was closed for good."""
        return self._closed

    @property
    def open_pages(self) -> int:
        """The number of pages that are open in the browser, with the windows that they opened."""
        contexts = self._running.handler.browser.contexts if self._running is not None else []
        return sum(len(context.pages) for context in contexts)

    async def close(self) -> None:
        """End the browser for good; pages under way are lost."""
        self._closed = True
        if self._idle is not None:
            self._idle.cancel()
        async with self._starting:
            running, self._running = self._running, None
        if running is not None:
            await _end(running)
        await asyncio.gather(*self._closing)

    async def _ready(self) -> _Running:
        """A browser that takes one page more; counts it as active."""
        if self._idle is not None:
            self._idle.cancel()
        async with self._starting:
            if self._closed:
                raise BrowserLost("the crawl has ended")
            running = self._running
            if running is not None and (running.worn or not running.handler.browser.is_connected()):
                await running.empty.wait()  # what it has under way may end first
                self._running = None
                await _end(running)
                running = None
            if running is None:
                running = self._running = await self._start()
            running.active += 1
            running.empty.clear()
            return running

    def _leave(self, running: _Running) -> None:
        running.active -= 1
        running.pages += 1
        held = processes.memory(processes.browsers_below(os.getpid()))
        running.worn |= running.pages >= MOST_PAGES or held > MOST_MEMORY
        if not running.active:
            running.empty.set()
            self._idle = asyncio.get_running_loop().call_later(IDLE, self._rest, running)

    def _rest(self, running: _Running) -> None:
        if running is self._running and not running.active:
            self._running = None
            task = asyncio.create_task(_end(running))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def missing(self) -> BrowserMissing | None:
        """Why nothing can be rendered, as far as that is known without trying."""
        if self._missing is not None and monotonic() < self._missing[0]:
            return self._missing[1]
        if self._running is not None:
            return None
        try:
            find_chromium(self._settings)
        except BrowserMissing as error:
            self._missing = (monotonic() + MISSING, error)
            return error
        return None

    async def _start(self) -> _Running:
        if (known := self.missing()) is not None:
            raise known
        path = find_chromium(self._settings)
        from playwright.async_api import Error

        from crawler.browser.download_handler import new_handler

        before = set(processes.browsers_below(os.getpid()))
        wall = await DeadProxy().open()
        handler = new_handler(self._settings, path, wall.port)
        try:
            await handler.start()
        except Error as error:
            await handler.end()
            await wall.close()
            missing = BrowserMissing(f"{path or 'Chromium'} does not start ({error.message.strip()[:200]})")
            self._missing = (monotonic() + MISSING, missing)
            raise missing from error
        pids = [pid for pid in processes.browsers_below(os.getpid()) if pid not in before]
        version = handler.browser.version
        log.info("browser_started", version=version, program=str(path) if path else "Playwright's own")
        return _Running(handler, wall, pids)


async def _end(running: _Running) -> None:
    """Close it, and make sure that nothing of it is left."""
    from playwright.async_api import Error

    with suppress(TimeoutError, Error):
        await asyncio.wait_for(running.handler.end(), GOODBYE)
    processes.kill(running.pids)
    await running.wall.close()
    log.info("browser_closed", pages=running.pages, walled=running.wall.knocks)
