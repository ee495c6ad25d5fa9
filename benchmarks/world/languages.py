"""The words of one language, from `words/*.toml`."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Language:
    """What is needed to write articles and site furniture in one language.

    In templates stand `{who}` (a role and a name), `{role}`, `{name}`, `{state}`, `{state2}`, `{at}` (a place), `{on}` (a topic),
    `{org}`, `{day}` and `{n}` (a number); in furniture `{k}` (a count), `{date}`, `{time}`, `{name}` and `{agency}`.
    """

    code: str
    papers: list[str]
    """Names of newsrooms."""
    zones: list[str]
    """IANA zones of its newsrooms."""
    given: list[str]
    family: list[str]
    roles: list[str]
    states: list[str]
    places: list[str]
    topics: list[str]
    organisations: list[str]
    days: list[str]
    clauses: list[str]
    numbers: list[str]
    judgements: list[list[str]]
    """Pairs of a sentence and its negation."""
    tails: list[str]
    """What may follow a clause behind a comma."""
    quotes: list[str]
    headlines: list[str]
    captions: list[str]
    headings: list[str]
    months: list[str]
    """As they stand in a date."""
    weekdays: list[str]
    """From Monday on."""
    dates: list[str]
    date_time: str
    by: str
    desk: str
    published: str
    updated: str
    ago: list[str]
    """Minutes, hours and days ago."""
    views: list[str]
    comments: list[str]
    shares: list[str]
    free: list[str]
    reading: str
    today: str
    newsletter: list[str]
    support: str
    read_also: str
    related: str
    most_read: str
    advertisement: str
    tags: str
    share: str
    photo: str
    ticker: str
    nav: list[str]
    copyright: str
    correction: str
    retraction: list[str]
    consent: list[str]
    """A heading, then paragraphs; likewise the next four."""
    maintenance: list[str]
    login: list[str]
    blocked: list[str]
    missing: list[str]
    conjunction: str = " "
    """Between the last two names of a byline."""
    rtl: bool = False
    spaces: bool = True
    """Whether sentences are separated by spaces."""
    stop: str = "."
    comma: str = ","
    join: str = " "
    """Between family and given name."""
    family_first: bool = False
    thousands: str = ","
    decimal: str = "."
    digits: str | None = None
    """Its own digits from nought to nine, which some sites use."""
    calendar: str = "gregorian"
    """The calendar that some of its sites print: `gregorian`, `solar` (Solar Hijri) or `buddhist`."""
    solar_months: list[str] | None = None

    def person(self, rng: random.Random) -> str:
        given, family = rng.choice(self.given), rng.choice(self.family)
        return self.join.join((family, given) if self.family_first else (given, family))

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", self.thousands)

    def names(self, people: tuple[str, ...]) -> str:
        """The names of a byline in one string."""
        return self.conjunction.join([", ".join(people[:-1]), people[-1]]) if len(people) > 1 else people[0]


@cache
def languages() -> tuple[Language, ...]:
    """All languages, in the order of their codes."""
    return tuple(_load(file) for file in sorted(WORDS.glob("*.toml")))


def _load(file: Path) -> Language:
    words = tomllib.loads(file.read_text("utf-8"))
    words["conjunction"] = words.pop("and")
    unknown = set(words) - {field.name for field in fields(Language)}
    if unknown:
        raise ValueError(f"{file}: unknown keys {sorted(unknown)}")
    return Language(code=file.stem, **words)
