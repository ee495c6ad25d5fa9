"""Charsets that a document may declare, among Python's codecs."""

from __future__ import annotations

import codecs

_NO_CHARSETS = frozenset(["idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"])
"""Codecs of text in which no document is, whatever it declares."""


def charset_of(label: str) -> str | None:
    """The name of Python's codec for the charset that a document declares as `label`.

    None means that there is no such codec, or that it is none of documents (`hex`, `zlib`, `punycode`).
    """
    try:
        codec = codecs.lookup(label.replace("x-sjis", "shift_jis").replace("windows-", "cp"))
    except (LookupError, ValueError):
        return None
    if not codec._is_text_encoding or codec.name.replace("-", "_") in _NO_CHARSETS:
        return None
    return codec.name
