"""Alembic's environment: migrates the engine that `archive.storage.schema` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine

from archive.tables import Base

engine: Engine = context.config.attributes["engine"]

with engine.execution_options(dateline_writing=True).connect() as connection:
    # All steps or none, on SQLite as well: a process killed half way must leave an archive that opens. Alembic takes SQLite's DDL
    # to be committed by the driver; ours begins and commits when it is told to.
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()
