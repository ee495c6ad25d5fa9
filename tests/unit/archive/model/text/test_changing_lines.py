from __future__ import annotations

import pytest

from archive.model.text.changing_lines import changing_lines


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["1 view", "987 views", "1,204 views", "1.2K views"]),
        (
            "en",
            ["Posted 12 minutes ago", "Posted an hour ago", "Posted yesterday", "Posted 3 days ago", "Posted 14:35"],
        ),
        ("en", ["Today is Saturday 28 November 2026", "Today is Tuesday 1 December 2026"]),
        ("en", ["You have 2 free articles left this month", "You have one free articles left this month"]),
        ("en", ["Brent 78.20 USD", "Brent +101.01 USD"]),
        ("de", ["vor einer Stunde", "vor 3 Stunden", "gestern", "29.11.2026"]),
        ("fr", ["il y a une heure", "il y a 3 heures", "hier"]),
        ("ru", ["час назад", "2 часа назад", "вчера"]),
        ("pl", ["1 komentarz", "2 komentarze", "5 komentarzy"]),
        ("ar", ["قبل 5 دقيقة", "منذ ٣ ساعات", "أمس"]),
        ("fa", ["۵ دقیقه پیش", "۳ ساعت پیش"]),
        ("hi", ["5 मिनट पहले", "२ घंटे पहले"]),
        ("zh", ["5分钟前", "3小时前", "昨天 14:35", "２０２６年１１月２９日"]),
        ("ja", ["5分前", "3時間前", "昨日"]),
        ("th", ["5 นาทีที่แล้ว", "3 ชั่วโมงที่แล้ว"]),
        ("fi", ["3 tuntia sitten", "eilen"]),
        ("ko", ["조회수 12", "조회수 1,204"]),
        (None, ["3 hours ago", "2 days ago"]),
        ("xx-unknown", ["3 hours ago", "2 days ago"]),
    ],
)
def test_lines_that_differ_in_numbers_and_times_only_have_one_key(language: str | None, lines: list[str]) -> None:
    found = [changing_lines(line, language) for line in lines]
    assert len({tuple(each.lines) for each in found}) == 1
    assert [list(each.lines.values()) for each in found] == [[line] for line in lines]
    assert {each.rest for each in found} == {""}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Exports 212", "Imports 212"),
        ("Averland | 212", "Kestria | 212"),
        ("12 views", "12 comments"),
        ("May votes June", "May talks June"),
        ("3 hours ago", "1,204"),
        ("Updated 3 hours ago.", "Updated 3 hours ago"),
    ],
)
def test_other_words_make_another_key(one: str, other: str) -> None:
    assert set(changing_lines(one, "en").lines) != set(changing_lines(other, "en").lines)


def test_a_number_alone_is_told_by_the_line_before_it() -> None:
    first, second = changing_lines("Shares\n1,204", "en"), changing_lines("Averland\n1,204", "en")
    assert set(first.lines) != set(second.lines)
    assert set(first.lines) == set(changing_lines("Shares\n7", "en").lines)
    assert set(changing_lines("5 comments\n7", "en").lines) == set(changing_lines("12 comments\n9", "en").lines)


def test_a_bar_is_taken_apart_and_a_row_of_numbers_is_not() -> None:
    bar = changing_lines("By Mira Tolland | 3 hours ago | 1,204 views", "en")
    assert (bar.rest, sorted(bar.lines.values())) == ("By Mira Tolland", ["1,204 views", "3 hours ago"])
    row = changing_lines("Averland | 212 | 40", "en")
    assert list(row.lines.values()) == ["Averland | 212 | 40"]


def test_prose_stays_whole() -> None:
    long = "The ministers met on Monday and said that 12 sailors were killed off the coast, while 40 more were saved by boats."
    assert changing_lines(long, "en").rest == long
    assert not changing_lines(long, "en").lines
    assert not changing_lines("Who pays in the end\nA deal", "en").lines


def test_a_text_made_of_numbers_has_no_lines_of_the_site() -> None:
    table = "\n".join(
        f"Row {letter} {number}" for number, letter in enumerate("abcdefghijklmnopqrstuvwxyzäöüßéèêáàâóòôúùû")
    )
    found = changing_lines(table, "en")
    assert not found.lines
    assert found.rest == table
