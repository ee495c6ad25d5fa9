"""Content codings of HTTP (RFC 9110, 8.4.1): from the bytes as transferred to the bytes that were meant.

The time this takes is bounded for every body: by the number of codings, by that of the gzip members, and by what may come out.
"""

from __future__ import annotations

import zlib
from time import monotonic

ACCEPT_ENCODING = "gzip, deflate"
"""The codings that we ask for: what the standard library decodes on every machine."""

CODINGS = 4
"""Codings that one header may name. Two occur: the CMS compresses, and the server in front of it does so once more."""
MEMBERS = 10_000
"""Members that a gzip body may have (RFC 1952, 2.2). Servers that compress piece by piece make some hundred of them."""
_SLICE = 64 << 10
"""Bytes handed to zlib at once: of the ones that it leaves over it makes a copy."""


class ContentError(Exception):
    """The body cannot be decoded.

    `reason` is short and stable: `truncated-gzip`, `too-large`, `too-many-members`, `too-many-codings`, `decoding-timeout`,
    `unknown-coding: br`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode_content(body: bytes, coding: str | None, *, limit: int, seconds: float | None = None) -> bytes:
    """Undo the codings of a Content-Encoding header.

    This stops as soon as more than `limit` bytes come out, so a gzip bomb costs at most that much memory. It also stops after
    `seconds`, if they are given. Servers that name a coding but send plain text are common: such a body is returned as it is.

    Raises:
        ContentError: The body cannot be decoded within these limits.
    """
    until = None if seconds is None else monotonic() + seconds
    names = [name for part in (coding or "").split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(names) > CODINGS:
        raise ContentError("too-many-codings")
    for name in reversed(names):
        if name in ("gzip", "x-gzip"):
            body = _gunzip(body, limit, until)
        elif name == "deflate":
            body = _inflate(body, limit, until)
        else:
            raise ContentError(f"unknown-coding: {name[:20]}")
    if len(body) > limit:
        raise ContentError("too-large")
    return body


def original_payload(payload: bytes, coding: str | None, *, limit: int) -> bytes:
    """The publisher's content of a page that a web archive replayed as it had received it.

    `coding` is the publisher's. There is something to undo only where the web archive has not undone it.

    Raises:
        ContentError: The body cannot be decoded.
    """
    names = [name.strip().lower() for name in (coding or "").split(",")]
    return _gunzip(payload, limit) if names == ["gzip"] or names == ["x-gzip"] else payload


def _gunzip(body: bytes, limit: int, until: float | None = None) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    out = bytearray()
    at = members = 0
    while body.startswith(b"\x1f\x8b", at):  # what follows the last member is no part of it
        members += 1
        if members > MEMBERS:
            raise ContentError("too-many-members")
        at = _decompress(zlib.decompressobj(zlib.MAX_WBITS | 16), body, at, out, limit, "gzip", until)
    return bytes(out)


def _inflate(body: bytes, limit: int, until: float | None = None) -> bytes:
    if not body:
        return body
    # RFC 9110 means the zlib format; many servers send raw deflate (RFC 1951) instead.
    zlib_format = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    engine = zlib.decompressobj(zlib.MAX_WBITS if zlib_format else -zlib.MAX_WBITS)
    out = bytearray()
    _decompress(engine, body, 0, out, limit, "deflate", until)
    return bytes(out)


def _decompress(
    engine: zlib._Decompress, body: bytes, at: int, out: bytearray, limit: int, name: str, until: float | None
) -> int:
    """Append the compressed stream that begins at byte `at` to `out`. Returns the byte behind it."""
    view = memoryview(body)
    while not engine.eof:
        if at >= len(body):
            raise ContentError(f"truncated-{name}")
        if until is not None and monotonic() > until:
            raise ContentError("decoding-timeout")
        piece = view[at : at + _SLICE]
        at += len(piece)
        try:
            out += engine.decompress(piece, limit + 1 - len(out))
        except zlib.error as error:
            raise ContentError(f"broken-{name}") from error
        if len(out) > limit:
            raise ContentError("too-large")
    return at - len(engine.unused_data)
