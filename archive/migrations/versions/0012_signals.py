"""What the publisher signals about an article, and which revisions are for the owner of the archive alone.

Revision: 0012, after 0011. An article that is withheld gets the signals of the last look that withheld it. Until now nothing
was kept that its publisher had marked with `noarchive`, so no revision bears the mark.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# As types and statements are today: a migration must not change when the code's do.
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SQLITE = (
    """CREATE VIEW v_articles AS
SELECT
    a.id AS id,
    a.source_id AS source,
    s.country AS country,
    a.url AS url,
    a.canonical_url AS canonical_url,
    r.title AS title,
    r.lead AS lead,
    (SELECT group_concat(item.value, '; ') FROM json_each(r.authors) AS item) AS authors,
    r.language AS language,
    json_extract(r.published, '$.at') AS published_at,
    json_extract(r.published, '$.precision') AS published_precision,
    json_extract(r.modified, '$.at') AS modified_at,
    json_extract(r.modified, '$.precision') AS modified_precision,
    a.first_seen_at AS first_seen_at,
    a.last_seen_at AS last_seen_at,
    a.looked_at AS looked_at,
    a.changed_at AS changed_at,
    a.status AS status,
    a.text_scope AS text_scope,
    CAST(NULL AS TEXT) AS story_id,
    (SELECT d.id FROM articles AS d WHERE d.pk = a.moved_to_pk) AS duplicate_of,
    a.original_url AS original_url,
    a.declared_language AS declared_language,
    r.number AS revision,
    CASE WHEN a.status = 'withheld' THEN 0
        ELSE (SELECT count(*) FROM revisions AS n WHERE n.article_pk = a.pk) END AS revisions,
    coalesce(json_extract(a.rights, '$.noarchive'), 0) AS noarchive
FROM articles AS a
JOIN sources AS s ON s.id = a.source_id
LEFT JOIN revisions AS r ON r.article_pk = a.pk AND r.number = a.current_revision AND a.status <> 'withheld'""",
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
    c.origin_offset AS origin_offset,
    CASE WHEN r.noarchive THEN 1 ELSE 0 END AS noarchive
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
    c.origin_offset AS origin_offset,
    coalesce(json_extract(c.rights, '$.noarchive'), 0) AS noarchive
FROM captures AS c""",
)
POSTGRESQL = (
    """CREATE VIEW v_articles AS
SELECT
    a.id AS id,
    a.source_id AS source,
    s.country AS country,
    a.url AS url,
    a.canonical_url AS canonical_url,
    r.title AS title,
    r.lead AS lead,
    (SELECT string_agg(item.value, '; ' ORDER BY item.place) FROM jsonb_array_elements_text(r.authors) WITH ORDINALITY AS item(value, place)) AS authors,
    r.language AS language,
    (r.published ->> 'at') AS published_at,
    (r.published ->> 'precision') AS published_precision,
    (r.modified ->> 'at') AS modified_at,
    (r.modified ->> 'precision') AS modified_precision,
    a.first_seen_at AS first_seen_at,
    a.last_seen_at AS last_seen_at,
    a.looked_at AS looked_at,
    a.changed_at AS changed_at,
    a.status AS status,
    a.text_scope AS text_scope,
    CAST(NULL AS TEXT) AS story_id,
    (SELECT d.id FROM articles AS d WHERE d.pk = a.moved_to_pk) AS duplicate_of,
    a.original_url AS original_url,
    a.declared_language AS declared_language,
    r.number AS revision,
    CASE WHEN a.status = 'withheld' THEN 0
        ELSE (SELECT count(*) FROM revisions AS n WHERE n.article_pk = a.pk) END AS revisions,
    CASE WHEN a.rights ->> 'noarchive' = 'true' THEN 1 ELSE 0 END AS noarchive
FROM articles AS a
JOIN sources AS s ON s.id = a.source_id
LEFT JOIN revisions AS r ON r.article_pk = a.pk AND r.number = a.current_revision AND a.status <> 'withheld'""",
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
    c.origin_offset AS origin_offset,
    CASE WHEN r.noarchive THEN 1 ELSE 0 END AS noarchive
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
    c.origin_offset AS origin_offset,
    CASE WHEN c.rights ->> 'noarchive' = 'true' THEN 1 ELSE 0 END AS noarchive
FROM captures AS c""",
)
STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
WITHHELD = """UPDATE articles SET rights = (
    SELECT c.rights FROM observations AS o JOIN captures AS c ON c.pk = o.capture_pk
    WHERE o.article_pk = articles.pk AND c.withheld_because IS NOT NULL
    ORDER BY o.observed_at DESC, o.pk DESC LIMIT 1
) WHERE status = 'withheld'"""


def upgrade() -> None:
    connection = op.get_bind()
    for view in ("v_articles", "v_revisions", "v_captures"):
        connection.exec_driver_sql(f"DROP VIEW {view}")
    op.add_column("articles", sa.Column("rights", JSON, nullable=True))
    op.add_column("revisions", sa.Column("noarchive", sa.Boolean(), server_default=sa.false(), nullable=False))
    connection.exec_driver_sql(WITHHELD)
    for statement in STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
