from __future__ import annotations

import json
import sys
import unicodedata

from archive.model.text.printable import safe, to_json

EVERYTHING = "".join(chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF)
DIRECTIONS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def test_nothing_printable_steers_a_terminal() -> None:
    dropped = set(EVERYTHING) - set(safe(EVERYTHING))
    assert dropped == {c for c in EVERYTHING if unicodedata.category(c) == "Cc" and c not in "\n\t"} | DIRECTIONS
    assert safe("a\ud800b") == "ab"


def test_json_is_safe_to_print_and_exact() -> None:
    written = to_json({"text": EVERYTHING})
    assert json.loads(written) == {"text": EVERYTHING}
    assert written == safe(written)
    assert len(written.splitlines()) == 1  # a reader of lines gets whole ones
    assert to_json("한국 العربية") == '"한국 العربية"'


def test_halves_of_pairs_become_question_marks() -> None:
    assert to_json("a\ud800b") == '"a?b"'
