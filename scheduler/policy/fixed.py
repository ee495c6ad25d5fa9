"""When a source with a fixed schedule is due: `every 15m`, or a cron line in the source's time zone. Pure.

APScheduler's trigger finds the times that match a cron line. Three things are ours, because its own reading differs from cron's:
weekday numbers (0 and 7 are Sunday), a line with both day of the month and day of the week (either makes it fire), and
changes of the clock, at which version 3.11 can stand still (as in Debian's cron: a line with fixed hours fires once, a skipped hour's firing coming as much later as
the clock was put forward; a line with `*` in its hour keeps to real time).
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
"""A firing that is later than this was missed: it is caught up, once."""
SHIFT = timedelta(hours=3)
"""No clock is put forward or back by more."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def check_schedule(text: str) -> str | None:
    """What is wrong with a fixed schedule, or None. Finds also lines that can never fire, such as 30 February."""
    try:
        due = next_fixed(text, "UTC", None, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
    except ValueError as error:
        return f"schedule {text!r}: {error}"
    return None if due is not None else f"schedule {text!r} never fires"


def next_fixed(
    schedule: str, zone: str, last_fired_at: datetime | None, added_at: datetime, now: datetime
) -> Due | None:
    """The next firing after the last one. One that was missed is due now, once: the firing after it is counted from the
    time when it was caught up. A new source with `every` fires at once, one with a cron line at the line's first time.

    None: the line never fires. Raises ValueError for a text that is neither `every <duration>` nor a cron line.
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
    """The line's first time later than `after`, in UTC."""
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
    """Every time that the clock shows a matching face, also twice; faces that are skipped do not count."""
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
    """Each face of the clock once: the first of two; a skipped one moves forward with the clock."""
    shown = _shown_after(fields, _face(after, tz))
    while shown is not None:
        at = shown.replace(tzinfo=tz).astimezone(UTC)
        if at > after:
            return at
        shown = _shown_after(fields, shown)  # the second pass of a repeated hour: that firing is over
    return None


def _face(at: datetime, tz: ZoneInfo) -> datetime:
    """What the clock of the zone shows, reckoned as if it were UTC, which knows no changes of the clock."""
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
    """A field with names, ranges and steps as a list of numbers; `*` stays."""
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
