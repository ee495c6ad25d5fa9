"""A list as the extraction pool reads it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class ListTask(Generic[T_co]):
    """An answer to be read as a list, and how it is read.

    `work` is handed to another process, so that it has to be a function of a module, or a `partial` of one. Whatever it
    raises is told by name.
    """

    html: bytes
    """The body after content decoding. It is named as a page's, because both are handed over in the same way."""
    work: Callable[[bytes], T_co]

    def result(self) -> T_co:
        """Read the answer in this process."""
        return self.work(self.html)
