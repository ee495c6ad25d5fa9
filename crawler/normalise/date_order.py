"""Which of two numbers is the day and which the month (`09/08/2026`), and what on a page tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from urllib.parse import urlsplit

from crawler.normalise.date_words import weekday_in

NUMBERS = re.compile(
    r"(?<![\d/.-])(?P<d>\d{1,2})\s*(?P<sep>[-/.])\s*(?P<m>\d{1,2})\s*(?P=sep)\s*(?P<y>(?:19|20)\d{2})(?!\d)"
)
"""Day, month and year in numbers, the year last. Day and month may have changed places."""
_DAY_FIRST_ENGLISH = frozenset(["gb", "au", "in", "ie", "nz", "za", "sg", "my", "pk", "ng", "ke"])
_MONTH_IN_PATH = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])(?=[/_.-]|\d{2}[/_.-])")
_WEEKDAY_BESIDE = 24
"""Characters before and behind the numbers in which their weekday stands."""


def readings(match: re.Match[str]) -> dict[bool, date]:
    """The days that the numbers can mean, by whether the first number is the day. Both can be the same day."""
    first, second, year = int(match["d"]), int(match["m"]), int(match["y"])
    found = {}
    for day_first, month, day in ((True, second, first), (False, first, second)):
        try:
            found[day_first] = date(year, month, day)
        except ValueError:
            continue
    return found


def told_by_itself(match: re.Match[str]) -> bool | None:
    """Return whether the first number is the day, as the string around the numbers tells. None where it does not.

    A number above 12 is no month; points stand in dates of Europe, day first; a weekday beside the numbers fits one
    order only.
    """
    possible = readings(match)
    if len(set(possible.values())) < 2:
        return next(iter(possible), None)
    text = match.string
    beside = f"{text[max(match.start() - _WEEKDAY_BESIDE, 0) : match.start()]} {text[match.end() :][:_WEEKDAY_BESIDE]}"
    weekday = weekday_in(beside)
    fitting = [order for order, day in possible.items() if day.weekday() == weekday]
    if len(fitting) == 1:
        return fitting[0]
    return True if match["sep"] == "." else None


def told_by_language(languages: Sequence[str]) -> bool | None:
    """Return whether pages in these languages write the day first. None where nobody can tell.

    `languages` are BCP 47 tags, likeliest first. English is written both ways, by region.
    """
    for tag in languages:
        code, _, region = tag.lower().partition("-")
        if code != "en" or region in _DAY_FIRST_ENGLISH:
            return True
        if region in ("us", "ph"):
            return False
    return None


def month_in_path(url: str) -> tuple[int, int] | None:
    """The year and the month in the path of an address (`/2026/09/`). None where it has none."""
    match = _MONTH_IN_PATH.search(urlsplit(url).path)
    return (int(match[1]), int(match[2])) if match else None


def meant_by(texts: Iterable[str], day: date, day_first: bool | None) -> date | None:
    """The day that numbers of the page mean, where `day` is one of two that they can mean; else `day` itself.

    None where nobody can tell. `day_first`: whether the page writes the day first.
    """
    for text in texts:
        for match in NUMBERS.finditer(text):
            possible = readings(match)
            if day in possible.values() and len(set(possible.values())) == 2:
                told = told_by_itself(match)
                order = day_first if told is None else told
                return None if order is None else possible[order]
    return day


def told_by_others(texts: Iterable[str], days: Iterable[date], month: tuple[int, int] | None = None) -> bool | None:
    """Return whether a page writes the day first, as its other dates tell. None where none tells, or they disagree.

    `texts` hold the page's dates in ASCII digits, `days` are those that it names beyond doubt, in its address or by
    machines. A date that can be read in one order only tells the order of the others; so does one that is such a day in
    one order only, or in that `month` (the address's year and month).
    """
    known, found = set(days), set()
    for text in texts:
        for match in NUMBERS.finditer(text):
            possible = readings(match)
            if match["sep"] == "." or len(set(possible.values())) == 0 or int(match["d"]) == int(match["m"]):
                continue
            told = told_by_itself(match)
            if told is None:
                fitting = [order for order, day in possible.items() if day in known or (day.year, day.month) == month]
                told = fitting[0] if len(fitting) == 1 else None
            if told is not None:
                found.add(told)
    return found.pop() if len(found) == 1 else None
