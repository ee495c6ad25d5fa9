"""WARC files as others make them, each record a gzip member."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence

HTML = (("Content-Type", "text/html; charset=utf-8"),)
AT = "2024-03-05T10:00:00Z"


def warc_record(
    url: str,
    body: bytes,
    *,
    kind: str = "response",
    at: str = AT,
    status: str = "200 OK",
    headers: Sequence[tuple[str, str]] = HTML,
    fields: Mapping[str, str] | None = None,
) -> bytes:
    """One record. `fields`: further ones of the record itself."""
    first = "GET / HTTP/1.1" if kind == "request" else f"HTTP/1.1 {status}"
    http = "\r\n".join([first, *(f"{name}: {value}" for name, value in headers), "", ""]).encode() + body
    own = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-0000-0000-{abs(hash((url, at, kind))) % 10**12:012}>",
        "WARC-Date": at,
        "WARC-Target-URI": url,
        "Content-Type": f"application/http; msgtype={'request' if kind == 'request' else 'response'}",
        "Content-Length": str(len(http)),
    } | dict(fields or {})
    head = "\r\n".join(["WARC/1.0", *(f"{name}: {value}" for name, value in own.items()), "", ""]).encode()
    return gzip.compress(head + http + b"\r\n\r\n", compresslevel=6)
