"""Backfilled days count as looked at.

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# As types and statements are today: a migration must not change when the code's do.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE = """CREATE VIEW v_coverage AS
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
    c.walks AS walks,
    c.gap_seconds AS gap_seconds,
    c.counted_at AS counted_at
FROM coverage AS c
JOIN sources AS s ON s.id = c.source_id"""
POSTGRESQL = """CREATE VIEW v_coverage AS
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
    c.walks AS walks,
    c.gap_seconds AS gap_seconds,
    c.counted_at AS counted_at
FROM coverage AS c
JOIN sources AS s ON s.id = c.source_id"""
STATEMENTS = {"sqlite": (SQLITE,), "postgresql": (POSTGRESQL,)}


def upgrade() -> None:
    op.add_column("coverage", sa.Column("walks", BIG, nullable=False, server_default="0"))
    connection = op.get_bind()
    connection.exec_driver_sql("DROP VIEW v_coverage")
    for statement in STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
