"""Times as printed -> times claimed: in UTC, with the precision that the print has, and the string kept.

Nothing here reads the clock: relative dates ("2 hours ago") are no dates. A time without a zone is read in the source's
zone; without one only its day is known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.model.article import ClaimedTime, Precision
from crawler.normalise.calendars import to_24_hours, to_gregorian
from crawler.normalise.date_order import NUMBERS, told_by_itself, told_by_language
from crawler.normalise.date_words import MODIFIED_WORDS, PUBLISHED_WORDS, take_zone
from crawler.normalise.text import tidy

_EARLIEST, _LATEST = 1990, 2100
_FULL_WIDTH = str.maketrans(
    {chr(0xFF01 + n): chr(0x21 + n) for n in range(94)}
    | {"\u3000": " ", "\xa0": " ", "\u202f": " ", "⁄": "/", "∕": "/"}
)
_DIRECTIONS = re.compile("[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069]")
"""Marks that order text from right to left, and others without width."""
_BEHIND_OFFSET = re.compile(
    r"(?P<offset>(?:\d|\bGMT|\bUTC)\s*(?:Z|[+-]\d{2}:?\d{2}))(?:\s*(?:\([^()]*\)|\[[^\[\]]*\])|\s+[A-Z]{3,5})(?:\s+m=[+-]\d\S*)?\s*$"
)
"""The zone's name that JavaScript, Java and Go print behind the offset that says the same: `GMT+0200 (CEST)`, `[Europe/Kyiv]`."""

_ISO = re.compile(
    r"""(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})
        (?:[T\s]\s*(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d+)?)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{1,2})?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?(?P<z>Z|[+-]\d{4})?)?"
)
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\.?\s+\d{2,4}\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s+\(?(?![AaPp]\.?\s?[Mm])\S+\)?)?"
)
_JAVA = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<d>\d{1,2}) (?P<H>\d{2}):(?P<M>\d{2}):(?P<S>\d{2}) (?P<z>[A-Z]{2,5}|[+-]\d{4}|GMT[+-]\d{2}:\d{2}) (?P<y>\d{4})"
)
"""`Fri Apr 28 19:20:36 CEST 2023`: what Java and `date` print."""
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST = 100
"""Characters of a text in which a month's name is looked for; longer ones are sentences."""
_NAMED_CLOCK = re.compile(
    r"(?<!\d)(?:[01]?\d|2[0-3])\s*[:h時时시.]\s*[0-5]\d(?:\s*[:.]\s*[0-5]\d)?\s*(?:[ap]\.?\s?m\b\.?)?(?=(?P<behind>.*))",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"^(?:first )?(?:published|posted|released|updated|publié|publiée|mis en ligne|publicado|publicada|pubblicato|veröffentlicht|erschienen|gepubliceerd|geplaatst|publicerad|publisert|udgivet|opublikowano|zveřejněno|"
    r"опубликовано|опубліковано|diterbitkan|đăng|yayınlanma|δημοσιεύτηκε)\s*(?:on|at|le|el|em|il|am|op|den|dnia|pada|lúc|ngày)?\s+",
    re.IGNORECASE,
)
"""The word before a date: "Published on 1 March 2024"."""
_CLOCK = r"(?:[\sT,;|\-–—/·•]*(?:\D{0,14}?)(?P<H>[01]?\d|2[0-3])\s*[:h時时시.]\s*(?P<M>[0-5]\d)(?:\s*[:분分]?\s*(?P<S>[0-5]\d)(?!\d))?\s*(?P<ap>[ap]\.?\s?m\b\.?)?)?"
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2})\s*[-/.年년]\s*(?P<m>\d{1,2})\s*[-/.月월]\s*(?P<d>\d{1,2})(?!\d)\s*[日일]?\.?"
    + _CLOCK,
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(NUMBERS.pattern + _CLOCK, re.IGNORECASE)
_CLOCK_BEFORE = re.compile(
    r"(?P<H>[01]?\d|2[0-3])\s*[:h時时시]\s*(?P<M>[0-5]\d)(?::(?P<S>[0-5]\d))?\s*(?P<ap>[ap]\.?\s?m\b\.?)?\W*(?:\w{1,4}\W+)?$",
    re.IGNORECASE,
)
_YEAR_ANYWHERE = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)|(?<!\d)25[5-7]\d(?!\d)")
"""A year of our era, or of the Buddhist one."""
_NAME = r"[^\s\d.,،|/()·•:;–—-]{2,}\.?"
_NAMED_DATE = re.compile(
    rf"(?<![\d:./-])(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?(?:-?\s*(?:de|of|di|d['’])?\s*)(?P<month>{_NAME})(?:\s*,|\s+(?:de|del|of))?\s*(?P<y>(?:19|20)\d\d)(?!\d)|"
    rf"(?P<month2>{_NAME})\s*(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(?P<y2>(?:19|20)\d\d)(?!\d)"
)
"""The shape of a date with the month in letters, in texts that hold more than the date."""
_CLOCK_OF_IT = re.compile(
    r"\D{0,14}?(?<!\d)(?:[01]?\d|2[0-3])\s*[:h時时시.]\s*[0-5]\d(?:\s*[:.]\s*[0-5]\d)?\s*(?:[ap]\.?\s?m\b\.?)?(?:\s*\(?(?:UTC|GMT|[A-Z]{2,5})?\s*(?:[+-]\d{1,2}(?::?\d{2})?)?\)?(?!\w))?",
    re.IGNORECASE,
)
_LEADS_IN = re.compile(
    rf"(?:.*[|·•–—,،:፣/(\[-](?:\s*(?-i:[^\W\d_a-zа-я])\w{{2,14}}[.,]?)?|.*(?:{PUBLISHED_WORDS.pattern}|{MODIFIED_WORDS.pattern})\w*\W*(?:\w{{1,8}}\W+)?|\S{{1,15}})?\s*",
    re.IGNORECASE,
)
_LEADS_OUT = re.compile(
    r"\s*(?:$|[|·•–—,،;/()\[\].-]|(?:by|par|por|von|di|da|door|av|af|oleh|bởi|от|автор|від|بقلم|توسط|מאת|and|et|und|y|e|и|و|last)\b|\S{1,5}\s*$)",
    re.IGNORECASE,
)
"""What may stand before and behind a date for it to be the date of the text that it heads, not one in a sentence."""
_ZONE_BEHIND = re.compile(
    r"^\s*\(?(?:(?P<utc>UTC|GMT|Z)\s*(?P<off>[+-]\s?\d{1,2}(?::?\d{2})?)?|(?P<only>[+-]\d{2}:?\d{2})|(?P<name>[A-Z]{2,5}|МСК|北京时间))\)?"
)
_ZONES = {"WIB": 7, "WITA": 8, "WIT": 9, "KST": 9, "JST": 9, "ICT": 7, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "BST": 1, "MSK": 3, "МСК": 3, "TRT": 3, "HKT": 8, "SGT": 8, "PKT": 5, "EAT": 3, "WAT": 1, "CAT": 2, "SAST": 2, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7, "北京时间": 8}  # fmt: skip
_REGIONS = {"ET": "America/New_York", "PT": "America/Los_Angeles"}
"""Hours from UTC of the abbreviations that mean one thing in news (IST, CST, AST, AMT mean several: they are not here)."""


