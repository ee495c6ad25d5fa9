"""What reading one page of a list gives: of a listing, a dated archive, a JSON list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from archive.model.link import Link
from archive.model.text.urls import url_key


@dataclass(frozen=True, slots=True)
class NextPage:
    """The request for the next page of a list."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    form: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The identity of the request. A walk that comes to the same again is in a loop."""
        return f"{url_key(self.url)} {urlencode(self.form)}" if self.form else url_key(self.url)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    `links` has each address once, in the page's order. `skipped` counts what should have been a link and has no
    address. `problem` starts with a stable word: `not-a-list: …`, `not-json: …`, `no-path: …`.
    """

    links: tuple[Link, ...] = ()
    next: NextPage | None = None
    skipped: int = 0
    problem: str | None = None
