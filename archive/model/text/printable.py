"""Text and data from the web on their way out: what no page may do to whoever prints, opens or reads them. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"
"""Explicit directions (UAX #9): they make text read otherwise than it is stored."""
_LINE_ENDS = dict.fromkeys(map(ord, "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
_UNPRINTABLE = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_DIRECTIONS}]")
_ESCAPED_IN_JSON = re.compile(rf"[\x7f-\x9f\u2028\u2029{_DIRECTIONS}]")
"""What JSON may hold as it is, and a terminal acts on or a reader of lines ends a line at. JSON itself escapes everything
below a space."""


def safe(text: object) -> str:
    """The text without control characters, halves of surrogate pairs and explicit directions. Newlines and tabs stay."""
    return _UNPRINTABLE.sub("", str(text))


def one_line(text: object) -> str:
    """The text made safe, on one line: whatever ends a line or moves on to a tab stop becomes a space."""
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


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Write a value as JSON that is safe to print and still exact.

    Characters that a terminal acts on (C1 controls, explicit directions), and separators of lines, are written as JSON escapes,
    so whoever parses it gets the same text (RFC 8259, section 7). Halves of surrogate pairs, which no UTF-8 can carry, become
    question marks.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "replace").decode("utf-8")
    return _ESCAPED_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
