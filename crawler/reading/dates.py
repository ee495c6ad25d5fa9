"""When an article was published and changed: one claim of each, chosen among all that its page and its feed make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from archive.model.article import ClaimedTime
from archive.model.link import Hints
from crawler.extract.dates import Printed, machine_times, searched_date, visible_dates
from crawler.extract.markup.document import Document, Element
from crawler.normalise.dates import claim, claim_at, claim_without_year

CREDIBLE = 0.5
"""A date that is trusted less contradicts nobody."""

Dated = tuple[Printed, ClaimedTime]


@dataclass(frozen=True, slots=True)
class Times:
    """The times of an article. Each is None where it is not known."""

    published: ClaimedTime | None
    modified: ClaimedTime | None
    conflict: ClaimedTime | None
    """A credible claim that names another time of publication. None where none does."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a page's dates are to be understood."""

    zone: ZoneInfo | None
    """The zone of dates that name none. None where it is unknown."""
    languages: tuple[str, ...]
    """The languages that dates may be written in, likeliest first."""

    def claimed(self, dates: Iterable[Printed]) -> list[Dated]:
        """The dates that can be read, each with its time."""
        return [(p, c) for p in dates if (c := claim(p.raw, p.source, p.confidence, self.zone, self.languages))]


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
    if published is None:
        published = _searched(document, modified, calendar)
    other = conflict(published, [c for p, c in read if not p.modified]) if published is not None else None
    return Times(published, modified, other)


def _dates_of_page(document: Document, head: Element | None, printed: list[Printed], calendar: Calendar) -> list[Dated]:
    """All dates of the page that can be read.

    Those for people are read only where none is stated, those for machines only where no time of day is known.
    """
    read = calendar.claimed(printed)
    if not any(not p.modified and p.source != "url" for p, _ in read):
        read = calendar.claimed(visible_dates(document, head)) + read
    published = _stated(read)
    if published is None or published.precision == "day":
        read += calendar.claimed(machine_times(document, head))
    return read


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


def _searched(document: Document, modified: ClaimedTime | None, calendar: Calendar) -> ClaimedTime | None:
    """A date found anywhere on the page. None where there is none but the day of the last change."""
    if (found := searched_date(document)) is None:
        return None
    published = claim(found.raw, found.source, found.confidence, calendar.zone, calendar.languages)
    if published is not None and modified is not None and published.at.date() == modified.at.date():
        return None
    return published


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
