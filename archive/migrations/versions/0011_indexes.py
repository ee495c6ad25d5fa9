"""Indexes by which questions that come again and again find what they want, and none that no question uses or should use.

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
    backfill = sa.text("kind = 'backfill'")
    op.create_index("ix_jobs_backfill", "jobs", ["kind"], sqlite_where=backfill, postgresql_where=backfill)
    op.create_index("ix_articles_source_id_state_extractor", "articles", ["source_id", "state_extractor"])
    failed = sa.text("state = 'failed'")
    op.create_index("ix_links_failed", "links", ["state", "found_at"], sqlite_where=failed, postgresql_where=failed)
    op.create_index("ix_gaps_until", "gaps", ["until"])
    op.create_index("ix_gaps_noted_at", "gaps", ["noted_at"])
    op.drop_index("ix_mementos_state", "mementos")
