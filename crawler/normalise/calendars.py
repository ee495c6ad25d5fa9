"""Dates of other calendars and clocks, rewritten as the Gregorian day and the 24-hour clock that they mean.

Solar Hijri (Iran, Afghanistan), Minguo (Taiwan), the Japanese eras, the Buddhist era (Thailand), Juche (North Korea), the
Ethiopian calendar, and the Arabic names of Gregorian months. What is no valid day there stays as it is, so that nobody
takes it for one. A lunar Hijri date is taken out where a Gregorian one stands beside it; alone it stays unknown, because
months begin with the sighting of the moon, and no rule gives their day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

_PERSIAN = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
_AFGHAN = ("حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت")
_PASHTO = ("وری", "غویی", "غبرګولی", "چنګاښ", "زمری", "وږی", "تله", "لړم", "لیندۍ", "مرغومی", "سلواغه", "کب")
_SOLAR_MONTHS = {name: number for names in (_PERSIAN, _AFGHAN, _PASHTO) for number, name in enumerate(names, 1)}
_THAI = ("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม")  # fmt: skip
_THAI_SHORT = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
_THAI_MONTHS = {name: number for names in (_THAI, _THAI_SHORT) for number, name in enumerate(names, 1)}
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988}
"""The Gregorian year before each era's first."""
_ARABIC = (
    "يناير|كانون الثاني|جانفي", "فبراير|شباط|فيفري", "مارس|آذار|اذار", "أبريل|ابريل|إبريل|نيسان|أفريل",
    "مايو|أيار|ايار|ماي", "يونيو|يونيه|حزيران|جوان", "يوليو|يوليه|تموز|جويلية|يوليوز", "أغسطس|اغسطس|آب|أوت|غشت",
    "سبتمبر|أيلول|ايلول|شتنبر", "أكتوبر|اكتوبر|تشرين الأول|تشرين الاول", "نوفمبر|تشرين الثاني|نونبر", "ديسمبر|كانون الأول|كانون الاول|دجنبر",
)  # fmt: skip
"""Month names from Egypt and the Gulf, the Levant and Iraq, and the Maghreb."""
_ARABIC_MONTHS = {name: number for number, names in enumerate(_ARABIC, 1) for name in names.split("|")}
_LUNAR = (
    "محرم", "المحرم", "صفر", "ربيع الأول", "ربيع الاول", "ربيع الثاني", "ربيع الآخر", "ربيع الاخر", "جمادى الأولى", "جمادى الاولى", "جمادى الثانية",
    "جمادى الآخرة", "جمادى الاخرة", "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذي القعدة", "ذو الحجة", "ذي الحجة",
)  # fmt: skip
_ETHIOPIAN = (
    "መስከረም", "ጥቅምት", "ኅዳር|ህዳር|ሕዳር", "ታኅሣሥ|ታህሳስ|ታኅሳስ|ታህሣሥ", "ጥር", "የካቲት", "መጋቢት", "ሚያዝያ|ሚያዚያ", "ግንቦት", "ሰኔ", "ሐምሌ|ሀምሌ", "ነሐሴ|ነሀሴ", "ጳጉሜን|ጳጉሜ",
)  # fmt: skip
_ETHIOPIAN_MONTHS = {name: number for number, names in enumerate(_ETHIOPIAN, 1) for name in names.split("|")}
_ONES = ("یکم|اول", "دوم", "سوم", "چهارم", "پنجم", "ششم", "هفتم", "هشتم", "نهم")
_TEENS = ("دهم", "یازدهم", "دوازدهم", "سیزدهم", "چهاردهم", "پانزدهم", "شانزدهم", "هفدهم", "هجدهم|هیجدهم", "نوزدهم")
_ORDINALS = {
    name: number
    for number, names in [
        *enumerate(_ONES, 1),
        *enumerate(_TEENS, 10),
        (20, "بیستم"),
        *((20 + n, "|".join(f"بیست و {name}" for name in names.split("|"))) for n, names in enumerate(_ONES, 1)),
        (30, "سی‌ام|سی ام|سیم"),
        (31, "سی و یکم"),
    ]
    for name in names.split("|")
}
"""The days of a month as Persian writes them in words."""
_HAN = {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_VIETNAMESE = ("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")


def _either(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_SOLAR_NAMED = re.compile(
    rf"(?<![\d\w])(\d{{1,2}}|{_either(_ORDINALS)})\s*(?:م\s*)?({_either(_SOLAR_MONTHS)})(?:\s*ماه)?\s*[،,]?\s*(?:سال\s*)?(1[34]\d\d)(?!\d)"
)
_SOLAR_NUMBERS = re.compile(r"(?<!\d)(1[34]\d\d)\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})(?!\d)")
_MINGUO_NAMED = re.compile(r"(?:中華)?民國\s*(\d{2,3})\s*(?:年|[/.-])\s*(\d{1,2})\s*(?:月|[/.-])\s*(\d{1,2})\s*日?")
_MINGUO_NUMBERS = re.compile(
    r"(?<![\d/.-])(1[0-4]\d)\s*(?:年|[/.-])\s*(\d{1,2})\s*(?:月|[/.-])\s*(\d{1,2})(?![\d/.-])日?"
)
_ERA = re.compile(r"(令和|平成|昭和|(?<![A-Za-z])[RH])\s*(\d{1,2}|元)\s*[年.]\s*(\d{1,2})\s*[月.]\s*(\d{1,2})(?!\d)日?")
_THAI_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*({_either(_THAI_MONTHS)})\s*(?:พ\.\s*ศ\.\s*|พุทธศักราช\s*|พ\.ศ\s*|ค\.\s*ศ\.\s*)?(20[0-4]\d|25[3-9]\d|[4-9]\d)(?!\d)"
)
_THAI_NUMBERS = re.compile(r"(?<![\d/.-])(\d{1,2})\s*([/.-])\s*(\d{1,2})\s*\2\s*(25[3-9]\d)(?!\d)")
_JUCHE = re.compile(r"(?:주체|juche)\s*\d{2,3}\s*(?:년\s*)?[(（]\s*((?:19|20)\d\d)\s*(?:년)?\s*[)）]", re.IGNORECASE)
_ARABIC_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*(?:من\s+)?({_either(_ARABIC_MONTHS)})(?:\s*[/\-(]\s*(?:{_either(_ARABIC_MONTHS)})\s*\)?)?\s*[،,]?\s*(?:عام\s+|سنة\s+)?((?:19|20)\d\d)(?!\d)(?:\s*(?:ميلادي[ةه]?|م)(?!\w)\.?)?"
)
"""A Gregorian day in Arabic: the month by one name or two, an era mark behind the year."""
_LUNAR_DAY = re.compile(
    rf"(?<!\d)(?:\d{{1,2}}\s*(?:من\s+)?(?:{_either(_LUNAR)})\s*[،,]?\s*1[345]\d\d(?!\d)\s*(?:هجري[ةه]?|ه(?:ـ)?(?!\w))?|"
    r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*1[345]\d\d\s*ه(?:ـ)?(?!\w)|1[345]\d\d\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{1,2}\s*ه(?:ـ)?(?!\w))\s*[،,|/()–-]*\s*(?:ال)?(?:موافق(?:\s+(?:ل|لـ|في|يوم)(?!\w))?)?"
)
_ARABIC_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*م(?!\w)")
_ETHIOPIAN_NAMED = re.compile(
    rf"({_either(_ETHIOPIAN_MONTHS)})\s*(\d{{1,2}})\s*(?:ቀን)?\s*[,፣/]?\s*((?:19|20)\d\d)(?!\d)(?!\s*(?:እ\.?\s?ኤ\.?\s?አ|\(?እ\.ኤ\.አ))(?:\s*ዓ\.?\s?ም\.?)?"
)
_ETHIOPIAN_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*({_either(_ETHIOPIAN_MONTHS)})\s*[,፣]?\s*((?:19|20)\d\d)(?!\d)(?!\s*\(?እ\.?\s?ኤ\.?\s?አ)(?:\s*ዓ\.?\s?ም\.?)?"
)
_HAN_DATE = re.compile(
    r"([一二〇零○][〇零○一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号號]"
)
_VIETNAMESE_MONTH = re.compile(rf"\btháng\s+({_either(_VIETNAMESE)})\b", re.IGNORECASE)
_NOON = re.compile(
    r"(?P<am>오전|午前|上午|凌晨|早上)|(?P<pm>오후|午後|下午|晚上|晚间|晚間|傍晚)|(?P<noon>정오|正午|中午)",
)
_HALF_DAY = re.compile(rf"(?:{_NOON.pattern})\s*(?P<H>\d{{1,2}})\s*[:：時时시点點]\s*(?:(?P<M>[0-5]?\d)\s*(?:分|분)?)?")
_HALF_BEHIND = re.compile(
    r"(?<!\d)(?P<H>\d{1,2})\s*[:hg]\s*(?P<M>[0-5]\d)(?::[0-5]\d)?\s*"
    r"(?:(?P<late>CH\b|مساءً|مساء|م(?!\w)|ب\.\s?ظ\.?|بعد\s?از\s?ظهر|ظهراً|μ\.?μ\.?|ÖS\b|अपराह्न|পিএম)|(?P<early>SA\b|صباحاً|صباحا|ص(?!\w)|ق\.\s?ظ\.?|قبل\s?از\s?ظهر|π\.?μ\.?|ÖÖ\b|पूर्वाह्न|এএম))"
)
"""A half of the day named behind the clock: Vietnamese, Arabic, Persian, Greek, Turkish, Hindi, Bengali."""


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
    text = _SOLAR_NAMED.sub(lambda m: _solar(m, int(m[3]), _SOLAR_MONTHS[m[2]], _ORDINALS.get(m[1]) or int(m[1])), text)
    text = _MINGUO_NAMED.sub(lambda m: _day(m, 1911 + int(m[1]), m[2], m[3]), text)
    text = _THAI_NAMED.sub(lambda m: _day(m, _buddhist(int(m[3])), _THAI_MONTHS[m[2]], m[1]), text)
    text = _from_arabic(text)
    text = _ETHIOPIAN_NAMED.sub(lambda m: _ethiopian(m, m[3], m[1], m[2]), text)
    text = _ETHIOPIAN_DAY_FIRST.sub(lambda m: _ethiopian(m, m[3], m[2], m[1]), text)
    text = _HAN_DATE.sub(lambda m: _day(m, _han_year(m[1]), _han(m[2]), _han(m[3])), text)
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

    def behind(match: re.Match[str]) -> str:
        return _clock(match, int(match["H"]), int(match["M"]), late=match["late"] is not None)

    return _HALF_BEHIND.sub(behind, _HALF_DAY.sub(east, text))


