"""Archive pages by date."""

from __future__ import annotations

from datetime import date

from archive.model.period import Period
from crawler.discover.lists.dated import DatedPage, dated_pages


def pages(template: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> list[DatedPage]:
    return list(dated_pages(f"https://x.example/{template}", Period(date(*first), date(*last))))


def test_days() -> None:
    found = pages("{date:%Y/%m/%d}/", (2024, 2, 28), (2024, 3, 1))
    assert [page.url[18:] for page in found] == ["2024/02/28/", "2024/02/29/", "2024/03/01/"]
    assert found[1].period == Period(date(2024, 2, 29), date(2024, 2, 29))


def test_months_and_years_touch_the_window() -> None:
    months = pages("{date:%Y-%m}", (2023, 12, 31), (2024, 2, 1))
    assert [page.url[18:] for page in months] == ["2023-12", "2024-01", "2024-02"]
    assert months[2].period == Period(date(2024, 2, 1), date(2024, 2, 29))
    years = pages("{date:%Y}", (2023, 12, 31), (2024, 1, 1))
    assert [page.url[18:] for page in years] == ["2023", "2024"]


def test_weeks_and_hours() -> None:
    weeks = pages("{date:%G/%V}", (2024, 12, 30), (2025, 1, 6))
    assert [page.url[18:] for page in weeks] == ["2025/01", "2025/02"]
    assert len(pages("{date:%Y%m%d%H}", (2024, 3, 1), (2024, 3, 2))) == 48


def test_a_window_that_ends_before_it_begins_has_no_pages() -> None:
    assert pages("{date:%Y/%m/%d}", (2024, 3, 2), (2024, 3, 1)) == []


def test_an_address_stands_once() -> None:
    assert len(pages("{date:%a}", (2024, 3, 1), (2024, 3, 1))) == 1
    assert len(pages("{date:%Y}", (2024, 3, 1), (2024, 3, 30))) == 1
