"""What the ledger and the alarms need besides their tables: views, indexes, and what a channel was planned and seen to do.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As types and statements are today: a migration must not change when the code's do.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
SQLITE = (
    """CREATE VIEW v_coverage AS
SELECT
    c.source_id AS source,
    s.country AS country,
    c.day AS day,
    s.timezone AS timezone,
    c.expected AS expected,
    c.found AS found,
    c.captured AS captured,
    (SELECT coalesce(sum(item.value), 0) FROM json_each(c.excluded) AS item) AS excluded,
    (SELECT group_concat(item.key || ' ' || item.value, '; ') FROM (SELECT key, value FROM json_each(c.excluded) ORDER BY key) AS item) AS excluded_reasons,
    (SELECT coalesce(sum(item.value), 0) FROM json_each(c.failed) AS item) AS failed,
    (SELECT group_concat(item.key || ' ' || item.value, '; ') FROM (SELECT key, value FROM json_each(c.failed) ORDER BY key) AS item) AS failed_reasons,
    c.pending AS pending,
    c.polls_ok AS polls_ok,
    c.polls_failed AS polls_failed,
    c.gap_seconds AS gap_seconds,
    c.counted_at AS counted_at
FROM coverage AS c
JOIN sources AS s ON s.id = c.source_id""",
    """CREATE VIEW v_source_health AS
SELECT
    s.id AS source,
    s.name AS name,
    s.country AS country,
    CASE WHEN NOT s.enabled THEN 'disabled'
        WHEN s.paused_at IS NOT NULL THEN 'paused'
        WHEN EXISTS (SELECT 1 FROM alarms AS a WHERE a.source_id = s.id AND a.closed_at IS NULL) THEN 'alarm'
        WHEN (SELECT max(c.ok_at) FROM channels AS c WHERE c.source_id = s.id) IS NULL THEN 'new'
        ELSE 'ok' END AS health,
    (SELECT group_concat(item.kind, '; ') FROM (SELECT kind FROM alarms WHERE source_id = s.id AND closed_at IS NULL ORDER BY kind) AS item) AS alarms,
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
FROM sources AS s""",
)

POSTGRESQL = (
    """CREATE VIEW v_coverage AS
SELECT
    c.source_id AS source,
    s.country AS country,
    c.day AS day,
    s.timezone AS timezone,
    c.expected AS expected,
    c.found AS found,
    c.captured AS captured,
    (SELECT coalesce(sum(item.value::bigint), 0)::bigint FROM jsonb_each_text(c.excluded) AS item) AS excluded,
    (SELECT string_agg(item.key || ' ' || item.value, '; ' ORDER BY item.key COLLATE "C") FROM jsonb_each_text(c.excluded) AS item) AS excluded_reasons,
    (SELECT coalesce(sum(item.value::bigint), 0)::bigint FROM jsonb_each_text(c.failed) AS item) AS failed,
    (SELECT string_agg(item.key || ' ' || item.value, '; ' ORDER BY item.key COLLATE "C") FROM jsonb_each_text(c.failed) AS item) AS failed_reasons,
    c.pending AS pending,
    c.polls_ok AS polls_ok,
    c.polls_failed AS polls_failed,
    c.gap_seconds AS gap_seconds,
    c.counted_at AS counted_at
FROM coverage AS c
JOIN sources AS s ON s.id = c.source_id""",
    """CREATE VIEW v_source_health AS
SELECT
    s.id AS source,
    s.name AS name,
    s.country AS country,
    CASE WHEN NOT s.enabled THEN 'disabled'
        WHEN s.paused_at IS NOT NULL THEN 'paused'
        WHEN EXISTS (SELECT 1 FROM alarms AS a WHERE a.source_id = s.id AND a.closed_at IS NULL) THEN 'alarm'
        WHEN (SELECT max(c.ok_at) FROM channels AS c WHERE c.source_id = s.id) IS NULL THEN 'new'
        ELSE 'ok' END AS health,
    (SELECT string_agg(item.kind, '; ' ORDER BY item.kind COLLATE "C") FROM alarms AS item WHERE item.source_id = s.id AND item.closed_at IS NULL) AS alarms,
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
FROM sources AS s""",
)

STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def upgrade() -> None:
    op.add_column("channels", sa.Column("look_by", TIME, nullable=True))
    op.add_column("channels", sa.Column("latest_at", TIME, nullable=True))
    op.execute("UPDATE channels SET ok_at = polled_at WHERE ok_at IS NULL AND outcome <> 'failed'")
    with op.batch_alter_table("gaps") as gaps:
        gaps.add_column(sa.Column("noted_at", TIME, nullable=True))
    op.execute("UPDATE gaps SET noted_at = until")
    with op.batch_alter_table("gaps") as gaps:
        gaps.alter_column("noted_at", existing_type=TIME, nullable=False)
    op.create_index("ix_coverage_day", "coverage", ["day"], unique=False)
    _partial("ix_coverage_pending", "coverage", ["source_id"], "pending > 0")
    _partial("uq_alarms_open", "alarms", ["source_id", "kind"], "closed_at IS NULL", unique=True)
    _partial("ix_observations_blocked", "observations", ["observed_at"], "outcome = 'blocked'")
    connection = op.get_bind()
    for statement in STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
