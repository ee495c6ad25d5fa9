"""Which of two numbers is the day."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.normalise.date_order import NUMBERS, meant_by, month_in_path, told_by_itself, told_by_others


@pytest.mark.parametrize(
    ("text", "day_first"),
    [
        ("25/12/2023", True),
        ("12/25/2023", False),
        ("04.05.2023", True),
        ("07/07/2023", True),
        ("Thursday, 04/05/2023", True),  # 4 May 2023 was a Thursday, 5 April a Wednesday
        ("Wed, 04/05/2023 - 10:00", False),
        ("04/05/2023 (Donnerstag)", True),
        ("mercoledì 04-05-2023", False),
        ("04/05/2023", None),
        ("Sunday 04/05/2023", None),  # neither was a Sunday
        ("Wed and Thu, 04/05/2023", None),
    ],
)
def test_numbers_that_tell_by_themselves(text: str, day_first: bool | None) -> None:
    match = NUMBERS.search(text)
    assert match is not None
    assert told_by_itself(match) is day_first


@pytest.mark.parametrize(
    ("texts", "days", "month", "day_first"),
    [
        (["04/05/2023", "Updated 04/17/2023"], [], None, False),
        (["04/05/2023", "17/05/2023"], [], None, True),
        (["17/05/2023", "05/17/2023"], [], None, None),  # they disagree
        (["04/05/2023"], [date(2023, 5, 4)], None, True),
        (["04/05/2023"], [date(2023, 4, 5)], None, False),
        (["04/05/2023"], [date(2023, 6, 1)], None, None),
        (["04/05/2023"], [], (2023, 4), False),
        (["04.05.2023", "17.05.2023"], [], None, None),  # points say nothing of slashes
        ([], [date(2023, 5, 4)], None, None),
    ],
)
def test_other_dates_tell(
    texts: list[str], days: list[date], month: tuple[int, int] | None, day_first: bool | None
) -> None:
    assert told_by_others(texts, days, month) is day_first


@pytest.mark.parametrize(
    ("url", "month"),
    [
        ("https://x.example/2023/04/treaty", (2023, 4)),
        ("https://x.example/2023-04-05-treaty.html", (2023, 4)),
        ("https://x.example/news/20230405/treaty", (2023, 4)),
        ("https://x.example/2023/13/treaty", None),
        ("https://x.example/treaty?d=/2023/04/", None),
    ],
)
def test_months_in_addresses(url: str, month: tuple[int, int] | None) -> None:
    assert month_in_path(url) == month


def test_a_day_of_another_reader_counts_only_as_the_numbers_are_meant() -> None:
    numbers, taken, other = ["posted 04/05/2023"], date(2023, 5, 4), date(2023, 4, 5)
    assert meant_by(numbers, taken, None) is None
    assert meant_by(numbers, taken, True) == taken
    assert meant_by(numbers, taken, False) == other
    assert meant_by(["Wednesday 04/05/2023"], taken, None) == other
    assert meant_by(numbers, date(2023, 9, 9), None) == date(2023, 9, 9)
