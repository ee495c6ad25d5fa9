"""Dates that addresses carry: of an article (`/2024/03/15/`), of a sitemap's period (`sitemap-2024-03.xml`). Pure."""

from __future__ import annotations

import calendar
import re
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from archive.model.period import Period

_EARLIEST = 1990
_LATEST = 2100

_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})([-/_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d{2})([-/_.]?)(0[1-9]|1[0-2])(?!\d)(?![-/_.](?:0[1-9]|[12]\d|3[01])(?!\d))")
_SINGLE_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d{2})([-/_])(\d{1,2})(?:\2(\d{1,2}))?(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_YEAR_KEYS, _MONTH_KEYS, _DAY_KEYS = ("yyyy", "yy", "year", "y"), ("mm", "month", "m"), ("dd", "day", "d")


def date_in_url(url: str) -> date | None:
    """The day that the path of an article's address names. None if it names none, or several.

    Publishers put the day of publication there, in their own calendar day.
    """
    path = urlsplit(url).path
    found = {day for match in _DAY.finditer(path) if (day := _date(match[1], match[3], match[4])) is not None}
    return found.pop() if len(found) == 1 else None


def period_in_name(url: str) -> Period | None:
    """The days that a sitemap's name or query says it holds. None if it names none.

    They are a day, a month, a year, or from the first year to the last. A year alone may just as well be a running
    number: see `year_only`.
    """
    parts = urlsplit(url)
    return _in_query(parts.query) or _in_path(parts.path) or _in_path(parts.query)


def year_only(url: str) -> str | None:
    """The address with the year left open. None unless a lone year is all the date that it has.

    `sitemap-2019.xml` may be of 2019, or the child number 2019: its siblings tell.
    """
    path = urlsplit(url).path
    if _in_query(urlsplit(url).query) or _DAY.search(path) or _MONTH.search(path) or _SINGLE_DIGITS.search(path):
        return None
    return _YEAR.sub("*", url) if len(_YEAR.findall(path)) == 1 else None


def _in_query(query: str) -> Period | None:
    """`yyyy=2024&mm=3&dd=1`, as WordPress plugins write it."""
    values = {name.lower(): value for name, value in parse_qsl(query)[:50]}
    year = next((values[key] for key in _YEAR_KEYS if key in values), None)
    if year is None or not _YEAR.fullmatch(year):
        return None
    month = next((values[key] for key in _MONTH_KEYS if key in values), None)
    day = next((values[key] for key in _DAY_KEYS if key in values), None)
    return _period(year, month, day)


def _in_path(path: str) -> Period | None:
    if match := _DAY.search(path):
        return _period(match[1], match[3], match[4])
    if match := _MONTH.search(path):
        return _period(match[1], match[3], None)
    if match := _SINGLE_DIGITS.search(path):
        period = _period(match[1], match[3], match[4])
        if period is not None:
            return period
    years = [year for text in _YEAR.findall(path) if _EARLIEST <= (year := int(text)) <= _LATEST]
    return Period(date(min(years), 1, 1), date(max(years), 12, 31)) if years else None


def _period(year: str, month: str | None, day: str | None) -> Period | None:
    if month is None:
        return Period(date(int(year), 1, 1), date(int(year), 12, 31)) if _EARLIEST <= int(year) <= _LATEST else None
    if day is not None:
        only = _date(year, month, day)
        return Period(only, only) if only else None
    first = _date(year, month, "1")
    return Period(first, first.replace(day=calendar.monthrange(first.year, first.month)[1])) if first else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if _EARLIEST <= found.year <= _LATEST else None
