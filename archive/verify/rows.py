"""Rows against each other and against what can be computed again: texts and their hashes, articles and the looks at them.

Nothing here asks for more than ingest promises (`archive.ingest.record`, `archive.ingest.historical`): what a crawl may leave is no problem.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, get_args

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from archive.model.article import AliasKind, ArticleStatus, Relation, TextScope
from archive.model.capture import OriginKind, rights_of
from archive.model.decisions.decide import KINDS
from archive.model.revision import Outcome, content_hash
from archive.model.text.comparable import VERSION, text_hash
from archive.model.text.urls import url_key
from archive.storage.queries import chunks
from archive.tables import (
    AliasRow,
    ArticleRow,
    CaptureRow,
    LineageRow,
    LinkRow,
    ObservationRow,
    PlacementRow,
    RevisionRow,
)
from archive.verify.problems import Kind, Problem

BATCH = 200
SLACK = timedelta(hours=1)
"""By how much the machine's clock may have been set back between an answer and the look that it made."""
_SHOWS_TEXT = ("same", "changed", "moved")
_STATUS_AFTER = {
    "same": {"live", "paywalled"},
    "changed": {"live"},
    "moved": {"live", "moved"},
    "missing": {"missing"},
    "soft-404": {"missing"},
    "gone": {"gone"},
    "blocked": {"blocked"},
    "paywalled": {"paywalled"},
}
"""The status of an article by its last look of our own; what may not be kept stays `withheld`, and a look that failed leaves it."""
_HASH = re.compile(r"t\d+:[0-9a-f]{32}")
_NOTHING = f"sha256:{sha256(b'').hexdigest()}"


@dataclass
class _Piece:
    """One article with all that refers to it."""

    row: ArticleRow
    revisions: list[RevisionRow] = field(default_factory=list)
    observations: list[ObservationRow] = field(default_factory=list)
    captures: dict[int, CaptureRow] = field(default_factory=dict)
    aliases: list[AliasRow] = field(default_factory=list)
    placements: list[PlacementRow] = field(default_factory=list)
    lineage: list[LineageRow] = field(default_factory=list)

    @property
    def own(self) -> list[ObservationRow]:
        """Our own looks, in the order in which they were made."""
        return [look for look in self.observations if self.origin(look) == "live"]

    @property
    def has_past_looks(self) -> bool:
        """Whether some of the looks were made by others (web archives, WARC files)."""
        return len(self.own) < len(self.observations)

    @property
    def was_withheld(self) -> bool:
        """Whether a look found a text that might not be kept. The first that may be kept is then no change of it."""
        return any(look.text_digest is not None for look in self.observations)

    def origin(self, look: ObservationRow) -> str:
        capture = self.captures.get(look.capture_pk or 0)
        return capture.origin if capture is not None else "live"

    def captured(self, look: ObservationRow) -> CaptureRow | None:
        return self.captures.get(look.capture_pk or 0)

    def problem(self, kind: Kind, said: str, subject: str | None = None) -> Problem:
        return Problem(kind, said, subject or f"article {self.row.id}", self.row.source_id, self.row.url)


def check_articles(session: Session, pks: Sequence[int]) -> Iterator[Problem]:
    """Yield the problems of these articles (`articles.pk`), with their revisions, looks, captures and addresses."""
    for piece in _pieces(session, pks):
        for revision in piece.revisions:
            yield from _revision(piece, revision)
        yield from _numbers(piece)
        for look in piece.observations:
            yield from _look(piece, look)
        yield from _article(piece)
        for capture in piece.captures.values():
            yield from _capture(piece, capture)
        yield from _addresses(piece)
        yield from _beside(piece)
    session.expunge_all()


def check_loose_captures(session: Session) -> Iterator[Problem]:
    """Yield the problems of captures that no look refers to: lists that were polled, and pages that showed no article.

    If a look is gone, its article shows that, because it counts its looks.
    """
    looked = exists().where(ObservationRow.capture_pk == CaptureRow.pk)
    loose = select(CaptureRow).where(~looked).order_by(CaptureRow.pk).execution_options(yield_per=BATCH)
    for row in session.scalars(loose):
        for said in _of_capture(row):
            place = (row.source_id, row.url, row.warc_file, row.warc_offset, row.pk)
            yield Problem("capture-changed", said, f"capture {row.pk}", *place)


def check_links(session: Session) -> Iterator[Problem]:
    """Yield links whose key is that of another address."""
    links = select(LinkRow.pk, LinkRow.source_id, LinkRow.url, LinkRow.url_key).order_by(LinkRow.pk)
    for pk, source, url, key in session.execute(links.execution_options(yield_per=5000)):
        if url_key(url) != key:
            yield Problem("address-changed", f"its key is that of another address: {key}", f"link {pk}", source, url)


