"""Articles, their aliases, revisions, observations and lineage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, TextClause, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.tables.base import Base, Key


class ArticleRow(Base):
    """A piece at one source. The text is in its revisions. Here are identity, state and what the next look needs."""

    __tablename__ = "articles"
    __table_args__ = (
        Index("ix_articles_source_id_first_seen_at", "source_id", "first_seen_at"),
        Index("ix_articles_source_id_state_extractor", "source_id", "state_extractor"),
        Index(
            "ix_articles_unplanned", "pk", sqlite_where=text("look_unplanned"), postgresql_where=text("look_unplanned")
        ),
        Index("ix_articles_next_look_at", "next_look_at"),
    )

    pk: Mapped[Key]
    id: Mapped[str] = mapped_column(unique=True)
    """Opaque and permanent."""
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    url: Mapped[str]
    """The address we last fetched it from."""
    canonical_url: Mapped[str]
    original_url: Mapped[str | None]
    status: Mapped[str]
    text_scope: Mapped[str]
    declared_language: Mapped[str | None]
    rights: Mapped[dict[str, Any] | None]
    """The signals of the publisher that the last look at the page found (`archive.model.capture.Rights.stored`). None means
    that there were none."""
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    """Last look that showed it alive."""
    looked_at: Mapped[datetime]
    """Last look of any outcome."""
    changed_at: Mapped[datetime]
    """When we last saw a new revision."""
    current_revision: Mapped[int | None]
    """Number of the revision last seen (not always the highest: flapping); None while withheld."""
    state_hashes: Mapped[dict[str, Any]]
    """Comparable hash per field of the state last seen, by the extractor named next."""
    state_extractor: Mapped[str]
    state_capture_pk: Mapped[int | None] = mapped_column(ForeignKey("captures.pk"))
    """Last capture whose body is kept and which showed the current state: re-extracted when the extractor is another."""
    state_layout: Mapped[str | None]
    """How the page was laid out then (see `archive.model.article.Article.layout`)."""
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    content_digest: Mapped[str | None]
    moved_to_pk: Mapped[int | None] = mapped_column(ForeignKey("articles.pk"))
    """The article to which this one's address leads now: the same piece, found at its new address first."""
    looks: Mapped[int] = mapped_column(default=0)
    """Looks of any outcome."""
    changes: Mapped[int] = mapped_column(default=0)
    """Looks that showed another state than the one before."""
    next_look_at: Mapped[datetime | None]
    """When the schedule looks again; None: not planned, or never."""
    look_why: Mapped[str | None]
    planned_after: Mapped[datetime | None]
    """The look that the plan rests on, …"""
    planned_changes: Mapped[int | None]
    """… and the changes known by then: what the next look shows teaches the source's habit."""
    look_unplanned: Mapped[bool] = mapped_column(default=True)
    """Something happened since the next look was planned."""
    hints: Mapped[dict[str, Any]]
    """What the channel claimed when it was found: part of every later extraction, so that looks stay comparable."""

    @classmethod
    def says_noarchive(cls) -> ColumnElement[bool]:
        """The condition for articles whose publisher said `noarchive` at the last look that showed the page."""
        return func.coalesce(cls.rights["noarchive"].as_boolean(), false())

    @classmethod
    def is_reserved(cls) -> ColumnElement[bool]:
        """The condition for articles whose publisher reserved text and data mining at the last look that showed the page."""
        return func.coalesce(cls.rights["tdm_reservation"].as_boolean(), false())

    @classmethod
    def is_unplanned(cls) -> TextClause:
        """The condition for articles whose next look is to be planned, in the words of their index: SQLite would not use it for
        `= 1`.
        """
        return text("articles.look_unplanned")


class AliasRow(Base):
    """An address under which an article of a source is known."""

    __tablename__ = "aliases"
    __table_args__ = (Index("ix_aliases_url_key", "url_key"),)

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    url_key: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    kind: Mapped[str]
    article_pk: Mapped[int] = mapped_column(ForeignKey("articles.pk"), index=True)
    first_seen_at: Mapped[datetime]


