"""How much two readings of one text agree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORDS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]|\w+"
)


def agreement(a: Sequence[str], b: Sequence[str]) -> float:
    """F1 of the words of two texts given as lines, from 0 to 1; of the characters where a script has no blanks."""
    if a == b:
        return 1.0 if a else 0.0
    first, second = (Counter(_WORDS.findall("\n".join(lines).casefold())) for lines in (a, b))
    common = sum((first & second).values())
    total = sum(first.values()) + sum(second.values())
    return 2 * common / total if total else 0.0
