"""Sub-commands of the scheduler's room."""

from __future__ import annotations

import typer

from scheduler.cli import backfill, daemon, schedule


def register(app: typer.Typer, *, estimate: backfill.Estimator) -> None:
    """Add this room's commands to the front door's app.

    `estimate` is the crawler's: it walks the channels for `backfill --dry-run`.
    """
    backfill.register(app, estimate)
    daemon.register(app)
    app.add_typer(schedule.app, name="schedule")
