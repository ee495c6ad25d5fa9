"""Looks that showed what may be another page, and what the text of a page is like that waits for its canonical address.

Revision: 0013, after 0012. Both begin empty.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# As types are today: a migration must not change when the code's do.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("links", sa.Column("text_sketch", JSON, nullable=True))
    op.create_table(
        "doubtful_pages",
        sa.Column("pk", BIG, primary_key=True, autoincrement=True),
        sa.Column("source_id", sa.String(), sa.ForeignKey("sources.id"), nullable=False),
        sa.Column("url_key", sa.String(), nullable=False),
        sa.Column("article_pk", BIG, sa.ForeignKey("articles.pk"), nullable=True),
        sa.Column("capture_pk", BIG, sa.ForeignKey("captures.pk"), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
    )
    op.create_index("ix_doubtful_pages_source_id_text_hash", "doubtful_pages", ["source_id", "text_hash"])
    op.create_index("ix_doubtful_pages_article_pk", "doubtful_pages", ["article_pk"])
