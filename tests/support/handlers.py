"""Handlers for tests that need tasks and no crawl: what the frontier asks of them, as the product's own answer it."""

from __future__ import annotations

from typing import Literal

from archive.model.capture import Exchange
from crawler.frontier.task import Task, TaskHandler
from crawler.frontier.unavailable import Ending, Fault

Kind = Literal["robots", "list", "article"]


class KindHandler(TaskHandler):
    """The facts of one kind of task. Nothing is asked for, so nothing may be answered."""

    def __init__(self, kind: Kind) -> None:
        self.name = kind
        self.lane = {"robots": 0, "list": 1, "article": 2}[kind]
        self.is_list = kind == "list"
        self.rendered = kind == "article"

    async def answered(self, task: Task, exchange: Exchange) -> None:
        raise AssertionError(f"nobody asked for {task.url}: HTTP {exchange.status}")

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        raise AssertionError(f"nobody asked for {task.url}: {how}, {reason}")

    def faulted(self, task: Task, fault: Fault) -> None:
        raise AssertionError(f"nobody asked for {task.url}: {fault.reason}")


def a_handler(kind: Kind = "article") -> TaskHandler:
    """A handler of tasks of this kind."""
    return KindHandler(kind)
