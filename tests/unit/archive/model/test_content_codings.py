from __future__ import annotations

import gzip
import random
import zlib

import pytest

from archive.model.content_codings import CODINGS, MEMBERS, ContentError, decode_content, original_payload

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


EMPTY = gzipped(b"")


def test_many_members_are_read() -> None:
    parts = [gzipped(TEXT[at : at + 1]) for at in range(len(TEXT))]
    assert decode_content(b"".join(parts), "gzip", limit=1 << 20) == TEXT


@pytest.mark.parametrize("members", [EMPTY, gzipped(b"x")])
def test_more_members_than_anybody_writes_are_refused(members: bytes) -> None:
    with pytest.raises(ContentError, match="too-many-members"):
        decode_content(members * (MEMBERS + 1), "gzip", limit=1 << 20)
    with pytest.raises(ContentError, match="too-many-members"):
        original_payload(members * (MEMBERS + 1), "gzip", limit=1 << 20)
    assert len(decode_content(members * MEMBERS, "gzip", limit=1 << 20)) in (0, MEMBERS)


def test_no_more_is_copied_than_a_slice_for_each_member(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[int] = []
    make = zlib.decompressobj

    class Counting:
        def __init__(self, bits: int) -> None:
            self.engine = make(bits)

        def __getattr__(self, name: str) -> object:
            return getattr(self.engine, name)

        def decompress(self, data: bytes, most: int) -> bytes:
            handed.append(len(data))
            return self.engine.decompress(data, most)

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    body = EMPTY * 5_000 + gzipped(bytes(300_000))
    assert len(decode_content(body, "gzip", limit=1 << 20)) == 300_000
    assert max(handed) <= 64 << 10
    assert len(handed) <= 5_002


@pytest.mark.parametrize(
    "coding", [", ".join(["gzip"] * (CODINGS + 1)), "gzip, deflate, gzip, deflate, gzip", "gzip," * 9_000]
)
def test_more_codings_than_anybody_writes_are_refused(coding: str) -> None:
    with pytest.raises(ContentError, match="too-many-codings"):
        decode_content(gzipped(TEXT), coding, limit=1 << 20)


def test_identity_is_no_coding() -> None:
    assert decode_content(gzipped(TEXT), "identity, " * 50 + "gzip", limit=1 << 20) == TEXT


def test_what_takes_too_long_is_given_up() -> None:
    with pytest.raises(ContentError, match="decoding-timeout"):
        decode_content(gzipped(TEXT), "gzip", limit=1 << 20, seconds=-1.0)
    with pytest.raises(ContentError, match="decoding-timeout"):
        decode_content(zlib.compress(TEXT), "deflate", limit=1 << 20, seconds=-1.0)


@pytest.mark.parametrize("size", [(64 << 10) - 1, 64 << 10, (64 << 10) + 1, 200_000])
def test_bodies_around_the_size_of_a_slice(size: int) -> None:
    data = random.Random(size).randbytes(size)
    stored = gzip.compress(data, 0, mtime=0)
    assert decode_content(stored, "gzip", limit=1 << 20) == data
    assert decode_content(stored + EMPTY + b"\0", "gzip", limit=1 << 20) == data
    assert decode_content(zlib.compress(data, 0), "deflate", limit=1 << 20) == data
    with pytest.raises(ContentError, match="truncated-gzip"):
        decode_content(stored[:-1], "gzip", limit=1 << 20)
