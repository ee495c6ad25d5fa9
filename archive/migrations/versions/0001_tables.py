"""The tables of the first version.

Revision: 0001.
"""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The types as they are today: a migration must not change when the code's types do.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("robots_state", sa.String(), nullable=True),
        sa.Column("robots_body", sa.String(), nullable=True),
        sa.Column("robots_fetched_at", TIME, nullable=True),
        sa.Column("tdm_body", sa.String(), nullable=True),
        sa.Column("tdm_fetched_at", TIME, nullable=True),
        sa.Column("paused_until", TIME, nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=True),
        sa.Column("failures", INT, nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_hosts")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "runs",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("summary", JSON, nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_runs")),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("homepage", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("timezone", sa.String(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("verified_at", TIME, nullable=True),
        sa.Column("added_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
    )
    op.create_table(
        "captures",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("url_key", sa.String(), nullable=False),
        sa.Column("final_url", sa.String(), nullable=False),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("captured_at", TIME, nullable=False),
        sa.Column("status", INT, nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("redirects", JSON, nullable=False),
        sa.Column("ip", sa.String(), nullable=True),
        sa.Column("truncated", sa.String(), nullable=True),
        sa.Column("payload_digest", sa.String(), nullable=True),
        sa.Column("content_digest", sa.String(), nullable=True),
        sa.Column("length", INT, nullable=False),
        sa.Column("kept", sa.String(), nullable=False),
        sa.Column("withheld_because", sa.String(), nullable=True),
        sa.Column("rights", JSON, nullable=False),
        sa.Column("robots_state", sa.String(), nullable=True),
        sa.Column("warc_file", sa.String(), nullable=True),
        sa.Column("warc_offset", INT, nullable=True),
        sa.Column("warc_length", INT, nullable=True),
        sa.Column("warc_record_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_captures_source_id_sources")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_captures")),
    )
    op.create_index(op.f("ix_captures_captured_at"), "captures", ["captured_at"], unique=False)
    op.create_index(op.f("ix_captures_source_id"), "captures", ["source_id"], unique=False)
    op.create_index(op.f("ix_captures_url_key"), "captures", ["url_key"], unique=False)
    op.create_index("ix_captures_warc_file_warc_offset", "captures", ["warc_file", "warc_offset"], unique=False)
    op.create_table(
        "channels",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("body_digest", sa.String(), nullable=True),
        sa.Column("polled_at", TIME, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("items", INT, nullable=True),
        sa.Column("newest_at", TIME, nullable=True),
        sa.Column("failures", INT, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_channels_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_channels")),
    )
    op.create_table(
        "articles",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("canonical_url", sa.String(), nullable=False),
        sa.Column("original_url", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("text_scope", sa.String(), nullable=False),
        sa.Column("declared_language", sa.String(), nullable=True),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("looked_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("current_revision", INT, nullable=True),
        sa.Column("state_hashes", JSON, nullable=False),
        sa.Column("state_extractor", sa.String(), nullable=False),
        sa.Column("state_capture_pk", INT, nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("content_digest", sa.String(), nullable=True),
        sa.Column("moved_to_pk", INT, nullable=True),
        sa.Column("hints", JSON, nullable=False),
        sa.ForeignKeyConstraint(["moved_to_pk"], ["articles.pk"], name=op.f("fk_articles_moved_to_pk_articles")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_articles_source_id_sources")),
        sa.ForeignKeyConstraint(
            ["state_capture_pk"], ["captures.pk"], name=op.f("fk_articles_state_capture_pk_captures")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_articles")),
        sa.UniqueConstraint("id", name=op.f("uq_articles_id")),
    )
    op.create_index("ix_articles_source_id_first_seen_at", "articles", ["source_id", "first_seen_at"], unique=False)
    op.create_table(
        "aliases",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("url_key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("article_pk", INT, nullable=False),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["article_pk"], ["articles.pk"], name=op.f("fk_aliases_article_pk_articles")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_aliases_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", "url_key", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_article_pk"), "aliases", ["article_pk"], unique=False)
    op.create_index("ix_aliases_url_key", "aliases", ["url_key"], unique=False)
    op.create_table(
        "lineage",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("article_pk", INT, nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("url_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("copied_share", sa.Double(), nullable=True),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["article_pk"], ["articles.pk"], name=op.f("fk_lineage_article_pk_articles")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_lineage")),
        sa.UniqueConstraint("article_pk", "relation", "url_key", name=op.f("uq_lineage_article_pk_relation_url_key")),
    )
    op.create_table(
        "links",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("url_key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("hints", JSON, nullable=False),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", INT, nullable=False),
        sa.Column("tried_at", TIME, nullable=True),
        sa.Column("not_before", TIME, nullable=True),
        sa.Column("article_pk", INT, nullable=True),
        sa.Column("canonical_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["article_pk"], ["articles.pk"], name=op.f("fk_links_article_pk_articles")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_links_source_id_sources")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_links")),
        sa.UniqueConstraint("source_id", "url_key", name=op.f("uq_links_source_id_url_key")),
    )
    op.create_index(op.f("ix_links_article_pk"), "links", ["article_pk"], unique=False)
    op.create_index(op.f("ix_links_canonical_key"), "links", ["canonical_key"], unique=False)
    op.create_index("ix_links_state_source_id", "links", ["state", "source_id"], unique=False)
    op.create_table(
        "observations",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("article_pk", INT, nullable=False),
        sa.Column("capture_pk", INT, nullable=True),
        sa.Column("observed_at", TIME, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("revision_number", INT, nullable=True),
        sa.Column("text_digest", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["article_pk"], ["articles.pk"], name=op.f("fk_observations_article_pk_articles")),
        sa.ForeignKeyConstraint(["capture_pk"], ["captures.pk"], name=op.f("fk_observations_capture_pk_captures")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_observations")),
    )
    op.create_index(
        "ix_observations_article_pk_observed_at", "observations", ["article_pk", "observed_at"], unique=False
    )
    op.create_index(op.f("ix_observations_capture_pk"), "observations", ["capture_pk"], unique=False)
    op.create_index(op.f("ix_observations_observed_at"), "observations", ["observed_at"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("article_pk", INT, nullable=False),
        sa.Column("number", INT, nullable=False),
        sa.Column("capture_pk", INT, nullable=False),
        sa.Column("captured_at", TIME, nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("lead", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("authors", JSON, nullable=False),
        sa.Column("captions", JSON, nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("language_score", sa.Double(), nullable=True),
        sa.Column("published_at", TIME, nullable=True),
        sa.Column("published", JSON, nullable=True),
        sa.Column("modified_at", TIME, nullable=True),
        sa.Column("modified", JSON, nullable=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("field_hashes", JSON, nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("extractor", sa.String(), nullable=False),
        sa.Column("provenance", JSON, nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.ForeignKeyConstraint(["article_pk"], ["articles.pk"], name=op.f("fk_revisions_article_pk_articles")),
        sa.ForeignKeyConstraint(["capture_pk"], ["captures.pk"], name=op.f("fk_revisions_capture_pk_captures")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_revisions")),
        sa.UniqueConstraint("article_pk", "number", name=op.f("uq_revisions_article_pk_number")),
    )
    op.create_index(op.f("ix_revisions_capture_pk"), "revisions", ["capture_pk"], unique=False)
    op.create_index(op.f("ix_revisions_captured_at"), "revisions", ["captured_at"], unique=False)
    op.create_index(op.f("ix_revisions_published_at"), "revisions", ["published_at"], unique=False)
    # The archive's own name: its WARC files carry it, so that no other archive that uses the folder touches them.
    op.execute(sa.text("INSERT INTO meta (key, value) VALUES ('archive_id', :id)").bindparams(id=uuid4().hex[:12]))
