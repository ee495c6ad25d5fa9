"""Facts about the archive itself."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.tables import MetaRow


def archive_id(session: Session) -> str:
    """The archive's random name, made with its schema: 12 hex digits."""
    return session.get_one(MetaRow, "archive_id").value
