"""Filters for articles, which `search` and `export` share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from archive.model.text.did_you_mean import did_you_mean
from archive.query.articles import in_force
from archive.query.base import NotFound
from archive.query.names import country_code, language_tag
from archive.query.spoken import Bound
from archive.query.when import Window, end_by_source
from archive.tables import ArticleRow, RevisionRow, SourceRow


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters for articles. Everything that is given must hold. Of several values of one kind, one must hold.

    `source` has ids. `country` has ISO 3166-1 codes or English names of the source's country. `language` has BCP 47 tags or
    English names of the text's language; `zh` also takes `zh-Hant`. `since` and `until` are about `published_at`. With `as_of`
    the archive is meant as it was then.
    """

    source: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    since: Bound | None = None
    until: Bound | None = None
    as_of: Bound | None = None

    def __post_init__(self) -> None:
        """Check the filters.

        Raises:
            UsageError: A country or language does not exist, or a window ends before it begins.
        """
        object.__setattr__(self, "country", tuple(map(country_code, self.country)))
        object.__setattr__(self, "language", tuple(map(language_tag, self.language)))
        Window(self.since, self.until)

    @property
    def of_revisions(self) -> bool:
        """Whether a filter is about the text. If so, articles without any text (withheld ones) cannot be meant."""
        return bool(self.language or Window(self.since, self.until) or self.as_of is not None)

    def conditions(self, session: Session) -> list[ColumnElement[bool]]:
        """The conditions for a statement over `articles` and `sources`, and over `revisions` if `of_revisions`.

        Raises:
            NotFound: A filter names something that the archive does not have.
        """
        found: list[ColumnElement[bool]] = []
        if self.source:
            _check_sources(session, self.source)
            found.append(ArticleRow.source_id.in_(self.source))
        if self.country:
            found.append(func.upper(SourceRow.country).in_(self.country))
        if self.language:
            found.append(or_(*(_speaks(tag.lower()) for tag in self.language)))
        if window := Window(self.since, self.until):
            found.append(window.condition(session))
        return found

    def shown(self, session: Session) -> ColumnElement[Any]:
        """The number of the revision of each article that is meant: the one last seen, or the one in force `as_of`."""
        if self.as_of is None:
            return ArticleRow.current_revision.expression
        return in_force(ArticleRow.pk.expression, end_by_source(session, self.as_of)).self_group()


def _speaks(tag: str) -> ColumnElement[bool]:
    language = func.lower(RevisionRow.language)
    return or_(language == tag, language.startswith(f"{tag}-", autoescape=True))


def _check_sources(session: Session, ids: tuple[str, ...]) -> None:
    known = set(session.scalars(select(SourceRow.id).where(SourceRow.id.in_(ids))))
    unknown = [i for i in ids if i not in known]
    if unknown:
        meant = did_you_mean(unknown, session.scalars(select(SourceRow.id)))
        raise NotFound(
            f"no such source: {', '.join(unknown)}{meant}", hint="`dateline status` lists the sources of the archive."
        )
