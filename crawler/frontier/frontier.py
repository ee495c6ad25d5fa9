"""The frontier of a running crawl: which task may go out next.

One queue a host. A host is asked only by the process that holds it, when its delay is over, it is not paused, and it has a
connection free:

    add(task) -> [queue of the host] -> next() -> (download) -> release(task) -> (extract, record) -> finish(task)
                                          ^ waits for the first host that may be asked

Scrapy's own slots would hold the waiting requests of one slow host in the downloader's global budget, and would send
redirects and retries past the delay; so Scrapy gets a request only at the moment when it may go out.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from archive.model.job import Priority
from archive.model.text.urls import host_of, origin_of
from crawler.frontier.in_flight import InFlight
from crawler.frontier.task import Task

ARTICLES = 2
"""The lane of articles (see `TaskHandler.lane`)."""
_BACKFILL = 2
"""So many lanes lower goes what belongs to a backfill: first its lists, so that all it has to do is known, then its articles. Its
articles wait until the host's last list has been read: what is known of an article then does not depend on which list was faster."""
RENDERED = 8
"""Tasks for the browser that are in flight at once: those in its pages, and as many on their way in and out."""


def lane_of(task: Task) -> int:
    """Return the lane of a task. Lower goes first. Fresh polls and their articles never wait for a backfill."""
    lane = task.handler.lane
    # The rest of a redirect goes before other pages: if it leads to an address that is queued as a new link as well, it is
    # read first as what it is, the new address of a known article.
    lane = min(lane, 1) if task.redirects else lane
    return lane + _BACKFILL if lane and task.priority >= Priority.backfill else lane


def _waits_for_polls(rank: tuple[int, int]) -> bool:
    """Return whether a task of this lane and priority is a page that a poll brought."""
    return rank[0] == ARTICLES and rank[1] <= Priority.pending


def _is_list_of_backfill(task: Task) -> bool:
    return task.handler.is_list and task.priority >= Priority.backfill


UNDER_WAY = 6
"""Tasks of backfills of one host between request and commit: what a crash would have asked for again. It slows down only hosts
that want less than a fifth of a second between requests."""


@dataclass(slots=True)
class _Host:
    name: str
    held: bool
    delay: float = 0.0
    """Seconds by the archive's clock."""
    next_at: float = 0.0
    """Loop time before which nothing goes out."""
    active: int = 0
    backfill: int = 0
    """Tasks of backfills in the queue."""
    polled: bool = False
    """The last request was for a list."""
    under_way: int = 0
    """Tasks of backfills handed out and not yet finished."""
    lists_under_way: int = 0
    """Those of them that are for lists."""
    armed: bool = False
    queue: list[tuple[tuple[int, int], int, Task]] = field(default_factory=list)
    quiet_since: float = 0.0
    """Loop time at which it last had something to do."""


