"""One page, rendered: the document is given to Chromium as we got it, its scripts run, and the DOM that they make is read.

Chromium asks nobody. What the page wants is taken over before it leaves the browser, judged by `rules`, and fetched by the
crawl like everything else; the answer is then put into the page's hands.
"""

from __future__ import annotations

import asyncio
from codecs import BOM_UTF8
from collections.abc import Awaitable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from playwright.async_api import CDPSession, Page, Route
from playwright.async_api import Error as PlaywrightError
from scrapy import Request

from archive.model.text.urls import same_site
from crawler.browser.budget import Budget, OutOfTime, OverBudget, Spending
from crawler.browser.cache import Part
from crawler.browser.document import Document, Fetch, RenderedDocument
from crawler.browser.failures import BrowserLost, RenderFailed
from crawler.browser.list_actions import ActionSteps
from crawler.browser.request_rules import passed_on, rule, visible_headers
from crawler.frontier.unavailable import Unavailable

if TYPE_CHECKING:
    from crawler.browser.download_handler import PlaywrightHandler

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
    handler: PlaywrightHandler, document: Document, fetch: Fetch, budget: Budget, agent: str, limit: int
) -> RenderedDocument:
    """Render a document; `limit` bytes of DOM at most. Raises RenderFailed, BrowserLost."""
    drawing = _Drawing(handler, document, fetch, budget, limit)
    browser = handler.browser
    try:
        return await drawing.run(agent)
    except OutOfTime as error:
        if (doing := drawing.steps.doing) is not None:
            raise RenderFailed(
                "render-failed", f"{doing}: no such element in the {budget.seconds:g} s of the page"
            ) from error
        raise RenderFailed("page-budget", str(error)) from error
    except OverBudget as error:
        raise RenderFailed("page-budget", str(error)) from error
    except PlaywrightError as error:
        if not browser.is_connected() or "has been closed" in error.message:
            raise BrowserLost(error.message) from error
        doing = f"{drawing.steps.doing}: " if drawing.steps.doing else ""
        raise RenderFailed("render-failed", f"{doing}{_first_line(error)}") from error
    finally:
        await drawing.end()
        if browser.is_connected():
            await _close(handler, drawing.name)


async def _close(handler: PlaywrightHandler, name: str) -> None:
    try:
        await asyncio.wait_for(handler.close_context(name), GOODBYE)
    except TimeoutError as error:  # a script that never ends; the browser that runs it is not used any more
        raise BrowserLost("a page does not close") from error
    except PlaywrightError as error:
        log.debug("context_gone", error=_first_line(error))


class _Drawing:
    """A page on its way."""

    def __init__(
        self, handler: PlaywrightHandler, document: Document, fetch: Fetch, budget: Budget, limit: int
    ) -> None:
        self.name = uuid4().hex
        """The name of its context."""
        self.steps = ActionSteps(document.actions, self._settle, lambda: self._spending.requests)
        self._handler = handler
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

    async def run(self, agent: str) -> RenderedDocument:
        work = self._begin(self._load(agent))
        either: list[asyncio.Future[Any]] = [work, self._broken]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._broken.done():
            self._broken.result()
        dom: bytes = await work  # type: ignore[assignment]  # that is what `_load` returns
        return RenderedDocument(dom, tuple(self._lacking))

    async def end(self) -> None:
        """Nothing of it goes on."""
        if self._page is not None:
            with suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(self._unroute(self._page), GOODBYE)
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

    def _request(self, agent: str) -> Request:
        """The page as scrapy-playwright is asked for it."""
        return Request(
            self._document.url,
            meta={
                "playwright": True,
                # A context of its own: every page is seen as by a reader who comes for the first time.
                "playwright_context": self.name,
                "playwright_context_kwargs": {
                    "user_agent": agent,
                    "locale": self._document.locale,
                    "timezone_id": self._document.timezone,
                    "service_workers": "block",
                    "accept_downloads": False,
                    "viewport": {"width": 1280, "height": self.steps.height()},
                },
                "playwright_include_page": True,
                "playwright_page_init_callback": self._opened,
                "playwright_page_goto_kwargs": {"wait_until": "commit", "timeout": 0},
                "playwright_page_methods": self.steps.methods(),
            },
        )

    async def _opened(self, page: Page, _request: Request) -> None:
        """Take over all that the page asks for, before it asks: the last route that is set is the first that is used."""
        self._page = page
        await page.route("**/*", self._asked)
        await page.context.route("**/*", self._asked)  # windows that it opens
        page.context.on("page", self._popped_up)
        page.on("crash", self._crashed)
        meter = await page.context.new_cdp_session(page)
        await meter.send("Performance.enable")
        self._begin(self._watch(meter))

    async def _unroute(self, page: Page) -> None:
        await page.unroute_all(behavior="ignoreErrors")
        await page.context.unroute_all(behavior="ignoreErrors")

    async def _load(self, agent: str) -> bytes:
        await self._handler.download(self._request(agent))
        page = self._page
        assert page is not None, "the request has opened its page"
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
                    raise OutOfTime(f"time: more than {LONGEST:g} s with all that it waited for")
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
            await route.fulfill(status=200, headers=visible_headers(self._document.headers), body=self._document.body)
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
            await route.fulfill(status=part.status, headers=visible_headers(part.headers), body=part.body)
            return
        assert isinstance(part, Unavailable), "a fetch brings a part or says why not"
        log.debug("sub_request_failed", url=request.url[:200], why=part.reason)
        if part.passing and same_site(request.url, self._document.url):
            self._lacking.append(f"{request.url[:200]}: {part.reason}")
        await route.abort("failed")


def _first_line(error: PlaywrightError) -> str:
    return error.message.strip().splitlines()[0][:200] if error.message.strip() else "no message"
