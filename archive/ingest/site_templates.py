"""What was learnt of the sites: evidence as it comes in, the templates in force, and those that were in force before.

It is bounded for each source: evidence of `WINDOW` articles, `HISTORY` templates. Each function is part of one transaction, so
that a crash leaves either what was known before or what is known now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from archive.model.site_memory import (
    FORMAT,
    WINDOW,
    Evidence,
    Learnt,
    Memory,
    in_doubt,
    is_collecting,
    mark,
    next_step,
)
from archive.tables import EvidenceRow, SiteMemoryRow, TemplateRow
from archive.writer.writer import Transaction

HISTORY = 20
_LONGEST_RECENT = 64


@dataclass(frozen=True, slots=True)
class SiteState:
    """What is known of a site for reading its pages.

    `seen` is the number of distinct articles seen since learning began. `recent` says how the template did on the last pages
    (see `SiteMemoryRow.recent`).
    """

    learnt: Learnt = field(default_factory=Learnt)
    seen: int = 0
    recent: str = ""

    @property
    def memory(self) -> Memory:
        """What a reading of a page is given of it."""
        return Memory.of(self.learnt, collecting=is_collecting(self.seen), checking=in_doubt(self.recent))


@dataclass(frozen=True, slots=True)
class PageNote:
    """What the reading of an article's page says of the site.

    `new` says that the archive had not known the article. `fit` is described at `crawler.reading.page.Reading`.
    """

    article_pk: int
    url: str
    new: bool
    fit: str | None = None
    evidence: Evidence | None = None


def load_sites(session: Session, source_ids: Iterable[str]) -> dict[str, SiteState]:
    """What is known of the sites of these sources, by source. Sources of whose site nothing is known are missing."""
    wanted = list(source_ids)
    rows = session.scalars(
        select(TemplateRow)
        .where(TemplateRow.source_id.in_(wanted), TemplateRow.retired_at.is_(None))
        .order_by(TemplateRow.pk)
    ).all()
    learnt = {row.source_id: Learnt.from_json(row.learnt) for row in rows if row.format == FORMAT}
    others = {row.source_id for row in rows if row.format != FORMAT} - learnt.keys()
    states = session.scalars(select(SiteMemoryRow).where(SiteMemoryRow.source_id.in_(wanted)))
    return {
        row.source_id: SiteState(learnt.get(row.source_id, Learnt()), row.seen, row.recent)
        for row in states
        if row.source_id not in others  # learnt by another version of the code: learning begins again
    }


def load_site(tx: Transaction, source_id: str) -> SiteState:
    """What is known of one source's site, with what this transaction has done."""
    tx.session.flush()
    return load_sites(tx.session, [source_id]).get(source_id, SiteState())


def record_pages(tx: Transaction, source_id: str, notes: Sequence[PageNote]) -> bool:
    """Record what pages of a source say of its site. Return whether it is time to learn."""
    session = tx.session
    row = _row(session, source_id)
    if _forget_other_formats(session, source_id, tx.now):
        row.seen, row.recent, row.fitted, row.misfitted = 0, "", 0, 0
    before = row.seen
    for each in notes:
        if each.fit is not None:
            _count(row, each, tx.now)
        if each.evidence is not None and is_collecting(row.seen):
            row.seen += _keep_evidence(tx, source_id, each.article_pk, each.evidence)
        elif each.new:
            row.seen += 1
    row.recent = row.recent[-_LONGEST_RECENT:]
    return row.seen >= next_step(before)


def load_evidence(tx: Transaction, source_id: str) -> list[Evidence]:
    """The evidence of a source, the newest first. Evidence older than that of `WINDOW` articles is deleted."""
    session = tx.session
    rows = session.scalars(
        select(EvidenceRow)
        .where(EvidenceRow.source_id == source_id, EvidenceRow.format == FORMAT)
        .order_by(EvidenceRow.noted_at.desc(), EvidenceRow.article_pk.desc())
    ).all()
    for row in rows[WINDOW:]:
        session.delete(row)
    return [Evidence.from_json(row.evidence) for row in rows[:WINDOW]]


def put_in_force(tx: Transaction, source_id: str, learnt: Learnt) -> bool:
    """Put what was learnt in force. Return whether it says anything new."""
    session = tx.session
    row = _row(session, source_id)
    current = _in_force(session, source_id)
    if not is_collecting(row.seen):
        session.execute(delete(EvidenceRow).where(EvidenceRow.source_id == source_id))
    if learnt.digest == (current.digest if current else ""):
        return False
    if current is not None:
        _retire(current, f"learnt anew from {row.seen} articles", tx.now)
    _add(tx, source_id, learnt, row.seen)
    before = Learnt.from_json(current.learnt) if current else Learnt()
    if before.template != learnt.template:
        row.recent, row.fitted, row.misfitted = "", 0, 0
        if learnt.template is not None:
            row.redesigned_at = row.redesign = None
    return True


def retire(tx: Transaction, source_id: str, because: str) -> None:
    """Retire the template in force, because it fits no more.

    Pages are then read the generic way, and learning begins again. Lines that recur stay known.
    """
    session = tx.session
    row, current = _row(session, source_id), _in_force(session, source_id)
    assert current is not None, "a template that did not fit was in force"
    _retire(current, because, tx.now)
    blocks = Learnt.from_json(current.learnt).blocks
    if blocks:
        _add(tx, source_id, Learnt(None, blocks), row.seen)
    session.execute(delete(EvidenceRow).where(EvidenceRow.source_id == source_id))
    row.seen, row.recent, row.fitted, row.misfitted = 0, "", 0, 0
    row.redesigned_at, row.redesign = tx.now, because


