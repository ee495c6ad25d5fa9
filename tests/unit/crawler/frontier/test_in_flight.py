from __future__ import annotations

import pytest
from support.handlers import a_handler

from archive.model.frontier import PendingLink
from archive.model.link import Hints
from archive.testing import a_source
from crawler.frontier.in_flight import InFlight
from crawler.frontier.task import Task


def task(link: int | None = None, job: int | None = 1) -> Task:
    url = f"https://a.example/{link}"
    pending = PendingLink(link, "a", url, url, Hints(), take_as_is=False) if link is not None else None
    return Task(a_handler(), a_source(), url, link=pending, job=job)


def test_a_job_is_done_with_its_last_task() -> None:
    done: list[int] = []
    hand = InFlight(done.append)
    first, second = task(10), task(11)
    hand.enter(first)
    hand.enter(second)
    assert hand.jobs == [1]
    hand.leave(first)
    assert done == []
    assert (hand.has_link(10), hand.has_link(11)) == (False, True)
    hand.leave(second)
    assert (done, hand.jobs) == ([1], [])


def test_a_task_that_is_tried_again_stays_in_hand() -> None:
    done: list[int] = []
    hand = InFlight(done.append)
    first = task(10)
    hand.enter(first)
    hand.enter(first.again())
    hand.leave(first)
    assert hand.has_link(10)
    assert done == []
    hand.leave(first.again())
    assert not hand.has_link(10)
    assert done == [1]


def test_a_job_is_not_done_while_it_is_offered() -> None:
    done: list[int] = []
    hand = InFlight(done.append)
    with hand.offering(1):
        hand.enter(task(10))
        hand.leave(task(10))
        assert done == []
        hand.enter(task(11))
    assert done == []
    hand.leave(task(11))
    assert done == [1]


def test_a_job_whose_tasks_are_all_refused_at_once_is_done() -> None:
    done: list[int] = []
    hand = InFlight(done.append)
    with hand.offering(7), hand.offering(8):
        assert sorted(hand.jobs) == [7, 8]
    assert sorted(done) == [7, 8]
    with hand.offering(None):
        pass
    assert hand.jobs == []


def test_a_fault_while_offering_does_not_keep_the_job() -> None:
    done: list[int] = []
    hand = InFlight(done.append)
    with pytest.raises(ValueError, match="fault"), hand.offering(7):
        raise ValueError("fault")
    assert done == [7]


def test_tasks_of_no_job_are_known_by_their_link() -> None:
    hand = InFlight()
    hand.enter(task(10, job=None))
    assert hand.has_link(10)
    assert not hand.has_article(10)
    hand.leave(task(10, job=None))
    assert not hand.has_link(10)
