"""Record one look at a page as rows. Articles, revisions and observations are written only here and in `historical`.

Each function is one work of the archive's writer: it happens wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from secrets import token_bytes
from typing import Any, Literal

from sqlalchemy import bindparam, func, inspect, select, update
from sqlalchemy.orm import Session

from archive.frontier.links import adopt_aliases, date_by_article, settle, text_of_article
from archive.ingest.captures import store_capture
from archive.ingest.other_articles import changed_by_itself
from archive.model.article import AliasKind, Article, ArticleStatus, ClaimedTime
from archive.model.capture import Capture, Rights, RightsPolicy, rights_of
from archive.model.days import bounds
from archive.model.decisions.another_page import ANOTHER_PAGE, ANOTHER_STORY, names_wrong_address
from archive.model.decisions.decide import Decision, DecisionKind, EarlierRevision, decide, hashes_to_compare
from archive.model.decisions.disappearance import is_confirmed_gone
from archive.model.decisions.unchanged_page import rights_of_unread
from archive.model.frontier import PendingLink
from archive.model.link import Hints, stored_hints
from archive.model.revision import LookOutcome, Outcome, State, content_hash, state_of
from archive.model.text.similarity import overlap
from archive.model.text.urls import url_key
from archive.search import RevisionText
from archive.tables import ArticleRow, CaptureRow, LineageRow, ObservationRow, RevisionRow, SourceRow
from archive.writer.writer import Transaction

RecordedKind = Literal[
    "known",  # a capture of the past that is in the archive already
    "new",
    "revised",
    "unchanged",
    "flapping",
    "withheld",
    "paywalled",
    "missing",
    "gone",
    "soft-404",
    "moved",
    "blocked",
    "failed",
]

FREED = "may be kept from this look on"
"""The detail of the observation of an article's first text, if the article was withheld before."""

CONFIRMS = "confirms the text that an earlier look showed first"
CONFIRMED = "confirmed by a later look"
"""The details of two looks: of the second, which showed that a doubtful text is the article's, and then of the first."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's: no letters that are taken for digits. There are 32, so that every one is as likely as the others in a byte."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a look meant.

    `revision` is the number of the revision that it showed. It is None where it showed none. `article_id` is the id by which
    people call the article. `changes` has the kinds of change, if the text differs from the one before.
    """

    kind: RecordedKind
    article_pk: int
    revision: int | None = None
    article_id: str = ""
    changes: tuple[str, ...] = ()
    first: bool = False
    """Whether the archive knew no article there before. It may know nothing of its text even now."""
    withheld_because: str | None = None
    """The signal that forbids keeping the page. None means that the page may be kept, or was not seen."""
    noarchive: bool = False
    """Whether the text that it showed is kept for the owner of the archive alone."""
    released: tuple[PendingLink, ...] = ()
    """Links of pages that named the article's address as theirs and have another text. They are to be read as they are."""
    was_withheld: bool = False
    """Whether this is the first text of an article that the archive has known without one."""


@dataclass(frozen=True, slots=True)
class FirstShown:
    """The look that first showed a text of which it was not known whether it is the article's: its capture, and its time in UTC."""

    capture_pk: int
    at: datetime


