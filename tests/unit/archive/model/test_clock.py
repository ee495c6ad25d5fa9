from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive.model.clock import SystemClock


def test_the_systems_clock_is_aware_and_keeps_real_time() -> None:
    clock = SystemClock()
    assert clock().utcoffset() == timedelta(0)
    assert abs(clock() - datetime.now(UTC)) < timedelta(minutes=2)
    assert clock.real(12.5) == 12.5
