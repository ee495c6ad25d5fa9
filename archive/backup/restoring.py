"""Restore a backup into an archive that is empty or does not exist yet. `archive.backup` describes what a backup is."""

from __future__ import annotations

import os
import shutil
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import Session

from archive.backup import manifest as manifests
from archive.backup.manifest import CHUNK, BackupError, Copied, Entry, Manifest, digest_of, sync_folder
from archive.backup.rows import copy_rows
from archive.backup.saving import RESERVE, SETTINGS, WARC, Report, size_of
from archive.config import Settings
from archive.failpoint import reach
from archive.search import rebuild, search_is_current
from archive.storage.engine import open_engine
from archive.storage.locks import fetching_lock
from archive.storage.schema import NEWEST, migrate, schema_of
from archive.storage.session import Archive
from archive.tables import ArticleRow, CaptureRow, LinkRow, RunRow, WorkerRow

STAGED = "archive.sqlite.restoring"
"""The name of the database until it is complete. So a restore that is interrupted leaves no archive."""
_PLACES = ("database_url", "warc_dir", "home")
"""The settings that say where an archive is. Those of the old archive would lead commands to that archive."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore.

    `settings` is the path of the restored settings file. It is None if the backup has no such file. `in_force` says whether
    Dateline reads the file there.
    """

    manifest: Manifest
    settings: Path | None = None
    in_force: bool = False


def restore(engine: Engine, settings: Settings, folder: Path, *, report: Report) -> Restored:
    """Make the archive of these settings from the backup in `folder`. A restore that was interrupted is continued.

    Raises:
        BackupError: The backup is missing or damaged, or the archive is not empty. Then nothing is changed. It is also raised
            if a file cannot be written.
    """
    made = _usable(folder)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with fetching_lock(engine, settings.home):
            _refuse_to_overwrite(engine, settings, made)
            _need(settings, folder, made)
            done = 0

            def checked(length: int) -> None:
                nonlocal done
                done += length
                report("checking the backup", done, made.size)

            manifests.check(folder, made, checked)
            _files(settings, folder, made, report)
            toml, in_force = _settings(settings, folder, made)
            _rows(engine, settings, folder, made, report)
    except OSError as error:
        where = error.filename or settings.home
        raise BackupError(
            f"{where}: {error.strerror or error}",
            hint="Give the command again once that is mended: it goes on where it stopped.",
        ) from error
    return Restored(made, toml, in_force)


def _usable(folder: Path) -> Manifest:
    made = manifests.read(folder)
    if made is None:
        if not folder.is_dir():
            raise BackupError(f"there is no folder {folder}")
        raise BackupError(
            f"{folder} holds no whole backup: there is no {manifests.NAME} in it",
            hint="It is written last. `dateline backup` into this folder goes on where a backup was cut short.",
        )
    if made.schema > NEWEST:
        raise BackupError(f"{folder} was made by a newer Dateline ({made.made_by})", hint="Upgrade Dateline.")
    return made


def _refuse_to_overwrite(engine: Engine, settings: Settings, made: Manifest) -> None:
    hint = "Restore into an empty home (dateline --home DIR restore …), or move the old archive away first."
    file = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None
    found = schema_of(engine) if file is None or size_of(file) else None  # to ask SQLite would make the file
    if found is not None and not _is_empty(engine, found):
        raise BackupError("there is an archive already, and a restore never overwrites one", hint=hint)
    ours = {Path(name).name for name in made.files if name.startswith(f"{WARC}/")}
    strange = sorted(path.name for path in settings.warc_path.glob("dateline-*.warc.gz") if path.name not in ours)
    if strange:
        raise BackupError(f"{settings.warc_path} holds WARC files of another archive: {strange[0]}", hint=hint)


def _is_empty(engine: Engine, schema: str) -> bool:
    """Return whether an archive holds nothing but sources, as one that was only just made.

    A restore to PostgreSQL that was interrupted leaves such an archive, too.
    """
    if schema != NEWEST:
        return False
    with engine.connect() as connection:
        kinds = (CaptureRow, ArticleRow, LinkRow, RunRow, WorkerRow)
        return not any(connection.scalar(select(exists().select_from(kind))) for kind in kinds)


def _need(settings: Settings, folder: Path, made: Manifest) -> None:
    """Check that the archive fits on its disks.

    Raises:
        BackupError: There is too little space.
    """
    settings.warc_path.mkdir(parents=True, exist_ok=True)
    there = sum(path.stat().st_size for path in settings.warc_path.glob("dateline-*.warc.gz"))
    warcs = sum(entry.size for name, entry in made.files.items() if name.startswith(f"{WARC}/"))
    rows = 2 * (folder / made.database).stat().st_size if (folder / made.database).exists() else 0
    for place, size in ((settings.warc_path, warcs - there), (settings.home, rows)):
        free = shutil.disk_usage(place).free
        if free < size + RESERVE:
            raise BackupError(
                f"{place} has {free / (1 << 20):,.0f} MB free, and {(size + RESERVE) / (1 << 20):,.0f} MB are needed",
                hint="Make room, or restore to another disk.",
            )


