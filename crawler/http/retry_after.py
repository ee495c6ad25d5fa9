"""Retry-After: how long an answer asks to be left alone (RFC 9110, 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from archive.model.capture import Exchange
from archive.model.clock import LONGEST_PAUSE


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3): a number, or an HTTP date. None if it is
    unreadable."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), LONGEST_PAUSE.total_seconds())
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), LONGEST_PAUSE.total_seconds())


def pause_asked(exchange: Exchange, now: datetime) -> float | None:
    """Return the seconds for which an answer asks to be left alone. None where it does not."""
    if exchange.status not in (429, 503):
        return None
    return retry_after(exchange.header("retry-after"), now)
