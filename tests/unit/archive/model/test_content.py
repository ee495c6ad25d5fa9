from __future__ import annotations

import gzip
import zlib

import pytest

from archive.model.content import ContentError, decode_content

TEXT = b"The ministers met on Monday. " * 50
RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (TEXT, None),
        (TEXT, "identity"),
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT), "X-GZIP"),
        (zlib.compress(TEXT), "deflate"),
        (DEFLATED, "deflate"),
        (gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), "gzip"),
        (gzip.compress(zlib.compress(TEXT)), "deflate, gzip"),
        (TEXT, "gzip"),  # says so, but is not
        (gzip.compress(TEXT) + b"\0\0", "gzip"),  # padding behind the last member
    ],
)
def test_codings(body: bytes, coding: str | None) -> None:
    assert decode_content(body, coding, limit=1 << 20) == TEXT


@pytest.mark.parametrize(
    ("body", "coding", "reason"),
    [
        (gzip.compress(TEXT)[:-20], "gzip", "truncated-gzip"),
        (b"\x1f\x8b\x08" + b"\xff" * 40, "gzip", "broken-gzip"),
        (TEXT, "br", "unknown-coding: br"),
        (gzip.compress(bytes(2 << 20)), "gzip", "too-large"),
        (bytes((1 << 20) + 1), None, "too-large"),
    ],
)
def test_what_cannot_be_decoded_has_a_name(body: bytes, coding: str | None, reason: str) -> None:
    with pytest.raises(ContentError) as caught:
        decode_content(body, coding, limit=1 << 20)
    assert caught.value.reason == reason


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(200 << 20), 9)
    with pytest.raises(ContentError, match="too-large"):
        decode_content(bomb, "gzip", limit=1 << 20)
