from __future__ import annotations

import json
import random

import pytest

from archive.model.text.similarity import overlap
from archive.model.text.sketch import SIZE, overlap_with, sketch_of


def prose(seed: int, words: int) -> str:
    rng = random.Random(seed)
    return " ".join("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))) for _ in range(words))


@pytest.mark.parametrize("shared", [0, 100, 200, 300, 400])
def test_a_sketch_estimates_what_two_texts_share(shared: int) -> None:
    one = prose(1, shared) + " " + prose(2, 400 - shared)
    other = prose(1, shared) + " " + prose(3, 400 - shared)
    sketch = sketch_of(one)
    assert sketch is not None
    assert overlap_with(sketch, other) == pytest.approx(overlap(one, other), abs=0.2)


def test_a_part_of_a_text_shares_all_of_the_shorter() -> None:
    whole = prose(1, 600)
    part = whole[:1500]
    for one, other in ((whole, part), (part, whole)):
        sketch = sketch_of(one)
        assert sketch is not None
        assert overlap_with(sketch, other) > 0.6


def test_a_sketch_is_small_and_survives_json() -> None:
    sketch = sketch_of(prose(1, 5000))
    assert sketch is not None
    assert len(sketch["least"]) == SIZE
    assert json.loads(json.dumps(sketch)) == sketch


@pytest.mark.parametrize("text", [None, "", "short"])
def test_too_little_text_has_no_sketch(text: str | None) -> None:
    assert sketch_of(text) is None
    known = sketch_of(prose(1, 50))
    assert known is not None
    assert overlap_with(known, text) == 0.0
