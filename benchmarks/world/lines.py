"""What the lines of a site say on one page at one look: most of them change by themselves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from benchmarks.world.dates import in_digits, printed_day
from benchmarks.world.languages import Language
from benchmarks.world.site import LineKind, Site

BRANDS = ("Kestrel", "Novaro", "Bluepeak", "Casa Lima", "Ombra", "Tessio", "Northline", "Vellmar")
MOST = {"views": 40_000, "shares": 900, "comments": 40}
"""The highest count that an article begins with."""


def line_texts(
    kind: LineKind,
    site: Site,
    number: int,
    published: datetime,
    now: datetime,
    look: int,
    others: Sequence[str],
    turn: int = 0,
) -> list[str]:
    """The lines of one kind on the page of article `number`.

    `others` are headlines of other articles of the site. `turn` counts the places of one page on which the line stands.
    """
    fixed = random.Random(f"{site.host}/{number}/{kind}")
    rng = random.Random(f"{site.host}/{number}/{kind}/{look}/{turn}")
    lang = site.language
    match kind:
        case "views" | "shares" | "comments":
            forms: list[str] = getattr(lang, kind)
            count = fixed.randint(MOST[kind] // 50, MOST[kind]) + look * fixed.randint(1, MOST[kind] // 20)
            return [_counted(site, forms[site.number % len(forms)], count)]
        case "reading":
            return [_counted(site, lang.reading, fixed.randint(2, 12))]
        case "free":
            return [_counted(site, lang.free[site.number % len(lang.free)], rng.randint(1, 5))]
        case "ago":
            return [_ago(site, now - published)]
        case "today":
            day = printed_day(site.local(now), lang, 0, own_calendar=site.own_calendar, own_digits=site.own_digits)
            return [lang.today.format(date=day)]
        case "ticker":
            return [_ticker(lang, rng)]
        case "newsletter":
            return [lang.newsletter[site.number % len(lang.newsletter)]]
        case "support":
            return [lang.support]
        case "read-also":
            return [f"{lang.read_also}: {rng.choice(others)}"] if others else []
        case "advertisement":
            price = f"{rng.randint(9, 199)}{lang.decimal}{rng.randint(10, 99)}"
            return [lang.advertisement, f"{rng.choice(BRANDS)} −{rng.randint(10, 60)} % | {price} €"]
        case _:
            return _list(kind, lang, fixed, rng, others)


def _list(
    kind: LineKind, language: Language, fixed: random.Random, rng: random.Random, others: Sequence[str]
) -> list[str]:
    """A heading and what is linked below it."""
    match kind:
        case "share":
            return [language.share, "Facebook", "X", "WhatsApp"]
        case "tags":
            return [language.tags, *fixed.sample(language.states, 2), fixed.choice(language.nav)]
        case "related":
            return [language.related, *rng.sample(others, min(3, len(others)))]
        case "most-read":
            return [language.most_read, *rng.sample(others, min(5, len(others)))]
    raise ValueError(f"{kind} is no list")


def _counted(site: Site, form: str, count: int) -> str:
    return form.format(k=in_digits(site.language.number(count), site.language, site.own_digits))


def _ago(site: Site, passed: timedelta) -> str:
    minutes = max(1, int(passed / timedelta(minutes=1)))
    form, count = (
        (0, minutes) if minutes < 60 else (1, minutes // 60) if minutes < 24 * 60 else (2, minutes // (24 * 60))
    )
    return site.language.ago[form].format(k=in_digits(str(count), site.language, site.own_digits))


def _ticker(language: Language, rng: random.Random) -> str:
    values = {name: f"{rng.randint(1_000, 99_999) / 100:.2f}".replace(".", language.decimal) for name in "abc"}
    return language.ticker.format_map(values)
