"""An errand: a page that is being rendered wants something, and waits while the crawl fetches it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.model.capture import Exchange


@dataclass(frozen=True, slots=True)
class NotHad:
    """Why a sub-request was not answered. `passing`: it may be another time."""

    reason: str
    passing: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Errand:
    """`headers` go out with the request."""

    headers: Mapping[str, str]
    answer: asyncio.Future[Exchange | NotHad] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def end(self, answer: Exchange | NotHad) -> None:
        """Bring the answer, if anybody still waits for it."""
        if not self.answer.done():
            self.answer.set_result(answer)
