"""Alembic's migrations of the archive: run by `dateline init`, never by hand. Their names are numbers that rise."""

NEWEST = "0011"
"""The schema that this version of Dateline works with. Named here, because loading Alembic to find it takes half a second."""
