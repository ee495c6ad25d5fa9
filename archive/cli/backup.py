"""`dateline backup` and `dateline restore`: the whole archive in a folder, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from archive.backup import Manifest, restore, save
from archive.cli.console.context import is_quiet, settings_of
from archive.cli.console.output import Format, tell
from archive.cli.console.query_options import archive_of, counted, progress_bar
from archive.cli.verify import report
from archive.storage.session import Archive, prepare
from archive.verify import Step, verify

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the backup.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add `backup` and `restore` to the front door's app."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)


def backup_command(
    ctx: typer.Context,
    folder: Folder,
    incomplete: Annotated[
        bool,
        typer.Option(
            "--incomplete", help="Make the backup although WARC files are missing. The backup notes which ones."
        ),
    ] = False,
) -> None:
    """Copy the whole archive into a folder.

    The copy holds the database, the WARC files, your settings and your own registry. A crawl or the daemon may go on
    meanwhile: the copy shows the archive as it was at one moment. A second backup into the same folder copies only what is
    new in the WARC files. Until it is complete, the one before stays usable.

    The copy of dateline.toml holds every password that you wrote into it. Passwords in the environment, or in files that
    DATELINE_<NAME>_FILE names, are not copied. WARC files of others that sources read (from disks, the web or s3:) are
    not copied either: what Dateline took from them is in its own files.

    Examples:

        dateline backup /media/disk/news-backup
        dateline --home ~/news backup /media/disk/news-backup
    """
    settings = settings_of(ctx)
    with archive_of(ctx) as archive, progress_bar(quiet=is_quiet(ctx)) as bar:
        task = bar.add_task("copying", total=None)

        def show(text: str, done: int, total: int) -> None:
            bar.update(task, description=text, completed=done, total=total)

        made = save(archive.engine, settings, folder, now=datetime.now(UTC), incomplete=incomplete, report=show)
    tell(f"The archive as of {made.made_at} was copied to {folder}: {_extent(made)}.")
    if made.missing:
        tell(
            f"{counted(len(made.missing), 'WARC file')} were missing, and are not in it: {', '.join(made.missing[:5])}"
        )
    if any(name.endswith("/dateline.toml") for name in made.files):
        tell("The copy of dateline.toml holds the passwords that stand in it. Only you may read it.")


def restore_command(ctx: typer.Context, folder: Folder) -> None:
    """Make an archive from a backup, and verify it.

    An archive that holds something is never overwritten. The backup is checked against its checksums first. It may come
    from SQLite and go to PostgreSQL, or the other way: the settings in force say where it goes.

    Examples:

        dateline --home ~/restored restore /media/disk/news-backup
        DATELINE_DATABASE_URL=postgresql+psycopg://me@localhost/news dateline restore /media/disk/news-backup
    """
    settings = settings_of(ctx)
    engine = prepare(settings)
    try:
        with progress_bar(quiet=is_quiet(ctx)) as bar:
            task = bar.add_task("reading", total=None)

            def show(text: str, done: int, total: int | None) -> None:
                bar.update(task, description=text, completed=done, total=total)

            restored = restore(engine, settings, folder, report=show)

            def step(one: Step) -> None:
                show(one.text, one.done, one.total)

            problems = list(verify(Archive(engine), settings.warc_path, progress=step))
    finally:
        engine.dispose()
    made = restored.manifest
    tell(f"The archive as of {made.made_at} was restored to {settings.home}: {_extent(made)}.")
    if restored.settings is not None and not restored.in_force:
        tell(
            f"The settings of the backup were written to {restored.settings}. Look at them before you put them in force."
        )
    if made.missing:
        tell(
            f"{counted(len(made.missing), 'WARC file')} were missing when the backup was made: {', '.join(made.missing[:5])}"
        )
    report(problems, Format.table)
    if any(problem.serious for problem in problems):
        tell(
            "It was in this state when it was backed up, or was damaged since: the files of the backup are as they were copied."
        )
        raise typer.Exit(1)
    tell("It was verified, and no problem was found.")


def _extent(made: Manifest) -> str:
    files = sum(name.endswith(".warc.gz") for name in made.files)
    return f"{counted(files, 'WARC file')}, {made.size / (1 << 20):,.1f} MB in all"
