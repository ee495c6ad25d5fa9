"""What a look at a known article means: the same text, a revision, or a text that goes back and forth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from archive.model.revision import ChangeKind, FieldHashes, State

KINDS: tuple[ChangeKind, ...] = ("headline", "lead", "body", "byline", "date", "caption")

# What a page may leave out for a moment without the publisher having edited anything: a look that lacks them says
# nothing about them. An article whose body vanishes is no edit either: the gate judges such pages.
MAY_BE_UNKNOWN: frozenset[ChangeKind] = frozenset({"headline", "body", "date"})

DecisionKind = Literal["new", "revised", "unchanged", "flapping", "incomparable"]


@dataclass(frozen=True, slots=True)
class EarlierRevision:
    """An earlier revision of the article, as far as the decision needs it."""

    number: int
    state: State


@dataclass(frozen=True, slots=True)
class Decision:
    """What a look means.

    `changes` has the kinds of change against the state last seen. `earlier` is the number of the revision that came back. It is
    None unless the text flaps. `by_itself` says that what differs is lines of the site that change by themselves.
    """

    kind: DecisionKind
    changes: tuple[ChangeKind, ...] = ()
    earlier: int | None = None
    by_itself: bool = False


def changed_kinds(new: FieldHashes, old: FieldHashes) -> tuple[ChangeKind, ...]:
    """The kinds in which two states differ, in the order of KINDS."""
    return tuple(
        kind
        for kind in KINDS
        if new.get(kind) != old.get(kind)
        and not (kind in MAY_BE_UNKNOWN and (new.get(kind) is None or old.get(kind) is None))
    )


def decide(new: State, current: State | None, past: Sequence[EarlierRevision] = ()) -> Decision:
    """What a reading with state `new` means for an article.

    `current` is the state last seen. None means that the article has no revision yet. `past` has its revisions, oldest first.
    A current state of another extractor is `incomparable`: our own change must never become the publisher's edit.
    A -> B -> A makes three revisions. When a state comes back for the second time (A -> B -> A -> B, or A -> B -> A -> C -> A)
    nothing new has been published: `flapping`, an observation that names the earlier revision.
    """
    if current is None:
        return Decision("new")
    if new.comparer != current.comparer:
        return Decision("incomparable")
    changes = changed_kinds(new.hashes, current.hashes)
    if not changes:
        return Decision("unchanged")
    same = [p.number for p in past if same_state(new, p.state)]
    if same and (len(same) > 1 or _already_returned(past)):
        return Decision("flapping", changes, earlier=same[-1])
    return Decision("revised", changes)


def _already_returned(past: Sequence[EarlierRevision]) -> bool:
    """Return whether any state among the revisions has come back once. Then a further return is flapping."""
    return any(same_state(later.state, earlier.state) for i, later in enumerate(past) for earlier in past[:i])


def same_state(one: State, other: State) -> bool:
    """Return whether two states are the same.

    What two extractors read differently says nothing. What both read alike, to the last field, is the same state, so a template
    that was learnt meanwhile does not hide that a text came back.
    """
    if one.comparer == other.comparer:
        return not changed_kinds(one.hashes, other.hashes)
    return all(one.hashes.get(kind) == other.hashes.get(kind) for kind in KINDS)


def hashes_to_compare(new: State, before: State | None) -> FieldHashes:
    """The hashes with which the next look is compared. A field that this look did not show keeps the hash last known."""
    if before is None or before.comparer != new.comparer:
        return dict(new.hashes)
    known = {
        kind: before.hashes.get(kind) if value is None and kind in MAY_BE_UNKNOWN else value
        for kind, value in new.hashes.items()
    }
    if new.hashes.get("body") is None:  # then the lines of the text are not known either
        known |= {name: value for name, value in before.hashes.items() if name not in KINDS}
    return known
