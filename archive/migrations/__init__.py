"""Alembic's migrations of the archive: run by `dateline init`, never by hand."""
