"""The archive's id."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.tables import MetaRow


def archive_id(session: Session) -> str:
    """The random name of the archive, made with its schema: 12 hex digits."""
    return session.get_one(MetaRow, "archive_id").value
