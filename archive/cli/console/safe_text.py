"""Text from the web on its way to a terminal."""

from __future__ import annotations

from datetime import timedelta

from archive.model.text.printable import safe

__all__ = ["safe", "span"]


def span(length: timedelta) -> str:
    """A length of time in its largest fitting unit: `45 s`, `20 min`, `6 h`, `3 d`."""
    seconds = max(0.0, length.total_seconds())
    for unit, size, until in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 48 * 3600)):
        if seconds < until:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:,.0f} d"
