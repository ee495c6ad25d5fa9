"""Tasks that wait until the rules of an origin are known."""

from __future__ import annotations

from archive.model.text.urls import origin_of
from crawler.frontier.task import Task


class Parking:
    """Tasks by the origin whose robots.txt or TDM file they wait for."""

    def __init__(self) -> None:
        self._parked: dict[str, list[Task]] = {}

    def park(self, task: Task, url: str) -> bool:
        """Hold `task` until the rules of the origin of `url` are known. Return whether it is the first one that waits for
        them: then somebody must fetch them now."""
        waiting = self._parked.setdefault(origin_of(url), [])
        waiting.append(task)
        return len(waiting) == 1

    def unpark(self, origin: str) -> list[Task]:
        """The tasks that waited for this origin's rules, in the order in which they came. They wait no longer."""
        return self._parked.pop(origin, [])
