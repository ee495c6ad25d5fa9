"""Text from the web on its way to a terminal or a log. Pure."""

from __future__ import annotations

import unicodedata
from typing import Any

_LINE_ENDS = dict.fromkeys(map(ord, "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


def safe(text: object) -> str:
    """`text` without control and bidi-override characters, so that no page can write escape codes to a terminal.

    Newlines and tabs stay; everything else of the categories Cc, and the explicit direction overrides
    (U+202A-U+202E, U+2066-U+2069, UAX #9), is dropped.
    """
    return "".join(
        c
        for c in str(text)
        if c in "\n\t"
        or not (unicodedata.category(c) in ("Cc", "Cs") or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069")
    )


def one_line(text: object) -> str:
    """`text` made safe, on one line: whatever ends a line or moves on to a tab stop becomes a space."""
    return safe(str(text).translate(_LINE_ENDS))


def safe_values(value: Any) -> Any:
    """A value of JSON's kinds with every text in it made safe."""
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, dict):
        return {safe(key): safe_values(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [safe_values(held) for held in value]
    return value
