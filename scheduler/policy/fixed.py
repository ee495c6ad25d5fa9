"""Decide when a source with a fixed schedule is due: `every 15m`, or a cron line in the source's time zone. Pure.

APScheduler's trigger finds the times that match a cron line. Three things are decided here, because APScheduler differs from cron:

- the numbers of weekdays (0 and 7 are Sunday);
- a line with both a day of the month and a day of the week (either of them makes it fire);
- changes of the clock, at which APScheduler 3.11 can stop moving forward. As in Debian's cron, a line with fixed hours fires
  once. If its hour is skipped, it fires as much later as the clock was put forward. A line with `*` in its hour keeps to real
  time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from archive.config import parse_duration
from scheduler.policy.due import Due, in_words

LATE = timedelta(minutes=1)
"""The delay after which a firing counts as missed. It is then made up for, once."""
SHIFT = timedelta(hours=3)
"""The largest step by which a clock is put forward or back."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def check_schedule(text: str) -> str | None:
    """Describe what is wrong with a fixed schedule. None means that nothing is wrong.

    Lines that can never fire, such as 30 February, are found as well.
    """
    try:
        due = next_fixed(text, "UTC", None, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
    except ValueError as error:
        return f"schedule {text!r}: {error}"
    return None if due is not None else f"schedule {text!r} never fires"


def next_fixed(
    schedule: str, zone: str, last_fired_at: datetime | None, added_at: datetime, now: datetime
) -> Due | None:
    """The next firing after the last one. None means that the line never fires.

    A firing that was missed is due now, once, and the firing after it is counted from the time at which it was made up for. A
    new source with `every` fires at once. A new source with a cron line fires at the line's first time.

    Raises:
        ValueError: The text is neither `every <duration>` nor a cron line.
    """
    word, _, rest = schedule.partition(" ")
    if word == "every":
        interval = parse_duration(rest)
        if not isinstance(interval, timedelta) or interval <= timedelta(0):
            raise ValueError(f"{rest!r} is not a length of time")
        at = added_at if last_fired_at is None else last_fired_at + interval
        why = f"fixed: every {in_words(interval)}"
    else:
        found = _next_cron(schedule, zone, last_fired_at or added_at)
        if found is None:
            return None
        at = found
        why = f"fixed: {schedule} ({zone})"
    if now - at <= LATE:
        return Due(at, why)
    return Due(now, f"{why}, caught up since {at:%Y-%m-%d %H:%M} UTC")


def _next_cron(line: str, zone: str, after: datetime) -> datetime | None:
    """The line's first time later than `after`, in UTC. None means that there is no such time."""
    tz = ZoneInfo(zone)
    fields = line.split()
    if len(fields) != 5:
        raise ValueError("a cron line has five fields: minute, hour, day of the month, month, day of the week")
    minute, hour, day, month, weekday = fields
    # As cron does: where both are given, either fires; with a star in one of them, the other decides.
    both = not day.startswith("*") and not weekday.startswith("*")
    lines = ((minute, hour, day, month, "*"), (minute, hour, "*", month, weekday)) if both else (tuple(fields),)
    step = _by_real_time if hour.startswith("*") else _by_the_clock
    times = [at for given in lines if (at := step(tuple(given), tz, after)) is not None]
    return min(times, default=None)


def _by_real_time(fields: tuple[str, ...], tz: ZoneInfo, after: datetime) -> datetime | None:
    """The first time after `after` at which the clock shows a matching time of day.

    A time that the clock shows twice matches twice. A time that the clock skips does not match.
    """
    face = _face(after, tz)
    steady = tz.utcoffset(after - SHIFT) == tz.utcoffset(after + SHIFT)
    shown, best = _shown_after(fields, face if steady else face - SHIFT), None
    while shown is not None and (best is None or shown <= face + SHIFT):
        for fold in (0, 1):
            at = shown.replace(tzinfo=tz, fold=fold).astimezone(UTC)
            if at > after and _face(at, tz) == shown and (best is None or at < best):
                best = at
        if steady and best is not None:
            break
        shown = _shown_after(fields, shown)
    return best


def _by_the_clock(fields: tuple[str, ...], tz: ZoneInfo, after: datetime) -> datetime | None:
    """The first time after `after` that matches, where each time of the clock counts once.

    Of a repeated time, the first one counts. A skipped time moves forward with the clock.
    """
    shown = _shown_after(fields, _face(after, tz))
    while shown is not None:
        at = shown.replace(tzinfo=tz).astimezone(UTC)
        if at > after:
            return at
        shown = _shown_after(fields, shown)  # the second pass of a repeated hour: that firing is over
    return None


def _face(at: datetime, tz: ZoneInfo) -> datetime:
    """The time that the clock of the zone shows, written as if it were UTC. UTC has no changes of the clock."""
    return at.astimezone(tz).replace(tzinfo=UTC, fold=0)


def _shown_after(fields: tuple[str, ...], face: datetime) -> datetime | None:
    # Far enough for 29 February on a given weekday; without an end, a line that never fires is sought until the year 9999.
    trigger = _trigger(fields, face.year + 40)
    found: datetime | None = trigger.get_next_fire_time(None, face + timedelta(microseconds=1))
    return found


@lru_cache(maxsize=1024)
def _trigger(fields: tuple[str, ...], last_year: int) -> CronTrigger:
    minute, hour, day, month, weekday = fields
    return CronTrigger(
        minute=minute,
        hour=hour,
        day=day,
        month=_numbers(month, 1, 12, _MONTHS),
        day_of_week=_weekdays(weekday),
        end_date=datetime(last_year, 12, 31, tzinfo=UTC),
        timezone=UTC,
    )


def _weekdays(field: str) -> str:
    if field == "*":
        return field
    return ",".join(sorted({_DAYS[int(number) % 7] for number in _numbers(field, 0, 7, _DAYS).split(",")}))


def _numbers(field: str, lowest: int, highest: int, names: Sequence[str]) -> str:
    """Turn a field with names, ranges and steps into a list of numbers. `*` stays as it is."""
    if field == "*":
        return field
    found: set[int] = set()
    for part in field.lower().split(","):
        ends, _, step = part.partition("/")
        first, _, last = ends.partition("-")
        if first == "*":
            start, stop = lowest, highest if highest != 7 else 6
        else:
            start = _number(first, lowest, names)
            stop = _number(last, lowest, names) if last else (highest if step else start)
        if not lowest <= start <= stop <= highest or (step and int(step) < 1):
            raise ValueError(f"{part!r} is not between {lowest} and {highest}")
        found.update(range(start, stop + 1, int(step) if step else 1))
    return ",".join(map(str, sorted(found)))


def _number(text: str, lowest: int, names: Sequence[str]) -> int:
    return lowest + names.index(text) if text in names else int(text)
