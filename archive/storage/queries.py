"""Small helpers for queries by many keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Executable
from sqlalchemy.orm import Session

T = TypeVar("T")

CHUNK = 400
"""Keys in one query; SQLite takes some thousand parameters at most."""


def pairs(session: Session, statement: Executable) -> dict[Any, Any]:
    """The answer of a query for two columns, as a mapping from the first to the second."""
    return {key: value for key, value in session.execute(statement)}  # noqa: C416  # a Row is no pair to the type checker


def chunks(keys: Iterable[T]) -> Iterator[list[T]]:
    """The keys, each once, in lists that are short enough for one query."""
    listed = list(dict.fromkeys(keys))
    return (listed[i : i + CHUNK] for i in range(0, len(listed), CHUNK))