class Parsed(NamedTuple):
    """A time as printed.

    `local` is naive. `precision` says what is known of it. `offset` is its distance from UTC, or None where it does not
    say so.
    """

    local: datetime
    precision: Precision
    offset: tzinfo | None


def zone_of(name: str | None) -> ZoneInfo | None:
    """The IANA zone of that name. None if there is none."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def claim(
    raw: str | None,
    source: str,
    confidence: float,
    zone: ZoneInfo | None,
    languages: Sequence[str] = (),
    day_first: bool | None = None,
) -> ClaimedTime | None:
    """The time that a printed string claims. None if it is no date between 1990 and 2100.

    `languages` are BCP 47 tags, likeliest first. They tell in which language month names are written and, by region,
    whether 5/6 is in May, unless other dates of the page tell (`day_first`). Midnight to the second is what machines write for "no time", and counts as a day.
    """
    raw = tidy(raw)
    parsed = read_time(raw, tuple(languages), day_first) if 4 < len(raw) <= 200 else None
    if parsed is None:
        return None
    return _claimed(parsed, raw, source, confidence, zone)


def claim_without_year(
    raw: str, source: str, confidence: float, before: date, languages: Sequence[str] = ()
) -> ClaimedTime | None:
    """The day that a string without a year claims ("29 February", "30 December"). None if it is no day of a month in
    letters.

    It is the last such day up to `before`, a day by which the text was out. Over New Year that is a day of the year
    before. 29 February lies in a leap year. One day's grace covers zones.
    """
    text = tidy(raw)
    if not 4 < len(text) <= 60 or re.search(r"(?<!\d)\d{4}(?!\d)", plain(text)):
        return None
    for year in range(before.year + 1, before.year - 8, -1):
        parsed = read_time(f"{text} {year}", tuple(languages))
        if parsed is not None and parsed.local.year == year and parsed.local.date() <= before + timedelta(days=1):
            day = datetime(year, parsed.local.month, parsed.local.day, tzinfo=UTC)
            return ClaimedTime(day, "day", text, source, confidence)
    return None


def claim_at(at: datetime, raw: str | None, source: str, confidence: float) -> ClaimedTime:
    """The claim of a time that somebody else has read already. `at` is aware."""
    at = at.astimezone(UTC)
    return ClaimedTime(at, "second", raw or at.isoformat(), source, confidence, "UTC")


def _claimed(parsed: Parsed, raw: str, source: str, confidence: float, zone: ZoneInfo | None) -> ClaimedTime | None:
    local, precision, offset = parsed
    known = offset or zone
    midnight = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    if precision == "day" or midnight or known is None:
        return ClaimedTime(datetime(local.year, local.month, local.day, tzinfo=UTC), "day", raw, source, confidence)
    try:
        at = local.replace(tzinfo=known, microsecond=0).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return ClaimedTime(at, precision, raw, source, confidence, _zone_name(offset) if offset else str(zone))


def _zone_name(offset: tzinfo) -> str:
    if isinstance(offset, ZoneInfo):
        return offset.key
    delta = offset.utcoffset(None) or timedelta(0)
    if not delta:
        return "UTC"
    minutes = int(delta.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def plain(text: str) -> str:
    """The text with the digits of all scripts as ASCII, full-width forms as plain ones, and without marks of direction."""
    if text.isascii():
        return text
    text = _DIRECTIONS.sub("", text.translate(_FULL_WIDTH))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


@lru_cache(maxsize=512)
def read_time(raw: str, languages: tuple[str, ...] = (), day_first: bool | None = None) -> Parsed | None:
    """The time in a string. None if there is none.

    Read are ISO 8601, RFC 822, Unix time, numbers in the order that they, the page (`day_first`) or the languages tell,
    and month names.
    """
    text = _BEHIND_OFFSET.sub(r"\g<offset>", plain(raw).strip())
    text, zone = take_zone(text, languages)
    text = to_24_hours(to_gregorian(text, languages)).strip()
    parsed = _read(text, languages, day_first)
    if parsed is None or zone is None or parsed.offset is not None or parsed.precision == "day":
        return parsed
    return parsed._replace(offset=zone)


def _read(text: str, languages: tuple[str, ...], day_first: bool | None) -> Parsed | None:
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return _checked(Parsed(datetime.fromtimestamp(int(text[:10]), UTC).replace(tzinfo=None), "second", UTC))
    for pattern in (_ISO, _COMPACT):
        if match := pattern.fullmatch(text):
            return _from_match(match, match["z"])
    if match := _JAVA.fullmatch(text):
        return _java(match)
    if _RFC822.fullmatch(text):
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            pass
        else:
            return _checked(Parsed(at.replace(tzinfo=None), "second" if text.count(":") > 1 else "minute", at.tzinfo))
    if _YEAR_FIRST.search(text) or _DAY_FIRST.search(text):
        order = told_by_language(languages) if day_first is None else day_first
        return _numeric(text, order)  # where the order of the numbers is unknown, so is the date
    return _with_month_name(text, languages)


def _from_match(match: re.Match[str], zone: str | None) -> Parsed | None:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
        if match["H"] is None:
            return _checked(Parsed(datetime(day.year, day.month, day.day), "day", None))  # noqa: DTZ001
        local = datetime(day.year, day.month, day.day, int(match["H"]), int(match["M"]), int(match["S"] or 0))  # noqa: DTZ001
    except ValueError:
        return None
    return _checked(Parsed(local, "second" if match["S"] else "minute", _offset(zone)))


def _java(match: re.Match[str]) -> Parsed | None:
    if match["month"] not in _ENGLISH:
        return None
    parsed = _local(int(match["y"]), _ENGLISH.index(match["month"]) + 1, int(match["d"]), match, f" {match['z']}")
    return _checked(parsed)


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    text = text.replace(" ", "").upper()
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if hours > 14 or minutes > 59:
        return None
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)


def _numeric(text: str, order: bool | None) -> Parsed | None:
    """Read numbers. `order`: whether the page writes the day first, where the numbers themselves do not tell."""
    match = _YEAR_FIRST.search(text)
    day_first = None
    if match is None:
        match = _DAY_FIRST.search(text)
        if match is None:
            return None
        told = told_by_itself(match)
        day_first = order if told is None else told
        if day_first is None:
            return None
    month, day = (match["m"], match["d"]) if day_first is not False else (match["d"], match["m"])
    clock = match if match["H"] else _CLOCK_BEFORE.search(text[: match.start()])
    behind = text[clock.end() :] if clock is match else ""
    return _checked(_local(int(match["y"]), int(month), int(day), clock, behind))


def _local(year: int, month: int, day: int, clock: re.Match[str] | None, behind: str) -> Parsed | None:
    try:
        if clock is None:
            return Parsed(datetime(year, month, day), "day", None)  # noqa: DTZ001
        hour = int(clock["H"])
        if clock.groupdict().get("ap"):
            hour = hour % 12 + (12 if clock["ap"][0] in "pP" else 0)
        local = datetime(year, month, day, hour, int(clock["M"]), int(clock["S"] or 0))  # noqa: DTZ001
    except ValueError:
        return None
    return Parsed(local, "second" if clock["S"] else "minute", _zone_behind(behind))


def _zone_behind(text: str) -> tzinfo | None:
    match = _ZONE_BEHIND.match(text)
    if match is None:
        return None
    if match["name"]:
        if match["name"] in _REGIONS:
            return ZoneInfo(_REGIONS[match["name"]])
        hours = _ZONES.get(match["name"])
        return None if hours is None else timezone(timedelta(hours=hours)) if hours else UTC
    return _offset(match["off"] or match["only"] or match["utc"])


def _with_month_name(text: str, languages: tuple[str, ...]) -> Parsed | None:
    """Read a date with the month in letters, through dateparser with the page's languages (never its guess)."""
    if len(text) > _LONGEST or not re.search(r"\d", text) or not _YEAR_ANYWHERE.search(text):
        return None
    known = (tag.split("-")[0].lower() for tag in languages)
    codes = [code for code in dict.fromkeys(known) if code in _dateparser_languages()][:2]
    for phrase in _date_phrases(text):
        parsed = _phrase_with_month_name(phrase, [*codes, "en"])
        if parsed is not None:
            return _checked(parsed)
    return None


