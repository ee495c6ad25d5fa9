"""Verify: is everything there that the archive says it has, and as it was written?

    pages of the database -> references -> WARC files, every byte -> texts, looks, captures -> full-text index

What contradicts itself is found. A change that was made everywhere consistently, in rows and in WARC records with new digests, is
not: for that, keep a backup where nobody can write to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archive.storage.session import Archive
from archive.tables import ArticleRow, CaptureRow
from archive.verify.database import check_pages, check_references
from archive.verify.files import check_captures, check_files
from archive.verify.index import check_index
from archive.verify.problems import KINDS, Kind, Problem, Summary, sum_up
from archive.verify.rows import BATCH, check_articles, check_links, check_loose_captures

__all__ = ["KINDS", "Kind", "Problem", "Step", "Summary", "count", "sum_up", "verify"]


@dataclass(frozen=True, slots=True)
class Step:
    """What is being checked.

    `text` is for people. `done` of `total` captures are checked. Both are None where that is not known.
    """

    text: str
    done: int = 0
    total: int | None = None


Progress = Callable[[Step], object]


def count(archive: Archive) -> int:
    """The number of captures whose bytes are in a WARC file."""
    with archive.reading() as session:
        return session.scalar(select(func.count()).where(CaptureRow.warc_file.is_not(None))) or 0


def verify(
    archive: Archive, folder: Path, *, sample: int | None = None, progress: Progress = lambda step: None
) -> Iterator[Problem]:
    """Yield all problems of an archive with WARC files in `folder`, while a crawl may go on.

    With `sample`, only so many articles and captures are checked, drawn at random, and neither the database's pages nor its
    index. That takes seconds.
    """
    with archive.reading() as session:
        checks = (
            _sampled(session, folder, sample, progress)
            if sample is not None
            else _all(session, archive, folder, progress)
        )
        for check in checks:
            try:
                yield from check
            except DBAPIError as error:
                yield Problem("database-damaged", str(error.orig).strip(), "database")
                session.rollback()
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                # A value that no code of ours could have written: the row cannot even be read.
                yield Problem("database-damaged", f"a row cannot be read: {error!r}", "database")
                session.rollback()


def _all(session: Session, archive: Archive, folder: Path, progress: Progress) -> Iterator[Iterator[Problem]]:
    progress(Step("checking the database"))
    yield check_pages(session)
    yield check_references(session)
    done, total = 0, session.scalar(select(func.count()).where(CaptureRow.warc_file.is_not(None))) or 0

    def checked(captures: int) -> None:
        nonlocal done
        done += captures
        progress(Step("reading the WARC files", done, total))

    checked(0)
    yield check_files(session, archive, folder, checked)
    yield check_loose_captures(session)
    yield check_links(session)
    done, total, last = 0, session.scalar(select(func.count()).select_from(ArticleRow)) or 0, -1
    wanted = select(ArticleRow.pk).order_by(ArticleRow.pk).limit(BATCH)
    while pks := list(session.scalars(wanted.where(ArticleRow.pk > last))):
        progress(Step("comparing articles with their captures", done, total))
        yield check_articles(session, pks)
        done, last = done + len(pks), pks[-1]
    progress(Step("comparing the full-text index with the revisions"))
    yield check_index(session)


def _sampled(session: Session, folder: Path, sample: int, progress: Progress) -> Iterator[Iterator[Problem]]:
    drawn = select(ArticleRow.pk).order_by(func.random()).limit(sample)
    pks = list(session.scalars(drawn))
    for start in range(0, len(pks), BATCH):
        progress(Step("comparing articles with their captures", start, len(pks)))
        yield check_articles(session, pks[start : start + BATCH])
    kept = select(CaptureRow.pk).where(CaptureRow.warc_file.is_not(None)).order_by(func.random()).limit(sample)
    captures = list(session.scalars(kept))
    for start in range(0, len(captures), BATCH):
        progress(Step("reading the WARC files", start, len(captures)))
        rows = session.scalars(select(CaptureRow).where(CaptureRow.pk.in_(captures[start : start + BATCH])))
        yield check_captures(list(rows), folder, lambda captures: None)
        session.expunge_all()
