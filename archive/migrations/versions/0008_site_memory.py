"""What was learnt of the sources' sites, and how each article's page was laid out when it was last read.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The types as they are today: a migration must not change when the code's types do.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("articles", sa.Column("state_layout", sa.String(), nullable=True))
    op.create_table(
        "site_memories",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("seen", INT, nullable=False),
        sa.Column("recent", sa.String(), nullable=False),
        sa.Column("fitted", INT, nullable=False),
        sa.Column("misfitted", INT, nullable=False),
        sa.Column("checked_at", TIME, nullable=True),
        sa.Column("last_misfit", sa.String(), nullable=True),
        sa.Column("redesigned_at", TIME, nullable=True),
        sa.Column("redesign", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_site_memories_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_site_memories")),
    )
    op.create_table(
        "templates",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("format", INT, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("learnt", JSON, nullable=False),
        sa.Column("seen", INT, nullable=False),
        sa.Column("learnt_at", TIME, nullable=False),
        sa.Column("retired_at", TIME, nullable=True),
        sa.Column("retired_because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_templates_source_id_sources")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_templates")),
    )
    op.create_index("ix_templates_source_id", "templates", ["source_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("article_pk", INT, nullable=False),
        sa.Column("format", INT, nullable=False),
        sa.Column("noted_at", TIME, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.ForeignKeyConstraint(["article_pk"], ["articles.pk"], name=op.f("fk_evidence_article_pk_articles")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_evidence_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", "article_pk", name=op.f("pk_evidence")),
    )