class Frontier:
    """Tasks by host, handed out politely. Seconds given to it are of the archive's clock, which `real` turns into seconds
    of the running loop's.

    `shared`: other processes may ask the same hosts, so that each must be claimed first (`wanted`, `grant`).
    `endless`: more tasks may come from outside, so that an empty frontier is no end.
    """

    def __init__(
        self,
        *,
        connections_per_host: int,
        in_flight: int,
        tasks_in_flight: InFlight | None = None,
        shared: bool = False,
        endless: bool = False,
        real: Callable[[float], float] = lambda seconds: seconds,
    ) -> None:
        self.tasks_in_flight = tasks_in_flight or InFlight()
        self.wanted: set[str] = set()
        """Hosts that have tasks and are not held."""
        self.suspended = False
        """While it is, nothing is handed out, and everything is kept."""
        self.held_until = math.inf
        """Loop time after which nothing is handed out: by then others may hold the hosts that this process held."""
        self.slower: set[str] = set()
        """Hosts held whose delay has grown, until somebody takes note of them."""
        self.requests: Counter[str] = Counter()
        """Requests handed out by host, until somebody takes note of them."""
        self._connections = connections_per_host
        self._in_flight_limit = in_flight
        self._shared = shared
        self._endless = endless
        self._real = real
        self._hosts: dict[str, _Host] = {}
        self._ready: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._in_flight = 0
        self._rendered = 0
        self._crowded: dict[str, None] = {}
        """Hosts whose next task waits for room at the browser."""
        self._waiting = 0
        self._changed = asyncio.Event()
        self._closed = False
        self._kept_open = 0

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Keep the frontier from ending while somebody is at work who may still add tasks."""
        self._kept_open += 1
        try:
            yield
        finally:
            self._kept_open -= 1
            self._changed.set()

    @property
    def waiting(self) -> int:
        """The number of tasks that are not handed out yet."""
        return self._waiting

    @property
    def in_flight(self) -> int:
        """The number of tasks that are handed out and not finished yet."""
        return self._in_flight

    @property
    def closed(self) -> bool:
        """Whether nothing more is handed out."""
        return self._closed

    def queued(self, host: str, priority: int = Priority.backfill) -> int:
        """Return how many tasks wait for `host`. Those of a backfill do not stand in the way of what is more urgent."""
        state = self._hosts.get(host)
        if state is None:
            return 0
        return len(state.queue) - (state.backfill if priority < Priority.backfill else 0)

    @property
    def endless(self) -> bool:
        """Whether more tasks may come from outside, so that there is always time for what waits."""
        return self._endless

    def beyond(self, host: str, seconds: float) -> list[Task]:
        """Take back those tasks that wait for `host` and cannot go out within `seconds`. Whoever takes them lets them leave
        `tasks_in_flight`."""
        state = self._hosts.get(host)
        if state is None or not state.queue:
            return []
        room = self._room(state, seconds)
        if room >= len(state.queue):
            return []
        entries = sorted(state.queue, key=lambda entry: entry[:2])
        return self._take_back(state, entries[room:])

    def fits(self, host: str, seconds: float, delay: float = 0.0) -> bool:
        """Return whether one more task could go to `host` within `seconds`, if it is given `delay` seconds between two
        requests."""
        state = self._host(host)
        return self._room(state, seconds, delay) > len(state.queue)

    def require_delay(self, host: str, seconds: float) -> None:
        """Leave at least `seconds` between two requests to `host`. The longest that anyone asks for holds."""
        state = self._host(host)
        if seconds > state.delay:
            state.delay = seconds
            if state.held and self._shared:
                self.slower.add(host)

    def pause(self, host: str, seconds: float) -> None:
        """Send nothing to `host` for the next `seconds`."""
        state = self._host(host)
        state.next_at = max(state.next_at, self._now() + self._real(seconds))

    def add(self, task: Task, *, after: float = 0.0) -> None:
        """Queue a task; its host is left alone for at least `after` seconds first."""
        self.tasks_in_flight.enter(task)
        state = self._host(host_of(task.url))
        if after > 0:
            self.pause(state.name, after)
        heapq.heappush(state.queue, ((lane_of(task), task.priority), next(self._order), task))
        state.backfill += task.priority >= Priority.backfill
        self._waiting += 1
        self._arm(state)

    async def next(self) -> Task | None:
        """Wait for the next task that may go out. None when nothing is queued, in flight or held open any more."""
        while not self._closed:
            self._changed.clear()
            wait: float | None = None
            resting = self.suspended or self._now() >= self.held_until
            while self._ready and self._in_flight < self._in_flight_limit and not resting:
                ready_at, _, name = self._ready[0]
                state = self._hosts[name]
                due = max(ready_at, state.next_at)  # the host may have been paused since it was armed
                if due > self._now():
                    if due > ready_at:
                        heapq.heapreplace(self._ready, (due, next(self._order), name))
                        continue
                    wait = due - self._now()
                    break
                heapq.heappop(self._ready)
                state.armed = False
                if (task := self._take(state)) is not None:
                    return task
            if not self._in_flight and not self._waiting and not self._endless and not self._kept_open:
                return None
            try:
                await asyncio.wait_for(self._changed.wait(), 1.0 if resting else wait)
            except TimeoutError:
                continue
        return None

    def release(self, task: Task) -> None:
        """Free the connection of a task whose exchange with the host is over. The host's delay begins."""
        state = self._host(host_of(task.url))
        state.active -= 1
        state.quiet_since = self._now()
        state.next_at = max(state.next_at, self._now() + self._real(max(state.delay, task.handler.spacing)))
        self._arm(state)

    def finish(self, task: Task) -> None:
        """End a task of which all that followed is done: recorded, or handed on as other tasks."""
        self._in_flight -= 1
        if task.renders:
            self._rendered -= 1
            crowded, self._crowded = self._crowded, {}
            for host in crowded:
                self._arm(self._host(host))
        self.tasks_in_flight.leave(task)
        if task.priority >= Priority.backfill and (state := self._hosts.get(host_of(task.url))) is not None:
            state.under_way -= 1
            state.lists_under_way -= _is_list_of_backfill(task)
            self._arm(state)
        self._changed.set()

    def drain(self, host: str, origin: str | None = None, *, lowest: int = 0) -> list[Task]:
        """Take back what is queued for `host`, and return it.

        With `origin` it is only what is for this scheme, name and port, with `lowest` only what has that priority number or a
        higher one. Whoever takes the tasks lets them leave `tasks_in_flight` when they have ended.
        """
        state = self._host(host)
        return self._take_back(
            state,
            [
                entry
                for entry in state.queue
                if (origin is None or origin_of(entry[2].url) == origin) and entry[2].priority >= lowest
            ],
        )

    def _take_back(self, state: _Host, taken: list[tuple[tuple[int, int], int, Task]]) -> list[Task]:
        tasks = [task for _, _, task in sorted(taken, key=lambda entry: entry[:2])]
        gone = {entry[1] for entry in taken}
        state.queue = [entry for entry in state.queue if entry[1] not in gone]
        state.backfill -= sum(task.priority >= Priority.backfill for task in tasks)
        heapq.heapify(state.queue)
        self._waiting -= len(tasks)
        self._changed.set()
        return tasks

    def close(self) -> None:
        """Hand out nothing more: `next` returns None at once."""
        self._closed = True
        self._changed.set()

    # --- hosts shared with other processes

    def grant(self, host: str, wait: float) -> None:
        """Take over `host`, which this process holds from now on and may ask in `wait` seconds."""
        state = self._host(host)
        state.held = True
        state.quiet_since = self._now()
        self.wanted.discard(host)
        self.pause(host, wait)
        self._arm(state)

    def idle(self, seconds: float) -> dict[str, float]:
        """Give up the hosts that had nothing to do for `seconds` (of reality), and forget them.

        Return for each the seconds (of the archive's clock) for which nobody may ask it yet.
        """
        now, scale = self._now(), self._real(1.0)
        quiet = [
            state
            for state in self._hosts.values()
            if state.held and not _has_work(state) and now - state.quiet_since >= seconds
        ]
        empty = [state for state in self._hosts.values() if not state.held and not _has_work(state)]
        for state in [*quiet, *empty]:
            del self._hosts[state.name]
            self.wanted.discard(state.name)
        # One that is armed keeps an entry in the heap of those that are ready; its host must be there when it comes up.
        self._ready = [entry for entry in self._ready if entry[2] in self._hosts]
        heapq.heapify(self._ready)
        return {state.name: max(0.0, state.next_at - now) / scale for state in quiet}

    def delays(self, hosts: Iterable[str]) -> dict[str, float]:
        """Return the delay that is kept for each of `hosts`, in seconds."""
        return {host: state.delay for host in hosts if (state := self._hosts.get(host)) is not None}

    # --- inside

    def _room(self, state: _Host, seconds: float, delay: float = 0.0) -> int:
        """Return how many tasks can go to the host within `seconds`."""
        delay = max(delay, state.delay)
        wait = max(0.0, state.next_at - self._now()) / self._real(1.0)
        if state.active:
            wait = max(wait, delay)
        if wait > seconds:
            return 0
        return sys.maxsize if delay <= 0 else 1 + int((seconds - wait) / delay)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _host(self, name: str) -> _Host:
        state = self._hosts.get(name)
        if state is None:
            state = self._hosts[name] = _Host(name, held=not self._shared)
        return state

    def _arm(self, state: _Host) -> None:
        if not state.queue:
            return
        if not state.held:
            self.wanted.add(state.name)
        elif not state.armed and state.active < self._connections and not _has_enough(state):
            heapq.heappush(self._ready, (state.next_at, next(self._order), state.name))
            state.armed = True
            self._changed.set()

    def _choose(self, state: _Host) -> Task:
        """Polls come first, but where a page waits that a poll brought, every other request is a page: else the channels of a
        host with a long delay would leave no room for what they show."""
        pages = [entry for entry in state.queue if _waits_for_polls(entry[0])] if state.polled else []
        pages = [entry for entry in pages if not self._waits_for_browser(entry[2])]
        if pages:
            chosen = min(pages)
            state.queue.remove(chosen)
            heapq.heapify(state.queue)
        else:
            chosen = heapq.heappop(state.queue)
        state.polled = chosen[2].handler.is_list
        return chosen[2]

    def _waits_for_browser(self, task: Task) -> bool:
        return task.renders and self._rendered >= RENDERED

    def _take(self, state: _Host) -> Task | None:
        if not state.queue or _has_enough(state):  # drained, or another list taken, after it was armed
            return None
        if self._waits_for_browser(state.queue[0][2]):
            self._crowded[state.name] = None
            return None
        task = self._choose(state)
        state.backfill -= task.priority >= Priority.backfill
        state.under_way += task.priority >= Priority.backfill
        state.lists_under_way += _is_list_of_backfill(task)
        self._rendered += task.renders
        self._waiting -= 1
        self._in_flight += 1
        self.requests[state.name] += 1
        state.active += 1
        if self._connections > 1:
            state.next_at = self._now() + self._real(state.delay)
        self._arm(state)
        return task


def _has_enough(state: _Host) -> bool:
    """Return whether nothing waits for the host but backfills, of which enough is on its way; or their articles, which a list
    of theirs may say more about."""
    if state.lists_under_way and state.queue[0][0][0] >= ARTICLES + _BACKFILL:
        return True
    return state.under_way >= UNDER_WAY and state.backfill == len(state.queue)


def _has_work(state: _Host) -> bool:
    return bool(state.queue) or state.active > 0 or state.under_way > 0
