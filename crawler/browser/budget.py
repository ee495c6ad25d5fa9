"""The limits of one page while it is rendered, and what it has used. Pure: times are arguments (loop time, in seconds)."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.config import Settings


class OverBudget(Exception):
    """The page used more than its budget. The message names what it used, such as `time: more than 30 s`."""


class OutOfTime(OverBudget):
    """The page used more than its time."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of one page: time in seconds, number of requests, size and memory in bytes.

    The time runs only while the page waits for no answer. What hosts and their delays take does not count.
    """

    seconds: float
    requests: int
    size: int
    memory: int

    @classmethod
    def of(cls, settings: Settings) -> Budget:
        return cls(
            settings.render_time.total_seconds(),
            settings.render_requests,
            settings.render_size,
            settings.render_memory,
        )


@dataclass(slots=True)
class Spending:
    """What one page has used since `since`."""

    budget: Budget
    since: float
    requests: int = 0
    size: int = 0
    waiting: int = 0
    """The number of requests that are not answered yet."""
    waited: float = 0.0
    """The seconds for which the page waited for answers, without the present wait."""
    answered_at: float = field(init=False)
    """The time at which the last request was answered."""
    _waits_since: float = 0.0

    def __post_init__(self) -> None:
        self.answered_at = self.since

    def ask(self, now: float) -> None:
        """Count a request of the page.

        Raises:
            OverBudget: The page has made all requests that it may make.
        """
        if self.requests >= self.budget.requests:
            raise OverBudget(f"requests: more than {self.budget.requests}")
        self.requests += 1
        if not self.waiting:
            self._waits_since = now
        self.waiting += 1

    def get(self, size: int, now: float) -> None:
        """Count an answer of `size` bytes. A request that got no answer counts with size 0.

        Raises:
            OverBudget: The answers are larger than the page may load.
        """
        self.waiting -= 1
        self.answered_at = now
        if not self.waiting:
            self.waited += now - self._waits_since
        self.size += size
        if self.size > self.budget.size:
            raise OverBudget(f"size: more than {self.budget.size >> 10} KB of sub-requests")

    def own(self, now: float) -> float:
        """The seconds that the page itself has used."""
        waited = self.waited + (now - self._waits_since if self.waiting else 0.0)
        return max(0.0, now - self.since - waited)

    def left(self, now: float) -> float:
        """The seconds that the page may still use.

        Raises:
            OutOfTime: No time is left.
        """
        left = self.budget.seconds - self.own(now)
        if left <= 0:
            raise OutOfTime(f"time: more than {self.budget.seconds:g} s")
        return left

    def hold(self, memory: int) -> None:
        """Check the number of bytes that the scripts of the page hold.

        Raises:
            OverBudget: They hold more than they may.
        """
        if memory > self.budget.memory:
            raise OverBudget(f"memory: more than {self.budget.memory >> 20} MB")
