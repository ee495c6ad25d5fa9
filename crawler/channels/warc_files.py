"""Where WARC files lie, and how their bytes come: paths and `file:`, `s3:` (fsspec, with the extra `s3`), `http:` and `https:`.

Files on the web are asked for in pieces, through the crawl's own requests: with its User-Agent, the host's robots rules and
delay, and the address guard. fsspec would ask without them.
"""

from __future__ import annotations

import asyncio
import re
import stat
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import fsspec

from archive.model.capture import Exchange
from archive.model.source import Channel, Source
from archive.registry.checks import warc_scheme
from crawler.channels.list_reading import read_list
from crawler.discover.archives.warc import Stream
from crawler.discover.archives.warc_lists import LIST_LIMIT, Files, read_names
from crawler.discover.parsing.cost import is_light_page
from crawler.engine.crawl import LASTING, Crawl
from crawler.extraction_pool.pool import ExtractionFailed
from crawler.frontier.callbacks import ResponseFuture
from crawler.frontier.task import Task, TaskHandler
from crawler.frontier.unavailable import Ending, Fault, Unavailable
from crawler.user_agent import user_agent

PIECE = 8 << 20
"""Bytes of a file that are asked for at once."""
_LIST = re.compile(r"\.paths(\.gz)?$")
_FAULTS = (OSError, ValueError)
"""What the file systems raise for a file that is not there, may not be read, or has a name that cannot be."""
_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
REFUSED = "address-refused"
_WEB = ("http", "https")
_TOTAL = re.compile(r"bytes\s+(\d+)-\d+/(\d+|\*)", re.IGNORECASE)


