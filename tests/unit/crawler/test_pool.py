"""The extraction pool: one bad page fails, and only it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.pool import ExtractionFailed, ExtractionPool
from crawler.reading import Page

URL = "https://news.example/world/story"
GOOD = Page(
    b"<html><head><title>River treaty</title></head><body><h1>River treaty</h1>"
    b"<p>The foreign ministers of the two states signed a treaty on the shared river on Tuesday.</p></body></html>",
    URL,
)
SLOW = Page(b"<html><body>" + b"<p>Hello <b>x</b> world, this is some text.</p>" * 200_000 + b"</body></html>", URL)
UNREADABLE = Page(GOOD.html, URL, None)  # type: ignore[arg-type]


def a_page(title: str, filling: int) -> Page:
    """A page with this title, and a comment of so many characters."""
    return Page(GOOD.html.replace(b"River treaty", title.encode()) + b"<!--" + b"x" * filling + b"-->", URL)


def handed_over(pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pages were handed over at a time, from now on."""
    sizes: list[int] = []
    give = pool._give

    def noted(batch: list[Any]) -> None:
        sizes.append(len(batch))
        give(batch)

    monkeypatch.setattr(pool, "_give", noted)
    return sizes


def kill_all(pool: ExtractionPool) -> None:
    for process in pool.process_ids():
        os.kill(process, signal.SIGKILL)


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    made = ExtractionPool(1, 4.0)
    yield made
    made.close()


async def test_pages_are_read_in_another_process(pool: ExtractionPool) -> None:
    readings = await asyncio.gather(*(pool.read(GOOD) for _ in range(5)))
    assert [r.article.title if r.article else None for r in readings] == ["River treaty"] * 5


async def test_each_page_is_read_as_itself(pool: ExtractionPool) -> None:
    """More pages than fit into the shared memory at a time, and some that are too large for it."""
    pages = [a_page(f"River treaty number {number}", 1_200_000 if number % 10 == 5 else number) for number in range(40)]
    readings = await asyncio.gather(*(pool.read(page) for page in pages))
    titles = [r.article.title if r.article else None for r in readings]
    assert titles == [f"River treaty number {number}" for number in range(40)]


async def test_what_is_given_up_is_mixed_up_with_nothing() -> None:
    pool = ExtractionPool(2, 30.0)
    try:
        first = [asyncio.create_task(pool.read(a_page(f"Given up {number}", 100_000))) for number in range(20)]
        await asyncio.sleep(0.3)
        for task in first:
            task.cancel()
        pages = [a_page(f"River treaty number {number}", 100_000) for number in range(20)]
        readings = await asyncio.gather(*(pool.read(page) for page in pages))
        titles = [r.article.title if r.article else None for r in readings]
        assert titles == [f"River treaty number {number}" for number in range(20)]
        await asyncio.gather(*first, return_exceptions=True)
    finally:
        pool.close()


