"""Times as pages print them: in the words, digits and calendar of a language."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from benchmarks.world.languages import Language

SOLAR_YEAR, SOLAR_NEW_YEAR = 1405, date(2026, 3, 21)
"""The Solar Hijri year in which all of the world's days lie, and its first day."""
ABBREVIATIONS = {
    "Europe/Moscow": "MSK", "Asia/Seoul": "KST", "Asia/Tokyo": "JST", "Asia/Jakarta": "WIB", "Asia/Kolkata": "IST",
    "Asia/Hong_Kong": "HKT", "Europe/Berlin": "CET", "Europe/Madrid": "CET",
}  # fmt: skip
"""What newsrooms of these zones print behind a time in autumn, if they print letters."""


def printed_day(local: datetime, language: Language, style: int, *, own_calendar: bool, own_digits: bool) -> str:
    """The day of a local time, in one of the language's forms."""
    year, month, day, names = _calendar(local.date(), language, own_calendar)
    text = language.dates[style % len(language.dates)].format(
        y=year, mo=month, mm=f"{month:02}", d=day, dd=f"{day:02}",
        month=names[month - 1], weekday=language.weekdays[local.weekday()],
    )  # fmt: skip
    return in_digits(text, language, own_digits)


def printed_time(
    local: datetime, language: Language, style: int, *, own_calendar: bool, own_digits: bool, zone: str | None = None
) -> str:
    """Day and minute of a local time; `zone`: what stands behind the time, such as `GMT+3`."""
    day = printed_day(local, language, style, own_calendar=own_calendar, own_digits=own_digits)
    clock = in_digits(f"{local:%H:%M}", language, own_digits)
    text = language.date_time.format(date=day, time=clock)
    return f"{text} ({zone})" if zone and style % 2 else f"{text} {zone}" if zone else text


def zone_label(local: datetime, zone: str, *, letters: bool) -> str:
    """What a page prints as the zone of a local time."""
    if letters and zone in ABBREVIATIONS:
        return ABBREVIATIONS[zone]
    offset = local.utcoffset()
    assert offset is not None
    minutes = int(offset / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    return f"GMT{'+' if minutes >= 0 else '-'}{hours}{f':{rest:02}' if rest else ''}"


def in_digits(text: str, language: Language, own: bool) -> str:
    """The text, in the language's own digits if it has them and the site uses them."""
    return text.translate(str.maketrans("0123456789", language.digits)) if own and language.digits else text


def _calendar(day: date, language: Language, own: bool) -> tuple[int, int, int, list[str]]:
    """Year, month, day and the names of the months."""
    if own and language.calendar == "buddhist":
        return day.year + 543, day.month, day.day, language.months
    if own and language.calendar == "solar":
        assert language.solar_months is not None
        return *_solar(day), language.solar_months
    return day.year, day.month, day.day, language.months


def _solar(day: date) -> tuple[int, int, int]:
    """Year, month and day in the Solar Hijri calendar: six months of 31 days, five of 30, one of 29."""
    passed = (day - SOLAR_NEW_YEAR).days
    if not 0 <= passed < 365:
        raise ValueError(f"{day} is not in the year {SOLAR_YEAR}")
    month, index = divmod(passed, 31) if passed < 186 else divmod(passed - 186, 30)
    return SOLAR_YEAR, month + (1 if passed < 186 else 7), index + 1
