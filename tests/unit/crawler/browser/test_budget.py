from __future__ import annotations

import pytest

from crawler.browser.budget import Budget, OverBudget, Spending


def spending(seconds: float = 10.0, requests: int = 3, size: int = 1000, memory: int = 5 << 20) -> Spending:
    return Spending(Budget(seconds, requests, size, memory), since=100.0)


def test_time_does_not_pass_while_the_page_waits() -> None:
    account = spending()
    account.ask(102.0)
    account.ask(103.0)
    account.get(1, 150.0)
    assert account.own(160.0) == 2.0
    account.get(1, 160.0)
    assert account.own(163.0) == 5.0
    assert account.left(163.0) == 5.0
    assert account.answered_at == 160.0
    with pytest.raises(OverBudget, match="time: more than 10 s"):
        account.left(168.0)


def test_requests_are_counted_before_they_go_out() -> None:
    account = spending(requests=1)
    account.ask(101.0)
    with pytest.raises(OverBudget, match="requests: more than 1"):
        account.ask(101.0)
    assert account.waiting == 1


def test_bytes_are_counted_when_they_have_come() -> None:
    account = spending(size=2048)
    account.ask(101.0)
    account.get(2048, 102.0)
    account.ask(103.0)
    with pytest.raises(OverBudget, match="size: more than 2 KB"):
        account.get(1, 104.0)
    assert account.waiting == 0


def test_memory_is_what_the_scripts_hold_now() -> None:
    account = spending()
    account.hold(5 << 20)
    with pytest.raises(OverBudget, match="memory: more than 5 MB"):
        account.hold((5 << 20) + 1)
