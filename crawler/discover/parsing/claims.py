"""What channels claim about articles, read from their strings: plain text and moments."""

from __future__ import annotations

import html
import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from crawler.normalise.text import tidy

MARKUP_LIMIT = 200_000
"""Characters of markup that are looked at: a title or summary is not longer, whatever a feed sends."""

UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that XML forbids (XML 1.0, 2.2) and databases cannot store."""

_INVISIBLE = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|br|div|li|ul|ol|tr|td|h[1-6]|blockquote|figure|figcaption|section|article)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<![A-Za-z\[][^<>]*>")

_ZONE_HOURS = {
    # RFC 822, 5.1, and what RFC 5322, 4.3 leaves of it: the one-letter zones say nothing.
    "ut": 0, "gmt": 0, "utc": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    # Names in use that mean one zone only; BST and IST, for instance, do not.
    "wet": 0, "west": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "trt": 3, "wib": 7, "wita": 8,
    "ict": 7, "hkt": 8, "sgt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_OFFSET = re.compile(r"\s*(?:GMT|UTC|UT|Z)?\s*([+-])(\d{2}):?(\d{2})(?:\s*\([^()]*\))?$", re.IGNORECASE)
_SHORT_OFFSET = re.compile(r"\s*(?:GMT|UTC)\s*([+-])(\d{1,2})(?::(\d{2}))?$", re.IGNORECASE)
_NAME = re.compile(r"(?<=[\d\s])(?:Etc/)?([A-Za-z]{1,5})$")
_CLOCK = re.compile(r"\d:\d\d|T\d{4}")
_HALF_DAY = re.compile(r"\b[ap]\.?m\b", re.IGNORECASE)


def plain_text(markup: str | None, limit: int) -> str | None:
    """Read `markup` as one line of text: tags out, escapes undone once (feeds escape twice), at most `limit`
    characters.

    None if nothing is left.
    """
    if not markup:
        return None
    text = _COMMENT.sub(" ", _INVISIBLE.sub(" ", markup[:MARKUP_LIMIT]))
    text = tidy(html.unescape(_TAG.sub("", _BLOCK.sub(" ", text))))
    if len(text) > limit:
        text = text[:limit].rsplit(" ", 1)[0].rstrip() + "…"
    return text or None


def moment(text: str | None) -> tuple[datetime | None, bool]:
    """Read a time in UTC, and say whether the string names its zone. (None, False) if it is not read as a time. Never
    raises.

    Read are RFC 822 and its relatives, and ISO 8601. A time without a zone, or with a name that means several zones, is
    taken as UTC: good enough for "is this channel alive?", not for a publication time. Likewise a date alone, at its
    midnight. A date that cannot be is none.
    """
    if not text:
        return None, False
    text = " ".join(text[:100].split())
    body, offset = _split_zone(text)
    at = _naive(body)
    if at is None:
        return None, False
    if _HALF_DAY.search(body):  # the readers below pass over it
        offset = None
    try:
        read = possible(at.replace(tzinfo=offset or UTC).astimezone(UTC))
    except OverflowError:
        read = None
    return (None, False) if read is None else (read, offset is not None)


def possible(at: datetime) -> datetime | None:
    """Return `at`. None where it lies at an edge of the calendar.

    What is a year away from it can still be reckoned with, and the years 1 and 9999 are what programs write that know
    no date.
    """
    return at if MINYEAR < at.year < MAXYEAR else None


def _split_zone(text: str) -> tuple[str, timezone | None]:
    if not _CLOCK.search(text):  # "2026-10-01": the end looks like an offset
        return text, None
    if match := _OFFSET.search(text) or _SHORT_OFFSET.search(text):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        if minutes < 24 * 60:
            return text[: match.start()], timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    if (match := _NAME.search(text)) and not _HALF_DAY.fullmatch(match[1]):
        hours = _ZONE_HOURS.get(match[1].lower())
        return text[: match.start()].rstrip(), None if hours is None else timezone(timedelta(hours=hours))
    return text, None


def _naive(text: str) -> datetime | None:
    """The date and time of a string without zone."""
    for read, ending in ((datetime.fromisoformat, ""), (parsedate_to_datetime, ""), (parsedate_to_datetime, " 00:00")):
        try:
            return read(text + ending).replace(tzinfo=None)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
