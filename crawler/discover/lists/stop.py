"""When to stop turning the pages of a list: pure (pages seen, the next request, window, now) -> reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from archive.model.link import Link
from archive.model.period import Period
from archive.model.text.urls import url_key
from archive.model.walk import PageFacts
from crawler.discover.lists.model import NextPage
from crawler.discover.parsing.url_dates import period_in_name
from crawler.discover.parsing.window import MARGIN, published_day

StopReason = Literal[
    "end",  # the list says that there is no next page
    "loop",  # the next request, or the links of the page, were there before
    "nothing-new",  # nothing but known links for several pages
    "empty",  # no links at all for several pages
    "window-passed",  # all that has a date lies before the window
    "calendar-trap",  # the pages go on into times when nothing was published
    "first-poll",  # the history of a new source is a backfill's
    "limit",
]

PATIENCE = 3
"""Pages without a new link after which a list is taken for read; pinned items and moved borders explain one or two."""
PASSED = 2
"""Pages in a row that must lie before the window: the order of lists is not strict."""
PAGE_LIMIT = 5_000
POLL_LIMIT = 10
"""Pages that one poll turns."""
_FUTURE = timedelta(days=62)


def seen_page(key: str, links: Sequence[Link], known: Collection[str], languages: tuple[str, ...] = ()) -> PageFacts:
    """Sum up a page that was asked for by the request `key`, as a walk keeps it.

    `known` are the keys of addresses that were known before the page was read, those of earlier pages included.
    """
    addresses = sorted({url_key(link.url) for link in links})
    days = [day for link in links if (day := published_day(link, languages)) is not None]
    digest = sha256("\n".join(addresses).encode()).hexdigest()[:20] if addresses else ""
    fresh = sum(address not in known for address in addresses)
    return PageFacts(key, len(addresses), fresh, max(days, default=None), digest)


def stop(
    pages: Sequence[PageFacts],
    following: NextPage | None,
    now: datetime,
    *,
    window: Period | None = None,
    patience: int = PATIENCE,
    limit: int = PAGE_LIMIT,
) -> StopReason | None:
    """Say why the walk over `pages` (in the order asked, at least one) ends here. None to go on with `following`.

    With a window (a backfill), pages of known links are passed through as long as their days are not before it: an
    earlier run was stopped somewhere in the middle.
    """
    if following is None:
        return "end"
    if _is_loop(pages, following):
        return "loop"
    if _out_of_time(following.url, now):
        return "calendar-trap"
    recent = pages[-patience:] if len(pages) >= patience else ()
    if recent and not any(page.links for page in recent):
        return "empty"
    if window is not None and _passed(pages, window):
        return "window-passed"
    if recent and _brings_nothing_new(recent, window):
        return "nothing-new"
    return "limit" if len(pages) >= limit else None


def _is_loop(pages: Sequence[PageFacts], following: NextPage) -> bool:
    """Return whether the next request was asked before, or the last page shows what an earlier one did: servers answer a page
    too far with the last or the first one."""
    last = pages[-1]
    asked_before = any(page.key == following.key for page in pages)
    return asked_before or (bool(last.shown) and any(page.shown == last.shown for page in pages[:-1]))


def _brings_nothing_new(recent: Sequence[PageFacts], window: Period | None) -> bool:
    """Return whether the walk ends because all links of these pages were known. In a backfill known links say nothing, unless
    no date tells how far the walk has come."""
    dated = window is not None and any(page.newest for page in recent)
    return not dated and not any(page.fresh for page in recent)


def stop_poll(
    pages: Sequence[PageFacts], following: NextPage | None, now: datetime, *, since: datetime | None, unfinished: bool
) -> StopReason | None:
    """Say why a poll, which wants what came since the last one, ends here. None to go on with `following`.

    `since` is the time of the last poll. It is None if there was none. A list shows the newest first: once half of a
    page is known, what follows is. After a poll that broke off (`unfinished`) known pages say nothing, and the days
    decide.
    """
    if (reason := stop(pages, following, now, limit=POLL_LIMIT)) is not None:
        return reason
    last = pages[-1]
    if since is None:
        return "first-poll"
    if unfinished:
        return "window-passed" if last.newest is not None and last.newest < (since - MARGIN).date() else None
    return "nothing-new" if 2 * last.fresh <= last.links else None


def _passed(pages: Sequence[PageFacts], window: Period) -> bool:
    """The newest day of each page counts: items that are pinned on top of every page are old."""
    recent = pages[-PASSED:]
    return len(recent) == PASSED and all(page.newest and page.newest < window.first - MARGIN for page in recent)


def _out_of_time(url: str, now: datetime) -> bool:
    """Whether the address is of a month or day that lies ahead: a calendar that never ends."""
    period = period_in_name(url)
    if period is None or period.last - period.first > timedelta(days=31):
        return False  # a year may be a running number
    return period.first > (now + _FUTURE).date()
