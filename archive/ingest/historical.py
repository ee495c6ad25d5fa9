"""Captures of the past: a page that others captured takes its place in its article's history, by the time of its capture.

What an article is now (status, validators, last look, next look) comes from our own looks and stays as it is; only where a
capture is the latest evidence that there is does it become the state that the next look is compared with. Revisions keep their
numbers, texts and captures. What depends on the order in time is stored apart from them (`PlacementRow`) or belongs to the look
(its outcome, and the number that it shows).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.frontier.known_articles import kept_page
from archive.frontier.links import adopt_aliases
from archive.ingest.captures import store_capture
from archive.ingest.other_articles import which_changed_by_themselves
from archive.ingest.record import (
    Recorded,
    RecordedKind,
    add_revision,
    detail_of,
    find_article,
    new_article,
    record_aliases,
    record_lineage,
    set_rights,
    without_wrong_address,
)
from archive.model.article import Article
from archive.model.capture import Capture, Rights, RightsPolicy, rights_of
from archive.model.decisions.decide import hashes_to_compare
from archive.model.decisions.historical import NextLook, TimeKey, decide_historical, time_key
from archive.model.frontier import KeptPage
from archive.model.link import Hints
from archive.model.revision import Outcome, State, content_hash, state_of
from archive.model.text.urls import url_key
from archive.search import RevisionText
from archive.tables import ArticleRow, CaptureRow, ObservationRow, PlacementRow, RevisionRow
from archive.writer.writer import Transaction


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A revision that was shown just before or after a capture. `page` is None where its bytes are not kept."""

    number: int
    extractor: str
    page: KeptPage | None


def is_recorded(session: Session, capture: Capture) -> bool:
    """Return whether this very capture is in the archive."""
    return (
        session.scalar(
            select(CaptureRow.pk)
            .where(
                CaptureRow.source_id == capture.source_id,
                CaptureRow.url_key == url_key(capture.url),
                CaptureRow.captured_at == capture.captured_at,
                CaptureRow.origin == capture.origin.kind,
                CaptureRow.payload_digest == capture.transfer_digest,
            )
            .limit(1)
        )
        is not None
    )


def neighbours(session: Session, article_pk: int, capture: Capture) -> list[Neighbour]:
    """The revisions shown before and after a capture.

    The text of the capture is compared with theirs, as one extractor reads them.
    """
    looks = [look for look in _looks(session, article_pk) if look.number is not None]
    at = _index(looks, capture)
    numbers = dict.fromkeys(look.number for look in looks[max(0, at - 1) : at + 1])
    found = []
    for number in numbers:
        assert number is not None, "selected so"
        row, page = session.execute(
            select(RevisionRow, CaptureRow)
            .join(CaptureRow, CaptureRow.pk == RevisionRow.capture_pk)
            .where(RevisionRow.article_pk == article_pk, RevisionRow.number == number)
        ).one()
        found.append(Neighbour(number, row.extractor, kept_page(page)))
    return found


