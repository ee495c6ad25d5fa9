"""When an article was published and changed: one claim of each, chosen among all that its page and its feed make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from archive.model.article import ClaimedTime
from archive.model.link import Hints
from crawler.extract.dates import (
    Printed,
    machine_times,
    numeric_dates,
    searched_date,
    shown_with_zone,
    texts_near,
    visible_dates,
)
from crawler.extract.markup.document import Document, Element
from crawler.normalise.date_order import (
    NUMBERS,
    meant_by,
    month_in_path,
    told_by_itself,
    told_by_language,
    told_by_others,
)
from crawler.normalise.dates import claim, claim_at, claim_without_year, plain

CREDIBLE = 0.5
"""A date that is trusted less contradicts nobody."""
_APART = timedelta(minutes=15)
"""The least that two zones differ by."""

Dated = tuple[Printed, ClaimedTime]


@dataclass(frozen=True, slots=True)
class Times:
    """The times of an article. Each is None where it is not known."""

    published: ClaimedTime | None
    modified: ClaimedTime | None
    conflict: ClaimedTime | None
    """A credible claim that names another time of publication. None where none does."""
    modified_conflict: ClaimedTime | None = None
    """A claim of the last change in a zone that the page itself shows to be wrong. None where none is."""
    missing: str = "no date found"
    """Why there is no time of publication, where there is none."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a page's dates are to be understood."""

    zone: ZoneInfo | None
    """The zone of dates that name none. None where it is unknown."""
    languages: tuple[str, ...]
    """The languages that dates may be written in, likeliest first."""
    day_first: bool | None = None
    """Whether the page writes the day before the month in numbers. None where its other dates do not tell."""

    @property
    def order(self) -> bool | None:
        """Whether the day comes first in numbers, by the page's other dates or its language. None where unknown."""
        return told_by_language(self.languages) if self.day_first is None else self.day_first

    def claimed(self, dates: Iterable[Printed]) -> list[Dated]:
        """The dates that can be read, each with its time."""
        return [(p, c) for p in dates if (c := self.claim(p))]

    def claim(self, printed: Printed) -> ClaimedTime | None:
        """The time of one date. None where it cannot be read."""
        return claim(printed.raw, printed.source, printed.confidence, self.zone, self.languages, self.day_first)

    def told_by(self, document: Document, dates: list[Printed]) -> Calendar:
        """The calendar with the order of day and month that these dates of the page tell. Its text is looked at only
        where one of them needs it."""
        texts = [plain(p.raw) for p in dates]
        numbers = [match for text in texts for match in NUMBERS.finditer(text)]
        if all(told_by_itself(match) is not None for match in numbers):
            return self
        sure = [c.at.date() for p in dates if NUMBERS.search(plain(p.raw)) is None and (c := self.claim(p))]
        if told_by_language(self.languages) is None:
            texts.append(plain(document.tree.text_content()))
        return replace(self, day_first=told_by_others(texts, sure, month_in_path(document.url)))


def languages_of(declared: str | None, detected: str | None, of_source: Iterable[str]) -> tuple[str, ...]:
    """The languages in which dates may be written, likeliest first.

    What the text is written in comes before what the page declares where the two differ.
    """
    languages = tuple(dict.fromkeys(tag for tag in (declared, detected, *of_source) if tag))
    if declared and detected and declared.split("-")[0].lower() != detected:
        return tuple(dict.fromkeys((detected, *languages)))
    return languages


def choose_times(
    document: Document, head: Element | None, printed: list[Printed], hints: Hints, calendar: Calendar
) -> Times:
    """Choose the times of an article.

    `printed` are the dates that its page names as its own, and `head` is the element that shows its headline.
    """
    read = _dates_of_page(document, head, printed, calendar)
    published = _stated(read) or _published_by_feed(hints, calendar) or best([c for p, c in read if p.source == "url"])
    modified = best([c for p, c in read if p.modified]) or _updated_by_feed(hints)
    if published is None and modified is not None:
        published = _without_year(document, head, modified, calendar)
    missing = "no date found"
    if published is None:
        published, missing = _searched(document, head, modified, calendar)
    other = conflict(published, [c for p, c in read if not p.modified]) if published is not None else None
    near = texts_near(head) if any(stated and stated.precision != "day" for stated in (published, modified)) else []
    published, marked = _as_shown(near, published, calendar)
    modified, wrongly = _as_shown(near, modified, calendar)
    return Times(published, modified, marked or other, wrongly, missing)


def _dates_of_page(document: Document, head: Element | None, printed: list[Printed], calendar: Calendar) -> list[Dated]:
    """All dates of the page that can be read.

    Those for people are read only where none is stated, those for machines only where no time of day is known.
    """
    calendar = calendar.told_by(document, printed)
    read = calendar.claimed(printed)
    if not any(not p.modified and p.source != "url" for p, _ in read):
        visible = visible_dates(document, head)
        read = calendar.told_by(document, [*visible, *printed]).claimed(visible) + read
    published = _stated(read)
    if published is None or published.precision == "day":
        read += calendar.claimed(machine_times(document, head))
    return read


