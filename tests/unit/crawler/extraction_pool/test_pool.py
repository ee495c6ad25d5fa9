"""The extraction pool: one bad page fails, and only it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from support.held import Held
from support.processes import is_running
from support.waiting import ENOUGH, until

from crawler.extraction_pool.pool import ExtractionFailed, ExtractionPool
from crawler.reading.page import Page

URL = "https://news.example/world/story"
GOOD = Page(
    b"<html><head><title>River treaty</title></head><body><h1>River treaty</h1>"
    b"<p>The foreign ministers of the two states signed a treaty on the shared river on Tuesday.</p></body></html>",
    URL,
)
UNREADABLE = Page(GOOD.html, URL, None)  # type: ignore[arg-type]
DEADLINE = 600.0
"""Seconds. Nothing here takes so long; what is to be over its deadline gets another one (see `with_deadlines`)."""

Hold = Callable[[], Page]


def a_page(title: str, filling: int) -> Page:
    """A page with this title, and a comment of so many characters."""
    return Page(GOOD.html.replace(b"River treaty", title.encode()) + b"<!--" + b"x" * filling + b"-->", URL)


def hold_of(page: Page) -> Held:
    assert isinstance(page.memory, Held)
    return page.memory


def handed_over(pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pages were handed over at a time, from now on."""
    sizes: list[int] = []
    give = pool._give

    def noted(batch: list[Any]) -> None:
        sizes.append(len(batch))
        give(batch)

    monkeypatch.setattr(pool, "_give", noted)
    return sizes


def with_deadlines(pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch, held: Page) -> None:
    """Let the deadline of what `held` is handed over with be over soon. It never ends; so it is the deadline that ends it."""
    schedule = pool._schedule

    def scheduled(work: Any, args: tuple[Any, ...], timeout: float | None) -> Any:
        assert timeout == DEADLINE
        (pages,) = args
        return schedule(work, args, 0.3 if any(page.memory is held.memory for page, _ in pages) else timeout)

    monkeypatch.setattr(pool, "_schedule", scheduled)


async def is_read(pool: ExtractionPool, *pages: Page) -> list[int]:
    """The processes that read these held pages by now. pebble knows it of them, too: to it, a process that ends before is idle."""
    await until(lambda: all(hold_of(page).readers() for page in pages))
    await until(lambda: sum(future.running() for future in pool._under_way) >= len(pages))
    return [hold_of(page).readers()[-1] for page in pages]


async def submitted(pool: ExtractionPool, *pages: Page) -> list[asyncio.Task[Any]]:
    """Pages handed in, one after the other: the pool runs, so that each is in the queue when its task has begun."""
    assert pool.warm().done()
    tasks = [asyncio.create_task(pool.read(page)) for page in pages]
    await asyncio.sleep(0)
    return tasks


def kill_all(pool: ExtractionPool) -> None:
    for process in pool.process_ids():
        os.kill(process, signal.SIGKILL)


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Hold]:
    """Makes pages that are read until they are released, or for ever."""
    made: list[Held] = []
    numbers = count()

    def one() -> Page:
        made.append(Held(tmp_path / f"held-{next(numbers)}"))
        return Page(GOOD.html, URL, memory=made[-1])  # type: ignore[arg-type]

    yield one
    for held in made:
        held.release()


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    made = ExtractionPool(1, DEADLINE)
    made.warm().result()
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


async def test_what_is_given_up_is_mixed_up_with_nothing(hold: Hold) -> None:
    """Some while they are read, some on their way and some before their turn."""
    pool = ExtractionPool(2, DEADLINE)
    try:
        pool.warm().result()
        held = [hold(), hold()]
        first = await submitted(pool, *held, *(a_page(f"Given up {number}", 100_000) for number in range(18)))
        await is_read(pool, *held)
        for task in first:
            task.cancel()
        pages = [a_page(f"River treaty number {number}", 100_000) for number in range(20)]
        second = await submitted(pool, *pages)
        for page in held:
            hold_of(page).release()
        titles = [r.article.title if r.article else None for r in await asyncio.gather(*second)]
        assert titles == [f"River treaty number {number}" for number in range(20)]
        await asyncio.gather(*first, return_exceptions=True)
    finally:
        pool.close()


