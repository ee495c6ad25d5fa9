"""May an article that a channel shows lie in a window of days? Pure; in doubt, yes: what its page says decides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from archive.model.link import Link
from archive.model.period import Period
from crawler.discover.parsing.url_dates import date_in_url
from crawler.normalise.dates import read_time

MARGIN = timedelta(days=1)
"""A day begins up to 14 hours earlier and ends up to 12 hours later than in UTC, and pages are dated a day off."""


def outside(link: Link, window: Period, languages: tuple[str, ...] = ()) -> str | None:
    """Say why `link` cannot be an article of `window`: `before: 2024-02-01`, `after: …`. None if it may be one.

    What the channel says of the publication counts first, then the day in the address. A last change before the window
    excludes as well, since nothing changes before it is published. One after it says nothing. `languages` (BCP 47) tell
    how to read dates in words.
    """
    day = published_day(link, languages)
    if day is None:
        changed = changed_day(link, languages)
        return f"before: {changed}" if changed is not None and changed < window.first - MARGIN else None
    if day < window.first - MARGIN:
        return f"before: {day}"
    return f"after: {day}" if day > window.last + MARGIN else None


def published_day(link: Link, languages: tuple[str, ...] = ()) -> date | None:
    """The day on which a link was published, as its channel or its address says, within a day or so. None if neither
    says it."""
    return _day(link.hints.published_at, link.hints.published, languages) or date_in_url(link.url)


def changed_day(link: Link, languages: tuple[str, ...] = ()) -> date | None:
    """The day on which a link was changed, as its channel says. None if it does not say it."""
    return _day(link.hints.updated_at, link.hints.updated, languages)


def _day(at: datetime | None, printed: str | None, languages: tuple[str, ...]) -> date | None:
    if at is not None:
        return at.astimezone(UTC).date()
    parsed = read_time(" ".join(printed.split()), languages) if printed and len(printed) <= 200 else None
    return parsed.local.date() if parsed is not None else None
