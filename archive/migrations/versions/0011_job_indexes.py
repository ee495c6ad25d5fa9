"""Indexes that the questions for jobs use: none did use that of ready jobs.

Revision: 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_jobs_ready", "jobs")
    only = sa.text("kind = 'backfill'")
    op.create_index("ix_jobs_backfill", "jobs", ["kind"], sqlite_where=only, postgresql_where=only)
