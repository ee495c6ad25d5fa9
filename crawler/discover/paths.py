"""JMESPath over answers of strangers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError


class PathError(Exception):
    """A path that does not fit the answer: a function got a value of another type."""


@lru_cache(maxsize=256)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def search(path: str, data: Any) -> Any:
    """What `path` (a valid one) selects in `data`; None if nothing. Raises PathError."""
    try:
        return _compiled(path).search(data)
    except (JMESPathError, RecursionError) as error:
        raise PathError(" ".join(str(error).split())[:120]) from error


def first_text(value: Any) -> str | None:
    """A string or number as text, of a list its first such; None for all else. True and false are no text."""
    if isinstance(value, list):
        return next((text for item in value[:50] if (text := first_text(item)) is not None), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None
