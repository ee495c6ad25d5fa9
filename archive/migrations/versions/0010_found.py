"""What autodiscovery found for sources whose registry entry names no channel.

Revision: 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# As types are today: a migration must not change when the code's do.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("sources", sa.Column("found", JSON, nullable=True))
    op.add_column("sources", sa.Column("found_at", TIME, nullable=True))
