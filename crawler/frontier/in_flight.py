"""What a crawl has in hand: the tasks queued, parked or under way, counted by job, by link and by article.

A long-lived process takes jobs that overlap (two channels of a source show the same link): what is in hand is not taken
twice. A job is done when none of its tasks is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from crawler.frontier.task import Task


class InFlight:
    """`done` is called with the key of a job (`jobs.pk`) when its last task has ended."""

    def __init__(self, done: Callable[[int], None] = lambda _pk: None) -> None:
        self._done = done
        self._jobs: Counter[int] = Counter()
        self._things: Counter[Hashable] = Counter()

    def enter(self, task: Task) -> None:
        """Count a task that is queued or parked. A task that is tried again enters again before it leaves."""
        if task.job is not None:
            self._jobs[task.job] += 1
        for thing in _things(task):
            self._things[thing] += 1

    def leave(self, task: Task) -> None:
        """Count a task no more: it has ended, or was replaced by others that have entered."""
        for thing in _things(task):
            self._things[thing] -= 1
            if not self._things[thing]:
                del self._things[thing]
        self._drop(task.job)

    @contextmanager
    def offering(self, job: int | None) -> Iterator[None]:
        """Keep the job open while its first tasks are offered, even if all of them are refused at once."""
        if job is not None:
            self._jobs[job] += 1
        try:
            yield
        finally:
            self._drop(job)

    def has_link(self, pk: int) -> bool:
        """Return whether a task for this link (`links.pk`) is in hand."""
        return ("link", pk) in self._things

    def has_article(self, pk: int) -> bool:
        """Return whether a task for this article (`articles.pk`) is in hand."""
        return ("article", pk) in self._things

    @property
    def jobs(self) -> list[int]:
        """The jobs that are not done."""
        return list(self._jobs)

    def _drop(self, job: int | None) -> None:
        if job is None:
            return
        self._jobs[job] -= 1
        if self._jobs[job] <= 0:
            del self._jobs[job]
            self._done(job)


def _things(task: Task) -> Iterator[Hashable]:
    if task.link is not None:
        yield "link", task.link.pk
    if task.known is not None:
        yield "article", task.known.pk
