"""New entries for the user's own registry, `<home>/sources`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from archive.config import Settings
from archive.errors import DatelineError, UsageError
from archive.model.source import Source
from archive.registry import load, registry_for
from archive.registry.write import to_yaml
from archive.sources.state import mark_verified, sync_sources
from archive.storage.session import has_archive, opened


def own_file(settings: Settings, name: str) -> Path:
    """The path of a file in the user's own registry."""
    return settings.home / "sources" / f"{name}.yaml"


def write_own_file(file: Path, sources: Sequence[Source], hint: str) -> None:
    """Write a new registry file, never in the place of another.

    Raises:
        UsageError: The file exists already. The error has the `hint`.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            try:
                stream.write(to_yaml(sources))
                stream.flush()
            except OSError:
                file.unlink()  # half a file would keep the whole registry from being read
                raise
    except FileExistsError as error:
        raise UsageError(f"{file} already exists", hint=hint) from error
    except OSError as error:
        raise DatelineError(f"{file} cannot be written: {error.strerror or error}") from error
    load([file])


def add_own_sources(settings: Settings, file: Path, *, alive: Sequence[str] = ()) -> str | None:
    """Add the sources of a new registry file to the archive. The sources `alive` were seen so just now, and count as verified.

    Return what keeps its sources from being followed, and what to do. None means that nothing does.
    """
    if settings.sources and not any(file.resolve().is_relative_to(place.resolve()) for place in settings.sources):
        return (
            f"The setting `sources` names other places. Add {file.parent} to it, or these sources will not be followed."
        )
    if not has_archive(settings):
        return "Next: `dateline init` creates the archive. Then `dateline daemon` checks the new sources and polls those that work."
    now = datetime.now(UTC)
    with opened(settings) as archive, archive.writing() as session:
        sync_sources(session, registry_for(settings), now)
        for source_id in alive:
            mark_verified(session, source_id, now)
    return None
