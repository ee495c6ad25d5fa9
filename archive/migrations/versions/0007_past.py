"""Captures that others made: where they come from, and where a revision stands among them in time.

Revision: 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# As types and statements are today: a migration must not change when the code's do.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE = (
    """CREATE VIEW v_revisions AS
SELECT
    a.id AS article_id,
    a.source_id AS source,
    r.number AS number,
    CASE WHEN r.number = a.current_revision THEN 1 ELSE 0 END AS is_current,
    r.captured_at AS captured_at,
    json_extract(r.published, '$.at') AS published_at,
    json_extract(r.published, '$.precision') AS published_precision,
    json_extract(r.modified, '$.at') AS modified_at,
    json_extract(r.modified, '$.precision') AS modified_precision,
    r.title AS title,
    r.lead AS lead,
    r.body AS body,
    (SELECT group_concat(item.value, '; ') FROM json_each(r.authors) AS item) AS authors,
    r.language AS language,
    r.content_hash AS content_hash,
    (SELECT group_concat(item.value, '; ') FROM json_each(coalesce(p.changes, r.changes)) AS item) AS changes,
    r.extractor AS extractor,
    r.capture_pk AS capture_id,
    c.warc_file AS warc_file,
    c.warc_offset AS warc_offset,
    coalesce(p.since, r.captured_at) AS first_captured_at,
    c.origin AS origin,
    c.origin_url AS origin_url,
    c.origin_offset AS origin_offset
FROM revisions AS r
JOIN articles AS a ON a.pk = r.article_pk
JOIN captures AS c ON c.pk = r.capture_pk
LEFT JOIN placements AS p ON p.revision_pk = r.pk
WHERE a.status <> 'withheld'""",
    """CREATE VIEW v_captures AS
SELECT
    c.pk AS capture_id,
    c.source_id AS source,
    c.url AS url,
    c.final_url AS final_url,
    c.requested_at AS requested_at,
    c.captured_at AS captured_at,
    c.status AS http_status,
    c.length AS length,
    c.truncated AS truncated,
    c.payload_digest AS payload_digest,
    c.content_digest AS content_digest,
    c.kept AS kept,
    c.withheld_because AS withheld_because,
    c.warc_file AS warc_file,
    c.warc_offset AS warc_offset,
    c.warc_length AS warc_length,
    c.origin AS origin,
    c.origin_url AS origin_url,
    c.origin_offset AS origin_offset
FROM captures AS c""",
    """CREATE VIEW v_observations AS
SELECT
    a.id AS article_id,
    a.source_id AS source,
    o.observed_at AS observed_at,
    o.outcome AS outcome,
    o.detail AS detail,
    o.revision_number AS revision,
    o.capture_pk AS capture_id,
    c.status AS http_status,
    coalesce(c.captured_at, o.observed_at) AS captured_at,
    coalesce(c.origin, 'live') AS origin
FROM observations AS o
JOIN articles AS a ON a.pk = o.article_pk
LEFT JOIN captures AS c ON c.pk = o.capture_pk""",
)

POSTGRESQL = (
    """CREATE VIEW v_revisions AS
SELECT
    a.id AS article_id,
    a.source_id AS source,
    r.number AS number,
    CASE WHEN r.number = a.current_revision THEN 1 ELSE 0 END AS is_current,
    r.captured_at AS captured_at,
    (r.published ->> 'at') AS published_at,
    (r.published ->> 'precision') AS published_precision,
    (r.modified ->> 'at') AS modified_at,
    (r.modified ->> 'precision') AS modified_precision,
    r.title AS title,
    r.lead AS lead,
    r.body AS body,
    (SELECT string_agg(item.value, '; ' ORDER BY item.place) FROM jsonb_array_elements_text(r.authors) WITH ORDINALITY AS item(value, place)) AS authors,
    r.language AS language,
    r.content_hash AS content_hash,
    (SELECT string_agg(item.value, '; ' ORDER BY item.place) FROM jsonb_array_elements_text(coalesce(p.changes, r.changes)) WITH ORDINALITY AS item(value, place)) AS changes,
    r.extractor AS extractor,
    r.capture_pk AS capture_id,
    c.warc_file AS warc_file,
    c.warc_offset AS warc_offset,
    coalesce(p.since, r.captured_at) AS first_captured_at,
    c.origin AS origin,
    c.origin_url AS origin_url,
    c.origin_offset AS origin_offset
FROM revisions AS r
JOIN articles AS a ON a.pk = r.article_pk
JOIN captures AS c ON c.pk = r.capture_pk
LEFT JOIN placements AS p ON p.revision_pk = r.pk
WHERE a.status <> 'withheld'""",
    """CREATE VIEW v_captures AS
SELECT
    c.pk AS capture_id,
    c.source_id AS source,
    c.url AS url,
    c.final_url AS final_url,
    c.requested_at AS requested_at,
    c.captured_at AS captured_at,
    c.status AS http_status,
    c.length AS length,
    c.truncated AS truncated,
    c.payload_digest AS payload_digest,
    c.content_digest AS content_digest,
    c.kept AS kept,
    c.withheld_because AS withheld_because,
    c.warc_file AS warc_file,
    c.warc_offset AS warc_offset,
    c.warc_length AS warc_length,
    c.origin AS origin,
    c.origin_url AS origin_url,
    c.origin_offset AS origin_offset
FROM captures AS c""",
    """CREATE VIEW v_observations AS
SELECT
    a.id AS article_id,
    a.source_id AS source,
    o.observed_at AS observed_at,
    o.outcome AS outcome,
    o.detail AS detail,
    o.revision_number AS revision,
    o.capture_pk AS capture_id,
    c.status AS http_status,
    coalesce(c.captured_at, o.observed_at) AS captured_at,
    coalesce(c.origin, 'live') AS origin
FROM observations AS o
JOIN articles AS a ON a.pk = o.article_pk
LEFT JOIN captures AS c ON c.pk = o.capture_pk""",
)

STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def upgrade() -> None:
    connection = op.get_bind()
    for view in ("v_revisions", "v_captures", "v_observations"):
        connection.exec_driver_sql(f"DROP VIEW {view}")
    op.add_column("captures", sa.Column("origin", sa.String(), server_default=sa.text("'live'"), nullable=False))
    op.add_column("captures", sa.Column("origin_url", sa.String(), nullable=True))
    op.add_column("captures", sa.Column("origin_offset", INT, nullable=True))
    op.create_table(
        "placements",
        sa.Column("revision_pk", INT, autoincrement=False, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("tie", sa.String(), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.ForeignKeyConstraint(["revision_pk"], ["revisions.pk"], name=op.f("fk_placements_revision_pk_revisions")),
        sa.PrimaryKeyConstraint("revision_pk", name=op.f("pk_placements")),
    )
    op.create_table(
        "mementos",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("link_pk", INT, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("timestamp", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", INT, nullable=False),
        sa.Column("tried_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["link_pk"], ["links.pk"], name=op.f("fk_mementos_link_pk_links")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_mementos")),
        sa.UniqueConstraint("link_pk", "channel", "timestamp", name=op.f("uq_mementos_link_pk_channel_timestamp")),
    )
    op.create_index("ix_mementos_state", "mementos", ["state"], unique=False)
    op.add_column("walk_pages", sa.Column("offset", INT, nullable=True))
    for statement in STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
