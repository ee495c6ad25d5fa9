"""The manifest of a backup: the list of its files, with the checksums that show whether they are unchanged."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from archive.errors import DatelineError

NAME = "backup.json"
FORMAT = 1
CHUNK = 1 << 20

Copied = Callable[[int], object]
"""Called with the number of bytes that were read since the last call."""


class BackupError(DatelineError):
    """A backup cannot be made or cannot be used. The message names the file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the backup.

    `size` is the number of bytes that belong to the backup, and `sha256` is their digest (hex). The file may be longer than
    that if a later backup was interrupted. `changed` is the time at which the original was changed last (nanoseconds since
    1970).
    """

    size: int
    sha256: str
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    `made_at` is the time of the rows (RFC 3339, in UTC). `missing` names the WARC files that rows refer to and that did not
    exist.
    """

    archive_id: str
    schema: str
    made_at: str
    made_by: str
    database: str
    """The name of the file that holds the rows."""
    from_dialect: str
    """The database of the archive: `sqlite` or `postgresql`. Only a backup of the first holds the full-text index."""
    files: dict[str, Entry] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def size(self) -> int:
        """The sum of the sizes of all files, in bytes."""
        return sum(entry.size for entry in self.files.values())


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest in one step. A reader finds either the old one or the new one, and never a part of one."""
    part = folder / f".{NAME}.{token_hex(4)}.part"
    body = json.dumps(asdict(manifest), ensure_ascii=False, indent=2)
    # Its own digest stands beside it: a manifest that was changed would vouch for files that were changed.
    text = json.dumps(
        {"manifest": json.loads(body), "sha256": sha256(_canonical(json.loads(body))).hexdigest()}, indent=2
    )
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / NAME)
        sync_folder(folder)
    finally:
        part.unlink(missing_ok=True)


def read(folder: Path) -> Manifest | None:
    """Read the manifest of a backup. None means that the folder holds no whole backup.

    Raises:
        BackupError: The manifest is damaged, cannot be read, or was written by a newer Dateline.
    """
    file = folder / NAME
    try:
        found = json.loads(file.read_text("utf-8"))
        fields = found["manifest"]
        if found["sha256"] != sha256(_canonical(fields)).hexdigest():
            raise BackupError(f"{file} was damaged: it differs from its own checksum", hint=_OTHER)
        if fields["format"] > FORMAT:
            raise BackupError(f"{file} was written by a newer Dateline", hint="Upgrade Dateline.")
        files = {name: Entry(**entry) for name, entry in fields["files"].items()}
        return Manifest(**fields | {"files": files, "missing": tuple(fields["missing"])})
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file} was damaged: it is no manifest of a backup", hint=_OTHER) from error


_OTHER = "Use another backup."


def check(folder: Path, manifest: Manifest, copied: Copied) -> None:
    """Read every file of a backup and compare it with the manifest.

    Raises:
        BackupError: A file is missing, shorter or different. The message names the first such file.
    """
    for name, entry in manifest.files.items():
        path = folder / name
        try:
            size, digest = digest_of(path, entry.size, copied)
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}", hint=_OTHER) from error
        if size < entry.size:
            raise BackupError(f"{path} was damaged: it has {size:,} bytes instead of {entry.size:,}", hint=_OTHER)
        if digest != entry.sha256:
            raise BackupError(f"{path} was damaged: it differs from its checksum in {NAME}", hint=_OTHER)


def digest_of(path: Path, size: int, copied: Copied = lambda length: None) -> tuple[int, str]:
    """Read the first `size` bytes of a file. Return how many of them exist, and their SHA-256."""
    digester, done = sha256(), 0
    with path.open("rb") as file:
        while done < size and (chunk := file.read(min(CHUNK, size - done))):
            digester.update(chunk)
            done += len(chunk)
            copied(len(chunk))
    return done, digester.hexdigest()


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _canonical(fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