def _pieces(session: Session, pks: Sequence[int]) -> list[_Piece]:
    rows = session.scalars(select(ArticleRow).where(ArticleRow.pk.in_(pks)).order_by(ArticleRow.pk))
    pieces = {row.pk: _Piece(row) for row in rows}
    for revision in session.scalars(
        select(RevisionRow).where(RevisionRow.article_pk.in_(pks)).order_by(RevisionRow.number)
    ):
        pieces[revision.article_pk].revisions.append(revision)
    for look in session.scalars(
        select(ObservationRow).where(ObservationRow.article_pk.in_(pks)).order_by(ObservationRow.pk)
    ):
        pieces[look.article_pk].observations.append(look)
    for alias in session.scalars(select(AliasRow).where(AliasRow.article_pk.in_(pks))):
        pieces[alias.article_pk].aliases.append(alias)
    for claim in session.scalars(select(LineageRow).where(LineageRow.article_pk.in_(pks))):
        pieces[claim.article_pk].lineage.append(claim)
    for placed, article in session.execute(
        select(PlacementRow, RevisionRow.article_pk)
        .join(RevisionRow, RevisionRow.pk == PlacementRow.revision_pk)
        .where(RevisionRow.article_pk.in_(pks))
    ):
        pieces[article].placements.append(placed)
    named: defaultdict[int, list[_Piece]] = defaultdict(list)
    for piece in pieces.values():
        wanted = {look.capture_pk for look in piece.observations} | {r.capture_pk for r in piece.revisions}
        for pk in wanted | {piece.row.state_capture_pk}:
            if pk is not None:
                named[pk].append(piece)
    for chunk in chunks(named):
        for capture in session.scalars(select(CaptureRow).where(CaptureRow.pk.in_(chunk))):
            for piece in named[capture.pk]:
                piece.captures[capture.pk] = capture
    return list(pieces.values())


# --- revisions


def _revision(piece: _Piece, row: RevisionRow) -> Iterator[Problem]:
    for said in _as_written(piece, row):
        yield piece.problem("revision-changed", said, f"revision {row.number} of article {piece.row.id}")


def _as_written(piece: _Piece, row: RevisionRow) -> Iterator[str]:
    yield from _hashes_of_revision(row)
    for name, claim, at in (
        ("publication", row.published, row.published_at),
        ("change", row.modified, row.modified_at),
    ):
        if (at is None) != (claim is None) or (claim is not None and at is not None and not _claims(claim, at)):
            yield f"its time of {name} is not the one that was read"
    if not set(row.changes) <= set(KINDS) or len(set(row.changes)) != len(row.changes):
        yield "the kinds of change that it names are none of ours"
    yield from _capture_of_revision(piece, row)


def _hashes_of_revision(row: RevisionRow) -> Iterator[str]:
    hashes = row.field_hashes
    if not _HASH.fullmatch(row.content_hash):
        yield "its content hash is none"
    elif row.content_hash.startswith(f"{VERSION}:") or any(str(h).startswith(f"{VERSION}:") for h in hashes.values()):
        # Hashes by the rules of another version cannot be made again.
        made = _hashes_made_again(row)
        changed = [kind for kind in KINDS if made[kind] != hashes.get(kind)]
        if changed:
            yield f"its {', '.join(changed)} differs from the hash that was made when it was written"
        if row.content_hash != content_hash({name: hashes.get(name) for name in ("headline", "lead", "body")}):
            yield "its content hash is not that of its text"


def _hashes_made_again(row: RevisionRow) -> dict[str, str | None]:
    """The hash of each kind of change, from the text as it is stored."""
    captions = sorted(text_hash(c["text"], c["credit"]) for c in row.captions if c["text"])
    return {
        "headline": text_hash(row.title) if row.title else None,
        "lead": text_hash(row.lead) if row.lead else None,
        "body": text_hash(row.body) if row.body else None,
        "byline": text_hash(*sorted(row.authors)) if row.authors else None,
        "date": row.published["at"] if row.published else None,
        "caption": text_hash(*captions) if captions else None,
    }


def _capture_of_revision(piece: _Piece, row: RevisionRow) -> Iterator[str]:
    capture = piece.captures.get(row.capture_pk)
    copied = str(row.provenance.get("text", "")).startswith("as in revision")
    if capture is not None and capture.captured_at != row.captured_at and not copied:
        yield f"it was captured at {row.captured_at.isoformat()}, and its capture at {capture.captured_at.isoformat()}"
    if all(look.revision_number != row.number for look in piece.observations):
        yield "no observation shows it"
    elif not copied and all(look.capture_pk != row.capture_pk for look in piece.observations):
        yield "its capture is that of no look at the article"


