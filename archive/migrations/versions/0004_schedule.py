"""Schedule, jobs, workers, coverage ledger, alarms.

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The types as they are today: a migration must not change when the code's types do.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("lease_until", TIME, nullable=False),
        sa.Column("committed", INT, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_workers")),
    )
    op.create_table(
        "alarms",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("opening_told_at", TIME, nullable=True),
        sa.Column("closing_told_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_alarms_source_id_sources")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_alarms")),
    )
    op.create_index("ix_alarms_source_id_kind", "alarms", ["source_id", "kind"], unique=False)
    op.create_table(
        "coverage",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("found", INT, nullable=False),
        sa.Column("captured", INT, nullable=False),
        sa.Column("excluded", JSON, nullable=False),
        sa.Column("failed", JSON, nullable=False),
        sa.Column("pending", INT, nullable=False),
        sa.Column("polls_ok", INT, nullable=False),
        sa.Column("polls_failed", INT, nullable=False),
        sa.Column("gap_seconds", INT, nullable=False),
        sa.Column("counted_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_coverage_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", "day", name=op.f("pk_coverage")),
    )
    op.create_table(
        "gaps",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_gaps_source_id_sources")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_gaps")),
    )
    op.create_index("ix_gaps_source_id_since", "gaps", ["source_id", "since"], unique=False)
    op.create_table(
        "host_slots",
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("worker_pk", INT, nullable=True),
        sa.Column("next_at", TIME, nullable=True),
        sa.Column("delay", sa.Float(), nullable=False),
        sa.Column("day", sa.String(), nullable=True),
        sa.Column("requests", INT, nullable=False),
        sa.Column("failures", sa.Float(), nullable=False),
        sa.Column("failed_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["worker_pk"], ["workers.pk"], name=op.f("fk_host_slots_worker_pk_workers")),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_slots")),
    )
    op.create_index(op.f("ix_host_slots_worker_pk"), "host_slots", ["worker_pk"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("pk", INT, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("priority", INT, nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("worker_pk", INT, nullable=True),
        sa.Column("leases", INT, nullable=False),
        sa.Column("leased_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_jobs_source_id_sources")),
        sa.ForeignKeyConstraint(["worker_pk"], ["workers.pk"], name=op.f("fk_jobs_worker_pk_workers")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_finished_at", "jobs", ["finished_at"], unique=False)
    op.create_index(
        "ix_jobs_ready",
        "jobs",
        ["priority", "due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('ready', 'leased')"),
        postgresql_where=sa.text("state IN ('ready', 'leased')"),
    )
    op.create_index(op.f("ix_jobs_worker_pk"), "jobs", ["worker_pk"], unique=False)
    op.create_index(
        "uq_jobs_open",
        "jobs",
        ["source_id", "kind", "key"],
        unique=True,
        sqlite_where=sa.text("state IN ('ready', 'leased')"),
        postgresql_where=sa.text("state IN ('ready', 'leased')"),
    )
    op.add_column("articles", sa.Column("looks", INT, nullable=False, server_default="0"))
    op.add_column("articles", sa.Column("changes", INT, nullable=False, server_default="0"))
    op.add_column("articles", sa.Column("next_look_at", TIME, nullable=True))
    op.add_column("articles", sa.Column("look_why", sa.String(), nullable=True))
    op.add_column("articles", sa.Column("planned_after", TIME, nullable=True))
    op.add_column("articles", sa.Column("planned_changes", INT, nullable=True))
    op.add_column("articles", sa.Column("look_unplanned", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index("ix_articles_next_look_at", "articles", ["next_look_at"], unique=False)
    op.create_index(
        "ix_articles_unplanned",
        "articles",
        ["pk"],
        unique=False,
        sqlite_where=sa.text("look_unplanned"),
        postgresql_where=sa.text("look_unplanned"),
    )
    op.add_column("channels", sa.Column("weight", sa.Float(), nullable=False, server_default="0"))
    op.add_column("channels", sa.Column("added_at", TIME, nullable=True))
    op.add_column("channels", sa.Column("ok_at", TIME, nullable=True))
    op.add_column("channels", sa.Column("fresh", INT, nullable=True))
    op.add_column("channels", sa.Column("oldest_at", TIME, nullable=True))
    op.add_column("channels", sa.Column("at_least", INT, nullable=True))
    op.add_column("channels", sa.Column("skip_hours", JSON, nullable=True))
    op.add_column("channels", sa.Column("skip_days", JSON, nullable=True))
    op.add_column("channels", sa.Column("rhythm", JSON, nullable=True))
    op.add_column("channels", sa.Column("learnt_at", TIME, nullable=True))
    op.add_column("channels", sa.Column("next_poll_at", TIME, nullable=True))
    op.add_column("channels", sa.Column("why", sa.String(), nullable=True))
    op.add_column("channels", sa.Column("fired_at", TIME, nullable=True))
    op.create_index("ix_channels_next_poll_at", "channels", ["next_poll_at"], unique=False)
    op.create_index(
        "ix_channels_unplanned",
        "channels",
        ["source_id"],
        unique=False,
        sqlite_where=sa.text("next_poll_at IS NULL"),
        postgresql_where=sa.text("next_poll_at IS NULL"),
    )
    _date_links()
    op.create_index("ix_links_source_id_dated_at", "links", ["source_id", "dated_at"], unique=False)
    op.create_index("ix_links_source_id_found_at", "links", ["source_id", "found_at"], unique=False)
    op.add_column("sources", sa.Column("paused_at", TIME, nullable=True))
    op.add_column("sources", sa.Column("run_at", TIME, nullable=True))
    op.add_column("sources", sa.Column("habit", JSON, nullable=True))
    _count_looks()


def _date_links() -> None:
    """What the feed claimed as publication time, where it did and that is not still to come, in the form in which the
    database keeps times."""
    with op.batch_alter_table("links") as links:
        links.add_column(sa.Column("dated_at", TIME, nullable=True))
    claimed, earlier = {
        "sqlite": ("strftime('%Y-%m-%dT%H:%M:%f000Z', json_extract(hints, '$.published_at'))", "min"),
        "postgresql": ("(hints ->> 'published_at')::timestamptz", "least"),
    }[op.get_bind().dialect.name]
    op.execute(f"UPDATE links SET dated_at = {earlier}(coalesce({claimed}, found_at), found_at)")
    with op.batch_alter_table("links") as links:
        links.alter_column("dated_at", existing_type=TIME, nullable=False)


def _count_looks() -> None:
    op.execute(
        "UPDATE articles SET looks = (SELECT count(*) FROM observations AS o WHERE o.article_pk = articles.pk), "
        "changes = (SELECT count(*) FROM observations AS o WHERE o.article_pk = articles.pk AND o.outcome = 'changed')"
    )
    op.execute("UPDATE articles SET changes = changes - 1 WHERE changes > 0")  # the first look is no change
