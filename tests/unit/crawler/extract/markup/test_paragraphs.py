"""The lines of a text without what is not the author's."""

from __future__ import annotations

import pytest

from crawler.extract.markup.paragraphs import clean_lines

TEXT = [
    "The two ministers signed the treaty on the river after a night of talks in the capital.",
    "Both sides will share the data of their gauging stations from the first of March.",
]


@pytest.mark.parametrize(
    "bar",
    [
        "24 August 2026 | Nora Ellison | 1,204 views",
        "Nora Ellison · August 24, 2026, 10:05 am PDT",
        "2026年8月24日 10:05 来源：新闻社",
        "24.08.2026 10:05, Анна Петрова",
        "Lundi 24 août 2026 à 10h05 – Maëlle Kerdoncuf",
        "٢٤ أغسطس ٢٠٢٦",
        "1,204 views",
        "阅读 1204",
        "5 min read",
        "Kommentare (12)",
        "10:05 24/08/26",
    ],
)
def test_the_line_under_the_headline_is_no_text(bar: str) -> None:
    assert clean_lines([bar, *TEXT], "River treaty") == TEXT


@pytest.mark.parametrize(
    "first",
    [
        "On 24 August 2026 it rained.",
        "Three states and 12 provinces lie on the river and its lakes",
        "The 2026 treaty in the words of those who made it at the table",
        "Signed at last",
    ],
)
def test_a_short_first_line_that_says_something_stays(first: str) -> None:
    assert clean_lines([first, *TEXT], "River treaty") == [first, *TEXT]


@pytest.mark.parametrize("name", ["Article {}", "{} March 2026", "第{}条"])
def test_numbered_headings_stay(name: str) -> None:
    lines = [name.format(1), TEXT[0], name.format(2), TEXT[1]]
    assert clean_lines(lines, "River treaty") == lines


def test_a_list_of_days_stays() -> None:
    days = [f"{day} March 2026, Port {name}" for day, name in ((1, "Ana"), (3, "Bo"), (8, "Cy"), (9, "Di"))]
    assert clean_lines([*days, *TEXT], "River treaty") == [*days, *TEXT]