def _claims(claim: dict[str, Any], at: datetime) -> bool:
    try:
        said = datetime.fromisoformat(claim["at"])
    except (KeyError, TypeError, ValueError):
        return False
    if claim.get("precision") == "day":
        return said.date() == at.date()
    return said == at.replace(microsecond=0)


def _numbers(piece: _Piece) -> Iterator[Problem]:
    there = {revision.number for revision in piece.revisions}
    meant = {look.revision_number for look in piece.observations} | {piece.row.current_revision} - {None}
    wanted = set(range(1, max(there, default=0) + 1)) | {number for number in meant if number is not None}
    for number in sorted(wanted - there):
        yield piece.problem(
            "revision-missing", "the looks at the article speak of it", f"revision {number} of article {piece.row.id}"
        )


# --- looks


def _look(piece: _Piece, row: ObservationRow) -> Iterator[Problem]:
    for said in _of_look(piece, row):
        yield piece.problem("observation-changed", said, f"observation {row.pk} of article {piece.row.id}")


def _of_look(piece: _Piece, row: ObservationRow) -> Iterator[str]:
    if row.outcome not in get_args(Outcome):
        yield f"`{row.outcome}` is no outcome of a look"
        return
    yield from _revision_of_look(piece, row)
    capture = piece.captured(row)
    if capture is not None:
        yield from _capture_of_look(piece, row, capture)


def _revision_of_look(piece: _Piece, row: ObservationRow) -> Iterator[str]:
    if row.revision_number is not None and row.outcome not in _SHOWS_TEXT:
        yield f"it shows revision {row.revision_number}, which a look with the outcome `{row.outcome}` cannot"
    wrote = [r for r in piece.revisions if r.capture_pk == row.capture_pk and row.capture_pk is not None]
    if wrote and row.outcome not in ("changed", "same"):
        yield f"revision {wrote[0].number} was read from it, and its outcome is `{row.outcome}`"
    if wrote and row.outcome == "same" and not piece.has_past_looks and not piece.was_withheld:
        yield f"revision {wrote[0].number} was read from it, and its outcome is `same`"
    if row.outcome == "changed" and row.revision_number is None and row.text_digest is None:
        yield "it shows a changed text, and names neither a revision nor a digest"


def _capture_of_look(piece: _Piece, row: ObservationRow, capture: CaptureRow) -> Iterator[str]:
    if row.outcome in ("missing", "gone") and capture.status < 300 and not (row.detail or ""):
        yield f"its outcome is `{row.outcome}`, and the server had answered {capture.status}"
    if row.outcome in ("same", "changed") and capture.status >= 400:
        yield f"its outcome is `{row.outcome}`, and the server had answered {capture.status}"
    if piece.origin(row) == "live" and capture.captured_at > row.observed_at + SLACK:
        yield f"it was made at {row.observed_at.isoformat()}, before its capture at {capture.captured_at.isoformat()}"
    if row.text_digest is not None and ":" not in row.text_digest:
        yield "its digest of the text is none"


# --- the article


def _article(piece: _Piece) -> Iterator[Problem]:
    for said in _of_article(piece):
        yield piece.problem("article-changed", said)


def _of_article(piece: _Piece) -> Iterator[str]:
    captures = [capture for look in piece.observations if (capture := piece.captured(look)) is not None]
    yield from _state(piece)
    yield from _place_of_article(piece, captures)
    yield from _revision_shown(piece)
    yield from _counts(piece)
    yield from _times(piece, piece.own, captures)
    yield from _last_status(piece)
    yield from _marks(piece)
    yield from _page_of_article(piece, captures)


def _state(piece: _Piece) -> Iterator[str]:
    row = piece.row
    if row.status not in get_args(ArticleStatus):
        yield f"`{row.status}` is no status of an article"
    if row.text_scope not in get_args(TextScope):
        yield f"`{row.text_scope}` is no scope of a text"


def _place_of_article(piece: _Piece, captures: list[CaptureRow]) -> Iterator[str]:
    """Its addresses and its source, as the captures and the aliases have them."""
    row = piece.row
    if captures and row.url not in {capture.final_url for capture in captures}:
        yield f"no capture of it is of its address {row.url}"
    keys = {alias.url_key for alias in piece.aliases}
    if keys and url_key(row.canonical_url) not in keys and row.moved_to_pk is None and not _named(piece):
        yield f"its canonical address {row.canonical_url} is none of those under which it is filed"
    if any(capture.source_id != row.source_id for capture in captures):
        yield f"captures of it are of another source than {row.source_id}"
    if any(alias.source_id != row.source_id for alias in piece.aliases):
        yield f"addresses of it are of another source than {row.source_id}"


