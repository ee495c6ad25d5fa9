"""WARC files read from their first byte to their last: gzip members, and the WARC/1.1 records (ISO 28500:2017) in them."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import BinaryIO

from zlib_ng import zlib_ng

CHUNK = 1 << 18
_HEADER = 10
_MADE_BY = (b"\x03", b"\xff")
"""The last byte of a gzip header (RFC 1952, 2.3: the system that wrote it) as our compressors write it. The bytes before it are
not part of any checksum: other values than ours were changed later."""


class Damage(Exception):
    """No whole record of ours begins at this byte. The message says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """A gzip member: the byte at which it begins, its length as compressed, and its content."""

    offset: int
    length: int
    data: bytes


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """A record whose digests are right. `http` is the head of the HTTP message in it, `payload` is what comes after that."""

    kind: str
    fields: Mapping[str, str]
    http: bytes
    payload: bytes

    @property
    def id(self) -> str:
        """The id of the record."""
        return self.fields.get("warc-record-id", "")

    @property
    def status(self) -> int | None:
        """The HTTP status of a response. None means that the record is no response."""
        words = self.http.split(b"\r\n", 1)[0].split(b" ")
        return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit() else None

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The HTTP header fields."""
        lines = self.http.decode("utf-8", "replace").split("\r\n")[1:]
        return [(name, value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]


def member_at(file: BinaryIO, offset: int) -> Member:
    """The gzip member that begins at byte `offset`.

    Raises:
        Damage: No whole member begins there.
        OSError: The file cannot be read.
    """
    file.seek(offset)
    engine = zlib_ng.decompressobj(zlib_ng.MAX_WBITS | 16)
    parts: list[bytes] = []
    length = 0
    head = b""
    while not engine.eof:
        chunk = file.read(CHUNK)
        if not chunk:
            raise Damage("the file ends within the record" if length else "the file ends here")
        if len(head) < _HEADER:
            head = (head + chunk)[:_HEADER]
        try:
            parts.append(engine.decompress(chunk))
        except zlib_ng.error as error:  # type: ignore[misc]  # its stubs do not say that it is an exception
            raise Damage(f"it cannot be decompressed: {error}") from error
        length += len(chunk)
    if head[2:9] != b"\x08\0\0\0\0\0\0" or head[9:10] not in _MADE_BY:
        raise Damage("the head of its gzip member was changed")
    return Member(offset, length - len(engine.unused_data), b"".join(parts))


def record_of(data: bytes) -> WarcRecord:
    """The record that a member holds.

    Raises:
        Damage: It holds no whole record.
    """
    head, blank, rest = data.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "replace").split("\r\n")
    if not blank or lines[0] != "WARC/1.1":
        raise Damage("it is no WARC record")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = fields.get("content-length", "")
    if not length.isdigit() or rest[int(length) :] != b"\r\n\r\n":
        raise Damage("its length is not what it says")
    block = rest[: int(length)]
    http, payload = b"", block
    if fields.get("content-type", "").startswith("application/http"):
        end = block.find(b"\r\n\r\n") + 4
        http, payload = block[:end], block[end:]
    kind = fields.get("warc-type", "")
    if _differs(fields.get("warc-block-digest"), block):
        raise Damage("its block differs from its digest")
    if kind not in ("warcinfo", "revisit") and _differs(fields.get("warc-payload-digest"), payload):
        raise Damage("its payload differs from its digest")
    return WarcRecord(kind, fields, http, payload)


def next_member(file: BinaryIO, after: int, end: int) -> int:
    """The byte at which the next gzip member begins after the byte `after`. It is `end` if none begins."""
    at = after + 1
    while at < end:
        file.seek(at)
        chunk = file.read(min(CHUNK, end - at))
        found = chunk.find(b"\x1f\x8b\x08")
        if found >= 0:
            return at + found
        if len(chunk) < 3:
            break
        at += len(chunk) - 2
    return end


def is_whole(file: BinaryIO, offset: int) -> bool:
    """Return whether a whole record begins there."""
    try:
        record_of(member_at(file, offset).data)
    except Damage:
        return False
    return True


def members(file: BinaryIO, start: int, end: int) -> Iterator[Member | tuple[int, Damage]]:
    """Yield the members from byte `start` to byte `end`. For a damaged one, yield the byte at which it begins, and the damage.

    What comes after a damaged member is read on from the next place at which a whole record begins.
    """
    at = start
    while at < end:
        try:
            member = member_at(file, at)
        except Damage as damage:
            yield at, damage
            at = next_member(file, at, end)
            while at < end and not is_whole(file, at):
                at = next_member(file, at, end)
            continue
        yield member
        at += member.length


def _differs(digest: str | None, data: bytes) -> bool:
    """Return whether a digest as we write it (`sha1:` in Base32) is missing or not that of the data."""
    return digest != f"sha1:{b32encode(sha1(data).digest()).decode()}"