async def test_the_event_loop_goes_on_while_the_processes_start(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ExtractionPool(1, DEADLINE)
    may_start, schedule = threading.Event(), pool._schedule

    def slow(*args: Any) -> Any:
        assert may_start.wait(ENOUGH), "nobody could say that it may start"
        return schedule(*args)

    monkeypatch.setattr(pool, "_schedule", slow)
    try:
        reading = asyncio.create_task(pool.read(GOOD))
        await asyncio.sleep(0)
        may_start.set()
        assert (await reading).kind == "article"
    finally:
        pool.close()


async def test_a_page_over_its_deadline_fails_alone(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch, hold: Hold
) -> None:
    endless = hold()
    with_deadlines(pool, monkeypatch, endless)
    slow, good = await asyncio.gather(pool.read(endless), pool.read(GOOD), return_exceptions=True)
    assert isinstance(slow, ExtractionFailed)
    assert str(slow) == "timeout after 600 s"
    assert not isinstance(good, BaseException)
    assert good.kind == "article"


async def test_pages_handed_over_together_have_each_its_own_end(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch, hold: Hold
) -> None:
    sizes = handed_over(pool, monkeypatch)
    first, endless = hold(), hold()
    with_deadlines(pool, monkeypatch, endless)
    tasks = await submitted(pool, first, GOOD, GOOD, endless, UNREADABLE, GOOD)
    hold_of(first).release()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert sizes == [1, 1, 4, 1, 1, 1, 1]  # together over the deadline, then each by itself
    assert [end.kind for end in ends if not isinstance(end, BaseException)] == ["article"] * 4
    assert str(ends[3]) == "timeout after 600 s"
    assert str(ends[4]).startswith(("TypeError: ", "AttributeError: "))


async def test_one_that_cannot_be_read_has_no_other_read_twice(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch, hold: Hold
) -> None:
    sizes = handed_over(pool, monkeypatch)
    first = hold()
    tasks = await submitted(pool, first, GOOD, GOOD, UNREADABLE, GOOD)
    hold_of(first).release()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert sizes == [1, 1, 3]
    assert [isinstance(end, ExtractionFailed) for end in ends] == [False, False, False, True, False]


async def test_pages_of_a_killed_process_are_read_by_themselves(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch, hold: Hold
) -> None:
    sizes = handed_over(pool, monkeypatch)
    first, endless = hold(), hold()
    tasks = await submitted(pool, first, GOOD, endless, GOOD, GOOD)
    hold_of(first).release()
    for times in (1, 2):  # with the others, and by itself
        await until(lambda times=times: len(hold_of(endless).readers()) == times)  # type: ignore[misc]
        (reader,) = await is_read(pool, endless)
        os.kill(reader, signal.SIGKILL)
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert sizes == [1, 1, 3, 1, 1, 1]
    assert [isinstance(end, ExtractionFailed) for end in ends] == [False, False, True, False, False]
    assert str(ends[2]) == "crashed"


async def test_a_page_that_is_given_up_before_its_turn_is_not_read(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch, hold: Hold
) -> None:
    sizes = handed_over(pool, monkeypatch)
    first = hold()
    tasks = await submitted(pool, first, GOOD, GOOD, GOOD, GOOD, GOOD)
    for task in tasks[2:5]:
        task.cancel()
    await asyncio.wait(tasks[2:5])
    hold_of(first).release()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert sizes == [1, 1, 1]
    assert [isinstance(end, asyncio.CancelledError) for end in ends] == [False, False, True, True, True, False]


async def test_what_the_reader_raises_is_named(pool: ExtractionPool) -> None:
    with pytest.raises(ExtractionFailed, match=r"^TypeError: |^AttributeError: "):
        await pool.read(UNREADABLE)


async def test_a_process_killed_while_idle_is_replaced() -> None:
    """pebble alone gives its pool up then, for good."""
    pool = ExtractionPool(2, DEADLINE)
    try:
        for _ in range(3):
            await pool.read(GOOD)
            broken = pool._pool
            kill_all(pool)
            await until(lambda broken=broken: not broken.active)  # type: ignore[misc]
            assert (await pool.read(GOOD)).kind == "article"
    finally:
        pool.close()


async def test_pages_handed_in_while_the_pool_breaks_are_read() -> None:
    pool = ExtractionPool(1, DEADLINE)
    try:
        await pool.read(GOOD)
        kill_all(pool)
        readings = await asyncio.gather(*(pool.read(GOOD) for _ in range(4)))
        assert [reading.kind for reading in readings] == ["article"] * 4
    finally:
        pool.close()


async def test_a_pool_that_breaks_loses_no_page_and_no_place() -> None:
    """pebble tells nobody of the pages that it had not yet handed over, such as those behind one that fills its pipe."""
    pool = ExtractionPool(1, DEADLINE)
    try:
        await pool.read(GOOD)
        kill_all(pool)
        pages = [a_page("Too large to be shared", 1_200_000), *(GOOD for _ in range(9))]
        readings = await asyncio.gather(*map(pool.read, pages))
        assert [reading.kind for reading in readings] == ["article"] * 10
        assert not pool._under_way
    finally:
        pool.close()


async def test_pages_that_are_taken_up_when_the_pool_has_just_broken_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """pebble has then told those whom it knew, and tells these nothing; or that the pipe is closed that they are to go through."""
    pool = ExtractionPool(1, DEADLINE)
    try:
        await pool.read(GOOD)
        tasks, told = pool._pool._pool_manager.task_manager, threading.Event()
        register, abort = tasks.register, tasks.tasks_abort

        def registered_late(task: Any) -> None:
            assert told.wait(ENOUGH)
            register(task)

        def aborted(error: Exception) -> None:
            abort(error)
            told.set()

        monkeypatch.setattr(tasks, "register", registered_late)
        monkeypatch.setattr(tasks, "tasks_abort", aborted)
        kill_all(pool)
        pages = [a_page("Too large to be shared", 1_200_000), GOOD, GOOD]
        readings = await asyncio.gather(*map(pool.read, pages))
        assert [reading.kind for reading in readings] == ["article"] * 3
    finally:
        pool.close()


async def test_a_page_that_cannot_be_handed_over_fails_alone(pool: ExtractionPool) -> None:
    with Path(os.devnull).open() as unpicklable:
        strange = Page(GOOD.html, URL, unpicklable)  # type: ignore[arg-type]
        ends = await asyncio.gather(*map(pool.read, [GOOD, GOOD, GOOD, strange, GOOD]), return_exceptions=True)
    assert [isinstance(end, ExtractionFailed) for end in ends] == [False, False, False, True, False]


def test_a_pool_that_is_closed_leaves_nobody_waiting(hold: Hold) -> None:
    pool = ExtractionPool(1, DEADLINE)
    futures = [pool.submit(page) for page in (hold(), *[GOOD] * 5)]
    pool.close()
    for future in futures:
        with pytest.raises(ExtractionFailed):
            pool.outcome(future)


async def test_a_closed_pool_stays_closed() -> None:
    pool = ExtractionPool(1, DEADLINE)
    await pool.read(GOOD)
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        await pool.read(GOOD)


async def test_a_killed_process_fails_its_page_and_is_replaced(hold: Hold) -> None:
    pool = ExtractionPool(1, DEADLINE)
    try:
        endless = hold()
        reading = asyncio.create_task(pool.read(endless))
        (reader,) = await is_read(pool, endless)
        assert pool.process_ids() == [reader]
        os.kill(reader, signal.SIGKILL)
        with pytest.raises(ExtractionFailed, match=r"^crashed$"):
            await reading
        assert (await pool.read(GOOD)).kind == "article"
    finally:
        pool.close()


def test_ctrl_c_while_the_fork_server_loads_is_none_of_its_business(tmp_path: Path) -> None:
    (tmp_path / "gate.py").write_text("open('loads', 'w').close()\nopen('go_on').close()\n")
    for name in ("loads", "go_on"):
        os.mkfifo(tmp_path / name)
    script = textwrap.dedent(
        """
        import asyncio, os, signal
        from crawler.extraction_pool import fork_server
        from crawler.extraction_pool.pool import ExtractionPool
        from crawler.reading.page import Page
        context = fork_server.context
        def gated():
            made = context()
            made.set_forkserver_preload(["gate", "crawler.extraction_pool.preload"])
            return made
        if __name__ == "__main__":
            signal.signal(signal.SIGINT, lambda *_: print("interrupted"))
            fork_server.context = gated
            fork_server.begin()
            open("loads").close()  # when the server stands at the gate
            os.killpg(0, signal.SIGINT)
            open("go_on", "w").close()
            pool = ExtractionPool(1, 600.0)
            print(asyncio.run(pool.read(Page(b"<p>x</p>", "https://news.example/x"))).kind)
            pool.close()
        """
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=ENOUGH,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},  # where the server finds the gate: not in the working folder
    )
    assert ended.stderr == ""
    assert ended.stdout.split() == ["interrupted", "empty"]


async def test_processes_do_not_outlive_their_parent() -> None:
    script = textwrap.dedent(
        """
        import asyncio, sys
        from crawler.extraction_pool.pool import ExtractionPool
        from crawler.reading.page import Page
        if __name__ == "__main__":
            pool = ExtractionPool(1, 600.0)
            asyncio.run(pool.read(Page(b"<p>x</p>", "https://news.example/x")))
            print(*pool.process_ids(), flush=True)
            sys.stdin.read()
        """
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        try:
            workers = [int(pid) for pid in parent.stdout.readline().split()]
            assert len(workers) == 1
        finally:
            parent.kill()
    await until(lambda: not any(map(is_running, workers)))
