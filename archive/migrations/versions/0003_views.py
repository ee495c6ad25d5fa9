"""SQL views for readers.

Revision: 0003, after 0002.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# As the statements are today: a migration must not change when the code's do.
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
        ELSE (SELECT count(*) FROM revisions AS n WHERE n.article_pk = a.pk) END AS revisions
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
    (SELECT group_concat(item.value, '; ') FROM json_each(r.changes) AS item) AS changes,
    r.extractor AS extractor,
    r.capture_pk AS capture_id,
    c.warc_file AS warc_file,
    c.warc_offset AS warc_offset
FROM revisions AS r
JOIN articles AS a ON a.pk = r.article_pk
JOIN captures AS c ON c.pk = r.capture_pk
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
    c.warc_length AS warc_length
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
    c.status AS http_status
FROM observations AS o
JOIN articles AS a ON a.pk = o.article_pk
LEFT JOIN captures AS c ON c.pk = o.capture_pk""",
    """CREATE VIEW v_lineage AS
SELECT
    a.id AS article_id,
    a.source_id AS source,
    l.relation AS relation,
    (SELECT o.id FROM aliases AS x JOIN articles AS o ON o.pk = x.article_pk
        WHERE l.url IS NOT NULL AND x.url_key = l.url_key AND o.pk <> a.pk ORDER BY o.pk LIMIT 1) AS original_id,
    l.url AS url,
    l.name AS name,
    (SELECT group_concat(item.value, '; ') FROM json_each(l.evidence) AS item) AS evidence,
    l.copied_share AS copied_share,
    l.first_seen_at AS first_seen_at
FROM lineage AS l
JOIN articles AS a ON a.pk = l.article_pk""",
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
        ELSE (SELECT count(*) FROM revisions AS n WHERE n.article_pk = a.pk) END AS revisions
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
    (SELECT string_agg(item.value, '; ' ORDER BY item.place) FROM jsonb_array_elements_text(r.changes) WITH ORDINALITY AS item(value, place)) AS changes,
    r.extractor AS extractor,
    r.capture_pk AS capture_id,
    c.warc_file AS warc_file,
    c.warc_offset AS warc_offset
FROM revisions AS r
JOIN articles AS a ON a.pk = r.article_pk
JOIN captures AS c ON c.pk = r.capture_pk
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
    c.warc_length AS warc_length
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
    c.status AS http_status
FROM observations AS o
JOIN articles AS a ON a.pk = o.article_pk
LEFT JOIN captures AS c ON c.pk = o.capture_pk""",
    """CREATE VIEW v_lineage AS
SELECT
    a.id AS article_id,
    a.source_id AS source,
    l.relation AS relation,
    (SELECT o.id FROM aliases AS x JOIN articles AS o ON o.pk = x.article_pk
        WHERE l.url IS NOT NULL AND x.url_key = l.url_key AND o.pk <> a.pk ORDER BY o.pk LIMIT 1) AS original_id,
    l.url AS url,
    l.name AS name,
    (SELECT string_agg(item.value, '; ' ORDER BY item.place) FROM jsonb_array_elements_text(l.evidence) WITH ORDINALITY AS item(value, place)) AS evidence,
    l.copied_share AS copied_share,
    l.first_seen_at AS first_seen_at
FROM lineage AS l
JOIN articles AS a ON a.pk = l.article_pk""",
)

STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