def record_historical(
    tx: Transaction,
    capture: Capture,
    article: Article,
    *,
    hints: Hints = Hints(),  # noqa: B008  # frozen
    read_again: Mapping[int, Article] | None = None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Recorded:
    """Record a capture of the past that shows an article. A capture that is in the archive already is left alone.

    `read_again` holds, by number, neighbours that another extractor had read, as today's reads them. Without them a capture
    between texts that cannot be compared with its own makes no revision.
    """
    session = tx.session
    article = without_wrong_address(tx, capture, article, None)
    row = find_article(tx, capture, article, None)
    if row is not None and is_recorded(session, capture):
        return Recorded("known", row.pk, row.current_revision, row.id)
    if row is None:
        row = _new(tx, capture, article, hints)
    looks = _looks(session, row.pk)
    today = _as_today(capture.rights, looks)
    if today.withheld_because(policy):
        capture = replace(capture, rights=today)
    withheld = capture.rights.withheld_because(policy)
    stored = store_capture(tx, capture, kept="response", policy=policy)
    session.flush()
    latest = _index(looks, capture) == len(looks)
    if withheld is not None:
        recorded = _record_withheld(tx, row, stored, article, looks, withheld, latest=latest)
    else:
        recorded = _record_text(tx, row, stored, article, looks, read_again or {}, latest=latest)
        record_lineage(tx, row, article)
        if capture.rights.noarchive or any(look.rights.noarchive for look in looks):
            _mark_revisions(session, row.pk)
    if latest:
        set_rights(row, today)
    row.last_seen_at = max(row.last_seen_at, capture.captured_at)
    keys = record_aliases(tx, row, capture, article)
    adopt_aliases(tx, row.source_id, keys, row.pk, article.title, article.main_text)
    return recorded


def _new(tx: Transaction, capture: Capture, article: Article, hints: Hints) -> ArticleRow:
    """An article that we have not looked at ourselves. It enters the archive now, and was last seen when it was captured."""
    row = new_article(tx, capture, article, hints)
    row.last_seen_at = row.changed_at = capture.captured_at
    tx.session.add(row)
    tx.session.flush()
    return row


def _as_today(rights: Rights, looks: Sequence[_Look]) -> Rights:
    """The rights of a capture, and what our own last look found the publisher to signal: the most restrictive wins."""
    own = next((look.rights for look in reversed(looks) if look.origin == "live"), Rights())
    said = (("noarchive", own.noarchive), ("tdm-reservation", own.tdm_reservation))
    return replace(
        rights,
        noarchive=rights.noarchive or own.noarchive,
        tdm_reservation=True if own.tdm_reservation else rights.tdm_reservation,
        tdm_policy=rights.tdm_policy or own.tdm_policy,
        evidence=(*rights.evidence, *(f"today: {signal}" for signal, is_given in said if is_given)),
    )


def _mark_revisions(session: Session, article_pk: int) -> None:
    """Mark each revision by the last look that showed it: with `noarchive` it is for the owner of the archive alone."""
    session.flush()
    marks = {look.number: look.rights.noarchive for look in _looks(session, article_pk)}
    for revision in session.scalars(select(RevisionRow).where(RevisionRow.article_pk == article_pk)):
        revision.noarchive = marks.get(revision.number, revision.noarchive)


# --- the looks in their order


@dataclass(slots=True)
class _Look:
    """A look that showed a text, or one that may not be kept (`number` None)."""

    row: ObservationRow
    time_key: TimeKey
    capture_pk: int | None
    text_digest: str | None
    rights: Rights

    @property
    def number(self) -> int | None:
        return self.row.revision_number

    @property
    def at(self) -> datetime:
        return self.time_key[0]

    @property
    def origin(self) -> str:
        return self.time_key[1]


def _looks(session: Session, article_pk: int) -> list[_Look]:
    """The looks that showed what the text was, in the order of their captures."""
    rows = session.execute(
        select(ObservationRow, CaptureRow.captured_at, CaptureRow.origin, CaptureRow.payload_digest, CaptureRow.rights)
        .outerjoin(CaptureRow, CaptureRow.pk == ObservationRow.capture_pk)
        .where(ObservationRow.article_pk == article_pk)
        .where(ObservationRow.revision_number.is_not(None) | ObservationRow.text_digest.is_not(None))
    )
    looks = [
        _Look(
            row,
            time_key(at or row.observed_at, origin or "live", digest, row.pk),
            row.capture_pk,
            row.text_digest,
            rights_of(rights),
        )
        for row, at, origin, digest, rights in rows
    ]
    return sorted(looks, key=lambda look: look.time_key)


def _index(looks: Sequence[_Look], capture: Capture) -> int:
    """How many of the looks come before the capture."""
    own = time_key(capture.captured_at, capture.origin.kind, capture.transfer_digest)
    return sum(look.time_key < own for look in looks)


# --- recording


def _record_withheld(
    tx: Transaction,
    row: ArticleRow,
    stored: CaptureRow,
    article: Article,
    looks: Sequence[_Look],
    reason: str,
    *,
    latest: bool,
) -> Recorded:
    """The publisher did not allow keeping the page then: digest and observation only."""
    state = state_of(article)
    digest = content_hash(state.hashes)
    before = [look for look in looks if look.at <= stored.captured_at]
    same = bool(before) and digest == (before[-1].text_digest or _hash_of(tx.session, row.pk, before[-1].number))
    _observe(tx, row, stored, "same" if same else "changed", detail=reason).text_digest = digest
    if latest:
        _set_state(row, article, state, None)
        row.status = "withheld"
    return Recorded("withheld", row.pk, article_id=row.id, first=not looks, withheld_because=reason)


def _hash_of(session: Session, article_pk: int, number: int | None) -> str | None:
    return session.scalar(
        select(RevisionRow.content_hash).where(RevisionRow.article_pk == article_pk, RevisionRow.number == number)
    )


def _record_text(
    tx: Transaction,
    row: ArticleRow,
    stored: CaptureRow,
    article: Article,
    looks: Sequence[_Look],
    read_again: Mapping[int, Article],
    *,
    latest: bool,
) -> Recorded:
    """The page may be kept: an observation, a revision if the text is new, and what the look after it means now."""
    state = state_of(article)
    own = time_key(stored.captured_at, stored.origin, stored.payload_digest)
    before, after = _before_and_after(looks, own)
    revisions = {
        revision.number: revision
        for revision in tx.session.scalars(select(RevisionRow).where(RevisionRow.article_pk == row.pk))
    }
    if before and _has_shrunk(article, revisions[_number(before[-1])]):
        _observe(tx, row, stored, "paywalled")
        return Recorded("paywalled", row.pk, row.current_revision, row.id, noarchive=bool(stored.rights["noarchive"]))
    states = _as_shown_by(tx.session, row, state, _states(revisions, read_again))
    meant = decide_historical(state, [_number(look) for look in before], _number(after[0]) if after else None, states)
    decision, number = meant.decision, meant.revision
    if number is None and decision.kind in ("new", "revised"):
        number = max(revisions, default=0) + 1
        add_revision(tx, row, number, stored, article, state, decision)
    outcome: Outcome = "same" if decision.kind in ("unchanged", "incomparable") else "changed"
    _observe(tx, row, stored, outcome, number=number, detail=detail_of(decision, meant.revision))
    if after and meant.next is not None:
        _Timeline(tx, row, revisions, before, after).change_next(meant.next, own)
    if latest and number is not None:
        if number != meant.revision:
            row.changed_at = max(row.changed_at, stored.captured_at)
        _show_revision(row, article, state, stored, number)
    kind: RecordedKind = "unchanged" if decision.kind == "incomparable" else decision.kind
    marked = bool(stored.rights["noarchive"])
    return Recorded(kind, row.pk, number, row.id, tuple(decision.changes), noarchive=marked)


def _before_and_after(looks: Sequence[_Look], own: TimeKey) -> tuple[list[_Look], list[_Look]]:
    """The looks that showed a text, before and after the place `own` in time."""
    shown = [look for look in looks if look.number is not None]
    before = [look for look in shown if look.time_key < own]
    return before, shown[len(before) :]


def _has_shrunk(article: Article, earlier: RevisionRow) -> bool:
    """Return whether readers might see less of the text than before, which does not mean that less was written."""
    return article.text_scope != "full" and "text_scope" not in earlier.reasons


def _show_revision(row: ArticleRow, article: Article, state: State, stored: CaptureRow, number: int) -> None:
    """Let the article show this revision, which the latest capture showed."""
    _set_state(row, article, state, stored)
    row.current_revision = number
    if row.status == "withheld":
        row.status = "live"


def _states(revisions: Mapping[int, RevisionRow], read_again: Mapping[int, Article]) -> dict[int, State]:
    """The states of revisions by number: as today's extractor reads them, where they were read again, else as stored."""
    states = {number: State(r.field_hashes, r.extractor) for number, r in revisions.items()}
    return states | {number: state_of(again) for number, again in read_again.items() if number in states}


def _as_shown_by(session: Session, row: ArticleRow, state: State, states: Mapping[int, State]) -> dict[int, State]:
    """The states, with `state` itself for each that differs from it in nothing but lines that change by themselves."""
    alike = which_changed_by_themselves(session, row.source_id, row.pk, state, list(states.values()))
    return {
        number: state if is_alike else other for (number, other), is_alike in zip(states.items(), alike, strict=True)
    }


def _set_state(row: ArticleRow, article: Article, state: State, stored: CaptureRow | None) -> None:
    """Let the next look be compared with this capture, which is the latest that there is.

    A server's word that nothing changed would be about an older page, so that look must be given the page.
    """
    row.state_hashes = dict(hashes_to_compare(state, State(row.state_hashes, row.state_extractor)))
    row.state_extractor = state.extractor
    row.state_capture_pk = stored.pk if stored is not None else None
    row.etag = row.last_modified = row.content_digest = None
    row.state_layout = article.layout
    row.text_scope = article.text_scope
    row.declared_language = article.declared_language
    row.original_url = article.original_url


def _observe(
    tx: Transaction,
    row: ArticleRow,
    stored: CaptureRow,
    outcome: Outcome,
    *,
    number: int | None = None,
    detail: str | None = None,
) -> ObservationRow:
    """Add the look that the capture is. It is none of ours: neither the count of our looks nor the next one depends on it."""
    observation = ObservationRow(
        article_pk=row.pk,
        capture_pk=stored.pk,
        observed_at=tx.now,
        outcome=outcome,
        detail=detail,
        revision_number=number,
    )
    tx.session.add(observation)
    return observation


def _number(look: _Look) -> int:
    assert look.number is not None, "a look that showed a text"
    return look.number


@dataclass(slots=True)
class _Timeline:
    """The looks before and after a capture that was recorded between them."""

    tx: Transaction
    article: ArticleRow
    revisions: Mapping[int, RevisionRow]
    before: Sequence[_Look]
    after: Sequence[_Look]

    def change_next(self, meaning: NextLook, own: TimeKey) -> None:
        """Change the look after the capture, which is at `own` in time, to what it means now."""
        look = self.after[0]
        revision = self.revisions[_number(look)]
        match meaning.kind:
            case "same":
                if look.row.outcome == "changed":
                    look.row.outcome, look.row.detail = "same", None
                if self._begins(look):
                    self._place(revision, own, self._changes(revision))
            case "differs":
                if self._begins(look):
                    self._place(revision, look.time_key, list(meaning.changes))
            case "flaps":
                look.row.outcome = "changed"
                look.row.detail = f"flapping: shows revision {revision.number} again"
            case "returns":
                look.row.outcome = "changed"
                self._split(revision, list(meaning.changes))

    def _begins(self, look: _Look) -> bool:
        """Return whether no look before the capture showed the same revision."""
        return all(earlier.number != look.number for earlier in self.before)

    def _split(self, revision: RevisionRow, changes: list[str]) -> None:
        """The revision came back: the part of its looks in which it was read keeps its number, the other gets a new one."""
        earlier = [look for look in self.before if look.number == revision.number]
        later = [look for look in self.after if look.number == revision.number]
        if any(look.capture_pk == revision.capture_pk for look in later):
            self._copy(revision, earlier, self._changes(revision))
            self._place(revision, later[0].time_key, changes)
            return
        copy = self._copy(revision, later, changes)
        if self.article.current_revision == revision.number:
            self.article.current_revision = copy.number

    def _copy(self, revision: RevisionRow, looks: Sequence[_Look], changes: list[str]) -> RevisionRow:
        """The same text as a revision of its own, shown by `looks`."""
        session = self.tx.session
        read = self._readable(looks)
        last = session.scalar(select(func.max(RevisionRow.number)).where(RevisionRow.article_pk == self.article.pk))
        copied = {
            name: getattr(revision, name)
            for name in RevisionRow.__table__.columns.keys()  # noqa: SIM118  # no dict
            if name not in ("pk", "number", "capture_pk", "captured_at", "changes", "provenance")
        }
        copy = RevisionRow(
            **copied,
            number=(last or 0) + 1,
            capture_pk=read.capture_pk or revision.capture_pk,
            captured_at=read.at,
            changes=changes,
            provenance=dict(revision.provenance) | {"text": f"as in revision {revision.number}, but for typography"},
        )
        session.add(copy)
        session.flush()
        self.tx.rows.index(RevisionText(copy.pk, copy.title, copy.lead, copy.body))
        if read is not looks[0]:
            self._place(copy, looks[0].time_key, changes)
        for look in looks:
            look.row.revision_number = copy.number
        return copy

    def _readable(self, looks: Sequence[_Look]) -> _Look:
        """The first of the looks whose bytes are kept, else the first."""
        pks = [look.capture_pk for look in looks if look.capture_pk is not None]
        wanted = select(CaptureRow.pk).where(CaptureRow.pk.in_(pks), CaptureRow.kept == "response")
        kept = set(self.tx.session.scalars(wanted))
        return next((look for look in looks if look.capture_pk in kept), looks[0])

    def _changes(self, revision: RevisionRow) -> list[str]:
        placed = self.tx.session.get(PlacementRow, revision.pk)
        return list(placed.changes if placed is not None else revision.changes)

    def _place(self, revision: RevisionRow, first: TimeKey, changes: list[str]) -> None:
        since, tie = first[0], f"{first[1]} {first[2]}"
        self.tx.session.merge(PlacementRow(revision_pk=revision.pk, since=since, tie=tie, changes=changes))
        self.tx.session.flush()
