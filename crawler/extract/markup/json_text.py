"""JSON from strangers: how deeply it may be nested is said here, and not by the interpreter's stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

DEPTH_LIMIT = 200
"""Lists and objects inside each other. The data of large pages has thirty; the stack ends somewhere below a thousand, and our
readers, JMESPath and `repr` need several frames for each level."""


def read_json(text: str, *, strict: bool = True) -> Any:
    """The JSON value that `text` is. Raises ValueError for anything else, and for a value that is nested too deeply. `strict`:
    without control characters in its strings."""
    return _read(lambda: json.loads(text, strict=strict))


def read_json_at(text: str, at: int = 0) -> Any:
    """The JSON value that begins at this place of `text`, whatever follows it. Raises ValueError."""
    return _read(lambda: json.JSONDecoder().raw_decode(text, at)[0])


def _read(parse: Callable[[], Any]) -> Any:
    try:
        value = parse()
    except RecursionError:
        raise _too_deep() from None
    level = [value]
    for _ in range(DEPTH_LIMIT):
        level = [member for holder in level for member in _members(holder) if isinstance(member, dict | list)]
        if not level:
            return value
    raise _too_deep()


def _members(holder: Any) -> Iterable[Any]:
    return holder.values() if isinstance(holder, dict) else holder if isinstance(holder, list) else ()


def _too_deep() -> ValueError:
    return ValueError(f"nested more than {DEPTH_LIMIT} levels deep")
