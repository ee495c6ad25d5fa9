"""How rendering a page can end without the page."""

from __future__ import annotations

HOW_TO_GET = (
    "Install Debian's `chromium`, or name a Chromium in DATELINE_CHROMIUM; Python needs the packages `playwright` and "
    "`scrapy-playwright` (dateline[browser]). In a checkout `make browser` does both."
)


class BrowserMissing(Exception):
    """There is no browser to render with; the message says what is missing and what to do."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}. {HOW_TO_GET}")


class BrowserLost(Exception):
    """The browser went away, or does not answer any more."""


class RenderFailed(Exception):
    """The page could not be rendered. `name` is stable: `page-budget`, `page-crashed`, `render-failed`."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail
