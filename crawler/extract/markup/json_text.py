"""JSON from strangers: how deeply it may be nested is said here, and not by the interpreter's stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

DEPTH_LIMIT = 200
"""Lists and objects inside each other. The data of large pages has thirty; the stack ends somewhere below a thousand, and our
readers, JMESPath and `repr` need several frames for each level."""


def read_json(text: str, *, strict: bool = True) -> Any:
    """Read the JSON value that `text` is. With `strict`, strings hold no control characters.

    Raises:
        ValueError: The text is anything else, or nested more deeply than `DEPTH_LIMIT`.
    """
    return _parse_bounded(lambda: json.loads(text, strict=strict))


def read_json_at(text: str, at: int = 0) -> Any:
    """Read the JSON value that begins at this place of `text`, whatever follows it.

    Raises:
        ValueError: No value begins there, or it is nested more deeply than `DEPTH_LIMIT`.
    """
    return read_json_behind(text, at)[0]


def read_json_behind(text: str, at: int = 0, *, strict: bool = True) -> tuple[Any, int]:
    """Read the JSON value that begins at this place of `text`, and tell where it ends.

    Raises:
        ValueError: No value begins there, or it is nested more deeply than `DEPTH_LIMIT`.
    """
    end = at

    def parse() -> Any:
        nonlocal end
        value, end = json.JSONDecoder(strict=strict).raw_decode(text, at)
        return value

    return _parse_bounded(parse), end


def _parse_bounded(parse: Callable[[], Any]) -> Any:
    """Parse a value and refuse one that is nested too deeply.

    Raises:
        ValueError: It is no JSON, or nested more deeply than `DEPTH_LIMIT`.
    """
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
