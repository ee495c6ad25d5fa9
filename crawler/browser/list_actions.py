"""What the browser does with a list before it is read, as page methods of scrapy-playwright: a click, scrolling, waiting.

All of it happens within the page's budget, and what the page then asks for goes the way of all its requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page
from scrapy_playwright.page import PageMethod

from archive.model.source import ListActions
from archive.model.text.urls import is_http
from crawler.browser.failures import RenderFailed

HEIGHT = 4_000
"""Height of the window, in pixels: what is made only when it is seen should be seen."""
HEIGHT_TO_SCROLL = 800
"""Height of the window of a list that is scrolled. If all of the list fits into it, there is nothing to scroll."""
VAIN = 2
"""After so many scrolls in a row that change nothing, the end of the list is reached."""

_TO_END = """async () => {
  const frame = () => new Promise(done => requestAnimationFrame(done));
  window.scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'});
  await Promise.race([frame().then(frame), new Promise(done => setTimeout(done, 1000))]);
}"""
"""The page hears of the scroll with its next frame."""
_STATE = "() => [document.documentElement.scrollHeight, document.getElementsByTagName('*').length]"


class ActionSteps:
    """The actions of one list, step by step.

    `settle` waits until the page is at rest. `asked` tells how many requests the page has made so far.
    """

    def __init__(
        self, actions: ListActions, settle: Callable[[Page], Awaitable[None]], asked: Callable[[], int]
    ) -> None:
        self.doing: str | None = None
        """What is being waited for, as the registry has it. None means that the page is not waited for by its selector."""
        self._actions = actions
        self._settle = settle
        self._asked = asked
        self._in_vain = 0

    def methods(self) -> list[PageMethod]:
        """The page methods, in order. There are none if there is nothing to do."""
        steps: list[Callable[[Page], Awaitable[None]]] = []
        if self._actions.click is not None:
            steps.append(self._click)
        steps += [self._scroll] * self._actions.scroll
        if self._actions.wait is not None:
            steps.append(self._wait)
        return [PageMethod(step) for step in [self._settle, *steps]] if steps else []

    def height(self) -> int:
        """The height of the window in which the page is shown, in pixels."""
        return HEIGHT_TO_SCROLL if self._actions.scroll else HEIGHT

    async def _click(self, page: Page) -> None:
        """Click the first element that is there and can be clicked.

        Raises:
            RenderFailed: The click has replaced the page. An address that is asked for never does that, but `about:blank` may.
        """
        self.doing = f"click: {self._actions.click}"
        await page.click(f"css={self._actions.click}", timeout=0)
        await self._settle(page)
        if not is_http(page.url):
            raise RenderFailed("render-failed", f"{self.doing}: it leads away from the page")
        self.doing = None

    async def _scroll(self, page: Page) -> None:
        if self._in_vain >= VAIN:
            return
        before = await self._state(page)
        await page.evaluate(_TO_END)
        await self._settle(page)
        self._in_vain = self._in_vain + 1 if await self._state(page) == before else 0

    async def _state(self, page: Page) -> tuple[object, int]:
        return await page.evaluate(_STATE), self._asked()

    async def _wait(self, page: Page) -> None:
        self.doing = f"wait: {self._actions.wait}"
        await page.wait_for_selector(f"css={self._actions.wait}", state="attached", timeout=0)
        self.doing = None
