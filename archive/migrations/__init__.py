"""Alembic's migrations of the archive: run by `dateline init`, never by hand. Their names are numbers that rise.

`archive.storage.schema.NEWEST` names the newest one.
"""