def _phrase_with_month_name(phrase: str, codes: Sequence[str]) -> Parsed | None:
    """Read one of the phrases. `codes`: languages as dateparser names them, likeliest first."""
    clock = _NAMED_CLOCK.search(phrase)
    zone = _zone_behind(clock["behind"]) if clock else None
    if clock and zone is not None and (named := _ZONE_BEHIND.match(clock["behind"])):
        phrase = phrase[: clock.start("behind")] + clock["behind"][named.end() :]
    for code in dict.fromkeys(codes):
        at = _by_dateparser(phrase, code)
        if at is not None:
            timed = clock is not None and (at.hour, at.minute) != (0, 0)
            return Parsed(at.replace(tzinfo=None), "minute" if timed else "day", zone or at.tzinfo)
    return None


def _by_dateparser(phrase: str, code: str) -> datetime | None:
    """Read a phrase in one language. None if it is no whole date in it."""
    import dateparser  # a quarter of a second to import, and few pages need it

    try:
        return dateparser.parse(
            phrase,
            languages=[code],
            settings={
                "PARSERS": ["absolute-time"],
                "REQUIRE_PARTS": ["day", "month", "year"],
                "RETURN_AS_TIMEZONE_AWARE": False,
                "RETURN_TIME_AS_PERIOD": True,
            },
        )
    except (ValueError, OverflowError, TypeError, AttributeError):  # dateparser trips over odd strings
        return None


