"""Repair WARC files after a crash, so that each ends exactly where the last committed row says.

What stands behind that point was written, but its transaction was not committed. The next crawl fetches those pages again.
Complete records are moved to `orphans/` and not deleted, because the database may be an old copy. An incomplete end is cut off.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from pathlib import Path

import structlog
from sqlalchemy import func, select

from archive.storage.archive_id import archive_id
from archive.storage.session import Archive
from archive.tables import CaptureRow
from archive.warc.writer import NAME, SUFFIX, folder_name

log = structlog.get_logger()


def recover(archive: Archive, folder: Path) -> list[str]:
    """Repair the files of this archive in `folder`, and return the names of the damaged ones.

    A damaged file lacks bytes that rows refer to, and must not be appended to (`dateline verify` lists the rows). Files that
    are in use are left alone.
    """
    damaged: list[str] = []
    with archive.reading() as session:
        mine = archive_id(session)
        end = func.max(CaptureRow.warc_offset + CaptureRow.warc_length)
        ends = {
            name: int(last)
            for name, last in session.execute(select(CaptureRow.warc_file, end).group_by(CaptureRow.warc_file))
            if name is not None and last is not None
        }
    here = folder_name(folder) if folder.is_dir() else None
    for path in sorted(folder.glob(f"dateline-{mine}-*{SUFFIX}")):
        if _of_folder(path.name, here) and not _repair(path, ends.get(path.name, 0)):
            log.error("warc_damaged", file=str(path), bytes=path.stat().st_size, expected=ends[path.name])
            damaged.append(path.name)
    missing = [name for name in ends if _of_folder(name, here) and not (folder / name).exists()]
    for name in missing:
        log.error("warc_missing", file=str(folder / name))
    return damaged


def _of_folder(name: str, folder: str | None) -> bool:
    """Return whether the file was written into this folder. The files of other machines are not repaired here."""
    match = NAME.match(name)
    return match is not None and match["folder"] in (None, folder)


def _repair(path: Path, end: int) -> bool:
    """Make the file end at byte `end`, and return whether all bytes up to there exist.

    A file that is in use is left as it is. A file that no row names is deleted.
    """
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        size = file.seek(0, os.SEEK_END)
        if size < end:
            return False
        if size > end:
            file.seek(end)
            tail = file.read()
            _set_aside(path, end, tail)
            file.truncate(end)
            os.fsync(file.fileno())
            log.info("warc_recovered", file=path.name, cut_at=end, bytes=size - end)
    if end == 0:
        path.unlink()
    return True


def _set_aside(path: Path, end: int, tail: bytes) -> None:
    if not _holds_records(tail):
        return
    orphans = path.parent / "orphans"
    orphans.mkdir(exist_ok=True)
    with (orphans / f"{path.name.removesuffix(SUFFIX)}-{end}{SUFFIX}").open("wb") as file:
        file.write(tail)
        file.flush()
        os.fsync(file.fileno())


def _holds_records(tail: bytes) -> bool:
    """Return whether the tail holds a whole record that is not the warcinfo record of a file."""
    while tail:
        engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            block = engine.decompress(tail)
        except zlib.error:
            return False
        if not engine.eof:
            return False
        if b"\r\nWARC-Type: warcinfo\r\n" not in block[:400]:
            return True
        tail = engine.unused_data
    return False
