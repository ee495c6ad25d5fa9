"""The archive: every article, every version of it, and what is still to be fetched. It knows no other room.

    cli > backup > verify > export | ingest | planning > query | frontier > monitoring > writer
        > queue | warc | sources > registry | storage > search | config | migrations > tables > model

A folder imports from those to its right only; `.importlinter` holds the whole order, and CI checks it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.config import load_settings
    from archive.storage.session import open_archive

__all__ = ["load_settings", "open_archive"]


def __getattr__(name: str) -> object:
    """The public functions, imported when they are first asked for: most commands and rooms need no database to start."""
    if name == "load_settings":
        from archive.config import load_settings

        return load_settings
    if name == "open_archive":
        from archive.storage.session import open_archive

        return open_archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
