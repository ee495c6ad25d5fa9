"""Text from the web on its way to a terminal."""

from __future__ import annotations

import unicodedata


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
