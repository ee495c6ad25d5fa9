"""One page, rendered: the document is given to Chromium as we got it, its scripts run, and the DOM that they make is read.

Chromium asks nobody. What the page wants is taken over before it leaves the browser, judged by `rules`, and fetched by the
crawl like everything else; the answer is then put into the page's hands.
"""

from __future__ import annotations

import asyncio
from codecs import BOM_UTF8
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import structlog
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Route
from playwright.async_api import Error as PlaywrightError

from archive.model.text.urls import same_site
from crawler.browser.budget import Budget, OverBudget, Spending
from crawler.browser.cache import Part
from crawler.browser.document import Document, Fetch, RenderedDocument
from crawler.browser.failures import BrowserLost, RenderFailed
from crawler.browser.request_rules import passed_on, rule, shown
from crawler.frontier.unavailable import Unavailable

log = structlog.get_logger()

QUIET = 0.5
"""Seconds without a request and without a change after which a page is finished."""
RESTLESS = 5.0
"""Seconds after its last answer for which a page that never rests is waited for."""
LOOK = 0.1
WATCH = 0.25
"""Seconds from one look at the page, and at what it takes, to the next."""
LONGEST = 900.0
"""Seconds, whatever is waited for."""
GOODBYE = 5.0
"""Seconds that a page has to close in."""

_STATE = (
    "() => [document.readyState, document.getElementsByTagName('*').length,"
    " (document.documentElement || {textContent: ''}).textContent.length]"
)


async def draw(
    browser: Browser, document: Document, fetch: Fetch, budget: Budget, agent: str, limit: int
) -> RenderedDocument:
    """Render a document; `limit` bytes of DOM at most. Raises RenderFailed, BrowserLost."""
    drawing = _Drawing(document, fetch, budget, limit)
    context: BrowserContext | None = None
    try:
        # A context of its own: every page is seen as by a reader who comes for the first time.
        context = await browser.new_context(
            user_agent=agent,
            locale=document.locale,
            timezone_id=document.timezone,
            service_workers="block",
            accept_downloads=False,
            viewport={"width": 1280, "height": 4000},
        )
        return await drawing.run(context)
    except OverBudget as error:
        raise RenderFailed("page-budget", str(error)) from error
    except PlaywrightError as error:
        if not browser.is_connected() or "has been closed" in error.message:
            raise BrowserLost(error.message) from error
        raise RenderFailed("render-failed", _first_line(error)) from error
    finally:
        await drawing.end(context)
        if context is not None and browser.is_connected():
            await _close(context)


async def _close(context: BrowserContext) -> None:
    try:
        await asyncio.wait_for(context.close(), GOODBYE)
    except TimeoutError as error:  # a script that never ends; the browser that runs it is not used any more
        raise BrowserLost("a page does not close") from error
    except PlaywrightError as error:
        log.debug("context_gone", error=_first_line(error))


