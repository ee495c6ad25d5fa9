"""Sub-commands of the scheduler's room."""

from __future__ import annotations

import typer

from scheduler.cli import daemon, schedule


def register(app: typer.Typer) -> None:
    """Add this room's commands to the front door's app."""
    daemon.register(app)
    app.add_typer(schedule.app, name="schedule")
