"""Bytes that may be gzip, whatever their name says: unpacked piece by piece, never more than asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from archive.model.content_codings import MEMBERS

_MAGIC = b"\x1f\x8b"
_PIECE = 64 << 10
_LAYERS = 2
"""Files compressed by the CMS are compressed once more by servers that forget to say so."""


class GzipBroken(Exception):
    """The error of a compressed stream that ends early (`truncated-gzip`), makes no sense (`broken-gzip`), or has more
    members than anybody writes (`too-many-members`)."""


class TooLong(Exception):
    """The error of a stream out of which more bytes came than are read."""


def pieces(body: bytes, limit: int) -> Iterator[bytes]:
    """Unpack `body` if its first bytes say gzip, in pieces of at most 64 KiB.

    At most `limit` bytes come out, so that a bomb costs no memory. An error is raised after all that could be read.

    Raises:
        GzipBroken: The stream cannot be unpacked to its end.
        TooLong: More than `limit` bytes would come out.
    """
    stream: Iterator[bytes] = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
    for _ in range(_LAYERS):
        first = next(stream, b"")
        stream = _chain(first, stream)
        if not first.startswith(_MAGIC):
            break
        stream = _gunzip(stream)
    left = limit
    for piece in stream:
        if len(piece) > left:
            yield piece[:left]
            raise TooLong
        left -= len(piece)
        yield piece


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _gunzip(packed: Iterable[bytes]) -> Iterator[bytes]:
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    started = False
    members = 1
    for data in packed:
        while data:
            if engine.eof:  # a gzip file may have several members (RFC 1952, 2.2)
                if not data.startswith(_MAGIC[: len(data)]):
                    return  # padding behind the last one
                members += 1
                if members > MEMBERS:
                    raise GzipBroken("too-many-members")
                engine, started = zlib.decompressobj(zlib.MAX_WBITS | 16), False
            try:
                out = engine.decompress(data, _PIECE)
            except zlib.error as error:
                raise GzipBroken("broken-gzip") from error
            started = True
            if out:
                yield out
            data = engine.unused_data if engine.eof else engine.unconsumed_tail
    if started and not engine.eof:
        if out := engine.flush(_PIECE):
            yield out
        if not engine.eof:
            raise GzipBroken("truncated-gzip")
