"""Articles with sequential ids: which to ask next. Pure policy (ids known, ids missed, how many) -> ids.

A miss is an answer that shows no article: 404, or the empty template that some sites give for a deleted id.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import count, islice

from archive.model.period import Period
from archive.model.source import IdWalk
from archive.model.text.urls import clean_url
from crawler.discover.parsing.window import MARGIN

PASSED = 3
"""Articles in a row that must lie before a window: ids are given when a text is begun, not when it is published."""
_LONGEST = 18
"""Digits of an id."""


def id_url(template: str, number: int) -> str | None:
    """The address of an id. `template` is one that the registry accepts, such as `https://x.example/view/{id:05d}`."""
    return clean_url(template.format(id=number))


def id_of(template: str, url: str) -> int | None:
    """The id in an address that `template` makes. None for any other address."""
    pieces = [
        re.escape(text) + (rf"(?P<id{position}>\d{{1,{_LONGEST}}})" if name is not None else "")
        for position, (text, name, _, _) in enumerate(string.Formatter().parse(template))
    ]
    cleaned = clean_url(url)
    match = re.fullmatch("".join(pieces), cleaned) if cleaned else None
    numbers = {int(number) for number in match.groups()} if match else set()
    number = numbers.pop() if len(numbers) == 1 else None
    return number if number is not None and id_url(template, number) == cleaned else None


def next_ids(walk: IdWalk, known: Collection[int], missed: Collection[int], amount: int) -> tuple[int, ...]:
    """Choose up to `amount` ids above the highest known one that are still to be asked, in order. None are left when
    the walk is over.

    `missed` are the ids that this walk asked in vain. They are asked again in the next walk, for they may be published
    by then. The walk is over when the `misses` ids behind the highest known one are missed.
    """
    highest = max((number for number in known if number >= walk.start), default=None)
    first = walk.start if highest is None else highest + walk.step
    return _unasked(count(first, walk.step), walk.misses, missed, amount)


def window_ids(
    walk: IdWalk, known: Mapping[int, date | None], missed: Collection[int], window: Period, amount: int
) -> tuple[int, ...]:
    """Choose up to `amount` ids that a backfill of `window` has to ask for next. None are left when it is over.

    `known` are the ids that lead to articles, with their days as far as they are known. Where no id is known to lie
    behind the window, the walk first goes up as a poll does. Then it goes down from there, over all gaps, until
    articles lie before the window, or too many ids in a row are missed.
    """
    start = _behind(known, window)
    if start is None:
        if ahead := next_ids(walk, known, missed, amount):
            return ahead
        start = max(known, default=None)
    return () if start is None else _down(walk, start, known, frozenset(missed), window, amount)


def _behind(known: Mapping[int, date | None], window: Period) -> int | None:
    """The lowest id from which on all known articles came after the window. Ids rise with time, but not strictly."""
    border = max((n for n, day in known.items() if day is not None and day <= window.last + MARGIN), default=-1)
    return min((n for n, day in known.items() if day is not None and n > border), default=None)


def _down(
    walk: IdWalk,
    start: int,
    known: Mapping[int, date | None],
    missed: frozenset[int],
    window: Period,
    amount: int,
) -> tuple[int, ...]:
    wanted: list[int] = []
    misses = before = 0
    for number in range(start, -1, -walk.step):
        if number in known:
            day, misses = known[number], 0
            before = before + 1 if day is not None and day < window.first - MARGIN else 0
        elif number in missed:
            misses += 1
        else:
            wanted.append(number)
        # What is still to be asked may be a miss as well.
        if before >= PASSED or misses + len(wanted) >= walk.misses or len(wanted) >= amount:
            break
    return tuple(wanted)


def _unasked(ids: Iterator[int], misses: int, missed: Collection[int], amount: int) -> tuple[int, ...]:
    """Only the next `misses` ids may be asked: all of them missed is the end, and asking further would be asking in vain."""
    missed = frozenset(missed)
    return tuple(islice((number for number in islice(ids, misses) if number not in missed), max(0, amount)))
