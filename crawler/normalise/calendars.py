"""Dates of other calendars and clocks, rewritten as the Gregorian day and the 24-hour clock that they mean.

Solar Hijri (Iran, Afghanistan), Minguo (Taiwan), the Japanese eras, the Buddhist era (Thailand), Juche (North Korea). What
is no valid day there stays as it is, so that nobody takes it for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

_PERSIAN = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
_AFGHAN = ("حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت")
_SOLAR_MONTHS = {name: number for names in (_PERSIAN, _AFGHAN) for number, name in enumerate(names, 1)}
_THAI = ("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม")  # fmt: skip
_THAI_SHORT = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
_THAI_MONTHS = {name: number for names in (_THAI, _THAI_SHORT) for number, name in enumerate(names, 1)}
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988}
"""The Gregorian year before each era's first."""
_ARABIC = "يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر"
_VIETNAMESE = ("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")


def _either(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_SOLAR_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*(?:م\s*)?({_either(_SOLAR_MONTHS)})(?:\s*ماه)?\s*[،,]?\s*(1[34]\d\d)(?!\d)"
)
_SOLAR_NUMBERS = re.compile(r"(?<!\d)(1[34]\d\d)\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})(?!\d)")
_MINGUO_NAMED = re.compile(r"(?:中華)?民國\s*(\d{2,3})\s*(?:年|[/.-])\s*(\d{1,2})\s*(?:月|[/.-])\s*(\d{1,2})\s*日?")
_MINGUO_NUMBERS = re.compile(
    r"(?<![\d/.-])(1[0-4]\d)\s*(?:年|[/.-])\s*(\d{1,2})\s*(?:月|[/.-])\s*(\d{1,2})(?![\d/.-])日?"
)
_ERA = re.compile(r"(令和|平成|昭和|(?<![A-Za-z])[RH])\s*(\d{1,2}|元)\s*[年.]\s*(\d{1,2})\s*[月.]\s*(\d{1,2})(?!\d)日?")
_THAI_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*({_either(_THAI_MONTHS)})\s*(?:พ\.\s*ศ\.\s*)?(25[3-9]\d|[4-9]\d)(?!\d)"
)
_THAI_NUMBERS = re.compile(r"(?<![\d/.-])(\d{1,2})\s*([/.-])\s*(\d{1,2})\s*\2\s*(25[3-9]\d)(?!\d)")
_JUCHE = re.compile(r"(?:주체|juche)\s*\d{2,3}\s*(?:년\s*)?[(（]\s*((?:19|20)\d\d)\s*(?:년)?\s*[)）]", re.IGNORECASE)
_TWO_MONTHS = re.compile(rf"[^\W\d]+(?:\s[^\W\d]+)?\s*/\s*({_ARABIC})")
_VIETNAMESE_MONTH = re.compile(rf"\btháng\s+({_either(_VIETNAMESE)})\b", re.IGNORECASE)
_NOON = re.compile(
    r"(?P<am>오전|午前|上午|凌晨|早上)|(?P<pm>오후|午後|下午|晚上|晚间|晚間|傍晚)|(?P<noon>정오|正午|中午)",
)
_HALF_DAY = re.compile(rf"(?:{_NOON.pattern})\s*(?P<H>\d{{1,2}})\s*[:：時时시点點]\s*(?:(?P<M>[0-5]?\d)\s*(?:分|분)?)?")
_VIETNAMESE_HALF = re.compile(r"(?<!\d)(?P<H>\d{1,2})\s*[:hg]\s*(?P<M>[0-5]\d)(?::[0-5]\d)?\s*(?P<half>CH|SA)\b")


