from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.policy.due import in_words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=20), "20 min"),
        (timedelta(hours=6), "6 h"),
        (timedelta(days=3), "3 d"),
        (timedelta(0), "0 s"),
    ],
)
def test_lengths_are_told_in_their_largest_fitting_unit(length: timedelta, words: str) -> None:
    assert in_words(length) == words
