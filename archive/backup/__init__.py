"""Backup and restore. A backup is a folder that holds a whole archive of either database, and that can be checked by itself.

    DIR/backup.json                 the manifest, written last and in one step; without it there is no backup
    DIR/archive-<time>.sqlite       all rows, as an SQLite archive that any Dateline of the same schema can open
    DIR/warc/<name>.warc.gz         the WARC files, up to the last record that a row names
    DIR/settings-<time>/            dateline.toml and sources/: the user's own settings and registry

One format for both databases: an archive on PostgreSQL is read in one REPEATABLE READ snapshot and written as SQLite rows. So no
`pg_dump` of the right version is needed, and a backup of either database restores into either. The price is that the full-text
index of an archive on PostgreSQL is left out, and made again by `restore`.

The order makes the copy consistent: first the rows, from one state of the database, and then the bytes. A crawl makes bytes
durable before it commits the rows that name them, and never changes these bytes. So everything that the copied rows name exists
when the bytes are copied.
"""

from __future__ import annotations

from archive.backup.manifest import BackupError, Manifest
from archive.backup.restoring import restore
from archive.backup.saving import save

__all__ = ["BackupError", "Manifest", "restore", "save"]
