"""scrapy-playwright, made our way: it launches Chromium, makes the contexts and opens the pages of rendered sources.

The handler is not among Scrapy's DOWNLOAD_HANDLERS: there it would start Playwright with every crawl, and one browser for each
scheme. `crawler.browser.lifecycle` makes one when the first page is to be rendered.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import structlog
from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.statscollectors import DummyStatsCollector
from scrapy.utils.reactor import install_reactor, is_reactor_installed
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from archive.config import Settings
from crawler.browser.chromium import arguments
from crawler.settings import TWISTED_REACTOR

log = structlog.get_logger()

START = 60.0
"""Seconds that a browser may take to start."""


class Provider(PlaywrightBrowserProvider):  # type: ignore[misc]  # it has no types
    """Launches Chromium, in its own sandbox where the system allows it."""

    async def launch_browser(self) -> Browser:
        try:
            launched: Browser = await super().launch_browser()
        except PlaywrightError:
            options = self.config.launch_options
            if not options["chromium_sandbox"]:
                raise
            # Containers seldom let Chromium make namespaces; there the container is the sandbox.
            log.warning("browser_without_sandbox")
            options["chromium_sandbox"] = False
            launched = await super().launch_browser()
        return launched


class PlaywrightHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # it has no types
    """The download handler of one browser, from its start to its end."""

    browser: Browser

    async def start(self) -> None:
        """Start Playwright and the browser. Raises playwright's Error."""
        await self._launch()
        await self._maybe_launch_browser()

    async def close_context(self, name: str) -> None:
        """Close a context with all its pages, also one that never got a page."""
        if (wrapper := self.context_wrappers.get(name)) is not None:
            await wrapper.context.close()

    async def download(self, request: Request) -> None:
        """Open the page of a request, once: a page of a browser that ended is tried again by us, with another browser."""
        await self._download_request_with_retry(request, None)

    async def end(self) -> None:
        """Close the browser and Playwright. The HTTP client that every handler has was never used."""
        await self._close()


def new_handler(settings: Settings, program: Path | None, proxy_port: int) -> PlaywrightHandler:
    """A handler that is not started yet. `program` is None for Playwright's own Chromium."""
    if not is_reactor_installed():  # outside a crawl
        install_reactor(TWISTED_REACTOR)
    options: dict[str, Any] = {
        "executable_path": program,
        "args": arguments(proxy_port, settings.render_memory),
        "chromium_sandbox": os.geteuid() != 0,
        # Signals are the process's business, which closes its browser.
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "timeout": START * 1000,
    }
    crawler = Crawler(
        Spider,
        {
            "PLAYWRIGHT_BROWSER_PROVIDER": Provider,
            "PLAYWRIGHT_LAUNCH_OPTIONS": options,
            "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
            "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 0,  # what a page may take is in its budget
            "PLAYWRIGHT_RESTART_DISCONNECTED_BROWSER": False,  # another browser has another handler
            "PLAYWRIGHT_ABORT_REQUEST": _always,  # behind our own rules, which answer everything
        },
    )
    crawler.stats = DummyStatsCollector(crawler)
    return PlaywrightHandler(crawler)


def _always(_request: object) -> bool:
    return True
