"""Deprecated: the former home of `open_archive`. It goes away with version 0.2."""

from __future__ import annotations

import warnings

from archive.storage import session


def __getattr__(name: str) -> object:
    if name not in ("Archive", "open_archive"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "archive.session is deprecated: use `from archive import open_archive`", DeprecationWarning, stacklevel=2
    )
    return getattr(session, name)
