"""Times as printed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from crawler.normalise.dates import claim

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
        "05/03/2024", "March", "Issue 2024", "12:30", "99999999999999999999", "2024-02-29T25:61:00Z", "x" * 500,
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