def _as_shown(
    near: Iterable[str], stated: ClaimedTime | None, calendar: Calendar
) -> tuple[ClaimedTime | None, ClaimedTime | None]:
    """The time that the page shows to its readers with its zone, where a time for machines has the same clock reading
    in another zone, and that time, which is then wrong. Else the time as stated, and None.

    Programs write local times with the zone of their server, or a `Z` by habit; the line that the publisher prints with
    its zone was checked by people. `near` has the texts near the headline.
    """
    if stated is None or stated.precision == "day":
        return stated, None
    local = _local(stated)
    for printed in shown_with_zone(near, local.hour, local.minute):
        seen = claim(printed.raw, printed.source, stated.confidence, None, calendar.languages, calendar.day_first)
        if seen is None or seen.precision == "day" or seen.at == stated.at:
            continue
        if _local(seen).replace(second=0) == local.replace(second=0) and abs(seen.at - stated.at) >= _APART:
            return seen, stated
    return stated, None


def _local(claimed: ClaimedTime) -> datetime:
    """The clock reading of a time, in the zone that it was claimed in."""
    zone = claimed.zone or "UTC"
    if zone[0] in "+-":
        sign = -1 if zone[0] == "-" else 1
        offset = sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
        return (claimed.at + offset).replace(tzinfo=None)
    return claimed.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _stated(read: list[Dated]) -> ClaimedTime | None:
    """The best time of publication that the page itself states. None where it states none."""
    return best([c for p, c in read if not p.modified and p.source != "url"])


def _published_by_feed(hints: Hints, calendar: Calendar) -> ClaimedTime | None:
    """When the feed says that the article was published. None where it says nothing that can be read."""
    published = None
    if hints.published_at is not None:
        published = claim_at(hints.published_at, hints.published, "feed", 0.7)
    if published is None and hints.published:
        published = claim(hints.published, "feed", 0.6, calendar.zone, calendar.languages)
    return published


def _updated_by_feed(hints: Hints) -> ClaimedTime | None:
    """When the feed says that the article was changed. None where it does not, or names the time of publication
    again."""
    if hints.updated_at is None or hints.updated_at == hints.published_at:
        return None
    return claim_at(hints.updated_at, hints.updated, "feed", 0.5)


def _without_year(
    document: Document, head: Element | None, modified: ClaimedTime, calendar: Calendar
) -> ClaimedTime | None:
    """A day that the page prints without its year, which the last change tells. None where it prints none."""
    shown_days = (p for p in visible_dates(document, head) if not p.modified)
    guesses = (claim_without_year(p.raw, "visible", 0.3, modified.at.date(), calendar.languages) for p in shown_days)
    return next((guess for guess in guesses if guess is not None), None)


def _searched(
    document: Document, head: Element | None, modified: ClaimedTime | None, calendar: Calendar
) -> tuple[ClaimedTime | None, str]:
    """A date found anywhere on the page. None where there is none but the day of the last change, with the reason.

    htmldate takes numbers for day and month without knowing which is which. Its day does not count where it is one of
    two that numbers on the page can mean.
    """
    if (found := searched_date(document, head)) is None:
        return None, "no date found"
    published = claim(found.raw, found.source, found.confidence, calendar.zone, calendar.languages)
    if published is not None and modified is not None and published.at.date() == modified.at.date():
        return None, "no date found"
    if published is not None:
        numbers = numeric_dates(document)
        order = calendar.told_by(document, [Printed(text, "page", 0.0) for text in numbers]).order
        meant = meant_by(numbers, published.at.date(), order)
        if meant is None:
            return None, "day and month cannot be told apart"
        if meant != published.at.date():
            published = replace(published, at=datetime(meant.year, meant.month, meant.day, tzinfo=UTC))
    return published, "no date found"


def conflict(chosen: ClaimedTime, found: list[ClaimedTime]) -> ClaimedTime | None:
    """The most trustworthy claim that names a time more than a day from the one chosen. None where none does.

    If only the day of the chosen one is known, it is two days, because zones are unknown.
    """
    slack = timedelta(days=2 if chosen.precision == "day" else 1)
    others = [c for c in found if c.confidence >= CREDIBLE and abs(c.at - chosen.at) > slack]
    return max(others, key=lambda c: c.confidence, default=None)


def best(found: list[ClaimedTime]) -> ClaimedTime | None:
    """The most trustworthy claim. None where there is none.

    If it knows only the day, and another one of about the same day knows the time of day, that one.
    """
    if not found:
        return None
    first = max(found, key=lambda c: c.confidence)
    if first.precision != "day":
        return first
    finer = [c for c in found if c.precision != "day" and abs((c.at.date() - first.at.date()).days) <= 1]
    return replace(max(finer, key=lambda c: c.confidence)) if finer else first
