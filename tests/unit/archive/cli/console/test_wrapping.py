"""Lines of a terminal, in many scripts."""

from __future__ import annotations

import unicodedata

import pytest
from rich.text import Text

from archive.cli.console.wrapping import cells, cut, longest_word, shortened, wrapped

TEXTS = {
    "english": "Two governments agreed on shared patrols of the harbour, officials said on Thursday.",
    "chinese": "中国外交部发言人在例行记者会上表示，中方对此“严重关切”，希望各方保持冷静。",
    "thai": "กระทรวงการต่างประเทศแถลงว่าการประชุมสุดยอดจะจัดขึ้นในเดือนหน้า ที่กรุงเทพมหานคร",
    "korean": "외교부는 오늘 양국 간의 협정이 체결되었다고 밝혔다",
    "arabic": "أعلنت وزارة الخارجية في الرياض عن توقيع اتفاقية جديدة اليوم",
    "hindi": "विदेश मंत्रालय ने गुरुवार को समझौते की घोषणा की",
    "vietnamese": "Bộ Ngoại giao Việt Nam thông báo về cuộc họp tại Hà Nội",
}
SPACED = ("english", "korean", "arabic", "hindi", "vietnamese")


@pytest.mark.parametrize("width", [12, 20, 33, 60])
@pytest.mark.parametrize("name", TEXTS)
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(name: str, width: int) -> None:
    lines = [line.plain for line in wrapped(TEXTS[name], width)]
    assert max(map(cells, lines)) <= max(width, longest_word(TEXTS[name]))
    assert "".join("".join(lines).split()) == "".join(TEXTS[name].split())
    assert not any(unicodedata.combining(line[0]) for line in lines)


@pytest.mark.parametrize("width", [12, 20, 33])
@pytest.mark.parametrize("name", SPACED)
def test_words_stay_whole(name: str, width: int) -> None:
    lines = [line.plain for line in wrapped(TEXTS[name], width)]
    assert [word for line in lines for word in line.split()] == TEXTS[name].split()


def test_no_line_begins_with_a_comma_or_ends_with_an_opening_quote() -> None:
    for width in range(12, 40):
        lines = [line.plain for line in wrapped(TEXTS["chinese"], width)]
        assert not any(line[0] in "，。”" or line[-1] == "“" for line in lines)


def test_an_address_is_never_broken() -> None:
    address = "https://www.example.org/a/very/long/address/that/has/no/room"
    assert [line.plain for line in wrapped(f"See {address} today.", 20)] == ["See", address, "today."]


def test_what_begins_the_lines_counts_and_styles_stay() -> None:
    lines = wrapped(Text.assemble("They ", ("postponed it", "red"), " again"), 12, first="- ", rest="  ")
    assert [line.plain for line in lines] == ["- They", "  postponed", "  it again"]
    assert [(span.start, span.end) for span in lines[1].spans if span.style == "red"] == [(2, 11)]


def test_without_a_width_a_paragraph_is_a_line() -> None:
    assert [line.plain for line in wrapped("one two\n\nthree", None)] == ["one two", "", "three"]


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [("abc", 3, "abc"), ("abcdefgh", 5, "ab…gh"), ("abcdefgh", 4, "ab…h"), ("", 3, ""), ("中文中文中文", 7, "中…文")],
)
def test_shortening_keeps_both_ends(text: str, length: int, expected: str) -> None:
    assert shortened(text, length) == expected
    assert cells(shortened(text, length)) <= length


def test_cutting_keeps_whole_words() -> None:
    assert cut("failed: HTTP 500 (3 times in a row)", 20) == "failed: HTTP 500 …"
    assert cut("not-modified", 8) == "not-…ied"
