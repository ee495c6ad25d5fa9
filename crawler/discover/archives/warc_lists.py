"""Which files a list of WARC files names, and which of them may be read. Pure.

A list on the web names files on the web only: whoever writes it is not somebody who may open files of this machine. What the
registry and the lists beside it name is the operator's own choice; there the scheme counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from archive.model.text.urls import clean_url, is_http
from archive.registry.checks import warc_scheme
from crawler.discover.archives.gzip_stream import GzipBroken, TooLong, pieces

LIST_LIMIT = 64 << 20
"""Bytes of a list of files, unpacked."""
NAME_LIMIT = 200_000
"""Files that one list may name; those of Common Crawl name 90,000."""
LONGEST_NAME = 2_000
"""Bytes; names are indexed, and PostgreSQL indexes values of 2,700 bytes at most."""
NOT_WEB = "not-allowed: a list on the web may name files on the web only"
UNKNOWN = "not-allowed: WARC files are read from paths, file:, s3:, http: and https: only"


@dataclass(frozen=True, slots=True)
class Files:
    """The places of files, and those that are refused with the reason. `problem` says why the list cannot be read."""

    places: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    problem: str | None = None


def read_names(raw: bytes, place: str, base: str | None = None) -> Files:
    """Read the files that the list at `place` names, one a line. They are relative to `base` if there is one, else to
    the list."""
    places: list[str] = []
    refused: list[tuple[str, str]] = []
    try:
        for number, name in enumerate(_names(pieces(raw, LIST_LIMIT))):
            if number >= NAME_LIMIT:
                return Files(problem=f"the list names more than {NAME_LIMIT} files")
            file = _file(name, place, base)
            reason = NOT_WEB if file is None else _refusal(file, of_the_web=is_http(place))
            if file is None or reason is not None:
                refused.append((name.replace("\x00", "")[:500], reason or NOT_WEB))
            else:
                places.append(file)
    except (GzipBroken, TooLong) as error:
        return Files(problem=str(error) or "the list is too long")
    return Files(tuple(places), tuple(refused))


def _names(parts: Iterable[bytes]) -> Iterator[str]:
    held = b""
    for part in parts:
        *whole, held = re.split(rb"\s+", held + part)
        yield from (name.decode("utf-8", "replace") for name in whole if name)
        held = held[: LONGEST_NAME + 1]  # what is longer than any name is refused as a whole
    if held:
        yield held.decode("utf-8", "replace")


def _file(name: str, place: str, base: str | None) -> str | None:
    """The place that a name means; None where it cannot be one."""
    if base is not None:
        return name if "://" in name else f"{base.rstrip('/')}/{name.lstrip('/')}"
    if is_http(place):
        try:
            return urljoin(place, name)
        except ValueError:  # a broken host
            return None
    if "://" in name or name.startswith("/"):
        return name
    return f"{place.rpartition('/')[0] or '.'}/{name}"


def _refusal(file: str, *, of_the_web: bool) -> str | None:
    if len(file.encode("utf-8")) > LONGEST_NAME or "\x00" in file or (is_http(file) and clean_url(file) is None):
        return "not-allowed: this cannot be the name of a file"
    if of_the_web and not is_http(file):
        return NOT_WEB
    return None if warc_scheme(file) is not None else UNKNOWN
