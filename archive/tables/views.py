"""SQL views for readers: columns named as in the export, the same on SQLite and PostgreSQL.

The tables may change with any version, the views are a contract. `docs/reference/sql.md` describes every column.
A migration that changes a table must drop the views that read it and create them again (SQLite cannot alter a table that
a view reads).
"""

from __future__ import annotations

VIEWS = ("v_articles", "v_revisions", "v_captures", "v_observations", "v_lineage")


def create_views(dialect: str) -> tuple[str, ...]:
    """The statements that create all views on `sqlite` or `postgresql`."""
    return tuple(
        _written_for(dialect, statement) for statement in (ARTICLES, REVISIONS, CAPTURES, OBSERVATIONS, LINEAGE)
    )


# `<at column>` and `<precision column>` are the claim's time as exported (a bare date where only the day is known) and
# how exactly it is known; `<joined column>` is a JSON list as one text.
_DIALECTS = {
    "sqlite": {
        "at": "json_extract({column}, '$.at')",
        "precision": "json_extract({column}, '$.precision')",
        "joined": "(SELECT group_concat(item.value, '; ') FROM json_each({column}) AS item)",
    },
    "postgresql": {
        "at": "({column} ->> 'at')",
        "precision": "({column} ->> 'precision')",
        "joined": "(SELECT string_agg(item.value, '; ' ORDER BY item.place)"
        " FROM jsonb_array_elements_text({column}) WITH ORDINALITY AS item(value, place))",
    },
}


def _written_for(dialect: str, statement: str) -> str:
    for name, form in _DIALECTS[dialect].items():
        before, *rest = statement.split(f"<{name} ")
        for piece in rest:
            column, _, after = piece.partition(">")
            before += form.format(column=column) + after
        statement = before
    return statement.strip()


ARTICLES = """
CREATE VIEW v_articles AS
SELECT
    a.id AS id,
    a.source_id AS source,
    s.country AS country,
    a.url AS url,
    a.canonical_url AS canonical_url,
    r.title AS title,
    r.lead AS lead,
    <joined r.authors> AS authors,
    r.language AS language,
    <at r.published> AS published_at,
    <precision r.published> AS published_precision,
    <at r.modified> AS modified_at,
    <precision r.modified> AS modified_precision,
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
LEFT JOIN revisions AS r ON r.article_pk = a.pk AND r.number = a.current_revision AND a.status <> 'withheld'
"""

REVISIONS = """
CREATE VIEW v_revisions AS
SELECT
    a.id AS article_id,
    a.source_id AS source,
    r.number AS number,
    CASE WHEN r.number = a.current_revision THEN 1 ELSE 0 END AS is_current,
    r.captured_at AS captured_at,
    <at r.published> AS published_at,
    <precision r.published> AS published_precision,
    <at r.modified> AS modified_at,
    <precision r.modified> AS modified_precision,
    r.title AS title,
    r.lead AS lead,
    r.body AS body,
    <joined r.authors> AS authors,
    r.language AS language,
    r.content_hash AS content_hash,
    <joined r.changes> AS changes,
    r.extractor AS extractor,
    r.capture_pk AS capture_id,
    c.warc_file AS warc_file,
    c.warc_offset AS warc_offset
FROM revisions AS r
JOIN articles AS a ON a.pk = r.article_pk
JOIN captures AS c ON c.pk = r.capture_pk
WHERE a.status <> 'withheld'
"""

CAPTURES = """
CREATE VIEW v_captures AS
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
FROM captures AS c
"""

OBSERVATIONS = """
CREATE VIEW v_observations AS
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
LEFT JOIN captures AS c ON c.pk = o.capture_pk
"""

LINEAGE = """
CREATE VIEW v_lineage AS
SELECT
    a.id AS article_id,
    a.source_id AS source,
    l.relation AS relation,
    (SELECT o.id FROM aliases AS x JOIN articles AS o ON o.pk = x.article_pk
        WHERE l.url IS NOT NULL AND x.url_key = l.url_key AND o.pk <> a.pk ORDER BY o.pk LIMIT 1) AS original_id,
    l.url AS url,
    l.name AS name,
    <joined l.evidence> AS evidence,
    l.copied_share AS copied_share,
    l.first_seen_at AS first_seen_at
FROM lineage AS l
JOIN articles AS a ON a.pk = l.article_pk
"""
