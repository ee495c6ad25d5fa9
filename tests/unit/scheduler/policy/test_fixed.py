from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.policy.fixed import check_schedule, next_fixed

T0 = datetime(2026, 11, 2, 9, 10, tzinfo=UTC)


def firings(schedule: str, zone: str, after: str, count: int) -> list[str]:
    """The next firings after a UTC time, as the zone's clock shows them."""
    last, shown = datetime.fromisoformat(after).replace(tzinfo=UTC), list[str]()
    for _ in range(count):
        due = next_fixed(schedule, zone, last, last, last)
        assert due is not None and due.at > last
        last = due.at
        shown.append(last.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M %z"))
    return shown


def test_every_starts_at_once_and_goes_on_from_the_last_firing() -> None:
    first = next_fixed("every 15m", "UTC", None, T0, T0)
    assert first is not None and first.at == T0
    later = next_fixed("every 15m", "UTC", T0, T0 - timedelta(days=9), T0)
    assert later is not None and later.at == T0 + timedelta(minutes=15) and later.why == "fixed: every 15 min"


@pytest.mark.parametrize("schedule", ["every 15m", "0 6 * * *"])
def test_what_was_missed_is_caught_up_once(schedule: str) -> None:
    now = T0 + timedelta(days=3)
    missed = next_fixed(schedule, "UTC", T0, T0, now)
    assert missed is not None and missed.at == now and "caught up" in missed.why
    after = next_fixed(schedule, "UTC", now, T0, now)
    assert after is not None and after.at > now


def test_a_cron_line_goes_by_the_clock_of_the_source() -> None:
    assert firings("0 6 * * *", "Asia/Seoul", "2026-11-02T09:10", 2) == ["11-03 06:00 +0900", "11-04 06:00 +0900"]


def test_a_new_source_waits_for_its_cron_line() -> None:
    due = next_fixed("0 6 * * *", "UTC", None, T0, T0)
    assert due is not None and due.at == datetime(2026, 11, 3, 6, tzinfo=UTC)


def test_a_firing_in_the_skipped_hour_comes_later_and_once() -> None:
    assert firings("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 2) == ["03-29 03:30 +0200", "03-30 02:30 +0200"]


def test_a_firing_in_the_repeated_hour_comes_once() -> None:
    assert firings("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2) == ["10-25 02:30 +0200", "10-26 02:30 +0100"]
    # Fired at 02:10 in the second pass, by hand: 02:30 was over in the first pass.
    assert firings("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10", 1) == ["10-26 02:30 +0100"]


def test_a_line_for_every_hour_keeps_to_real_time() -> None:
    assert firings("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:10", 4) == [
        "10-25 02:30 +0200", "10-25 02:00 +0100", "10-25 02:30 +0100", "10-25 03:00 +0100",
    ]  # fmt: skip
    assert firings("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:10", 3) == [
        "03-29 01:30 +0100", "03-29 03:00 +0200", "03-29 03:30 +0200",
    ]  # fmt: skip
    assert firings("0 * * * *", "Australia/Lord_Howe", "2026-04-04T13:30", 3) == [
        "04-05 01:00 +1100", "04-05 02:00 +1030", "04-05 03:00 +1030",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("0 6 * * 0", ["11-08", "11-15"]),
        ("0 6 * * 7", ["11-08", "11-15"]),
        ("0 6 * * 1-5", ["11-03", "11-04"]),
        ("0 6 * * 6-7", ["11-07", "11-08"]),
        ("0 6 * * */2", ["11-03", "11-05", "11-07", "11-08", "11-10"]),
        ("0 6 10 * 3", ["11-04", "11-10", "11-11"]),
        ("0 6 1 jan,mar *", ["01-01", "03-01"]),
        ("0 6 29 2 *", ["02-29"]),
    ],
)
def test_fields_are_read_as_cron_reads_them(line: str, days: list[str]) -> None:
    assert [shown[:5] for shown in firings(line, "UTC", "2026-11-02T09:10", len(days))] == days


@pytest.mark.parametrize("good", ["every 15m", "every 2h", "0 6 * * *", "*/5 8-18 * * mon-fri", "15,45 */2 1-7 * 1"])
def test_good_schedules_pass(good: str) -> None:
    assert check_schedule(good) is None


@pytest.mark.parametrize(
    "bad",
    ["", "often", "every", "every 0m", "every week", "61 6 * * *", "0 6 * *", "0 6 * * 8", "0 6 * 13 *", "0 6 30 2 *", "0 6 * * 5-1", "0 6 * * sat-sun", "0 6 * * */0", "0 6 l-x * *"],
)  # fmt: skip
def test_bad_schedules_are_named(bad: str) -> None:
    complaint = check_schedule(bad)
    assert complaint is not None and complaint.startswith(f"schedule {bad!r}")
