"""What a person is told while a command waits for a host that asked to be left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from archive.cli.console.safe_text import safe
from crawler.engine.report import HostWait, Waits


def once(say: Callable[[str], None]) -> Waits:
    """Make a function that says each wait once, however many requests are held up by it."""
    told: set[tuple[str, datetime]] = set()

    def tell(wait: HostWait) -> None:
        if (key := (wait.host, wait.until)) not in told:
            told.add(key)
            say(wait_sentence(wait))

    return tell


def wait_sentence(wait: HostWait) -> str:
    """Say of a host until when it is left alone (UTC), and why."""
    asked = f"{safe(wait.host)} asked to be left alone until {wait.until:%Y-%m-%d %H:%M:%S} UTC ({safe(wait.reason)})."
    if wait.put_off:
        return f"{asked} It is not asked before that; what is left there waits for the next time."
    return f"{asked} Dateline waits for it."
