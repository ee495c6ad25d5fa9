"""Dates of other calendars and clocks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.normalise.calendars import ethiopian, solar_hijri, to_24_hours, to_gregorian


@pytest.mark.parametrize(
    ("year", "month", "day", "gregorian"),
    [
        (1357, 11, 22, date(1979, 2, 11)),
        (1399, 12, 30, date(2021, 3, 20)),  # a leap year
        (1400, 1, 1, date(2021, 3, 21)),
        (1402, 12, 10, date(2024, 2, 29)),
        (1403, 1, 1, date(2024, 3, 20)),
        (1403, 12, 30, date(2025, 3, 20)),
        (1405, 9, 3, date(2026, 11, 24)),
    ],
)
def test_solar_hijri(year: int, month: int, day: int, gregorian: date) -> None:
    assert solar_hijri(year, month, day) == gregorian


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1402, 12, 30), (1400, 7, 31), (1400, 13, 1), (1200, 1, 1), (1400, 0, 1)]
)
def test_days_that_are_not(year: int, month: int, day: int) -> None:
    with pytest.raises(ValueError, match="no day"):
        solar_hijri(year, month, day)


@pytest.mark.parametrize(
    ("year", "month", "day", "gregorian"),
    [
        (2000, 1, 1, date(2007, 9, 12)),  # behind a leap year
        (2016, 6, 21, date(2024, 2, 29)),
        (2015, 13, 6, date(2023, 9, 11)),
        (2019, 1, 1, date(2026, 9, 11)),
    ],
)
def test_ethiopian(year: int, month: int, day: int, gregorian: date) -> None:
    assert ethiopian(year, month, day) == gregorian


@pytest.mark.parametrize(("year", "month", "day"), [(2016, 13, 6), (2016, 1, 31), (2016, 14, 1), (2016, 0, 1)])
def test_days_that_are_not_ethiopian(year: int, month: int, day: int) -> None:
    with pytest.raises(ValueError, match="no day"):
        ethiopian(year, month, day)


@given(st.integers(1343, 1471))
def test_years_follow_each_other(year: int) -> None:
    last = solar_hijri(year + 1, 1, 1) - timedelta(days=1)
    assert last - solar_hijri(year, 1, 1) in (timedelta(days=364), timedelta(days=365))
    assert last.month == 3
    assert 19 <= last.day <= 21


@pytest.mark.parametrize(
    ("text", "languages", "day"),
    [
        ("10 اسفند 1402", ("fa",), "2024-02-29"),
        ("10 اسفند ماه 1402 - 18:15", ("fa",), "2024-02-29"),
        ("1402/12/10", ("fa",), "2024-02-29"),
        ("10 حوت 1402", ("ps",), "2024-02-29"),
        ("10 کب 1402", ("ps",), "2024-02-29"),
        ("中華民國113年02月29日", ("zh-TW",), "2024-02-29"),
        ("民國113年2月29日", (), "2024-02-29"),
        ("115-10-01", ("zh-TW",), "2026-10-01"),
        ("令和6年2月29日", ("ja",), "2024-02-29"),
        ("令和元年5月1日", ("ja",), "2019-05-01"),
        ("R6.2.29", ("ja",), "2024-02-29"),
        ("29 กุมภาพันธ์ 2567", ("th",), "2024-02-29"),
        ("29 ก.พ. 67", ("th",), "2024-02-29"),
        ("29/02/2567", ("th",), "2024-02-29"),
        ("29 กุมภาพันธ์ พ.ศ. 2567", ("th",), "2024-02-29"),
        ("29 ก.พ. 2024", ("th",), "2024-02-29"),
        ("29 فيفري 2024", ("ar",), "2024-02-29"),
        ("29 شباط (فبراير) 2024", ("ar",), "2024-02-29"),
        ("19/8/1445هـ - 29 فبراير 2024م", ("ar",), "2024-02-29"),
        ("بیست و نهم اسفند ماه 1402", ("fa",), "2024-03-19"),
        ("二〇二四年十月三十一日", ("zh",), "2024-10-31"),
        ("21 የካቲት 2016", ("am",), "2024-02-29"),
    ],
)
def test_to_gregorian(text: str, languages: tuple[str, ...], day: str) -> None:
    assert day in to_gregorian(text, languages)


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("113-02-29", ("en",)),  # a score, a part number
        ("1402/12/10", ("ar",)),  # perhaps the lunar calendar
        ("30 اسفند 1402", ("fa",)),  # no leap year
        ("民國112年2月29日", ("zh",)),
        ("29/02/2566", ("th",)),
        ("19 شعبان 1445 هـ", ("ar",)),  # the lunar calendar alone
        ("የካቲት 21 2024 እ.ኤ.አ", ("am",)),  # the Gregorian year beside an Ethiopian month
    ],
)
def test_what_is_no_day_or_uncertain_stays(text: str, languages: tuple[str, ...]) -> None:
    assert to_gregorian(text, languages) == text


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("오후 6시 15분", "18:15"),
        ("오전 12:05", "00:05"),
        ("午後6時15分", "18:15"),
        ("下午6:15", "18:15"),
        ("中午12點", "12:00"),
        ("凌晨2时", "02:00"),
        ("6:15 CH", "18:15"),
        ("6:15 SA", "06:15"),
        ("6:15 مساءً", "18:15"),
        ("6:15 ص", "06:15"),
        ("6:15 ب.ظ", "18:15"),
        ("6:15 μ.μ.", "18:15"),
        ("6:15 ÖÖ", "06:15"),
        ("6:15 পিএম", "18:15"),
    ],
)
def test_to_24_hours(text: str, clock: str) -> None:
    assert to_24_hours(text).strip() == clock


@given(st.text(max_size=60), st.sampled_from(["fa", "zh", "th", "ja", "ko", "vi", "en"]))
def test_any_text_is_taken(text: str, language: str) -> None:
    assert isinstance(to_24_hours(to_gregorian(text, (language,))), str)
