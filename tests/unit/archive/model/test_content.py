from __future__ import annotations

import gzip
import zlib

import pytest

from archive.model.content import ContentError, decode_content

TEXT = b"The ministers met on Monday. " * 50


def gzipped(data: bytes) -> bytes:
    """Without the time of day in its header: a parameter's bytes are part of the test's name, which must not change."""
    return gzip.compress(data, mtime=0)


RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (TEXT, None),
        (TEXT, "identity"),
        (gzipped(TEXT), "gzip"),
        (gzipped(TEXT), "X-GZIP"),
        (zlib.compress(TEXT), "deflate"),
        (DEFLATED, "deflate"),
        (gzipped(TEXT[:100]) + gzipped(TEXT[100:]), "gzip"),
        (gzipped(zlib.compress(TEXT)), "deflate, gzip"),
        (TEXT, "gzip"),  # says so, but is not
        (gzipped(TEXT) + b"\0\0", "gzip"),  # padding behind the last member
    ],
)
def test_codings(body: bytes, coding: str | None) -> None:
    assert decode_content(body, coding, limit=1 << 20) == TEXT


@pytest.mark.parametrize(
    ("body", "coding", "reason"),
    [
        (gzipped(TEXT)[:-20], "gzip", "truncated-gzip"),
        (b"\x1f\x8b\x08" + b"\xff" * 40, "gzip", "broken-gzip"),
        (TEXT, "br", "unknown-coding: br"),
        (gzipped(bytes(2 << 20)), "gzip", "too-large"),
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
