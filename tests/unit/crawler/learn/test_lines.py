from __future__ import annotations

from crawler.learn.alike import agreement
from crawler.learn.lines import line_key, without_blocks


def test_a_line_is_told_by_its_letters() -> None:
    assert line_key("Get the LETTER — free!") == line_key("get the letter: free")
    assert line_key("Get the letter") != line_key("Get the letters")


def test_recurring_lines_are_dropped() -> None:
    lines = ["The ministers met on Monday.", "Get the letter.", "They signed a pact."]
    assert without_blocks(lines, {line_key("Get the letter.")}) == [lines[0], lines[2]]
    assert without_blocks(lines, frozenset()) == lines


def test_what_the_page_says_of_itself_stays() -> None:
    """The first sentence of an article stands on other pages as its teaser."""
    lines = [
        "The ministers of the two states met on Monday in Vell.",
        "Officials declined to say more before the evening.",
    ]
    blocks = {line_key(lines[0])}
    assert without_blocks(lines, blocks, "The ministers of the two states met on Monday …") == lines
    assert without_blocks(lines, blocks, lines[0]) == lines
    assert without_blocks([*lines, "x" * 60], blocks, "Another description of the page") == [lines[1], "x" * 60]


def test_a_page_made_of_recurring_lines_keeps_them() -> None:
    lines = ["This text is for subscribers only.", "Short."]
    assert without_blocks(lines, {line_key(lines[0])}) == lines


def test_agreement_is_of_words_and_of_characters_without_blanks() -> None:
    assert agreement(["One two", "three"], ["one", "two three"]) == 1.0
    assert agreement(["one two"], ["one four"]) == 0.5
    assert agreement(["外交部长会谈"], ["外交部长"]) == 0.8
    assert agreement([], []) == 0.0
