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
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from archive.model.job import Priority
from archive.model.urls import host_of
from crawler.in_hand import InHand
from crawler.tasks import Purpose, Task, origin_of

_LANE: dict[Purpose, int] = {"robots": 0, "tdm": 0, "feed": 1, "article": 2}


def _waits_for_polls(rank: tuple[int, int]) -> bool:
    """Whether a task of this lane and priority is a page that a poll brought."""
    return rank[0] == _LANE["article"] and rank[1] <= Priority.pending


@dataclass(slots=True)
class _Host:
    name: str
    held: bool
    delay: float = 0.0
    """Seconds by the archive's clock."""
    next_at: float = 0.0
    """Loop time before which nothing goes out."""
    active: int = 0
    polled: bool = False
    """The last request was a poll."""
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
        in_hand: InHand | None = None,
        shared: bool = False,
        endless: bool = False,
        real: Callable[[float], float] = lambda seconds: seconds,
    ) -> None:
        self.in_hand = in_hand or InHand()
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
        self._waiting = 0
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Tasks not yet handed out."""
        return self._waiting

    @property
    def in_flight(self) -> int:
        """Tasks handed out and not yet finished."""
        return self._in_flight

    @property
    def closed(self) -> bool:
        """Nothing more is handed out."""
        return self._closed

    def queued(self, host: str) -> int:
        """Tasks that wait for `host`."""
        state = self._hosts.get(host)
        return len(state.queue) if state else 0

    def require_delay(self, host: str, seconds: float) -> None:
        """At least `seconds` between two requests to `host`. The longest that anyone asks for holds."""
        state = self._host(host)
        if seconds > state.delay:
            state.delay = seconds
            if state.held and self._shared:
                self.slower.add(host)

    def pause(self, host: str, seconds: float) -> None:
        """Nothing goes to `host` for the next `seconds`."""
        state = self._host(host)
        state.next_at = max(state.next_at, self._now() + self._real(seconds))

    def add(self, task: Task, *, after: float = 0.0) -> None:
        """Queue a task; its host is left alone for at least `after` seconds first."""
        self.in_hand.enter(task)
        state = self._host(host_of(task.url))
        if after > 0:
            self.pause(state.name, after)
        # The rest of a redirect goes before other pages: if it leads to an address that is queued as a new link as well, it
        # is read first as what it is, the new address of a known article.
        lane = min(_LANE[task.purpose], 1) if task.redirects else _LANE[task.purpose]
        heapq.heappush(state.queue, ((lane, task.priority), next(self._order), task))
        self._waiting += 1
        self._arm(state)

    async def next(self) -> Task | None:
        """The next task that may go out now; waits for it. None when nothing is queued or in flight any more."""
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
            if not self._in_flight and not self._waiting and not self._endless:
                return None
            try:
                await asyncio.wait_for(self._changed.wait(), 1.0 if resting else wait)
            except TimeoutError:
                continue
        return None

    def release(self, task: Task) -> None:
        """The exchange with the host is over: its connection is free, its delay starts."""
        state = self._host(host_of(task.url))
        state.active -= 1
        state.quiet_since = self._now()
        state.next_at = max(state.next_at, self._now() + self._real(state.delay))
        self._arm(state)

    def finish(self, task: Task) -> None:
        """All that followed from the task is done (recorded, or handed on as other tasks)."""
        self._in_flight -= 1
        self.in_hand.leave(task)
        self._changed.set()

    def drain(self, host: str, origin: str | None = None) -> list[Task]:
        """Take back what is queued for `host`; with `origin` only what is for this scheme, name and port. Whoever takes the
        tasks lets them leave `in_hand` when they have ended."""
        state = self._host(host)
        taken = [entry for entry in state.queue if origin is None or origin_of(entry[2].url) == origin]
        tasks = [task for _, _, task in sorted(taken, key=lambda entry: entry[:2])]
        state.queue = [entry for entry in state.queue if entry not in taken]
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
        """This process holds `host` from now on, and may ask it in `wait` seconds."""
        state = self._host(host)
        state.held = True
        state.quiet_since = self._now()
        self.wanted.discard(host)
        self.pause(host, wait)
        self._arm(state)

    def idle(self, seconds: float) -> dict[str, float]:
        """Hosts held that had nothing to do for `seconds` (of reality); each with the seconds (of the archive's clock) for
        which nobody may ask it yet. They are no longer held, and forgotten."""
        now, scale = self._now(), self._real(1.0)
        quiet = [
            state
            for state in self._hosts.values()
            if state.held and not state.queue and not state.active and now - state.quiet_since >= seconds
        ]
        empty = [s for s in self._hosts.values() if not s.held and not s.queue and not s.active]
        for state in [*quiet, *empty]:
            del self._hosts[state.name]
            self.wanted.discard(state.name)
        # One that is armed keeps an entry in the heap of those that are ready; its host must be there when it comes up.
        self._ready = [entry for entry in self._ready if entry[2] in self._hosts]
        heapq.heapify(self._ready)
        return {state.name: max(0.0, state.next_at - now) / scale for state in quiet}

    def delays(self, hosts: Iterable[str]) -> dict[str, float]:
        """The delay that is kept for each of `hosts`, in seconds."""
        return {host: state.delay for host in hosts if (state := self._hosts.get(host)) is not None}

    # --- inside

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
        elif not state.armed and state.active < self._connections:
            heapq.heappush(self._ready, (state.next_at, next(self._order), state.name))
            state.armed = True
            self._changed.set()

    @staticmethod
    def _choose(state: _Host) -> Task:
        """Polls come first, but where a page waits that a poll brought, every other request is a page: else the channels of a
        host with a long delay would leave no room for what they show."""
        pages = [entry for entry in state.queue if _waits_for_polls(entry[0])] if state.polled else []
        if pages:
            chosen = min(pages)
            state.queue.remove(chosen)
            heapq.heapify(state.queue)
        else:
            chosen = heapq.heappop(state.queue)
        state.polled = chosen[2].purpose == "feed"
        return chosen[2]

    def _take(self, state: _Host) -> Task | None:
        if not state.queue:  # drained after it was armed
            return None
        task = self._choose(state)
        self._waiting -= 1
        self._in_flight += 1
        self.requests[state.name] += 1
        state.active += 1
        if self._connections > 1:
            state.next_at = self._now() + self._real(state.delay)
        self._arm(state)
        return task
