"""Lines that are not the author's, and the many that look like them."""

from __future__ import annotations

import pytest

from crawler.extract.markup.paragraphs import clean_lines, without
from crawler.normalise.text import is_leftover, key_of, tidy, width


@pytest.mark.parametrize(
    "line",
    [
        "[iklan_2]", "[ad_1]", "[/ad_2]", "[quảng cáo_2]", "[广告_1]", "[реклама_2]", "Sumber", "Source:", "Source link", "Nguồn", "Источник",
        "来源", "المصدر", "Komentar (0)", "Comments (3)", "Bình luận (12)", "Комментарии (5)", "12 Comments", "댓글 3", "|", "| |", "",
    ],
)  # fmt: skip
def test_leftovers(line: str) -> None:
    assert is_leftover(line)


@pytest.mark.parametrize(
    "line",
    [
        "[sic]", "[Tổng thống]", "[Update 2]", "[1]", "Sumber daya alam", "Source of the river", "Sumber di kementerian membantahnya.",
        "Comments were made.", "Komentar presiden (71) mengejutkan", "Nguồn nước", "No comment", "Yes.", "Article_2", "Phase_2 [of] the plan",
    ],
)  # fmt: skip
def test_text_that_only_looks_like_it(line: str) -> None:
    assert not is_leftover(line)
    assert clean_lines([line], None) == [line]


def test_pipes_around_a_line_go_and_captions_and_headline_are_not_repeated() -> None:
    lines = ["River treaty signed", "| The port. |", "“River treaty” was the word of the day.", "The port at night."]
    assert clean_lines(lines, "River Treaty Signed", ["The port."]) == lines[2:]


def test_the_lead_is_taken_out_of_the_first_lines_only() -> None:
    assert without("A lead.", ["Dateline", "A  LEAD", "Text."]) == ["Dateline", "Text."]
    assert without("A lead.", ["1", "2", "3", "4", "A lead."]) == ["1", "2", "3", "4", "A lead."]


def test_tidy() -> None:
    assert tidy(" a\u0302\u0301y\u00a0\n b\x00\x1b\u00ad\u200b\ufeff ") == "ấy b"
    assert tidy("می\u200cرود") == "می\u200cرود"
    assert tidy(None) == ""


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("The U.S.-led_talks, no 7!", "theusledtalksno7"),
        ("Straße – «Łódź»", "strassełódź"),
        ("北京（路透）", "北京路透"),
        ("", ""),
    ],
)
def test_keys_are_letters_and_digits(text: str, key: str) -> None:
    assert key_of(text) == key
    assert key_of(text + "é") == key + "é"


def test_width_counts_ideographs_twice() -> None:
    assert [width("talks"), width("bí thư"), width("会谈 ok")] == [5, 6, 7]