# --- files


def _files(settings: Settings, folder: Path, made: Manifest, report: Report) -> None:
    wanted = {name: entry for name, entry in made.files.items() if name.startswith(f"{WARC}/")}
    done, total = 0, sum(entry.size for entry in wanted.values())

    def copied(length: int) -> None:
        nonlocal done
        done += length
        report("restoring the WARC files", done, total)

    for name, entry in wanted.items():
        target = settings.warc_path / Path(name).name
        if not (target.exists() and target.stat().st_size == entry.size and _is(target, entry)):
            _copy(folder / name, target, entry, copied)
        reach("restore-file")
    sync_folder(settings.warc_path)


def _is(path: Path, entry: Entry) -> bool:
    return digest_of(path, entry.size) == (entry.size, entry.sha256)


def _copy(source: Path, target: Path, entry: Entry, copied: Copied) -> None:
    """Copy the first bytes of a file, as many as belong to the backup.

    Raises:
        BackupError: These bytes are not those of the manifest.
    """
    digester, done = sha256(), 0
    with source.open("rb") as file, target.open("wb") as copy:
        while done < entry.size and (chunk := file.read(min(CHUNK, entry.size - done))):
            copy.write(chunk)
            digester.update(chunk)
            done += len(chunk)
            copied(len(chunk))
        copy.flush()
        os.fsync(copy.fileno())
    if (done, digester.hexdigest()) != (entry.size, entry.sha256):
        raise BackupError(f"{source} changed while it was read", hint="Is another backup being made into this folder?")


def _settings(settings: Settings, folder: Path, made: Manifest) -> tuple[Path | None, bool]:
    """Restore the user's own registry and settings. Files that exist are not overwritten.

    Returns the path of the settings file, and whether it is in force. The path is None if the backup has none. A settings file
    that says where the old archive is gets another name, because in force it would lead every command to that archive.
    """
    put, in_force = None, False
    for name, entry in made.files.items():
        if not name.startswith(f"{SETTINGS}-"):
            continue
        own = Path(*Path(name).parts[1:])
        target = settings.home / own
        if own == Path("dateline.toml"):
            in_force = not target.exists() and not _names_places(folder / name)
            target = target if in_force else settings.home / "dateline.toml.from-backup"
            put = target
        elif target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(folder / name, target, entry, lambda length: None)
        target.chmod((folder / name).stat().st_mode & 0o777)
    return put, in_force


def _names_places(toml: Path) -> bool:
    try:
        return any(name in tomllib.loads(toml.read_text("utf-8")) for name in _PLACES)
    except ValueError:
        return True


# --- rows


def _rows(engine: Engine, settings: Settings, folder: Path, made: Manifest, report: Report) -> None:
    """Restore the rows. This comes last, because the rows make the archive.

    SQLite's file gets its name in one step, and PostgreSQL's rows are written in one transaction.
    """
    staged = settings.home / STAGED
    for left in settings.home.glob(f"{STAGED}*"):
        left.unlink()
    _copy(folder / made.database, staged, made.files[made.database], lambda length: None)
    copy = open_engine(f"sqlite:///{staged.absolute()}")
    try:
        migrate(copy)  # a backup of an older version
        if engine.dialect.name == "sqlite":
            _index(copy, report)
            with copy.connect() as connection:  # all of it into the one file that is renamed
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        else:
            _into_postgresql(copy, engine, report)
    finally:
        copy.dispose()
    if engine.dialect.name == "sqlite":
        with staged.open("rb") as file:
            os.fsync(file.fileno())
        reach("restore-rows")
        engine.dispose()
        database = Path(engine.url.database or "")
        for companion in (f"{database}-wal", f"{database}-shm", str(database)):
            Path(companion).unlink(missing_ok=True)  # no archive, or one that was only just made
        shutil.move(staged, database)
        sync_folder(database.parent)
    else:
        staged.unlink()


def _index(engine: Engine, report: Report) -> None:
    archive = Archive(engine)
    with archive.writing() as session:
        if not search_is_current(session):
            rebuild(session, lambda done, total: report("indexing the texts", done, total))


def _into_postgresql(copy: Engine, engine: Engine, report: Report) -> None:
    migrate(engine)
    with copy.connect() as source, engine.begin() as into:
        copy_rows(source, into, lambda done, total: report("writing the rows", done, total))
        with Session(into, join_transaction_mode="rollback_only") as session:
            rebuild(session, lambda done, total: report("indexing the texts", done, total))
            session.flush()
        reach("restore-rows")
