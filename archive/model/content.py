"""Content codings of HTTP (RFC 9110, 8.4.1): from the bytes as transferred to the bytes that were meant."""

from __future__ import annotations

import zlib

ACCEPT_ENCODING = "gzip, deflate"
"""The codings that we ask for: what the standard library decodes on every machine."""


class ContentError(Exception):
    """The body cannot be decoded; `reason` is short and stable (`truncated-gzip`, `too-large`, `unknown-coding: br`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode_content(body: bytes, coding: str | None, *, limit: int) -> bytes:
    """`body` with the codings of a Content-Encoding header undone.

    Stops as soon as more than `limit` bytes come out (a gzip bomb costs at most that much memory). Servers that name a
    coding but send plain text are common: such a body is returned as it is. Raises ContentError.
    """
    for name in reversed([part.strip().lower() for part in (coding or "").split(",") if part.strip()]):
        if name in ("gzip", "x-gzip"):
            body = _gunzip(body, limit)
        elif name == "deflate":
            body = _inflate(body, limit)
        elif name != "identity":
            raise ContentError(f"unknown-coding: {name[:20]}")
    if len(body) > limit:
        raise ContentError("too-large")
    return body


def original_payload(payload: bytes, coding: str | None, *, limit: int) -> bytes:
    """What the publisher meant, of a page that a web archive replayed as it had got it: `coding` is the publisher's, and
    there is something to undo only where the archive has not done so. Raises ContentError."""
    names = [name.strip().lower() for name in (coding or "").split(",")]
    return _gunzip(payload, limit) if names == ["gzip"] or names == ["x-gzip"] else payload


def _gunzip(body: bytes, limit: int) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    out = bytearray()
    while body.startswith(b"\x1f\x8b"):  # a gzip body may have several members (RFC 1952, 2.2)
        out, body = _decompress(zlib.decompressobj(zlib.MAX_WBITS | 16), body, out, limit, "gzip")
    return bytes(out)


def _inflate(body: bytes, limit: int) -> bytes:
    if not body:
        return body
    # RFC 9110 means the zlib format; many servers send raw deflate (RFC 1951) instead.
    zlib_format = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    out, _ = _decompress(
        zlib.decompressobj(zlib.MAX_WBITS if zlib_format else -zlib.MAX_WBITS), body, bytearray(), limit, "deflate"
    )
    return bytes(out)


def _decompress(
    engine: zlib._Decompress, body: bytes, out: bytearray, limit: int, name: str
) -> tuple[bytearray, bytes]:
    """One compressed stream appended to `out`, and what follows it."""
    try:
        out += engine.decompress(body, limit + 1 - len(out))
    except zlib.error as error:
        raise ContentError(f"broken-{name}") from error
    if len(out) > limit:
        raise ContentError("too-large")
    if not engine.eof:
        raise ContentError(f"truncated-{name}")
    return out, engine.unused_data