def record_article(
    tx: Transaction,
    capture: Capture,
    article: Article,
    *,
    link: int | None = None,
    known: int | None = None,
    hints: Hints = Hints(),  # noqa: B008  # frozen
    baseline: Article | None = None,
    first: FirstShown | None = None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Recorded:
    """Record a look that showed an article: its capture, aliases and observation, and a revision if its text changed.

    `link` is the key of the link that was fetched, `known` the key of the article that was looked at again. `baseline` is the
    last kept capture, as today's extractor reads it. It is needed where another version read the stored state, or where the page
    was laid out otherwise. Without it a look by another version can make no revision. `first` is the look that this one
    confirms: a revision then has its capture and its time.
    """
    article = without_wrong_address(tx, capture, article, known)
    state = state_of(article)
    row = find_article(tx, capture, article, known)
    if row is not None and _leads_elsewhere(tx, capture, article, row):
        _observe(tx, row, None, "moved", detail=f"redirects to another story: {article.canonical_url}")
        _mark_moved(row, None)
        row = None
    withheld = capture.rights.withheld_because(policy)
    if row is None:
        row = new_article(tx, capture, article, hints)
        decision = Decision("new")
    else:
        decision = _decide(tx.session, row, state, baseline, still_withheld=withheld is not None)
    marked = rights_of(row.rights).noarchive
    set_rights(row, capture.rights)
    if withheld:
        recorded = _record_withheld(tx, row, capture, article, state, decision, withheld, policy)
    elif row.current_revision is not None and row.text_scope == "full" and article.text_scope != "full":
        # What readers may see shrank, not what was written: the stored text stays.
        stored = store_capture(tx, capture, kept="response", policy=policy)
        _observe(tx, row, stored, "paywalled")
        _set_validators(row, capture, stored.content_digest)
        row.status = "paywalled"
        recorded = Recorded("paywalled", row.pk, row.current_revision, row.id, noarchive=capture.rights.noarchive)
    else:
        recorded = _record_text(tx, row, capture, article, state, decision, policy, first)
        if recorded.kind in ("unchanged", "flapping") and (marked or capture.rights.noarchive):
            _mark_revision(tx, row, capture.rights)
    keys = record_aliases(tx, row, capture, article)
    if link is not None:
        settle(tx, link, "done", article_pk=row.pk)
        if article.published is not None:
            date_by_article(tx, link, partial(_begin, tx, row.source_id, article.published))
    released = adopt_aliases(tx, row.source_id, keys, row.pk, article.title, article.main_text)
    return replace(recorded, released=released) if released else recorded


def _begin(tx: Transaction, source_id: str, published: ClaimedTime) -> datetime:
    """The instant of a claimed time. Of a day it is the instant at which the day began for the source."""
    if published.precision != "day":
        return published.at
    # Asked past the session, which would first write what the group has added so far, and that for every page.
    zone = tx.session.connection().scalar(_ZONE, {"source_id": source_id})
    return bounds(published.isoformat(), zone)[0]


_ZONE = select(SourceRow.timezone).where(SourceRow.id == bindparam("source_id"))


def record_look(
    tx: Transaction,
    pk: int,
    outcome: LookOutcome,
    *,
    capture: Capture | None = None,
    detail: str | None = None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Recorded:
    """Record a look at a known article that showed no new text: unchanged, missing, gone, blocked, failed …

    The stored text stays as it is. A first `missing` or `soft-404` is confirmed as `gone` by a second one.
    """
    row = tx.session.get_one(ArticleRow, pk)
    if capture is not None and outcome == "same":
        capture = _unread(row, capture)
    stored = _store_look(tx, row, outcome, capture, policy) if capture is not None else None
    if is_confirmed_gone(outcome, row.status, row.looked_at, tx.now):
        detail = f"{detail or outcome}, confirmed by a second look"
        outcome = "gone"
    _observe(tx, row, stored, outcome, detail=detail)
    if outcome == "same":
        row.last_seen_at = tx.now
        if capture is not None and stored is not None:
            _set_validators(row, capture, stored.content_digest)
            _set_unread(tx, row, capture, stored)
    row.status = _status_after(row.status, outcome)
    if outcome != "same":
        return Recorded(outcome, pk, row.current_revision, row.id)
    if stored is not None and stored.withheld_because is not None:
        return Recorded("withheld", pk, row.current_revision, row.id, withheld_because=stored.withheld_because)
    return Recorded("unchanged", pk, row.current_revision, row.id, noarchive=rights_of(row.rights).noarchive)


def record_another_page(
    tx: Transaction, pk: int | None, capture: Capture, *, policy: RightsPolicy
) -> tuple[Recorded | None, CaptureRow]:
    """Record a look that showed what may be another page than the article's, and return its capture as well.

    The page is kept: a later look may show that it was the article's. Where `pk` is None no article is known there, and what is
    recorded is None.
    """
    stored = store_capture(tx, capture, kept="response", policy=policy)
    if pk is None:
        return None, stored
    row = tx.session.get_one(ArticleRow, pk)
    _observe(tx, row, stored, "failed", detail=ANOTHER_PAGE)
    return Recorded("failed", pk, row.current_revision, row.id), stored


def _unread(row: ArticleRow, capture: Capture) -> Capture:
    """The capture of a page that was not read again, with the signals that its document bears as well."""
    not_modified = capture.answer.status == 304
    return replace(capture, rights=rights_of_unread(capture.rights, rights_of(row.rights), not_modified=not_modified))


def _set_unread(tx: Transaction, row: ArticleRow, capture: Capture, stored: CaptureRow) -> None:
    """Let follow from the signals of a page that was not read again what follows from them by now."""
    if stored.withheld_because is not None:
        row.status = "withheld"  # the same page, but from now on it may not be kept
        row.state_capture_pk = None
    marked = rights_of(row.rights).noarchive
    set_rights(row, capture.rights)
    if marked or capture.rights.noarchive:
        _mark_revision(tx, row, capture.rights)


def _store_look(
    tx: Transaction, row: ArticleRow, outcome: LookOutcome, capture: Capture, policy: RightsPolicy
) -> CaptureRow:
    """Store the capture of a look that showed no new text."""
    if outcome != "same":
        # A page that failed could not be read, and its meta tags may forbid to keep it.
        return store_capture(tx, capture, kept="digest" if outcome == "failed" else "response", policy=policy)
    same_as = tx.session.get(CaptureRow, row.state_capture_pk) if row.state_capture_pk else None
    if row.status == "withheld" or same_as is None:
        return store_capture(tx, capture, kept="digest", policy=policy)
    return store_capture(tx, capture, kept="response", policy=policy, same_as=same_as)


def _status_after(status: str, outcome: LookOutcome) -> str:
    """The status of an article after a look. A text that may not be shown stays withheld, whatever becomes of the page."""
    if status == "withheld":
        return status
    if outcome == "same":
        return status if status in ("live", "paywalled") else "live"
    return _STATUS_AFTER.get(outcome, status)


_STATUS_AFTER: Mapping[LookOutcome, ArticleStatus] = {
    "missing": "missing",
    "soft-404": "missing",
    "gone": "gone",
    "blocked": "blocked",
    "moved": "moved",
    "paywalled": "paywalled",
}


# --- what the publisher signals


def set_rights(row: ArticleRow, rights: Rights) -> None:
    """Remember what a look at the page found the publisher to signal."""
    stored = rights.stored() if rights != Rights() else None
    if stored != row.rights:
        row.rights = stored


def _mark_revision(tx: Transaction, row: ArticleRow, rights: Rights) -> None:
    """Mark the revision that was shown as one for the owner of the archive alone, or take that mark away."""
    shown = (RevisionRow.article_pk == row.pk) & (RevisionRow.number == row.current_revision)
    differs = RevisionRow.noarchive.is_not(rights.noarchive)
    statement = update(RevisionRow).where(shown, differs).values(noarchive=rights.noarchive)
    tx.session.execute(statement.execution_options(synchronize_session=False))


# --- which article


def without_wrong_address(tx: Transaction, capture: Capture, article: Article, known: int | None) -> Article:
    """The article with its page's own address as the canonical one, if the page names that of an article with another text."""
    own = [url_key(capture.final_url), url_key(capture.url)]
    named = url_key(article.canonical_url)
    if named in own:
        return article
    aliases = tx.aliases.articles(capture.source_id, [named, *own])
    other = aliases.get(named)
    if other is None or other in (known, *(aliases.get(key) for key in own)):
        return article
    if not names_wrong_address(article, *text_of_article(tx.session, other)):
        return article
    return article.under_its_own_address()


def article_at(tx: Transaction, capture: Capture, article: Article, known: int | None) -> int | None:
    """The key of the article that has one of the page's addresses, else `known`, the one that was looked at again."""
    keys = [url_key(article.canonical_url), url_key(capture.final_url), url_key(capture.url)]
    aliases = tx.aliases.articles(capture.source_id, keys)
    return next((aliases[key] for key in keys if key in aliases), known)


def find_article(tx: Transaction, capture: Capture, article: Article, known: int | None) -> ArticleRow | None:
    """The article that this page shows. None means that the archive does not have it."""
    session = tx.session
    pk = article_at(tx, capture, article, known)
    if pk is None:
        return None
    if known is not None and pk != known:
        # The page that we looked at again now shows another article that we know.
        looked_at = session.get_one(ArticleRow, known)
        _observe(tx, looked_at, None, "moved", detail=f"leads to {article.canonical_url}")
        _mark_moved(looked_at, pk)
    return session.get_one(ArticleRow, pk)


def _mark_moved(row: ArticleRow, target: int | None) -> None:
    if row.status != "withheld":  # what may not be shown stays so, whatever becomes of the page
        row.status = "moved"
    row.moved_to_pk = target


def _leads_elsewhere(tx: Transaction, capture: Capture, article: Article, row: ArticleRow) -> bool:
    """Return whether a known address was redirected to a page with another story."""
    if not capture.redirects or row.current_revision is None:
        return False
    if tx.aliases.articles(row.source_id, [url_key(article.canonical_url)]):
        return False
    current = revision_of(tx.session, row, row.current_revision)
    return bool(current.body and article.body) and overlap(current.body, article.body) < ANOTHER_STORY


def new_article(tx: Transaction, capture: Capture, article: Article, hints: Hints) -> ArticleRow:
    """The row of an article that the archive does not have. It is not written yet."""
    return ArticleRow(  # written when all is known about it, by `_observe`
        id="".join(_ALPHABET[byte % len(_ALPHABET)] for byte in token_bytes(12)),
        source_id=capture.source_id,
        url=capture.final_url,
        canonical_url=article.canonical_url,
        original_url=article.original_url,
        status="live",
        text_scope=article.text_scope,
        declared_language=article.declared_language,
        first_seen_at=tx.now,
        last_seen_at=tx.now,
        looked_at=tx.now,
        changed_at=tx.now,
        current_revision=None,
        state_hashes={},
        state_extractor=article.extractor,
        state_layout=article.layout,
        looks=0,
        changes=0,
        hints=stored_hints(hints),
    )


def addresses(capture: Capture, article: Article) -> list[tuple[AliasKind, str]]:
    """Every address by which a look reached or named the article."""
    found: list[tuple[AliasKind, str]] = [("canonical", article.canonical_url), ("requested", capture.url)]
    found += [("redirect", hop.url) for hop in capture.redirects[1:]]
    found.append(("redirect" if capture.redirects else "requested", capture.final_url))
    if article.amp_url:
        found.append(("amp", article.amp_url))
    return found


def record_aliases(tx: Transaction, row: ArticleRow, capture: Capture, article: Article) -> list[str]:
    """Record every address by which this look reached or named the article, and return their keys."""
    by_key: dict[str, tuple[AliasKind, str]] = {}
    for kind, url in addresses(capture, article):
        by_key.setdefault(url_key(url), (kind, url))
    there = tx.aliases.articles(row.source_id, by_key)
    for key, (kind, url) in by_key.items():
        if key not in there:
            tx.aliases.add(row.source_id, key, url, kind, row.pk, tx.now)
    return list(by_key)


# --- what its text means


def _decide(
    session: Session, row: ArticleRow, state: State, baseline: Article | None, *, still_withheld: bool
) -> Decision:
    if not row.state_hashes:
        return Decision("new")
    current = State(row.state_hashes, row.state_extractor)
    if row.status == "withheld" and not still_withheld and row.current_revision is not None:
        # What it said while it might not be kept is no revision: compared is the last text that we hold.
        held = revision_of(session, row, row.current_revision)
        current = State(held.field_hashes, held.extractor)
    if baseline is not None and (row.status != "withheld" or current.comparer != state.comparer):
        current = state_of(baseline)
    decision = decide(state, current)
    if decision.kind != "revised":
        return decision
    if changed_by_itself(session, row.source_id, row.pk, state, current):
        return Decision("unchanged", by_itself=True)
    if row.current_revision is None:
        return replace(decision, changes=())  # the first text that we hold differs from none
    past = [
        EarlierRevision(number, State(hashes, extractor))
        for number, hashes, extractor in session.execute(
            select(RevisionRow.number, RevisionRow.field_hashes, RevisionRow.extractor)
            .where(RevisionRow.article_pk == row.pk)
            .order_by(RevisionRow.captured_at, RevisionRow.number)
        )
    ]
    return decide(state, current, past)


def _record_withheld(
    tx: Transaction,
    row: ArticleRow,
    capture: Capture,
    article: Article,
    state: State,
    decision: Decision,
    reason: str,
    policy: RightsPolicy,
) -> Recorded:
    """The page may not be kept: digest and observation only."""
    stored = store_capture(tx, capture, kept="digest", policy=policy)
    changed = decision.kind in ("new", "revised", "flapping")
    _set_state(row, state, article)
    _set_validators(row, capture, stored.content_digest)
    if changed:
        row.changed_at = tx.now
    row.status = "withheld"
    row.state_capture_pk = None
    row.last_seen_at = tx.now
    digest = content_hash(state.hashes)
    shown = _held_as(tx, row, digest)
    outcome: Outcome = "changed" if changed else "same"
    _observe(tx, row, stored, outcome, detail=reason, text_digest=digest, shown=shown)
    if shown is not None:
        _mark_revision(tx, row, capture.rights)
    return Recorded("withheld", row.pk, article_id=row.id, first=row.looks <= 1, withheld_because=reason)


def _held_as(tx: Transaction, row: ArticleRow, digest: str) -> int | None:
    """The number of the revision last seen, if it has this text. None means that no revision holds the text."""
    if row.current_revision is None:
        return None
    return row.current_revision if revision_of(tx.session, row, row.current_revision).content_hash == digest else None


def _record_text(
    tx: Transaction,
    row: ArticleRow,
    capture: Capture,
    article: Article,
    state: State,
    decision: Decision,
    policy: RightsPolicy,
    shown_first: FirstShown | None,
) -> Recorded:
    """The page may be kept: capture, observation, and a revision if the text is new."""
    first = row.current_revision is None
    was_withheld = first and bool(row.state_hashes)
    moved = not first and url_key(article.canonical_url) != url_key(row.canonical_url)
    kind: RecordedKind = "new" if first else _KIND[decision.kind]
    # Of a text that might not be kept before, only a change since the last look is the publisher's.
    changed = decision.kind in ("new", "revised", "flapping")
    keep = first or changed or _is_new_baseline(row, article, decision)
    stored = store_capture(tx, capture, kept="response" if keep else "digest", policy=policy)
    number = _show(tx.session, row, kind, decision)
    if changed:
        row.changed_at = tx.now
    if keep:
        row.state_capture_pk = stored.pk
    _set_state(row, state, article)
    _describe(row, capture, article)
    row.status = "live"
    row.last_seen_at = tx.now
    _set_validators(row, capture, stored.content_digest)
    if number is not None and shown_first is not None:
        _observe(tx, row, stored, "same", detail=CONFIRMS)
        add_revision(tx, row, number, _confirm(tx, row, number, shown_first), article, state, decision)
        _mark_revision(tx, row, capture.rights)
    else:
        detail = FREED if was_withheld else _detail(decision, number)
        outcome, said = _outcome(detail, changed=changed, moved_to=article.canonical_url if moved else None)
        _observe(tx, row, stored, outcome, detail=said)
        if number is not None:
            add_revision(tx, row, number, stored, article, state, decision)
    if keep:
        record_lineage(tx, row, article)
    return Recorded(
        kind,
        row.pk,
        row.current_revision,
        row.id,
        tuple(decision.changes),
        noarchive=capture.rights.noarchive,
        was_withheld=was_withheld,
    )


def _detail(decision: Decision, number: int | None) -> str | None:
    """The detail of an observation that made revision `number`, or none. None means that there is nothing to say."""
    return detail_of(decision, decision.earlier) if number is None else None


def _outcome(detail: str | None, *, changed: bool, moved_to: str | None) -> tuple[Outcome, str | None]:
    """What a look showed, and the detail of its observation. `moved_to` is None unless the article has a new address."""
    if changed:
        return "changed", detail
    return ("same", detail) if moved_to is None else ("moved", f"moved to {moved_to}")


def _confirm(tx: Transaction, row: ArticleRow, number: int, first: FirstShown) -> CaptureRow:
    """Let the look that first showed a revision's text be the one that found it, and return its capture."""
    look = (ObservationRow.article_pk == row.pk) & (ObservationRow.capture_pk == first.capture_pk)
    found = {"outcome": "changed", "revision_number": number, "detail": CONFIRMED}
    tx.session.execute(update(ObservationRow).where(look).values(found).execution_options(synchronize_session=False))
    row.changes += 1
    row.changed_at = first.at
    return tx.session.get_one(CaptureRow, first.capture_pk)


_KIND: Mapping[DecisionKind, RecordedKind] = {
    "new": "revised",
    "revised": "revised",
    "unchanged": "unchanged",
    "incomparable": "unchanged",
    "flapping": "flapping",
}
"""What a look meant for an article that has a revision already. `new` is only what makes the first one."""


def _show(session: Session, row: ArticleRow, kind: RecordedKind, decision: Decision) -> int | None:
    """Let the article show the revision that a look showed, and return its number if it is to be written.

    None means that the look made no revision.
    """
    if kind in ("new", "revised"):
        row.current_revision = _next_number(session, row)
        return row.current_revision
    if kind == "flapping":
        row.current_revision = decision.earlier
    return None


def _is_new_baseline(row: ArticleRow, article: Article, decision: Decision) -> bool:
    """Return whether the next look is compared with this one although nothing changed.

    Otherwise a look that finds nothing changed keeps no second body.
    """
    laid_out_anew = row.state_layout is not None and row.state_layout != article.layout
    return laid_out_anew or decision.kind == "incomparable" or row.status == "withheld"


def _describe(row: ArticleRow, capture: Capture, article: Article) -> None:
    """Set what the article's row says of its page."""
    row.url = capture.final_url
    row.canonical_url = article.canonical_url
    row.original_url = article.original_url
    row.text_scope = article.text_scope
    row.declared_language = article.declared_language


def detail_of(decision: Decision, shown: int | None) -> str | None:
    """The detail of an observation that made no revision, with the number of the revision that it shows.

    None means that there is nothing to say.
    """
    match decision.kind:
        case "flapping":
            return f"flapping: shows revision {shown} again"
        case "incomparable":
            return "read by another version of the extractor: not compared"
        case "unchanged" if decision.by_itself:
            return "only lines that change by themselves differ"
    return None


def _next_number(session: Session, row: ArticleRow) -> int:
    if not row.looks:
        return 1
    last = session.scalar(select(func.max(RevisionRow.number)).where(RevisionRow.article_pk == row.pk))
    return (last or 0) + 1


def add_revision(
    tx: Transaction,
    row: ArticleRow,
    number: int,
    capture: CaptureRow,
    article: Article,
    state: State,
    decision: Decision,
) -> None:
    """Add a revision of an article, and its text to the full-text index."""
    revision = RevisionRow(
        article_pk=row.pk,
        number=number,
        capture_pk=capture.pk,
        captured_at=capture.captured_at,
        title=article.title,
        lead=article.lead,
        body=article.body,
        authors=list(article.authors),
        captions=[{"text": c.text, "credit": c.credit, "image_url": c.image_url} for c in article.captions],
        language=article.language,
        language_score=article.language_score,
        published_at=article.published.at if article.published else None,
        published=_claim(article.published),
        modified_at=article.modified.at if article.modified else None,
        modified=_claim(article.modified),
        content_hash=content_hash(state.hashes),
        field_hashes=dict(state.hashes),
        changes=list(decision.changes),
        extractor=article.extractor,
        provenance=dict(article.provenance),
        reasons=dict(article.reasons),
        noarchive=bool(capture.rights["noarchive"]),
    )
    tx.rows.add(revision)
    tx.rows.index(RevisionText(revision.pk, article.title, article.lead, article.body))


def _claim(time: ClaimedTime | None) -> dict[str, Any] | None:
    if time is None:
        return None
    return {
        "at": time.isoformat(),
        "precision": time.precision,
        "raw": time.raw,
        "source": time.source,
        "confidence": time.confidence,
        "zone": time.zone,
    }


def _set_state(row: ArticleRow, state: State, article: Article) -> None:
    row.state_hashes = dict(hashes_to_compare(state, State(row.state_hashes, row.state_extractor)))
    row.state_extractor = state.extractor
    row.state_layout = article.layout


def _set_validators(row: ArticleRow, capture: Capture, content_digest: str | None) -> None:
    answer = capture.answer
    row.etag = answer.header("etag") or (row.etag if answer.status == 304 else None)
    row.last_modified = answer.header("last-modified") or (row.last_modified if answer.status == 304 else None)
    if answer.status == 200:
        row.content_digest = content_digest


def record_lineage(tx: Transaction, row: ArticleRow, article: Article) -> None:
    """Record where a page says that its article was taken from. Evidence of a claim that is known already is replaced."""
    claims = {(c.relation, url_key(c.url) if c.url else (c.name or "")): c for c in article.lineage}
    there: dict[tuple[str, str], LineageRow] = {}
    if claims and not inspect(row).transient:  # of an article made just now nothing is stored
        stored = tx.session.scalars(select(LineageRow).where(LineageRow.article_pk == row.pk))
        there = {(known.relation, known.url_key): known for known in stored}
    for (relation, key), claim in claims.items():
        if (known := there.get((relation, key))) is not None:
            known.evidence = list(claim.evidence)
            continue
        tx.rows.add(
            LineageRow(
                article_pk=row.pk,
                relation=relation,
                url=claim.url,
                url_key=key,
                name=claim.name,
                evidence=list(claim.evidence),
                first_seen_at=tx.now,
            )
        )


def _observe(
    tx: Transaction,
    row: ArticleRow,
    capture: CaptureRow | None,
    outcome: Outcome,
    *,
    detail: str | None = None,
    text_digest: str | None = None,
    shown: int | None = None,
) -> None:
    """Add the observation that every look leaves. An article's row that is new is written, too.

    `text_digest` is that of a text that may not be kept, and `shown` the revision that has this text. It is None where no
    revision has it.
    """
    row.looked_at = tx.now
    row.looks += 1
    row.changes += outcome == "changed" and row.looks > 1
    row.look_unplanned = True
    if row.pk is None:
        tx.rows.add(row)
    shows_text = outcome in ("same", "changed", "moved")
    tx.rows.add(
        ObservationRow(
            article_pk=row.pk,
            capture_pk=capture.pk if capture else None,
            observed_at=tx.now,
            outcome=outcome,
            detail=detail,
            revision_number=shown if text_digest else row.current_revision if shows_text else None,
            text_digest=text_digest,
        )
    )


def revision_of(session: Session, row: ArticleRow, number: int) -> RevisionRow:
    """The revision of an article that has this number."""
    return session.scalars(
        select(RevisionRow).where(RevisionRow.article_pk == row.pk, RevisionRow.number == number)
    ).one()
