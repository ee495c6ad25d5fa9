"""The manifest of a backup: what is in it, and how it is told whether that is still so."""

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
    """A backup cannot be made, or cannot be used; the message names the file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the backup: its size in bytes, the SHA-256 of these (hex), and when the file that it is a copy of was changed
    last (nanoseconds since 1970). The file may be longer: a later backup was cut short."""

    size: int
    sha256: str
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at`: of which time the rows are, RFC 3339 in UTC. `missing`: WARC files that rows name and that were not there."""

    archive_id: str
    schema: str
    made_at: str
    made_by: str
    database: str
    """Name of the file with the rows."""
    from_dialect: str
    """`sqlite` or `postgresql`: what the archive was on. Only the first has its full-text index in the backup."""
    files: dict[str, Entry] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files.values())


def write(folder: Path, manifest: Manifest) -> None:
    """In one step: whoever reads it finds the old one or the new one, whole."""
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
    """The manifest of a whole backup; None where there is none. Raises BackupError for one that was damaged."""
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
    """Read every file. Raises BackupError, which names the first that is not as it was copied."""
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
    """Of the first `size` bytes: how many there are, and their SHA-256."""
    digester, done = sha256(), 0
    with path.open("rb") as file:
        while done < size and (chunk := file.read(min(CHUNK, size - done))):
            digester.update(chunk)
            done += len(chunk)
            copied(len(chunk))
    return done, digester.hexdigest()


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _canonical(fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
