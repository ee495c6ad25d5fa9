"""Times as printed."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from crawler.normalise.dates import claim, claim_without_year

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("raw", "zone", "languages", "shown"),
    [
        ("2024-02-29T09:15:30Z", None, (), "2024-02-29T09:15:30Z"),
        ("2024-02-29T09:15:30.123+09:00", None, (), "2024-02-29T00:15:30Z"),
        ("2024-02-29 09:15 +0900", None, (), "2024-02-29T00:15:00Z"),
        ("2024-02-29T09:15:30", SEOUL, (), "2024-02-29T00:15:30Z"),
        ("2024-02-29T09:15:30", None, (), "2024-02-29"),
        ("2024-02-29", SEOUL, (), "2024-02-29"),
        ("2024-02-29T00:00:00+09:00", SEOUL, (), "2024-02-29"),
        ("20240229T091530Z", None, (), "2024-02-29T09:15:30Z"),
        ("20240229", None, (), "2024-02-29"),
        ("1709198130", None, (), "2024-02-29T09:15:30Z"),
        ("1709198130000", None, (), "2024-02-29T09:15:30Z"),
        ("Thu, 29 Feb 2024 09:15:30 GMT", None, (), "2024-02-29T09:15:30Z"),
        ("Thu, 29 Feb 2024 18:15:30 +0900", None, (), "2024-02-29T09:15:30Z"),
        ("2024.02.29 09:15", SEOUL, ("ko",), "2024-02-29T00:15:00Z"),
        ("입력 2024-02-29 18:15", SEOUL, ("ko",), "2024-02-29T09:15:00Z"),
        ("2024年2月29日 17:15", ZoneInfo("Asia/Shanghai"), ("zh",), "2024-02-29T09:15:00Z"),
        ("Thứ Năm, 29/02/2024, 16:15", ZoneInfo("Asia/Ho_Chi_Minh"), ("vi",), "2024-02-29T09:15:00Z"),
        ("16:15 29/02/2024", ZoneInfo("Asia/Ho_Chi_Minh"), ("vi",), "2024-02-29T09:15:00Z"),
        ("05/03/2024", None, ("vi",), "2024-03-05"),
        ("05/03/2024", None, ("en-US",), "2024-05-03"),
        ("05/03/2024", None, ("en-GB",), "2024-03-05"),
        ("29.02.2024, 10:15", ZoneInfo("Europe/Berlin"), ("de",), "2024-02-29T09:15:00Z"),
        ("29 février 2024", None, ("fr",), "2024-02-29"),
        ("29 Februari 2024", None, ("id",), "2024-02-29"),
        ("29 февраля 2024", None, ("ru",), "2024-02-29"),
        ("٢٩ فبراير ٢٠٢٤", None, ("ar",), "2024-02-29"),
        ("February 29, 2024", None, ("en",), "2024-02-29"),
        ("Thu Feb 29 18:15:30 CET 2024", None, (), "2024-02-29T17:15:30Z"),
        ("29 Feb 2024 6:15 PM", ZoneInfo("Europe/London"), ("en",), "2024-02-29T18:15:00Z"),
        ("February 29, 2024 at 18:15 GMT", None, ("en",), "2024-02-29T18:15:00Z"),
        ("Feb. 29, 2024, 6:15 p.m. ET", None, ("en",), "2024-02-29T23:15:00Z"),
        ("July 4, 2024, 6:15 p.m. ET", None, ("en",), "2024-07-04T22:15:00Z"),
        ("Kamis, 29 Februari 2024 18:15 WIB", None, ("id",), "2024-02-29T11:15:00Z"),
        ("2024년 2월 29일 오후 6시 15분", SEOUL, ("ko",), "2024-02-29T09:15:00Z"),
        ("2024年2月29日 午後6時15分", ZoneInfo("Asia/Tokyo"), ("ja",), "2024-02-29T09:15:00Z"),
        ("Thứ Năm, 29 Tháng Hai 2024 | 16:15", ZoneInfo("Asia/Ho_Chi_Minh"), ("vi",), "2024-02-29T09:15:00Z"),
        ("29 Şubat 2024 Perşembe 18:15", ZoneInfo("Europe/Istanbul"), ("tr",), "2024-02-29T15:15:00Z"),
        ("29 февраля 2024 г., 18:15", ZoneInfo("Europe/Moscow"), ("ru",), "2024-02-29T15:15:00Z"),
        ("۱۰ اسفند ۱۴۰۲ - ۱۸:۱۵", ZoneInfo("Asia/Tehran"), ("fa",), "2024-02-29T14:45:00Z"),
        ("29 ก.พ. 2567 18:15 น.", ZoneInfo("Asia/Bangkok"), ("th",), "2024-02-29T11:15:00Z"),
        ("29 شباط/فبراير 2024", None, ("ar",), "2024-02-29"),
        ("주체113(2024)년 2월 29일", None, ("ko",), "2024-02-29"),
        # digits and signs of other scripts
        ("２０２４年２月２９日 １８：１５", SEOUL, ("ja",), "2024-02-29T09:15:00Z"),
        ("二〇二四年二月二十九日", None, ("zh",), "2024-02-29"),
        ("२९ फ़रवरी २०२४", None, ("hi",), "2024-02-29"),
        ("২৯ ফেব্রুয়ারি ২০২৪, ১৮:১৫", SEOUL, ("bn",), "2024-02-29T09:15:00Z"),
        ("௨௯ பிப்ரவரி ௨௦௨௪", None, ("ta",), "2024-02-29"),
        ("\u200f29.02.2024\u200f, 18:15", SEOUL, ("he",), "2024-02-29T09:15:00Z"),
        ("יום חמישי, 29 בפברואר 2024", None, ("he",), "2024-02-29"),
        ("٢٩ فبراير ٢٠٢٤ م", None, ("ar",), "2024-02-29"),
        ("الخميس ١٩ شعبان ١٤٤٥ هـ الموافق ٢٩ فبراير ٢٠٢٤ م", None, ("ar",), "2024-02-29"),
        ("29 شباط 2024 - 6:15 م بتوقيت مكة المكرمة", None, ("ar",), "2024-02-29T15:15:00Z"),
        ("دهم اسفند ۱۴۰۲", None, ("fa",), "2024-02-29"),
        ("የካቲት 21 ቀን 2016 ዓ.ም", None, ("am",), "2024-02-29"),
        # zones in words, in brackets of both kinds, and behind an offset
        ("2024年2月29日 17:15（北京时间）", None, ("zh",), "2024-02-29T09:15:00Z"),
        ("北京時間2024年2月29日 17:15", None, ("zh-TW",), "2024-02-29T09:15:00Z"),
        ("2024年2月29日 18:15（日本時間）", None, ("ja",), "2024-02-29T09:15:00Z"),
        ("29 февраля 2024, 12:15 по московскому времени", None, ("ru",), "2024-02-29T09:15:00Z"),
        ("29.02.2024 12:15 (мск)", None, ("ru",), "2024-02-29T09:15:00Z"),
        ("29. Februar 2024, 10:15 Uhr MEZ", None, ("de",), "2024-02-29T09:15:00Z"),
        ("29 de febrero de 2024 10:15 hora de Madrid", None, ("es",), "2024-02-29T09:15:00Z"),
        ("29.02.2024 12:15 TSİ", None, ("tr",), "2024-02-29T09:15:00Z"),
        ("February 29, 2024 4:15 AM Eastern Time", None, ("en",), "2024-02-29T09:15:00Z"),
        ("29 Feb 2024, 14:45 IST", None, ("en-IN",), "2024-02-29T09:15:00Z"),
        ("29 Feb 2024, 11:15 IST", None, ("he",), "2024-02-29T09:15:00Z"),
        ("29 Feb 2024, 14:45 IST", None, ("en",), "2024-02-29"),
        ("Thu Feb 29 2024 11:15:30 GMT+0200 (Eastern European Standard Time)", None, (), "2024-02-29T09:15:30Z"),
        ("2024-02-29T11:15:30+02:00[Europe/Kyiv]", None, (), "2024-02-29T09:15:30Z"),
        ("2024-02-29 11:15:30 +0200 EET m=+0.01", None, (), "2024-02-29T09:15:30Z"),
        # what stands around a date
        ("Thursday February 29, 2024 1:15 am PST by Nora Ellison", None, ("en",), "2024-02-29T09:15:00Z"),
        ("By Nora Ellison | Thu 29 Feb 2024 10.15 CET", None, ("en",), "2024-02-29T09:15:00Z"),
        ("By Nora Ellison, 29 February 2024", None, ("en",), "2024-02-29"),
        # numbers whose order the weekday tells
        ("Tue, 03/05/2024 - 17:57", None, ("en",), "2024-03-05"),
        ("Friday, 03/05/2024", None, ("en-US",), "2024-05-03"),
    ],
)
def test_printed_times(raw: str, zone: ZoneInfo | None, languages: tuple[str, ...], shown: str) -> None:
    claimed = claim(raw, "visible", 0.5, zone, languages)
    assert claimed is not None
    assert claimed.isoformat() == shown
    assert claimed.raw == raw


@pytest.mark.parametrize(
    "raw",
    [
        None, "", "today", "2 hours ago", "vor 3 Stunden", "2023-02-29", "2024-13-01", "0001-01-01T00:00:00Z", "9999-12-31",
        "05/03/2024", "Talks stalled since 24 February 2022", "24 February 2022 was a dark day", "Signed in Geneva, on 24 February 2022", "19 شعبان 1445 هـ", "March", "Issue 2024", "12:30", "99999999999999999999", "2024-02-29T25:61:00Z", "x" * 500,
    ],
)  # fmt: skip
def test_what_is_no_date_or_cannot_be_told(raw: str | None) -> None:
    assert claim(raw, "visible", 0.5, None, ("en",)) is None


def test_precision_and_zone_are_kept() -> None:
    claimed = claim("2024-02-29 18:15", "visible", 0.5, SEOUL)
    assert claimed is not None
    assert (claimed.precision, claimed.zone) == ("minute", "Asia/Seoul")
    claimed = claim("2024-02-29T18:15:00-03:30", "json-ld", 0.9, SEOUL)
    assert claimed is not None
    assert (claimed.precision, claimed.zone) == ("second", "-03:30")


@pytest.mark.parametrize(
    ("raw", "before", "languages", "shown"),
    [
        ("30 Desember", date(2024, 1, 2), ("id",), "2023-12-30"),
        ("2 January", date(2024, 1, 2), ("en",), "2024-01-02"),
        ("3 January", date(2024, 1, 2), ("en",), "2024-01-03"),  # further east it is tomorrow
        ("29 Februari", date(2024, 3, 1), ("id",), "2024-02-29"),
        ("29 February", date(2026, 3, 1), ("en",), "2024-02-29"),
        ("28 февраля", date(2024, 3, 1), ("ru",), "2024-02-28"),
    ],
)
def test_days_without_a_year(raw: str, before: date, languages: tuple[str, ...], shown: str) -> None:
    claimed = claim_without_year(raw, "visible", 0.3, before, languages)
    assert claimed is not None
    assert (claimed.isoformat(), claimed.raw, claimed.precision) == (shown, raw, "day")


@pytest.mark.parametrize("raw", ["", "5 min read", "29 February 2024", "March", "12:30", "31 February", "2 hours ago"])
def test_what_is_no_day_of_a_month(raw: str) -> None:
    assert claim_without_year(raw, "visible", 0.3, date(2024, 3, 1), ("en",)) is None