def to_gregorian(text: str, languages: Sequence[str] = ()) -> str:
    """Write the dates of other calendars in `text`, whose digits are ASCII already, as `YYYY-MM-DD`.

    Years alone can mislead. Numbers such as `113-02-29` are taken for Minguo in Chinese only, `1402/12/10` for Solar
    Hijri in Persian, Pashto and Dari only.
    """
    if (
        text.isascii()
        and not any(tag[:2] in ("fa", "ps", "zh", "th", "ja", "ko") for tag in languages)
        and "uche" not in text
    ):
        return text
    codes = {tag.split("-")[0].lower() for tag in languages}
    text = _JUCHE.sub(r"\1", text)
    text = _ERA.sub(lambda m: _day(m, _ERAS[m[1]] + (1 if m[2] == "元" else int(m[2])), m[3], m[4]), text)
    text = _SOLAR_NAMED.sub(lambda m: _solar(m, int(m[3]), _SOLAR_MONTHS[m[2]], int(m[1])), text)
    text = _MINGUO_NAMED.sub(lambda m: _day(m, 1911 + int(m[1]), m[2], m[3]), text)
    text = _THAI_NAMED.sub(lambda m: _day(m, _buddhist(int(m[3])), _THAI_MONTHS[m[2]], m[1]), text)
    text = _TWO_MONTHS.sub(r"\1", text)
    if codes & {"fa", "prs", "ps"}:
        text = _SOLAR_NUMBERS.sub(lambda m: _solar(m, int(m[1]), int(m[2]), int(m[3])), text)
    if "zh" in codes:
        text = _MINGUO_NUMBERS.sub(lambda m: _day(m, 1911 + int(m[1]), m[2], m[3]), text)
    if "th" in codes:
        text = _THAI_NUMBERS.sub(lambda m: _day(m, _buddhist(int(m[4])), m[3], m[1]), text)
    if "vi" in codes:
        text = _VIETNAMESE_MONTH.sub(lambda m: f"tháng {_VIETNAMESE.index(m[1].lower()) + 1}", text)
    return text


def to_24_hours(text: str) -> str:
    """Write the times of twelve hours in `text` as times of 24: "오후 6시 15분", "下午6:15" and "6:15 CH" as `18:15`."""

    def east(match: re.Match[str]) -> str:
        return _clock(match, int(match["H"]), int(match["M"] or 0), late=not match["am"])

    def viet(match: re.Match[str]) -> str:
        return _clock(match, int(match["H"]), int(match["M"]), late=match["half"] == "CH")

    return _VIETNAMESE_HALF.sub(viet, _HALF_DAY.sub(east, text))


def _clock(match: re.Match[str], hour: int, minute: int, *, late: bool) -> str:
    if hour > 23:
        return match[0]
    if hour <= 12:
        hour = hour % 12 + (12 if late else 0)
    return f" {hour:02d}:{minute:02d} "


def _buddhist(year: int) -> int:
    return (year if year > 99 else 2500 + year) - 543


def _day(match: re.Match[str], year: int, month: str | int, day: str | int) -> str:
    return _written(match, lambda: date(year, int(month), int(day)))


def _solar(match: re.Match[str], year: int, month: int, day: int) -> str:
    return _written(match, lambda: solar_hijri(year, month, day))


def _written(match: re.Match[str], made: Callable[[], date]) -> str:
    try:
        return f" {made().isoformat()} "
    except ValueError:
        return match[0]


_NOWRUZ_1400 = date(2021, 3, 21)
_LEAP = frozenset([1, 5, 9, 13, 17, 22, 26, 30])


def _is_leap(year: int) -> bool:
    """Leap years by the cycle of 33 years, which gives Nowruz exactly from 1343 to 1472 (1964 to 2093)."""
    return year % 33 in _LEAP


def solar_hijri(year: int, month: int, day: int) -> date:
    """The Gregorian day of a day in the Iranian calendar of 1343 to 1472.

    Raises:
        ValueError: There is no such day.
    """
    longest = 31 if month <= 6 else 30 if month < 12 or _is_leap(year) else 29
    if not (1343 <= year <= 1472 and 1 <= month <= 12 and 1 <= day <= longest):
        raise ValueError(f"no day {year}-{month}-{day} in the Solar Hijri calendar")
    step = 1 if year >= 1400 else -1
    years = range(1400, year) if step > 0 else range(year, 1400)
    nowruz = _NOWRUZ_1400 + step * timedelta(days=sum(365 + _is_leap(y) for y in years))
    return nowruz + timedelta(days=min(month - 1, 6) * 31 + max(month - 7, 0) * 30 + day - 1)
