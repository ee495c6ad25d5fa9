"""Write the WARC folder of one fetching process: one file at a time, synced to the disk before a row refers to it.

A file is called `dateline-<archive>-<folder>-<day>-<serial>.warc.gz`. The folder has a random name of its own, which stands in the
file `.folder`. So processes on several machines, with a folder each, never make two files of one name. The file in use is locked
(flock), and neither a second writer nor a repair touches it. A file below its full size is continued on the same day.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Self

from archive.failpoint import reach
from archive.model.capture import Capture
from archive.warc.records import Revisit, capture_records, pack, warcinfo

SUFFIX = ".warc.gz"
NAME = re.compile(
    r"^dateline-(?P<archive>[0-9a-z]+)-(?:(?P<folder>[0-9a-f]{6})-)?(?P<day>\d{8})-(?P<serial>\d{5})\.warc\.gz$"
)
FOLDER = ".folder"


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a record: file name within the folder, first byte, length and record id.

    The length counts the compressed bytes. It includes the DOM that stands behind the record.
    """

    file: str
    offset: int
    length: int
    record_id: str


def folder_name(path: Path) -> str:
    """The name of a WARC folder, which is part of its files' names. A new folder is given one.

    The file `.folder` is put in place only after its content is on the disk. So neither a full disk nor a crash leaves an empty
    one. If two processes do this at the same time, one of the two names stays, and either is good.
    """
    path.mkdir(parents=True, exist_ok=True)
    file = path / FOLDER
    if not (file.exists() and file.read_text("ascii").strip()):
        new = path / f"{FOLDER}.{os.getpid()}.{token_hex(4)}"
        try:
            with new.open("x") as stream:
                stream.write(token_hex(3))
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)
    return file.read_text("ascii").strip()


class WarcFolder:
    """A folder of WARC files. Captures are appended to the newest file of `archive_id` in `path`.

    It is not thread-safe, because it belongs to the archive's writer thread.
    """

    def __init__(
        self,
        path: Path,
        *,
        archive_id: str,
        max_size: int,
        clock: Callable[[], datetime],
        info: Mapping[str, str],
        avoid: Collection[str] = (),
    ) -> None:
        """Create the writer of a folder.

        `info` holds the fields of each file's warcinfo record. `avoid` names damaged files, to which nothing is appended.
        """
        self.path = path
        self._archive_id = archive_id
        self._max_size = max_size
        self._clock = clock
        self._info = dict(info)
        self._file: FileIO | None = None
        self._name = ""
        self._day = ""
        self._opened_at = 0
        self._dirty = False
        self._hurried = False
        self._avoided = frozenset(avoid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, capture: Capture, *, revisit: Revisit | None = None) -> Place:
        """Append a capture and return the place of the response that answered.

        The redirects and the request stand before that response. The place of a response with a DOM includes the DOM. The bytes
        are durable after `sync`.

        Raises:
            OSError: The records cannot be written, for example because the disk is full. What was half written is cut off again.
        """
        records, answer = capture_records(capture, revisit=revisit)
        members = [pack(record.data, hurried=self._hurried) for record in records]
        file = self._ready()
        start = file.tell()
        try:
            for member in members:
                _write(file, member)
        except BaseException:
            self._cut(start)
            raise
        self._dirty = True
        reach("warc-written")
        before, length = (sum(map(len, part)) for part in (members[:answer], members[answer:]))
        return Place(self._name, start + before, length, records[answer].record_id)

    def begin_group(self, *, hurried: bool = False) -> None:
        """Close the present file if it is full or of another day, so that the next write begins a new one.

        Call it only between two groups, because `rewind` cuts one file only. With `hurried`, what is written from now on is
        compressed for speed and not for size.
        """
        self._hurried = hurried
        day = f"{self._clock().astimezone(UTC):%Y%m%d}"
        if self._file is not None and (self._day != day or self._file.tell() >= self._max_size):
            self.close()

    def mark(self) -> int | None:
        """The present end of the file, for `rewind`. It is None before a file is open."""
        return self._file.tell() if self._file else None

    def rewind(self, mark: int | None) -> None:
        """Cut off what was written since `mark`, because its transaction failed."""
        if self._file is not None:
            self._cut(self._opened_at if mark is None else mark)

    def _cut(self, end: int) -> None:
        """Cut the file off at byte `end`. If that fails, it is not used again, and `recover` cuts it before the next crawl."""
        assert self._file is not None, "something was written"
        try:
            self._file.seek(end)
            self._file.truncate()
        except OSError:
            self._avoided |= {self._name}
            self._file.close()
            self._file = None

    def sync(self) -> None:
        """Write everything to the disk (`fsync`). When this returns, it is durable."""
        if self._file is not None and self._dirty:
            os.fsync(self._file.fileno())
            self._dirty = False

    def close(self) -> None:
        """Write the present file to the disk, and close it."""
        if self._file is not None:
            self.sync()
            self._file.close()  # gives up the lock
            self._file = None

    def _ready(self) -> FileIO:
        if self._file is None:
            now = self._clock().astimezone(UTC)
            self._file = self._open(f"{now:%Y%m%d}", now)
            self._opened_at = self._file.tell()
        return self._file

    def _open(self, day: str, now: datetime) -> FileIO:
        stem = f"dateline-{self._archive_id}-{folder_name(self.path)}-{day}"
        mine = sorted(
            (int(match["serial"]), path)
            for path in self.path.glob(f"{stem}-*{SUFFIX}")
            if (match := NAME.match(path.name))
        )
        if mine and mine[-1][1].stat().st_size < self._max_size and mine[-1][1].name not in self._avoided:
            file = mine[-1][1].open("r+b", buffering=0)
            if _locked(file):
                file.seek(0, os.SEEK_END)
                self._name, self._day = mine[-1][1].name, day
                return file
            file.close()
        file, name = self._new_file(stem, mine[-1][0] + 1 if mine else 1)
        if not _locked(file):  # pragma: no cover  # nobody else knows the file
            raise OSError(f"{name}: locked by another process")
        try:
            _write(file, pack(warcinfo(name, self._info, now).data))
            _sync_folder(self.path)
        except BaseException:
            # Half a first record would be appended to by the next try.
            (self.path / name).unlink()
            file.close()
            raise
        self._name, self._day, self._dirty = name, day, True
        return file

    def _new_file(self, stem: str, serial: int) -> tuple[FileIO, str]:
        while True:
            name = f"{stem}-{serial:05}{SUFFIX}"
            try:
                return (self.path / name).open("x+b", buffering=0), name
            except FileExistsError:  # another process of this folder was quicker
                serial += 1


def _write(file: FileIO, data: bytes) -> None:
    """Write all of `data`.

    The file has no buffer. So after an error, no bytes are left that a later seek would try to write again.
    """
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _locked(file: FileIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sync_folder(path: Path) -> None:
    """Make the name of a new file durable."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