def _revision_shown(piece: _Piece) -> Iterator[str]:
    row, own, looks = piece.row, piece.own, piece.observations
    if row.state_capture_pk is not None and all(look.capture_pk != row.state_capture_pk for look in looks):
        yield "the capture that it is compared with is that of no look at it"
    if row.current_revision is None and piece.revisions and row.status != "withheld":
        yield "it has revisions, and shows none of them"
    shown = [look.revision_number for look in own if look.revision_number is not None]
    if shown and not piece.has_past_looks and row.current_revision != shown[-1]:
        yield f"it shows revision {row.current_revision}, and its last look showed revision {shown[-1]}"


def _counts(piece: _Piece) -> Iterator[str]:
    row, own = piece.row, piece.own
    if row.looks != len(own):
        yield f"it counts {row.looks} looks, and {len(own)} are there"
    edits = sum(look.outcome == "changed" for look in own[1:])
    if not piece.has_past_looks and row.changes != edits:
        yield f"it counts {row.changes} changes, and its looks show {edits}"


def _last_status(piece: _Piece) -> Iterator[str]:
    row = piece.row
    if row.status == "withheld" or piece.has_past_looks:
        return
    told = [look.outcome for look in piece.own if look.outcome != "failed"]
    if told and row.status not in _STATUS_AFTER[told[-1]]:
        yield f"its status is `{row.status}`, and the outcome of its last look was `{told[-1]}`"


def _marks(piece: _Piece) -> Iterator[str]:
    """What its publisher marked with `noarchive` bears that mark here, or an export would hand it on; and nothing else bears it."""
    shown = [
        (look, capture)
        for look in piece.observations
        if look.outcome in (*_SHOWS_TEXT, "paywalled") and (capture := piece.captured(look)) is not None
    ]
    yield from _mark_of_article(piece, [capture for _, capture in shown])
    in_time = sorted(shown, key=lambda each: each[1].captured_at)
    yield from _marks_of_revisions(piece, {look.revision_number: capture for look, capture in in_time})


def _mark_of_article(piece: _Piece, shown: Sequence[CaptureRow]) -> Iterator[str]:
    own = [capture for capture in shown if capture.origin == "live"]
    if not own:
        return
    said, marked = rights_of(own[-1].rights).noarchive, rights_of(piece.row.rights).noarchive
    if said and not marked:
        yield "its publisher said noarchive at the last look, and it does not bear the mark"
    if marked and not said and not piece.has_past_looks and piece.row.status != "withheld":
        yield "it bears the mark noarchive, which its publisher did not give it at the last look"


def _marks_of_revisions(piece: _Piece, last: Mapping[int | None, CaptureRow]) -> Iterator[str]:
    """`last` has the capture of the last look that showed a revision, by its number."""
    for revision in piece.revisions:
        if (capture := last.get(revision.number)) is None:
            continue
        said = rights_of(capture.rights).noarchive
        # An archive from before there were marks has none for the looks that withheld a text.
        if said != revision.noarchive and not (said and capture.kept == "withheld"):
            given = "does not bear it" if said else "bears it"
            yield f"the mark noarchive of revision {revision.number} is not that of its last look: it {given}"


def _page_of_article(piece: _Piece, captures: list[CaptureRow]) -> Iterator[str]:
    row = piece.row
    digests = {capture.content_digest for capture in captures}
    if row.content_digest is not None and row.content_digest not in digests:
        yield "the digest of its page is that of no capture"
    for name, value in (("etag", row.etag), ("last-modified", row.last_modified)):
        sent = {v for capture in captures for key, v in capture.headers if str(key).lower() == name}
        if value is not None and value not in sent:
            yield f"no server sent its {name}"


def _named(piece: _Piece) -> bool:
    """Return whether the canonical address belongs to another article of the source, which had it first."""
    return any(alias.kind == "canonical" for alias in piece.aliases) and piece.row.status == "moved"


def _times(piece: _Piece, own: list[ObservationRow], captures: list[CaptureRow]) -> Iterator[str]:
    row, looks = piece.row, piece.observations
    if not looks:
        yield "no look at it is there"
        return
    if row.first_seen_at != looks[0].observed_at:
        yield f"it was first seen at {row.first_seen_at.isoformat()}, and first looked at {looks[0].observed_at.isoformat()}"
    if own and row.looked_at != own[-1].observed_at:
        yield f"it was last looked at {row.looked_at.isoformat()}, and the last look was {own[-1].observed_at.isoformat()}"
    when = {look.observed_at for look in own} | {c.captured_at for c in captures if c.origin != "live"}
    for name, at in (("last seen", row.last_seen_at), ("changed", row.changed_at)):
        if at not in when:
            yield f"it was {name} at {at.isoformat()}, when nobody looked at it"