async def test_the_event_loop_goes_on_while_the_processes_start(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ExtractionPool(1, 30.0)
    may_start, schedule = threading.Event(), pool._schedule

    def slow(*args: Any) -> Any:
        assert may_start.wait(30), "nobody could say that it may start"
        return schedule(*args)

    monkeypatch.setattr(pool, "_schedule", slow)
    try:
        reading = asyncio.create_task(pool.read(GOOD))
        await asyncio.sleep(0)
        may_start.set()
        assert (await reading).kind == "article"
    finally:
        pool.close()


async def test_a_page_over_its_deadline_fails_alone(pool: ExtractionPool) -> None:
    slow, good = await asyncio.gather(pool.read(SLOW), pool.read(GOOD), return_exceptions=True)
    assert isinstance(slow, ExtractionFailed)
    assert str(slow) == "timeout after 4 s"
    assert not isinstance(good, BaseException)
    assert good.kind == "article"


async def test_pages_handed_over_together_have_each_its_own_end(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = handed_over(pool, monkeypatch)
    pages = [GOOD, GOOD, GOOD, SLOW, UNREADABLE, GOOD]
    ends = await asyncio.gather(*map(pool.read, pages), return_exceptions=True)
    assert sizes == [1, 1, 4, 1, 1, 1, 1]  # together over the deadline, then each by itself
    assert [end.kind for end in ends if not isinstance(end, BaseException)] == ["article"] * 4
    assert str(ends[3]) == "timeout after 4 s"
    assert str(ends[4]).startswith(("TypeError: ", "AttributeError: "))


async def test_one_that_cannot_be_read_has_no_other_read_twice(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = handed_over(pool, monkeypatch)
    ends = await asyncio.gather(*map(pool.read, [GOOD, GOOD, GOOD, UNREADABLE, GOOD]), return_exceptions=True)
    assert sizes == [1, 1, 3]
    assert [isinstance(end, ExtractionFailed) for end in ends] == [False, False, False, True, False]


async def test_pages_of_a_killed_process_are_read_by_themselves(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pool.read(GOOD)
    sizes = handed_over(pool, monkeypatch)
    readings = [asyncio.create_task(pool.read(page)) for page in (GOOD, GOOD, SLOW, GOOD, GOOD)]
    await asyncio.gather(*readings[:2])
    await asyncio.sleep(0.5)
    (worker,) = pool.process_ids()
    os.kill(worker, signal.SIGKILL)
    ends = await asyncio.gather(*readings, return_exceptions=True)
    assert sizes == [1, 1, 3, 1, 1, 1]
    assert [isinstance(end, ExtractionFailed) for end in ends] == [False, False, True, False, False]


async def test_a_page_that_is_given_up_before_its_turn_is_not_read(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = handed_over(pool, monkeypatch)
    readings = [asyncio.create_task(pool.read(GOOD)) for _ in range(6)]
    await asyncio.sleep(0)
    for task in readings[2:5]:
        task.cancel()
    ends = await asyncio.gather(*readings, return_exceptions=True)
    assert sizes == [1, 1, 1]
    assert [isinstance(end, asyncio.CancelledError) for end in ends] == [False, False, True, True, True, False]


async def test_what_the_reader_raises_is_named(pool: ExtractionPool) -> None:
    with pytest.raises(ExtractionFailed, match=r"^TypeError: |^AttributeError: "):
        await pool.read(UNREADABLE)


async def test_a_process_killed_while_idle_is_replaced() -> None:
    """pebble alone gives its pool up then, for good."""
    pool = ExtractionPool(2, 30.0)
    try:
        for _ in range(3):
            await pool.read(GOOD)
            kill_all(pool)
            await asyncio.sleep(0.5)
            reading = await asyncio.wait_for(pool.read(GOOD), 30.0)
            assert reading.kind == "article"
    finally:
        pool.close()


async def test_pages_handed_in_while_the_pool_breaks_are_read() -> None:
    pool = ExtractionPool(1, 30.0)
    try:
        await pool.read(GOOD)
        kill_all(pool)
        readings = await asyncio.wait_for(asyncio.gather(*(pool.read(GOOD) for _ in range(4))), 30.0)
        assert [reading.kind for reading in readings] == ["article"] * 4
    finally:
        pool.close()


async def test_a_pool_that_breaks_loses_no_page_and_no_place() -> None:
    """pebble tells nobody of the pages that it had not yet handed over, such as those behind one that fills its pipe."""
    pool = ExtractionPool(1, 30.0)
    try:
        await pool.read(GOOD)
        kill_all(pool)
        pages = [a_page("Too large to be shared", 1_200_000), *(GOOD for _ in range(9))]
        readings = await asyncio.wait_for(asyncio.gather(*map(pool.read, pages)), 60.0)
        assert [reading.kind for reading in readings] == ["article"] * 10
        assert not pool._under_way
    finally:
        pool.close()


async def test_a_page_that_cannot_be_handed_over_fails_alone(pool: ExtractionPool) -> None:
    with Path(os.devnull).open() as unpicklable:
        strange = Page(GOOD.html, URL, unpicklable)  # type: ignore[arg-type]
        ends = await asyncio.gather(*map(pool.read, [GOOD, GOOD, GOOD, strange, GOOD]), return_exceptions=True)
    assert [isinstance(end, ExtractionFailed) for end in ends] == [False, False, False, True, False]


def test_a_pool_that_is_closed_leaves_nobody_waiting() -> None:
    pool = ExtractionPool(1, 30.0)
    futures = [pool.submit(SLOW) for _ in range(6)]
    pool.close()
    for future in futures:
        with pytest.raises(ExtractionFailed):
            pool.outcome(future)


async def test_a_closed_pool_stays_closed() -> None:
    pool = ExtractionPool(1, 30.0)
    await pool.read(GOOD)
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        await pool.read(GOOD)


async def test_a_killed_process_fails_its_page_and_is_replaced() -> None:
    pool = ExtractionPool(1, 30.0)
    try:
        await pool.read(GOOD)
        reading = asyncio.create_task(pool.read(SLOW))
        await asyncio.sleep(0.5)
        (worker,) = pool.process_ids()
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(ExtractionFailed, match=r"^crashed$"):
            await reading
        assert (await pool.read(GOOD)).kind == "article"
    finally:
        pool.close()


def test_ctrl_c_while_the_fork_server_loads_is_none_of_its_business() -> None:
    script = textwrap.dedent(
        """
        import asyncio, os, signal, time
        from crawler import forking
        from crawler.pool import ExtractionPool
        from crawler.reading import Page
        if __name__ == "__main__":
            signal.signal(signal.SIGINT, lambda *_: print("interrupted"))
            forking.begin()
            time.sleep(0.3)
            os.killpg(0, signal.SIGINT)
            pool = ExtractionPool(1, 30.0)
            print(asyncio.run(pool.read(Page(b"<p>x</p>", "https://news.example/x"))).kind)
            pool.close()
        """
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, start_new_session=True, timeout=60
    )
    assert ended.stderr == ""
    assert ended.stdout.split() == ["interrupted", "empty"]


def test_processes_do_not_outlive_their_parent() -> None:
    script = textwrap.dedent(
        """
        import asyncio, sys, time
        from crawler.pool import ExtractionPool
        from crawler.reading import Page
        if __name__ == "__main__":
            pool = ExtractionPool(1, 30.0)
            asyncio.run(pool.read(Page(b"<p>x</p>", "https://news.example/x")))
            print(*pool.process_ids(), flush=True)
            time.sleep(60)
        """
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    try:
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) == 1
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    deadline = time.monotonic() + 5
    while any(map(_runs, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(_runs, workers))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
