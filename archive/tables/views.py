"""SQL views for readers: columns named as in the export, the same on SQLite and PostgreSQL.

The tables may change with any version, the views are a contract. `docs/reference/sql.md` describes every column.
A migration that changes a table must drop the views that read it and create them again (SQLite cannot alter a table that
a view reads).
"""

from __future__ import annotations

VIEWS = (
    "v_articles",
    "v_revisions",
    "v_captures",
    "v_observations",
    "v_lineage",
    "v_coverage",
    "v_source_health",
)


def create_views(dialect: str) -> tuple[str, ...]:
    """The statements that create all views on `sqlite` or `postgresql`."""
    return tuple(
        _written_for(dialect, statement)
        for statement in (ARTICLES, REVISIONS, CAPTURES, OBSERVATIONS, LINEAGE, COVERAGE, SOURCE_HEALTH)
    )


# `<at column>` and `<precision column>` are the claim's time as exported (a bare date where only the day is known) and
# how exactly it is known; `<noarchive column>` is 1 where stored rights have that signal, else 0; `<joined column>` is a JSON
# list as one text. `<sum column>` and `<tally column>` are numbers by name (a JSON object) added up, and as one text;
# `<kinds source>` the kinds of the open alarms of a source.
_DIALECTS = {
    "sqlite": {
        "at": "json_extract({column}, '$.at')",
        "precision": "json_extract({column}, '$.precision')",
        "noarchive": "coalesce(json_extract({column}, '$.noarchive'), 0)",
        "joined": "(SELECT group_concat(item.value, '; ') FROM json_each({column}) AS item)",
        "sum": "(SELECT coalesce(sum(item.value), 0) FROM json_each({column}) AS item)",
        "tally": "(SELECT group_concat(item.key || ' ' || item.value, '; ')"
        " FROM (SELECT key, value FROM json_each({column}) ORDER BY key) AS item)",
        "kinds": "(SELECT group_concat(item.kind, '; ') FROM (SELECT kind FROM alarms"
        " WHERE source_id = {column} AND closed_at IS NULL ORDER BY kind) AS item)",
    },
    "postgresql": {
        "at": "({column} ->> 'at')",
        "precision": "({column} ->> 'precision')",
        "noarchive": "CASE WHEN {column} ->> 'noarchive' = 'true' THEN 1 ELSE 0 END",
        "joined": "(SELECT string_agg(item.value, '; ' ORDER BY item.place)"
        " FROM jsonb_array_elements_text({column}) WITH ORDINALITY AS item(value, place))",
        "sum": "(SELECT coalesce(sum(item.value::bigint), 0)::bigint FROM jsonb_each_text({column}) AS item)",
        "tally": "(SELECT string_agg(item.key || ' ' || item.value, '; ' ORDER BY item.key COLLATE \"C\")"
        " FROM jsonb_each_text({column}) AS item)",
        "kinds": "(SELECT string_agg(item.kind, '; ' ORDER BY item.kind COLLATE \"C\") FROM alarms AS item"
        " WHERE item.source_id = {column} AND item.closed_at IS NULL)",
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
        ELSE (SELECT count(*) FROM revisions AS n WHERE n.article_pk = a.pk) END AS revisions,
    <noarchive a.rights> AS noarchive
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
    <joined coalesce(p.changes, r.changes)> AS changes,
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
    c.warc_length AS warc_length,
    c.origin AS origin,
    c.origin_url AS origin_url,
    c.origin_offset AS origin_offset,
    <noarchive c.rights> AS noarchive
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
    c.status AS http_status,
    coalesce(c.captured_at, o.observed_at) AS captured_at,
    coalesce(c.origin, 'live') AS origin
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

COVERAGE = """
CREATE VIEW v_coverage AS
SELECT
    c.source_id AS source,
    s.country AS country,
    c.day AS day,
    s.timezone AS timezone,
    c.expected AS expected,
    c.found AS found,
    c.captured AS captured,
    <sum c.excluded> AS excluded,
    <tally c.excluded> AS excluded_reasons,
    <sum c.failed> AS failed,
    <tally c.failed> AS failed_reasons,
    c.pending AS pending,
    c.polls_ok AS polls_ok,
    c.polls_failed AS polls_failed,
    c.walks AS walks,
    c.gap_seconds AS gap_seconds,
    c.counted_at AS counted_at
FROM coverage AS c
JOIN sources AS s ON s.id = c.source_id
"""

SOURCE_HEALTH = """
CREATE VIEW v_source_health AS
SELECT
    s.id AS source,
    s.name AS name,
    s.country AS country,
    CASE WHEN NOT s.enabled THEN 'disabled'
        WHEN s.paused_at IS NOT NULL THEN 'paused'
        WHEN EXISTS (SELECT 1 FROM alarms AS a WHERE a.source_id = s.id AND a.closed_at IS NULL) THEN 'alarm'
        WHEN (SELECT max(c.ok_at) FROM channels AS c WHERE c.source_id = s.id) IS NULL THEN 'new'
        ELSE 'ok' END AS health,
    <kinds s.id> AS alarms,
    (SELECT min(a.opened_at) FROM alarms AS a WHERE a.source_id = s.id AND a.closed_at IS NULL) AS alarms_since,
    (SELECT max(c.polled_at) FROM channels AS c WHERE c.source_id = s.id) AS polled_at,
    (SELECT max(c.ok_at) FROM channels AS c WHERE c.source_id = s.id) AS answered_at,
    CASE WHEN s.enabled AND s.paused_at IS NULL THEN
        (SELECT min(c.next_poll_at) FROM channels AS c
            WHERE c.source_id = s.id AND c.next_poll_at < '9000-01-01T00:00:00Z') END AS next_poll_at,
    (SELECT coalesce(max(c.failures), 0) FROM channels AS c WHERE c.source_id = s.id) AS failures,
    (SELECT max(l.found_at) FROM links AS l WHERE l.source_id = s.id) AS last_found_at,
    (SELECT max(a.first_seen_at) FROM articles AS a WHERE a.source_id = s.id) AS last_article_at,
    s.verified_at AS verified_at,
    s.paused_at AS paused_at
FROM sources AS s
"""
