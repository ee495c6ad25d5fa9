"""What one page may take while it is rendered, and what it has taken. Pure: times are passed in (loop time, seconds)."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.config import Settings


class OverBudget(Exception):
    """The page takes more than it may; the message says what of: `time: more than 30 s`."""


@dataclass(frozen=True, slots=True)
class Budget:
    """`seconds` counts while the page waits for nobody: what hosts and their delays take is not the page's."""

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
    """The account of one page, which begins at `since`."""

    budget: Budget
    since: float
    requests: int = 0
    size: int = 0
    waiting: int = 0
    """Requests that are not answered yet."""
    waited: float = 0.0
    """Seconds during which something was waited for, as far as that is over."""
    answered_at: float = field(init=False)
    """When the last request was answered."""
    _waits_since: float = 0.0

    def __post_init__(self) -> None:
        self.answered_at = self.since

    def ask(self, now: float) -> None:
        """The page asks for something. Raises OverBudget."""
        if self.requests >= self.budget.requests:
            raise OverBudget(f"requests: more than {self.budget.requests}")
        self.requests += 1
        if not self.waiting:
            self._waits_since = now
        self.waiting += 1

    def get(self, size: int, now: float) -> None:
        """It got an answer of `size` bytes, or none. Raises OverBudget."""
        self.waiting -= 1
        self.answered_at = now
        if not self.waiting:
            self.waited += now - self._waits_since
        self.size += size
        if self.size > self.budget.size:
            raise OverBudget(f"size: more than {self.budget.size >> 10} KB of sub-requests")

    def own(self, now: float) -> float:
        """Seconds that the page itself has taken."""
        waited = self.waited + (now - self._waits_since if self.waiting else 0.0)
        return max(0.0, now - self.since - waited)

    def left(self, now: float) -> float:
        """Seconds that it may still take. Raises OverBudget where there are none."""
        left = self.budget.seconds - self.own(now)
        if left <= 0:
            raise OverBudget(f"time: more than {self.budget.seconds:g} s")
        return left

    def hold(self, memory: int) -> None:
        """Its scripts hold so many bytes. Raises OverBudget."""
        if memory > self.budget.memory:
            raise OverBudget(f"memory: more than {self.budget.memory >> 20} MB")
