"""JMESPath over answers of strangers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError


class PathError(Exception):
    """The error of a path that does not fit the answer: a function got a value of another type."""


_MEMBERS = 50
_VALUES = 1_000
"""Members of a list, and values of lists inside each other, among which a text is searched for."""


@lru_cache(maxsize=256)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def search(path: str, data: Any) -> Any:
    """Select by `path` (a valid one) in `data`. None if it selects nothing.

    Raises:
        PathError: The path does not fit. It stands for whatever jmespath's functions raise for values that they were not
            made for (infinity, numbers of 5,000 digits).
    """
    try:
        return _compiled(path).search(data)
    except (JMESPathError, ValueError, TypeError, ArithmeticError, LookupError, RecursionError) as error:
        raise PathError(" ".join(str(error).split())[:120]) from error


def first_text(value: Any) -> str | None:
    """A string or number as text, of a list its first such. None for all else. True and false are no text."""
    waiting, seen = [value], 0
    while waiting and seen < _VALUES:  # without recursion: a path can make a list deeper than the answer is
        value, seen = waiting.pop(), seen + 1
        if isinstance(value, list):
            waiting.extend(reversed(value[:_MEMBERS]))
        elif not isinstance(value, bool) and isinstance(value, str | int | float):
            try:
                text = str(value).strip()
            except ValueError:  # a number of more digits than Python writes
                continue
            if text:
                return text
    return None