class _Drawing:
    """A page on its way."""

    def __init__(self, document: Document, fetch: Fetch, budget: Budget, limit: int) -> None:
        self._document = document
        self._fetch = fetch
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._spending = Spending(budget, self._loop.time())
        self._broken: asyncio.Future[None] = self._loop.create_future()
        """Ends, with an exception, as soon as the page must be given up."""
        self._tasks: set[asyncio.Task[object]] = set()
        self._given = False
        self._ended = asyncio.Event()
        self._lacking: list[str] = []
        self._page: Page | None = None

    async def run(self, context: BrowserContext) -> RenderedDocument:
        await context.route("**/*", self._asked)
        self._page = page = await context.new_page()
        context.on("page", self._popped_up)
        page.on("crash", self._crashed)
        meter = await context.new_cdp_session(page)
        await meter.send("Performance.enable")
        work = self._begin(self._load(page))
        self._begin(self._watch(meter))
        either: list[asyncio.Future[Any]] = [work, self._broken]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._broken.done():
            self._broken.result()
        dom: bytes = await work  # type: ignore[assignment]  # that is what `_load` returns
        return RenderedDocument(dom, tuple(self._lacking))

    async def end(self, context: BrowserContext | None) -> None:
        """Nothing of it goes on."""
        if context is not None:
            with suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(context.unroute_all(behavior="ignoreErrors"), GOODBYE)
        self._ended.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._broken.done():
            self._broken.exception()  # was looked at, or came too late
        else:
            self._broken.cancel()

    def _begin(self, work: Awaitable[object]) -> asyncio.Task[object]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        return task

    def _break(self, error: Exception) -> None:
        if not self._broken.done():
            self._broken.set_exception(error)

    # --- the page

    async def _load(self, page: Page) -> bytes:
        await page.goto(self._document.url, wait_until="commit", timeout=0)
        await self._settle(page)
        dom = BOM_UTF8 + (await page.content()).encode("utf-8", "replace")
        if len(dom) > self._limit:
            raise OverBudget(f"size: more than {self._limit >> 10} KB of page")
        return dom

    async def _settle(self, page: Page) -> None:
        """Wait until the page asks for nothing and changes nothing, or goes on for too long without asking for anything."""
        last: object = None
        still_since = self._loop.time()
        while True:
            await asyncio.sleep(LOOK)
            state = await page.evaluate(_STATE)
            now = self._loop.time()
            if self._spending.waiting:
                still_since = now
            elif state != last:
                if now - self._spending.answered_at > RESTLESS:
                    return
                still_since = now
            elif now - still_since >= QUIET:
                return
            last = state

    async def _watch(self, meter: CDPSession) -> None:
        """Give the page up once it takes more than it may."""
        began = self._loop.time()
        try:
            while True:
                await asyncio.sleep(WATCH)
                now = self._loop.time()
                left = self._spending.left(now)
                if now - began > LONGEST:
                    raise OverBudget(f"time: more than {LONGEST:g} s with all that it waited for")
                with suppress(TimeoutError):  # a busy page tells nothing; then its time runs out
                    told = await asyncio.wait_for(meter.send("Performance.getMetrics"), min(left, 2.0))
                    heap = next((m["value"] for m in told["metrics"] if m["name"] == "JSHeapUsedSize"), 0)
                    self._spending.hold(int(heap))
        except (OverBudget, PlaywrightError) as error:
            self._break(error)

    def _crashed(self, _page: Page) -> None:
        self._break(RenderFailed("page-crashed", "its process ended; perhaps it wanted too much memory"))

    def _popped_up(self, page: Page) -> None:
        if page is not self._page:
            self._begin(page.close())

    # --- what it asks for

    async def _asked(self, route: Route) -> None:
        try:
            await self._answer(route)
        except OverBudget as error:
            self._break(error)
        except PlaywrightError as error:  # the page is gone, or has lost interest
            log.debug("sub_request_dropped", url=route.request.url[:200], error=_first_line(error))
            await self._ended.wait()  # Playwright takes the error then, and only then, for what it is
            raise
        except Exception as error:  # noqa: BLE001  # a fault of ours: the page must not hang, and somebody must hear of it
            self._break(error)

    async def _answer(self, route: Route) -> None:
        request = route.request
        navigation = request.is_navigation_request()
        first = navigation and not self._given
        ruling = rule(request.resource_type, request.url, request.method, first=first, navigation=navigation)
        if first:
            self._given = True
            await route.fulfill(status=200, headers=shown(self._document.headers), body=self._document.body)
        elif ruling == "let":
            await self._bring(route)
        elif ruling == "navigation":
            await route.fulfill(status=204)  # an error would take the document's place, this leaves it as it is
        elif ruling == "empty":
            await route.fulfill(status=200, content_type="text/css", headers={"access-control-allow-origin": "*"})
        else:
            log.debug("sub_request_refused", url=request.url[:200], why=ruling)
            await route.abort("blockedbyclient")

    async def _bring(self, route: Route) -> None:
        request = route.request
        self._spending.ask(self._loop.time())
        size = 0
        try:
            fetching = self._begin(self._fetch(request.url, request.resource_type, passed_on(request.headers)))
            try:
                part: object = await fetching
            except asyncio.CancelledError:  # the page has ended; its request must all the same
                part = Unavailable("put-off", "the page has ended")
            if isinstance(part, Part):
                size = part.size
        finally:
            self._spending.get(size, self._loop.time())
        if isinstance(part, Part):
            await route.fulfill(status=part.status, headers=shown(part.headers), body=part.body)
            return
        assert isinstance(part, Unavailable), "a fetch brings a part or says why not"
        log.debug("sub_request_failed", url=request.url[:200], why=part.reason)
        if part.passing and same_site(request.url, self._document.url):
            self._lacking.append(f"{request.url[:200]}: {part.reason}")
        await route.abort("failed")


def _first_line(error: PlaywrightError) -> str:
    return error.message.strip().splitlines()[0][:200] if error.message.strip() else "no message"
