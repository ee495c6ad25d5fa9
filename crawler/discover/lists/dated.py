"""Archive pages with a date in their address: template and window -> addresses. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.model.period import Period
from archive.model.text.urls import clean_url
from archive.model.url_template import Unit, finest_unit


@dataclass(frozen=True, slots=True)
class DatedPage:
    """An archive page: its address, and the days (of the source's own calendar) that it lists."""

    url: str
    period: Period


def dated_pages(template: str, window: Period) -> Iterator[DatedPage]:
    """The pages of all hours, days, weeks, months or years that touch `window`, oldest first, each address once.

    `template` is one that the registry accepts: `https://x.example/{date:%Y/%m/%d}/`.
    """
    unit = finest_unit(template)
    at, last_url = _start(datetime(window.first.year, window.first.month, window.first.day), unit), None  # noqa: DTZ001
    while at.date() <= window.last:
        following = _after(at, unit)
        url = clean_url(template.format(date=at))
        if url is not None and url != last_url:
            yield DatedPage(url, Period(at.date(), (following - timedelta(seconds=1)).date()))
            last_url = url
        at = following


def _start(at: datetime, unit: Unit) -> datetime:
    if unit == "week":
        return at - timedelta(days=at.weekday())
    if unit == "month":
        return at.replace(day=1)
    return at.replace(month=1, day=1) if unit == "year" else at


def _after(at: datetime, unit: Unit) -> datetime:
    if unit == "year":
        return at.replace(year=at.year + 1)
    if unit == "month":
        return (at + timedelta(days=32)).replace(day=1)
    return at + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}[unit]
