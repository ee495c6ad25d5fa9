from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dateline.newsroom.faults import Fault
from dateline.newsroom.requests import Request
from dateline.newsroom.server import Room


def test_a_fault_hits_its_host_and_path_only() -> None:
    fault = Fault("a.example", "500", path="/feed")
    assert fault.hits("a.example", "/feed.xml")
    assert not fault.hits("a.example", "/robots.txt")
    assert not fault.hits("b.example", "/feed.xml")


def test_a_limited_fault_wears_off() -> None:
    room = Room(faults=[Fault("a.example", "503", times=2)])
    hits = [room.strike("a.example", "/") is not None for _ in range(4)]
    assert hits == [True, True, False, False]


def test_an_unlimited_fault_stays() -> None:
    room = Room(faults=[Fault("a.example", "reset")])
    assert all(room.strike("a.example", "/") for _ in range(5))


@pytest.mark.parametrize("broken", [{"mode": "418"}, {"mode": "500", "times": 0}])
def test_a_fault_that_makes_no_sense_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"418|times"):
        Fault("a.example", **broken)  # type: ignore[arg-type]


def test_a_fault_survives_its_journey_as_json() -> None:
    fault = Fault("a.example", "429", retry_after="120", times=3)
    assert Fault.from_json(fault.as_json()) == fault


def test_a_request_survives_its_journey_as_json() -> None:
    now = datetime(2024, 3, 1, 6, 0, 0, 250_000, tzinfo=UTC)
    request = Request(
        7, now, 0.5, now, "a.example", "GET", "/x?y=1", None, 0, 4711, user_agent="Bot/1", if_none_match='W/"1"'
    )
    assert Request.from_json(request.as_json()) == request
    assert request.conditional