class RevisionRow(Base):
    """One published state of an article's text. It is never changed after it is written, but for the mark `noarchive`."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article_pk", "number"),)

    pk: Mapped[Key]
    article_pk: Mapped[int] = mapped_column(ForeignKey("articles.pk"))
    number: Mapped[int]
    capture_pk: Mapped[int] = mapped_column(ForeignKey("captures.pk"), index=True)
    captured_at: Mapped[datetime] = mapped_column(index=True)
    title: Mapped[str | None]
    lead: Mapped[str | None]
    body: Mapped[str | None]
    authors: Mapped[list[Any]]
    captions: Mapped[list[Any]]
    """[{"text", "credit", "image_url"}, …]"""
    language: Mapped[str | None]
    language_score: Mapped[float | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    published: Mapped[dict[str, Any] | None]
    """The claim in full: {"at", "precision", "raw", "source", "confidence", "zone"}."""
    modified_at: Mapped[datetime | None]
    modified: Mapped[dict[str, Any] | None]
    content_hash: Mapped[str]
    """`<version>:<hex>` over title, lead and body in comparable form."""
    field_hashes: Mapped[dict[str, Any]]
    changes: Mapped[list[Any]]
    """Kinds of change against the state before, as known when it was written; empty for the first."""
    extractor: Mapped[str]
    provenance: Mapped[dict[str, Any]]
    reasons: Mapped[dict[str, Any]]
    noarchive: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the last look that showed it found `noarchive`. It is then for the owner of the archive alone."""


class PlacementRow(Base):
    """The place in time of a revision, as far as its own row, which never changes, cannot give it: a capture of the past was
    recorded beside it later.
    """

    __tablename__ = "placements"

    revision_pk: Mapped[int] = mapped_column(ForeignKey("revisions.pk"), primary_key=True)
    since: Mapped[datetime]
    """When the oldest page was captured that shows it in one run with the page that it was read from."""
    tie: Mapped[str]
    """`<origin> <digest>` of that page: the order of captures of one instant."""
    changes: Mapped[list[Any]]
    """Kinds of change against the state that came before it in time; empty for the first."""


class ObservationRow(Base):
    """One look at an article."""

    __tablename__ = "observations"
    __table_args__ = (
        Index("ix_observations_article_pk_observed_at", "article_pk", "observed_at"),
        Index(
            "ix_observations_blocked",
            "observed_at",
            sqlite_where=text("outcome = 'blocked'"),
            postgresql_where=text("outcome = 'blocked'"),
        ),
    )

    pk: Mapped[Key]
    article_pk: Mapped[int] = mapped_column(ForeignKey("articles.pk"))
    capture_pk: Mapped[int | None] = mapped_column(ForeignKey("captures.pk"), index=True)
    observed_at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str]
    detail: Mapped[str | None]
    """What led to the outcome: `304`, `HTTP 404`, `connection refused`, the target of a move, `flapping` …"""
    revision_number: Mapped[int | None]
    """The revision this look showed, where it showed one."""
    text_digest: Mapped[str | None]
    """For withheld pages: digest of the comparable text, all that is kept of it."""


class DoubtfulPageRow(Base):
    """A look that showed another text than is known at an address, or at another one, which may be no article's: no revision was
    made of it.
    """

    __tablename__ = "doubtful_pages"
    __table_args__ = (Index("ix_doubtful_pages_source_id_text_hash", "source_id", "text_hash"),)

    pk: Mapped[Key]
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    url_key: Mapped[str]
    """Key of the address that was asked for."""
    article_pk: Mapped[int | None] = mapped_column(ForeignKey("articles.pk"), index=True)
    """The article that is known there. None: no article is."""
    capture_pk: Mapped[int] = mapped_column(ForeignKey("captures.pk"))
    seen_at: Mapped[datetime]
    text_hash: Mapped[str]
    """Hash of the text that it showed, without the headline."""


class LineageRow(Base):
    """What is known about where an article was taken from. The original need not be in the archive."""

    __tablename__ = "lineage"
    __table_args__ = (UniqueConstraint("article_pk", "relation", "url_key"),)

    pk: Mapped[Key]
    article_pk: Mapped[int] = mapped_column(ForeignKey("articles.pk"))
    relation: Mapped[str]
    url: Mapped[str | None]
    url_key: Mapped[str]
    """Key of the URL, or of the name where no URL is known."""
    name: Mapped[str | None]
    evidence: Mapped[list[Any]]
    copied_share: Mapped[float | None]
    first_seen_at: Mapped[datetime]
