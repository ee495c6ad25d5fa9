"""The problems that `verify` can find: kinds of problems, single ones, and how they are summed up for people. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "database-damaged",
    "reference-broken",
    "revision-changed",
    "revision-missing",
    "article-changed",
    "observation-changed",
    "address-changed",
    "capture-changed",
    "index-differs",
    "file-missing",
    "record-damaged",
    "record-missing",
    "record-differs",
    "record-without-row",
    "unfinished-end",
]


@dataclass(frozen=True, slots=True)
class KindOfProblem:
    """A kind of problem.

    `one` and `many` say what it is, in words for people. `advice` says what to do. `serious` says that the archive is not
    whole.
    """

    one: str
    many: str
    advice: str
    serious: bool = True


_RESTORE = "Restore the archive from a backup (dateline restore), or keep it as it is and cite this with care."

KINDS: dict[Kind, KindOfProblem] = {
    "database-damaged": KindOfProblem(
        "damaged place in the database's own pages",
        "damaged places in the database's own pages",
        "Stop all crawls, check the disk, and restore the archive from a backup (dateline restore).",
    ),
    "reference-broken": KindOfProblem(
        "row refers to another one that is not there", "rows refer to others that are not there", _RESTORE
    ),
    "revision-changed": KindOfProblem(
        "revision is not as it was written", "revisions are not as they were written", _RESTORE
    ),
    "revision-missing": KindOfProblem("revision is missing", "revisions are missing", _RESTORE),
    "article-changed": KindOfProblem(
        "article contradicts its own captures", "articles contradict their own captures", _RESTORE
    ),
    "observation-changed": KindOfProblem(
        "observation contradicts what it refers to", "observations contradict what they refer to", _RESTORE
    ),
    "address-changed": KindOfProblem(
        "address is not filed under its own key", "addresses are not filed under their own keys", _RESTORE
    ),
    "capture-changed": KindOfProblem(
        "capture contradicts itself or its observation",
        "captures contradict themselves or their observations",
        _RESTORE,
    ),
    "index-differs": KindOfProblem(
        "revision is not in the full-text index as it reads",
        "revisions are not in the full-text index as they read",
        "Rebuild the index with: dateline reindex",
    ),
    "file-missing": KindOfProblem(
        "capture of a WARC file that is missing",
        "captures of a WARC file that is missing",
        "Put the file back from a backup, or from the machine that wrote it.",
    ),
    "record-damaged": KindOfProblem(
        "damaged record in a WARC file",
        "damaged records in a WARC file",
        "Put the file back from a backup; check the disk that it lies on.",
    ),
    "record-missing": KindOfProblem(
        "capture has no record where its row says", "captures have no records where their rows say", _RESTORE
    ),
    "record-differs": KindOfProblem("record differs from its row", "records differ from their rows", _RESTORE),
    "record-without-row": KindOfProblem(
        "record in a WARC file belongs to no row",
        "records in a WARC file belong to no row",
        "The row was deleted, or the database is older than the file. " + _RESTORE,
    ),
    "unfinished-end": KindOfProblem(
        "WARC file has records at its end that were never committed",
        "WARC files have records at their ends that were never committed",
        "Nothing needs to be done: the next crawl moves them to the folder `orphans`, and fetches those pages again.",
        serious=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `subject` says in words what it is about. The other fields are None where they are not known."""

    kind: Kind
    problem: str
    subject: str
    source_id: str | None = None
    url: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    capture_pk: int | None = None

    @property
    def serious(self) -> bool:
        """Whether the archive is not whole."""
        return KINDS[self.kind].serious

    @property
    def advice(self) -> str:
        """What to do about it."""
        return KINDS[self.kind].advice


@dataclass(frozen=True, slots=True)
class Summary:
    """Problems of one kind in one place (a WARC file, or a source, or the database). `example` is the first of them."""

    kind: Kind
    count: int
    where: str
    example: Problem

    @property
    def text(self) -> str:
        """The summary in words: `67 captures of a WARC file that is missing`."""
        kind = KINDS[self.kind]
        return f"{self.count:,} {kind.one if self.count == 1 else kind.many}"

    @property
    def advice(self) -> str:
        """What to do about them."""
        return KINDS[self.kind].advice


def sum_up(problems: Iterable[Problem]) -> list[Summary]:
    """Sum problems up by kind and place. Kinds are in the order in which they came, and of a kind the most numerous places come
    first.
    """
    groups: dict[tuple[Kind, str], list[Problem]] = {}
    for problem in problems:
        where = problem.warc_file or problem.source_id or "the database"
        groups.setdefault((problem.kind, where), []).append(problem)
    order = list(dict.fromkeys(kind for kind, _ in groups))
    summed = [Summary(kind, len(found), where, found[0]) for (kind, where), found in groups.items()]
    return sorted(summed, key=lambda one: (order.index(one.kind), -one.count))
