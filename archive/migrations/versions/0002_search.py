"""Full text over revisions.

Revision: 0002, after 0001.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# As the statements are today: a migration must not change when the code's do.
STATEMENTS = {
    "sqlite": (
        """CREATE VIRTUAL TABLE search USING fts5(title, lead, body, content='', """
        """tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'")""",
    ),
    "postgresql": (
        "CREATE TABLE search (revision_pk BIGINT NOT NULL CONSTRAINT pk_search PRIMARY KEY, document TSVECTOR NOT NULL)",
        "CREATE INDEX ix_search_document ON search USING gin (document)",
    ),
}


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
