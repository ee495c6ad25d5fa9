from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.text.comparable import comparable, replaced

TABLE = str.maketrans({"’": "'", "ŉ": "ʼn", "ʼ": " ", "\u200b": "", "`": "'", "…": "..."})


@given(st.text("aN .`’ŉʼ\u200b…ß中", max_size=30))
def test_replaced_gives_what_translate_gives(text: str) -> None:
    assert replaced(text, TABLE) == text.translate(TABLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  minister`s “plan” –\nagreed…", 'The minister\'s "plan" - agreed...'),
        ("the min\u00adister\u200b", "the minister"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("cafe\u0301", "café"),
        (None, ""),
    ],
)
def test_typography_and_white_space_are_no_edits(text: str | None, expected: str) -> None:
    assert comparable(text) == expected