@lru_cache(maxsize=1)
def _dateparser_languages() -> frozenset[str]:
    from dateparser.data.languages_info import language_order

    return frozenset(language_order)


def _date_phrases(text: str) -> tuple[str, ...]:
    """The text itself, and the text without the words around the date: "Published: Friday, 1 March 2024 | 10:05"."""
    bare = re.sub(r"^[^\d:：]{0,40}[:：]\s*(?=\D{0,12}\d)", "", text)
    bare = re.sub(r"\s*[|·•–—/]\s*", " ", bare)
    return tuple(dict.fromkeys([text, bare, _PUBLISHED.sub("", bare), *_shaped(text)]))


def _shaped(text: str) -> list[str]:
    """The part of a text that has the shape of a date, with the clock beside it.

    None is taken from a sentence: "the war that began on 24 February 2022" names no date of its article.
    """
    match = _NAMED_DATE.search(text)
    if match is None:
        return []
    clock = _CLOCK_OF_IT.match(text, match.end())
    end = clock.end() if clock else match.end()
    before, behind = text[: match.start()], text[end:]
    if not (_LEADS_IN.fullmatch(before) and _LEADS_OUT.match(behind)):
        return []
    day, month, year = match["d"] or match["d2"], match["month"] or match["month2"], match["y"] or match["y2"]
    hours = clock[0] if clock else ""
    if not clock and (earlier := _CLOCK_BEFORE.search(before)):
        hours = f" {earlier[0]}"
    return [f"{match[0]}{hours}", f"{day} {month} {year} {hours.lstrip(' ,|·•–—-/')}".strip()]


def _checked(parsed: Parsed | None) -> Parsed | None:
    return parsed if parsed is not None and _EARLIEST <= parsed.local.year <= _LATEST else None