class PlaceError(Exception):
    """The files cannot be had; the message says why. `passing`: it was not tried now (budget, pause, a host that is away).
    `lasting`: another try would end in the same way."""

    def __init__(self, reason: str, *, passing: bool = False, lasting: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing
        self.lasting = lasting


def is_web(place: str) -> bool:
    """Return whether a file is asked for over HTTP."""
    return urlsplit(place).scheme.lower() in _WEB


async def find_files(crawl: Crawl, source: Source, channel: Channel, job: int | None, priority: int) -> Files:
    """Return the files that a channel means: itself, those that match its pattern, or those that its list names.

    Raises:
        PlaceError: They cannot be found.
    """
    place = channel.url
    if not _LIST.search(urlsplit(place).path if is_web(place) else place):
        return Files((place,)) if is_web(place) else await asyncio.to_thread(_matching, crawl, place)
    if is_web(place):
        raw = await _Pieces(crawl, source, place, job, priority, 0).whole(LIST_LIMIT)
    else:
        raw = await asyncio.to_thread(_whole, crawl, place)
    try:
        files = await read_list(crawl, raw, partial(read_names, place=place, base=channel.base), is_light_page)
    except ExtractionFailed as error:
        raise PlaceError(f"{place}: the list was not read: {error}") from error
    if files.problem is not None:
        raise PlaceError(f"{place}: {files.problem}")
    return files


def _matching(crawl: Crawl, place: str) -> Files:
    """The files of a path or a pattern. Of a pattern, what is no regular file is refused; a path alone must be one."""
    filesystem, path = _filesystem(crawl, place)
    try:
        found = sorted(filesystem.glob(path))
    except _FAULTS as error:
        raise PlaceError(f"{place}: {error}") from error
    if not found:
        raise PlaceError(f"no file matches {place}")
    names = [filesystem.unstrip_protocol(name) if "://" in place else name for name in found]
    if _is_local(place):
        kinds = {name: kind for name, path in zip(names, found, strict=True) if (kind := _other_kind(path)) is not None}
    else:
        kinds = {}
    if place in kinds:
        raise PlaceError(f"{place} is {kinds[place]}, and no regular file", lasting=True)
    refused = tuple((name, f"not-allowed: {kind}, and no regular file") for name, kind in kinds.items())
    return Files(tuple(name for name in names if name not in kinds), refused)


def _whole(crawl: Crawl, place: str) -> bytes:
    with open_place(crawl, place, 0) as stream:
        return stream.read(LIST_LIMIT)


def _is_local(place: str) -> bool:
    return warc_scheme(place) == "file"


def _other_kind(path: str) -> str | None:
    """What a path is that is no regular file; None for a regular one, and for one that is not there. Other files are not even
    opened: a FIFO would be waited for."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return None  # opening it will say what is wrong
    if stat.S_ISREG(mode):
        return None
    return next((name for test, name in _KINDS if test(mode)), "a special file")


def _filesystem(crawl: Crawl, place: str) -> tuple[fsspec.AbstractFileSystem, str]:
    scheme = warc_scheme(place)
    if scheme not in ("file", "s3"):
        raise PlaceError(f"{place}: WARC files are read from paths, file:, s3:, http: and https: only", lasting=True)
    options = {"config_kwargs": {"user_agent": user_agent(crawl.settings)}} if scheme == "s3" else {}
    try:
        filesystem: fsspec.AbstractFileSystem = fsspec.filesystem(scheme, **options)
    except ImportError as error:
        raise PlaceError("s3: files need the extra `s3`: pip install 'dateline[s3]'") from error
    return filesystem, filesystem._strip_protocol(place)


@contextmanager
def open_place(crawl: Crawl, place: str, offset: int) -> Iterator[Stream]:
    """Open a file that does not lie on the web, and give its bytes from `offset` on.

    Raises:
        PlaceError: It cannot be opened or read.
    """
    filesystem, path = _filesystem(crawl, place)
    if _is_local(place) and (kind := _other_kind(path)) is not None:
        raise PlaceError(f"{place} is {kind}, and no regular file", lasting=True)
    try:
        file = filesystem.open(path, "rb")
    except _FAULTS as error:
        raise PlaceError(f"{place}: {error}") from error
    try:
        with file:
            file.seek(offset)
            yield file
    except OSError as error:
        raise PlaceError(str(error)) from error


class WebFile:
    """The bytes of a file on the web, for a reader in another thread than the event loop's."""

    def __init__(self, crawl: Crawl, source: Source, url: str, job: int | None, priority: int, offset: int) -> None:
        self._pieces = _Pieces(crawl, source, url, job, priority, offset)
        self._loop = asyncio.get_running_loop()
        self._buffer = memoryview(b"")
        self._place = offset
        self._waiting: Future[bytes] | None = None

    def tell(self) -> int:
        return self._place

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            raise ValueError("a file on the web is read in pieces")
        if not self._buffer:
            self._waiting = asyncio.run_coroutine_threadsafe(self._pieces.next(), self._loop)
            self._buffer = memoryview(self._waiting.result())
        taken = bytes(self._buffer[:size])
        self._buffer = self._buffer[size:]
        self._place += len(taken)
        return taken

    def abandon(self) -> None:
        """Wait for no further bytes."""
        if self._waiting is not None:
            self._waiting.cancel()


@dataclass(slots=True)
class _Pieces:
    """A file on the web, piece by piece."""

    crawl: Crawl
    source: Source
    url: str
    job: int | None
    priority: int
    offset: int
    total: int | None = None

    async def next(self) -> bytes:
        """Return the bytes that follow. At the end there are none.

        Raises:
            PlaceError: They cannot be had.
        """
        if self.total is not None and self.offset >= self.total:
            return b""
        size = min(PIECE, self.crawl.settings.max_body)
        handler = ResponseFuture(lane=2, headers=_range(self.offset, size))
        await self.crawl.offer(Task(handler, self.source, self.url, job=self.job, priority=self.priority))
        exchange = await handler.answer
        if isinstance(exchange, Unavailable):
            refused = REFUSED in exchange.reason  # by our own guard, which will not think better of it
            lasting = refused or exchange.reason.partition(":")[0] in LASTING
            raise PlaceError(exchange.reason, passing=exchange.passing and not refused, lasting=lasting)
        if exchange.status == 416:  # there is nothing behind the end (RFC 9110, 15.5.17)
            self.total = self.offset
            return b""
        if exchange.status == 200 and self.offset == 0:
            self.total = len(exchange.body)
        elif exchange.status == 206:
            found = _TOTAL.match(exchange.header("content-range") or "")
            if found is None or int(found[1]) != self.offset:
                raise PlaceError(f"{self.url}: another piece came than was asked for")
            self.total = int(found[2]) if found[2] != "*" else None
        elif exchange.status == 200:
            raise PlaceError(f"{self.url}: the server does not give pieces of files")
        else:
            raise PlaceError(reason := f"HTTP {exchange.status}", lasting=reason in LASTING)
        self.offset += len(exchange.body)
        return exchange.body

    async def whole(self, limit: int) -> bytes:
        """Return the bytes up to the end, or up to the first piece that goes over `limit`."""
        found = bytearray()
        while len(found) <= limit and (piece := await self.next()):
            found += piece
        return bytes(found)


def _range(offset: int, size: int) -> dict[str, str]:
    """The header fields that ask for one piece of a file as it lies there."""
    return {"Range": f"bytes={offset}-{offset + size - 1}", "Accept-Encoding": "identity", "Accept": "*/*"}


@dataclass(frozen=True, slots=True, eq=False)
class PermissionHandler(TaskHandler):
    """Asks whether the rules of an address's host allow a request, which is never sent. `refusal` is the reason why they do
    not, and None where they do."""

    refusal: asyncio.Future[str | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    lane = 2

    async def permitted(self) -> bool:
        self._end(None)
        return False

    async def answered(self, task: Task, exchange: Exchange) -> None:
        raise AssertionError(f"it was not sent, but answered: {task.url}, HTTP {exchange.status}")

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        del task, how
        self._end(reason)

    def faulted(self, task: Task, fault: Fault) -> None:
        del task
        self._end(fault.reason)

    def _end(self, reason: str | None) -> None:
        if not self.refusal.done():
            self.refusal.set_result(reason)