# --- captures


def _capture(piece: _Piece, row: CaptureRow) -> Iterator[Problem]:
    for said in _of_capture(row):
        yield Problem(
            "capture-changed",
            said,
            f"capture {row.pk} of article {piece.row.id}",
            row.source_id,
            row.url,
            row.warc_file,
            row.warc_offset,
            row.pk,
        )


def _of_capture(row: CaptureRow) -> Iterator[str]:
    if row.url_key != url_key(row.url):
        yield f"its key is that of another address: {row.url_key}"
    if row.origin not in get_args(OriginKind):
        yield f"`{row.origin}` is no origin"
    if (row.origin == "live") != (row.origin_url is None) or (row.origin_offset is not None) != (row.origin == "warc"):
        yield "its origin and its place of origin contradict each other"
    yield from _keeping(row)
    yield from _answer(row)


def _keeping(row: CaptureRow) -> Iterator[str]:
    """How it is kept, where, and whether the publisher allows that."""
    stored = row.kept in ("response", "revisit")
    place = (row.warc_file, row.warc_offset, row.warc_length, row.warc_record_id)
    if row.kept not in ("response", "revisit", "digest", "withheld"):
        yield f"`{row.kept}` is no way of keeping a capture"
    elif stored != all(part is not None for part in place) or (not stored and any(part is not None for part in place)):
        yield f"it is kept as `{row.kept}`, and its place in a WARC file says otherwise"
    if (row.kept == "withheld") != (row.withheld_because is not None):
        yield f"it is kept as `{row.kept}`, and withheld because of: {row.withheld_because}"
    if row.withheld_because == "noarchive" and not row.rights.get("noarchive"):
        yield "it was withheld because of noarchive, which the publisher did not say"
    if row.withheld_because == "tdm-reservation" and not row.rights.get("tdm_reservation"):
        yield "it was withheld because of a TDM reservation, which the publisher did not make"


def _answer(row: CaptureRow) -> Iterator[str]:
    """What the server answered, and when."""
    if row.origin == "live" and row.requested_at > row.captured_at + SLACK:
        yield f"it was asked for at {row.requested_at.isoformat()}, after it had been captured"
    if row.redirects and row.origin == "live" and row.redirects[0]["url"] != row.url:
        yield "its first redirect is that of another address"
    if row.length < 0 or (row.payload_digest == _NOTHING) != (row.length == 0):
        yield f"its body has {row.length} bytes, and its digest is that of another body"
    if not 100 <= row.status <= 999:
        yield f"{row.status} is no status of HTTP"
    for digest in (row.payload_digest, row.content_digest):
        if digest is not None and not _is_digest(digest):
            yield f"{digest!r} is no digest"


def _is_digest(text: str) -> bool:
    kind, _, hexed = text.partition(":")
    return kind == "sha256" and len(hexed) == 64 and set(hexed) <= set("0123456789abcdef")


# --- what stands beside


def _addresses(piece: _Piece) -> Iterator[Problem]:
    for row in piece.aliases:
        subject = f"address {row.url} of article {piece.row.id}"
        if row.url_key != url_key(row.url):
            yield piece.problem("address-changed", f"its key is that of another address: {row.url_key}", subject)
        if row.kind not in get_args(AliasKind):
            yield piece.problem("address-changed", f"`{row.kind}` is no kind of address", subject)


def _beside(piece: _Piece) -> Iterator[Problem]:
    for claim in piece.lineage:
        subject = f"origin of article {piece.row.id}"
        if claim.relation not in get_args(Relation):
            yield piece.problem("article-changed", f"`{claim.relation}` is no relation between articles", subject)
        if claim.url_key != (url_key(claim.url) if claim.url else (claim.name or "")):
            yield piece.problem("article-changed", "it is filed under the key of another address or name", subject)
    when = {capture.captured_at for capture in piece.captures.values()}
    when |= {look.observed_at for look in piece.observations}
    for placed in piece.placements:
        if placed.since not in when or not set(placed.changes) <= set(KINDS):
            said = f"no page that shows it was captured at {placed.since.isoformat()}: {json.dumps(placed.changes)}"
            yield piece.problem("revision-changed", said, f"place in time of a revision of article {piece.row.id}")
