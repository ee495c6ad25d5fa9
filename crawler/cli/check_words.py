"""What a check found, in a sentence or two for people: what is alive, from when on it is polled, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from archive.cli.console.output import Column
from archive.cli.console.query_options import counted
from archive.config import Settings
from archive.model.source import Source
from archive.planning.checks import ALIVE, OFFLINE, PUT_OFF, Check, pauses
from archive.sources.state import SourceState, source_states
from archive.storage.locks import is_scheduled
from archive.storage.session import Archive

OUTCOMES = {
    "live": "is live",
    "undated": "has items without dates",
    "stale": "has nothing new",
    "empty": "is empty",
    "off-site": "leads to other sites only",
    "html-instead-of-feed": "answers with a web page",
    "not-a-feed": "is no feed",
    "broken": "cannot be read",
    "dead": "is not there",
    "blocked": "refuses us",
    "refused-by-robots": "is forbidden by robots.txt",
    "failing": "cannot be had at the moment",
    "nothing-found": "was not found",
    "unchecked": "holds the past",
}
MOST_MISSING = 3

COLUMNS = (
    Column("source", style="bold", wrap=False),
    Column("channel", address=True),
    Column("outcome", wrap=False),
    Column("items", align="right", wrap=False, show=lambda value: "·" if value is None else str(value)),
    Column("newest_at", "newest", wrap=False, show=lambda value: str(value)[:10] if value else "·"),
    Column("without_date", "undated", align="right", leave_out=2, show=lambda value: str(value) if value else "·"),
    Column("robots", wrap=False, leave_out=1, show=lambda value: str(value or "·")),
    Column("detail"),
)


def check_sentences(source: Source, check: Check, *, polled: str) -> str:
    """Say what a check found of a source. `polled`: the sentence that says from when on the source is polled."""
    if check.outcome == OFFLINE:
        return f"{source.id} was not reached, and no other host can be found either. Is this machine online?"
    if check.outcome == PUT_OFF and check.until is not None:
        again = f" It is checked after that: {_at(check.until)}." if check.again_at else ""
        return f"{source.id} was not asked: {_first_detail(check.channels)}, until {_at(check.until)}.{again}"
    live = [row for row in check.channels if row["alive"]]
    dead = [row for row in check.channels if not row["alive"] and row["outcome"] != "unchecked"]
    if check.outcome != ALIVE:
        again = f" It is checked again at {_at(check.again_at)}." if check.again_at else ""
        return f"{source.id} has no channel that can be polled: {_missing(dead)}.{again}"
    return f"{_alive(source, live, dead)} {polled}"


def _alive(source: Source, live: Sequence[Mapping[str, Any]], dead: Sequence[Mapping[str, Any]]) -> str:
    """Say how many channels of a source are alive, how new their items are, and which channels are not alive."""
    newest = max((row["newest_at"] for row in live if row["newest_at"]), default=None)
    found = " (found from its homepage)" if source.found or not source.discover else ""
    said = f"{source.id}: {_channels(len(live), len(live) + len(dead))} alive{found}"
    said += f"; the newest item is of {newest[:10]}." if newest else "; its items bear no dates."
    if dead:
        said += f" What is missing: {_missing(dead)}."
    return said


def polled_from(settings: Settings, archive: Archive, source: Source, now: datetime) -> str:
    """Say from when on a source is polled, or what keeps it from being polled."""
    with archive.reading() as session:
        state: SourceState = source_states(session, [source])[0]
        waits = pauses(session, source, now)
    if not state.enabled:
        return f"It is disabled; `dateline sources enable {source.id}` lets it be polled."
    scheduled = is_scheduled(archive.engine, settings.home)
    if waits:
        host, until, why = waits[0]
        because = f" ({why})" if why else ""
        who = "The daemon polls it" if scheduled else "`dateline daemon` polls it"
        return f"{who} after {_at(until)}: {host} asked to be left alone until then{because}."
    if scheduled:
        return "The daemon polls it within a minute; nothing more needs to be done."
    return f"`dateline daemon` polls it on schedule from now on; `dateline crawl {source.id}` polls it once, now."


def _channels(live: int, asked: int) -> str:
    if live == asked:
        return "its channel is" if live == 1 else f"all {live} channels are"
    return f"{live} of {counted(asked, 'channel')} {'is' if live == 1 else 'are'}"


def _missing(rows: Sequence[Mapping[str, Any]]) -> str:
    said = [
        f"{'its ' + row['kind'] + ' ' + row['channel'] if row['channel'] else 'a channel'} {OUTCOMES[row['outcome']]}"
        + (f" ({row['detail']})" if row["detail"] else "")
        for row in rows[:MOST_MISSING]
    ]
    if len(rows) > MOST_MISSING:
        said.append(f"and {len(rows) - MOST_MISSING} more")
    return "; ".join(said) or "there is none"


def _first_detail(rows: Sequence[Mapping[str, Any]]) -> str:
    return next((str(row["detail"]) for row in rows if row["detail"]), "its host wants to be left alone")


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def not_checked(left: Sequence[str]) -> str:
    """Say of sources that they are not checked yet, because nobody has carried out their orders."""
    named = ", ".join(left[:5]) + (" …" if len(left) > 5 else "")
    return (
        f"{named}: not checked yet. The order stays: a daemon carries it out, "
        f"or `dateline sources check {' '.join(left[:5])}` does."
    )
