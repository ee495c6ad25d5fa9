"""Which language is a text in? Detected from the words; what the page declares is kept apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any

from crawler.normalise import language_model

# Languages in which no foreign-policy source writes; short names and headlines are often taken for them.
_NOT_NEWS = frozenset(
    ["la", "an", "eo", "vo", "wa", "io", "ia", "nn", "se", "jv", "rw", "br", "oc", "qu", "ht", "dz", "fo", "kl"]
)
_BEGINNING, _SAMPLE = 250, 600
"""Characters that are enough for most texts, and for those of which they leave a doubt."""
_SHORT = 120
_SURE, _BEYOND_DOUBT = 0.9, 0.99
_DOUBTFUL = 0.3
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "ji": "yi"}


@cache
def _identifier() -> Any:
    return language_model.identifier(without=_NOT_NEWS)


def load() -> None:
    """Load the model now, and not with the first text."""
    _identifier()


def detect(text: str, expected: Sequence[str | None] = ()) -> tuple[str | None, float | None]:
    """The language of a text (primary tag) and the score, 0 to 1. (None, None) means that there are no words.

    `expected` are tags that the page or its source claims. A text too short or too mixed to be sure about is taken to
    be in the first of them that the detector does not think far less likely.
    """
    sample = text[:_SAMPLE]
    if len(list(islice(filter(str.isalpha, sample), 3))) < 3:
        return None, None
    ranking = _ranked(sample)
    best, score = ranking[0]
    if score < _SURE or len(sample) < _SHORT:
        scores = dict(ranking)
        for code in (primary(tag) for tag in expected):
            if code in scores and scores[code] >= score / 20:
                return code, round(scores[code], 4)
        if score < _DOUBTFUL:
            return None, round(score, 4)
    return _SAME.get(best, best), round(score, 4)


def _ranked(sample: str) -> list[tuple[str, float]]:
    """All languages, the likeliest first."""
    ranking: list[tuple[str, float]] = _identifier().rank(sample[:_BEGINNING])
    if len(sample) > _BEGINNING and ranking[0][1] < _BEYOND_DOUBT:
        ranking = _identifier().rank(sample)
    return ranking


def declared_tag(value: str | None) -> str | None:
    """A declared language as a BCP 47 tag (`en_GB` -> `en-GB`). None if it is none."""
    if not value:
        return None
    first = value.split(",")[0].strip()
    if not _TAG.fullmatch(first):
        return None
    parts = first.replace("_", "-").split("-")
    return "-".join(
        [parts[0].lower(), *(p.upper() if len(p) == 2 else p.title() if len(p) == 4 else p for p in parts[1:])]
    )


def primary(tag: str | None) -> str | None:
    """The primary language of a tag, in one spelling: `nb-NO` -> `no`, `iw` -> `he`. None where no tag is given."""
    if not tag:
        return None
    code = tag.lower().replace("_", "-").split("-")[0]
    return _SAME.get(code, code)