def _clock(match: re.Match[str], hour: int, minute: int, *, late: bool) -> str:
    if hour > 23:
        return match[0]
    if hour <= 12:
        hour = hour % 12 + (12 if late else 0)
    return f" {hour:02d}:{minute:02d} "


def _buddhist(year: int) -> int:
    """The Gregorian year of a Thai one, which is Buddhist in two or four digits, or Gregorian already."""
    if 2000 <= year < 2100:
        return year
    return (year if year > 99 else 2500 + year) - 543


def _from_arabic(text: str) -> str:
    """Write the Gregorian dates of an Arabic text as ISO days, and take out the lunar ones beside them."""
    written = _ARABIC_NAMED.sub(lambda m: _day(m, int(m[3]), _ARABIC_MONTHS[m[2]], m[1]), text)
    written = _ARABIC_YEAR.sub(r"\1", written)
    without = _LUNAR_DAY.sub(" ", written)
    return without if re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", without) else written


def _ethiopian(match: re.Match[str], year: str, month: str, day: str) -> str:
    return _written(match, lambda: ethiopian(int(year), _ETHIOPIAN_MONTHS[month], int(day)))


def _han_year(text: str) -> int:
    return int("".join(_HAN[digit] for digit in text))


def _han(text: str) -> int:
    """The number that up to three Chinese characters write, up to 39: 八, 十一, 二十, 三十一."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(_HAN[digit] for digit in text))
    return 10 * int(_HAN.get(tens, "1")) + int(_HAN.get(ones, "0"))


def _day(match: re.Match[str], year: int, month: str | int, day: str | int) -> str:
    return _written(match, lambda: date(year, int(month), int(day)))


def _solar(match: re.Match[str], year: int, month: int, day: int) -> str:
    return _written(match, lambda: solar_hijri(year, month, day))


def _written(match: re.Match[str], made: Callable[[], date]) -> str:
    try:
        return f" {made().isoformat()} "
    except ValueError:
        return match[0]


_ETHIOPIAN_EPOCH = date(8, 8, 27).toordinal()
"""The first day of the Ethiopian year 1, in the Gregorian calendar drawn backwards."""


def ethiopian(year: int, month: int, day: int) -> date:
    """The Gregorian day of a day in the Ethiopian calendar: twelve months of 30 days and one of five, or of six in the
    year before each that is divisible by four.

    Raises:
        ValueError: There is no such day.
    """
    longest = 30 if month <= 12 else 6 if year % 4 == 3 else 5
    if not (1 <= month <= 13 and 1 <= day <= longest):
        raise ValueError(f"no day {year}-{month}-{day} in the Ethiopian calendar")
    return date.fromordinal(_ETHIOPIAN_EPOCH + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1)


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
