"""Walks: the progress of a backfill over one channel, request by request and link by link.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# As types are today: a migration must not change when the code's do.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "walks",
        sa.Column("pk", BIG, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("first", sa.String(), nullable=False),
        sa.Column("last", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_walks_source_id_sources")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_walks")),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_walks_open",
        "walks",
        ["source_id", "channel", "first", "last"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "walk_pages",
        sa.Column("pk", BIG, autoincrement=True, nullable=False),
        sa.Column("walk_pk", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("form", JSON, nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("links", BIG, nullable=True),
        sa.Column("fresh", BIG, nullable=True),
        sa.Column("newest", sa.String(), nullable=True),
        sa.Column("shown", sa.String(), nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["walk_pk"], ["walks.pk"], name=op.f("fk_walk_pages_walk_pk_walks")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_walk_pages")),
        sa.UniqueConstraint("walk_pk", "key", name=op.f("uq_walk_pages_walk_pk_key")),
    )
    op.create_index("ix_walk_pages_walk_pk_state", "walk_pages", ["walk_pk", "state"], unique=False)
    op.create_table(
        "walk_links",
        sa.Column("walk_pk", BIG, nullable=False),
        sa.Column("link_pk", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["link_pk"], ["links.pk"], name=op.f("fk_walk_links_link_pk_links")),
        sa.ForeignKeyConstraint(["walk_pk"], ["walks.pk"], name=op.f("fk_walk_links_walk_pk_walks")),
        sa.PrimaryKeyConstraint("walk_pk", "link_pk", name=op.f("pk_walk_links")),
    )
    op.create_index("ix_walk_links_link_pk", "walk_links", ["link_pk"], unique=False)