# --- for people


@dataclass(frozen=True, slots=True)
class TemplatePast:
    """A template, in force or retired. Times are UTC.

    `articles` is the number of articles seen when it was learnt. `retired_at` is None while it is in force.
    """

    digest: str
    learnt: Learnt
    articles: int
    learnt_at: datetime
    retired_at: datetime | None = None
    retired_because: str | None = None
    ignored: bool = False
    """Learnt by another version of Dateline."""


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """All that is known of a site's pages, for people. `history` has the templates, newest first."""

    seen: int = 0
    evidence: int = 0
    recent: str = ""
    fitted: int = 0
    misfitted: int = 0
    checked_at: datetime | None = None
    last_misfit: str | None = None
    redesigned_at: datetime | None = None
    redesign: str | None = None
    history: tuple[TemplatePast, ...] = ()

    @property
    def current(self) -> TemplatePast | None:
        """The template in force. None means that there is none."""
        return next((past for past in self.history if past.retired_at is None and not past.ignored), None)


def site_memory(session: Session, source_id: str) -> SiteMemory:
    """What the archive knows of one source's site, for people."""
    row = session.get(SiteMemoryRow, source_id)
    if row is None:
        return SiteMemory()
    templates = session.scalars(
        select(TemplateRow).where(TemplateRow.source_id == source_id).order_by(TemplateRow.pk.desc())
    )
    held = session.scalar(select(func.count()).where(EvidenceRow.source_id == source_id)) or 0
    return SiteMemory(
        seen=row.seen,
        evidence=held,
        recent=row.recent,
        fitted=row.fitted,
        misfitted=row.misfitted,
        checked_at=row.checked_at,
        last_misfit=row.last_misfit,
        redesigned_at=row.redesigned_at,
        redesign=row.redesign,
        history=tuple(_past(template) for template in templates),
    )


def redesigns(session: Session, since: datetime) -> dict[str, str]:
    """What was seen, by source, when a template was retired since then and no other is learnt yet."""
    rows = select(SiteMemoryRow.source_id, SiteMemoryRow.redesign).where(SiteMemoryRow.redesigned_at >= since)
    return {source_id: detail or "" for source_id, detail in session.execute(rows)}


def _past(row: TemplateRow) -> TemplatePast:
    ignored = row.format != FORMAT
    learnt = Learnt() if ignored else Learnt.from_json(row.learnt)
    return TemplatePast(row.digest, learnt, row.seen, row.learnt_at, row.retired_at, row.retired_because, ignored)


# --- rows


def _row(session: Session, source_id: str) -> SiteMemoryRow:
    """The source's row, locked; made where there is none."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(SiteMemoryRow).values(source_id=source_id, seen=0, recent="", fitted=0, misfitted=0)
    session.execute(new.on_conflict_do_nothing())
    return session.scalars(select(SiteMemoryRow).where(SiteMemoryRow.source_id == source_id).with_for_update()).one()


def _in_force(session: Session, source_id: str) -> TemplateRow | None:
    wanted = select(TemplateRow).where(
        TemplateRow.source_id == source_id, TemplateRow.retired_at.is_(None), TemplateRow.format == FORMAT
    )
    return session.scalars(wanted.order_by(TemplateRow.pk.desc())).first()


def _forget_other_formats(session: Session, source_id: str, now: datetime) -> bool:
    """Retire what another version of the code learnt, if that is in force, and drop what it was learning from."""
    others = session.scalars(
        select(TemplateRow).where(
            TemplateRow.source_id == source_id, TemplateRow.retired_at.is_(None), TemplateRow.format != FORMAT
        )
    ).all()
    for row in others:
        _retire(row, "learnt by another version of Dateline", now)
    if others:
        session.execute(delete(EvidenceRow).where(EvidenceRow.source_id == source_id, EvidenceRow.format != FORMAT))
    return bool(others) and _in_force(session, source_id) is None


def _count(row: SiteMemoryRow, each: PageNote, now: datetime) -> None:
    row.checked_at = now
    row.recent += mark(each.fit or "")
    if each.fit:
        row.misfitted += 1
        row.last_misfit = f"{each.fit}: {each.url}"
    else:
        row.fitted += 1


def _keep_evidence(tx: Transaction, source_id: str, article_pk: int, found: Evidence) -> bool:
    """Store a page's evidence in place of what the article's page taught before. Return whether it is of another article than
    before.
    """
    values = {"format": FORMAT, "noted_at": tx.now, "evidence": found.as_json()}
    row = tx.session.get(EvidenceRow, (source_id, article_pk))
    if row is None:
        tx.session.add(EvidenceRow(source_id=source_id, article_pk=article_pk, **values))
        return True
    row.format, row.noted_at, row.evidence = FORMAT, tx.now, found.as_json()
    return False


def _retire(row: TemplateRow, because: str, now: datetime) -> None:
    row.retired_at, row.retired_because = now, because


def _add(tx: Transaction, source_id: str, learnt: Learnt, seen: int) -> None:
    session = tx.session
    session.add(
        TemplateRow(
            source_id=source_id,
            format=FORMAT,
            digest=learnt.digest,
            learnt=learnt.as_json(),
            seen=seen,
            learnt_at=tx.now,
        )
    )
    session.flush()
    kept = select(TemplateRow.pk).where(TemplateRow.source_id == source_id).order_by(TemplateRow.pk.desc())
    oldest = session.scalars(kept.offset(HISTORY)).all()
    if oldest:
        session.execute(delete(TemplateRow).where(TemplateRow.pk.in_(oldest)))
