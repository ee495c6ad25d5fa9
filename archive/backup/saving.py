"""Make a backup. `archive.backup` describes what is in it."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine, text

from archive.backup import manifest as manifests
from archive.backup.manifest import CHUNK, BackupError, Copied, Entry, Manifest, digest_of, sync_folder
from archive.backup.rows import save_rows, save_sqlite
from archive.config import Settings
from archive.failpoint import reach
from archive.storage.schema import NEWEST
from archive.warc.writer import FOLDER

Report = Callable[[str, int, int], None]
"""Called with the name of the step, the bytes or rows that are done, and their total number."""

RESERVE = 16 << 20
"""The space that must stay free beside the backup, in bytes."""
WARC, SETTINGS = "warc", "settings"
_LOCK = ".backup.lock"
_MADE = ("archive-", "backup.json", WARC, SETTINGS, ".")
"""The beginnings of all names that a backup makes in its folder."""


def save(
    engine: Engine, settings: Settings, folder: Path, *, now: datetime, incomplete: bool = False, report: Report
) -> Manifest:
    """Back the archive up into `folder`. An earlier backup in it is brought up to date.

    A crawl may write meanwhile. Until the new backup is complete, the earlier one stays whole and usable. With `incomplete`,
    missing WARC files are listed in the manifest. Otherwise they are an error.

    Raises:
        BackupError: The backup cannot be made. An earlier one is unchanged.
    """
    try:
        with _alone(folder):
            before = manifests.read(folder)
            _refuse_others(folder, before)
            return _save(engine, settings, folder, before, now, incomplete, report)
    except OSError as error:
        where = error.filename or folder
        raise BackupError(
            f"{where}: {error.strerror or error}",
            hint="Nothing was lost. Give the command again: it goes on where it stopped.",
        ) from error


def _save(
    engine: Engine,
    settings: Settings,
    folder: Path,
    before: Manifest | None,
    now: datetime,
    incomplete: bool,
    report: Report,
) -> Manifest:
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
    _forget(folder, before)  # what backups left that were cut short
    _need(folder, _database_size(engine))
    database = folder / f"archive-{stamp}.sqlite"
    copy = save_sqlite if engine.dialect.name == "sqlite" else save_rows
    copy(engine, database, lambda done, total: report("copying the database", done, total))
    reach("backup-rows")
    archive_id, ends = _named(database)
    if before is not None and before.archive_id != archive_id:
        database.unlink()
        raise BackupError(
            f"{folder} holds the backup of another archive ({before.archive_id})", hint="Choose another folder."
        )
    missing = tuple(name for name, end in ends.items() if size_of(settings.warc_path / name) < end)
    if missing and not incomplete:
        database.unlink()
        raise BackupError(
            f"{len(missing)} of {len(ends)} WARC files are missing in {settings.warc_path} or shorter than they were:"
            f" {', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}",
            hint="`dateline verify` tells which captures are concerned. Files that other machines wrote must be brought here"
            " first. `dateline backup --incomplete` makes a backup without these files, and notes that in it.",
        )
    wanted = {name: end for name, end in ends.items() if name not in missing}
    files = _copy_warcs(settings.warc_path, folder / WARC, wanted, before, report)
    files |= _copy_settings(settings, folder / f"{SETTINGS}-{stamp}")
    size, digest = digest_of(database, size_of(database))
    _sync(database)
    files[database.name] = Entry(size, digest)
    made = Manifest(
        archive_id=archive_id,
        schema=NEWEST,
        made_at=now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        made_by=f"dateline {version('dateline')}",
        database=database.name,
        from_dialect=engine.dialect.name,
        files=dict(sorted(files.items())),
        missing=missing,
    )
    sync_folder(folder)
    reach("backup-files")
    manifests.write(folder, made)
    _forget(folder, made)
    return made


def _forget(folder: Path, kept: Manifest | None) -> None:
    """Delete the databases and settings that `kept` does not name. WARC files are never deleted.

    None means that no backup is to be left, so all of them are deleted.
    """
    for path in folder.glob("archive-*.sqlite*"):
        if kept is None or path.name != kept.database:
            path.unlink()
    named = {name.partition("/")[0] for name in kept.files} if kept is not None else set()
    for path in folder.glob(f"{SETTINGS}-*"):
        if path.name not in named:
            shutil.rmtree(path)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder, so that one backup at a time is made into it.

    Raises:
        BackupError: Another backup into this folder is under way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupError(f"another backup into {folder} is under way", hint="Wait until it is done.") from error
        yield


def _refuse_others(folder: Path, before: Manifest | None) -> None:
    """Refuse a folder that holds other things and no backup.

    Raises:
        BackupError: The folder is such a folder. It is not changed.
    """
    strange = [path.name for path in folder.iterdir() if not path.name.startswith(_MADE)]
    if strange and before is None:
        raise BackupError(
            f"{folder} is not empty, and holds no backup: {', '.join(sorted(strange)[:3])}",
            hint="Choose an empty folder.",
        )


def _named(database: Path) -> tuple[str, dict[str, int]]:
    """The archive's id, and the WARC files that its rows name, each with the byte at which its last record ends.

    Raises:
        BackupError: The copy's pages are damaged. Those of the archive are damaged in the same way.
    """
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
        try:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
            (archive_id,) = copy.execute("SELECT value FROM meta WHERE key = 'archive_id'").fetchone()
            ends = copy.execute(
                "SELECT warc_file, max(warc_offset + warc_length) FROM captures WHERE warc_file IS NOT NULL GROUP BY 1"
            ).fetchall()
        except sqlite3.DatabaseError as error:
            said, archive_id, ends = [str(error)], "", []
    if said != ["ok"]:
        database.unlink()
        raise BackupError(
            f"the archive's database is damaged, so no backup was made: {said[0]}",
            hint="`dateline verify` tells more. An earlier backup in this folder is unchanged.",
        )
    return archive_id, {str(name): int(end) for name, end in sorted(ends)}


# --- files


def _copy_warcs(
    source: Path, target: Path, wanted: Mapping[str, int], before: Manifest | None, report: Report
) -> dict[str, Entry]:
    target.mkdir(exist_ok=True)
    known = before.files if before is not None else {}
    unchanged = {
        name: entry
        for name, end in wanted.items()
        if (entry := known.get(f"{WARC}/{name}")) is not None
        and _is_unchanged(source / name, target / name, entry, end)
    }
    new = sum(max(0, end - size_of(target / name)) for name, end in wanted.items() if name not in unchanged)
    _need(target, new)
    files: dict[str, Entry] = {}
    done, total = 0, sum(end for name, end in wanted.items() if name not in unchanged)
    for name, end in wanted.items():
        if name in unchanged:
            files[f"{WARC}/{name}"] = unchanged[name]
            continue

        def copied(length: int) -> None:
            nonlocal done
            done += length
            report("copying the WARC files", done, total)

        files[f"{WARC}/{name}"] = _go_on(source / name, target / name, end, known.get(f"{WARC}/{name}"), copied)
        reach("backup-file")
    if (source / FOLDER).is_file():  # its name is part of its files' names
        files[f"{WARC}/{FOLDER}"] = _replace(source / FOLDER, target / FOLDER)
    sync_folder(target)
    return files


def _is_unchanged(source: Path, target: Path, entry: Entry, end: int) -> bool:
    """Return whether the file is unchanged since the last backup, and that backup holds all its wanted bytes."""
    return entry.size == end and size_of(target) >= end and source.stat().st_mtime_ns == entry.changed


def _go_on(source: Path, target: Path, end: int, known: Entry | None, copied: Copied) -> Entry:
    """Copy the first `end` bytes. Bytes that are there already are compared, and only those after them are written.

    WARC files only grow. If the bytes differ from those of the last backup, one of the two was damaged since then. A copy that
    is still as it was made is never replaced by a damaged file.

    Raises:
        BackupError: The file became shorter, or it is damaged and the backup has its earlier bytes.
    """
    changed = source.stat().st_mtime_ns
    digester, done, compare = sha256(), 0, True
    with source.open("rb") as file, target.open("r+b" if target.exists() else "x+b") as copy:
        while done < end:
            chunk = file.read(min(CHUNK, end - done))
            if not chunk:
                raise BackupError(f"{source} became shorter while it was copied", hint="See `dateline verify`.")
            there = copy.read(len(chunk)) if compare else b""
            if there != chunk:
                if there != chunk[: len(there)] and known is not None and done < known.size:
                    _keep_the_good_one(source, target, known)
                compare = False
                copy.seek(done)
                copy.write(chunk)
            digester.update(chunk)
            done += len(chunk)
            copied(len(chunk))
        if not compare:
            copy.truncate(end)
        copy.flush()
        os.fsync(copy.fileno())
    return Entry(end, digester.hexdigest(), changed)


def _keep_the_good_one(source: Path, target: Path, known: Entry) -> None:
    if digest_of(target, known.size) == (known.size, known.sha256):
        raise BackupError(
            f"{source} differs from its last backup, and WARC files never change: it was damaged",
            hint=f"`dateline verify` tells where. The backup has its earlier bytes: {target}",
        )


def _copy_settings(settings: Settings, target: Path) -> dict[str, Entry]:
    """Copy the settings file and the user's own registry as they are.

    `dateline.toml` may hold passwords, so only its owner may read the copy.
    """
    files: dict[str, Entry] = {}
    toml, own = settings.home / "dateline.toml", settings.home / "sources"
    paths = [toml, *(sorted(own.rglob("*")) if own.is_dir() else [])]
    for path in paths:
        if path.is_file():
            name = path.relative_to(settings.home)
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            files[f"{target.name}/{name.as_posix()}"] = _replace(path, target / name, private=path == toml)
    return files


def _replace(source: Path, target: Path, *, private: bool = False) -> Entry:
    data = source.read_bytes()
    if target.exists() and target.read_bytes() == data:
        return Entry(len(data), sha256(data).hexdigest(), source.stat().st_mtime_ns)
    with open(target, "wb", opener=lambda name, flags: os.open(name, flags, 0o600 if private else 0o666)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Entry(len(data), sha256(data).hexdigest(), source.stat().st_mtime_ns)


# --- room


def _need(folder: Path, size: int) -> None:
    """Check that `size` more bytes fit on the disk of `folder`.

    Raises:
        BackupError: There is too little space.
    """
    free = shutil.disk_usage(folder).free
    if free < size + RESERVE:
        raise BackupError(
            f"{folder} has {free / (1 << 20):,.0f} MB free, and {(size + RESERVE) / (1 << 20):,.0f} MB are needed",
            hint="Make room, or choose a folder on another disk.",
        )


def _database_size(engine: Engine) -> int:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
            return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar() or 0)
        of_tables = text(
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relkind = 'r'"
            " AND c.relname <> 'search' AND pg_table_is_visible(c.oid) AND c.relnamespace <> 'pg_catalog'::regnamespace"
        )
        return int(connection.scalar(of_tables) or 0)


def size_of(path: Path) -> int:
    """The size of a file in bytes, or 0 if it cannot be read."""
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
