"""What a capture of the past means between the looks at its article. Pure.

A look of our own is the latest there is, and is compared with what came before it (`decide`). A capture of the past comes
between two looks, and may change what the later one means:

    A            A   and  A between:   the same as its neighbour, an observation
    A            C   and  B between:   a revision; C now differs from B instead of A
    A            A   and  B between:   a revision; and the later A is a return, a revision of its own
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.model.decisions.decide import Decision, EarlierRevision, changed_kinds, decide, same_state
from archive.model.revision import ChangeKind, State

TimeKey = tuple[datetime, str, str, int]
"""The key by which the looks at an article are sorted in time.

Captures of one second are sorted by origin and digest, so that their order does not depend on which was recorded first. Our own
looks are in the order in which they were made."""

_LATER = 1 << 62


def time_key(at: datetime, origin: str, digest: str | None, row: int = _LATER) -> TimeKey:
    """The place in time of a look. `row` is the key of its row; a look without one comes after all that have one."""
    return at, origin, "" if origin == "live" else digest or "", row


@dataclass(frozen=True, slots=True)
class NextLook:
    """What the look after a capture of the past means, now that the capture is known.

    - `same`: the capture shows its text already, so it changes nothing any more.
    - `differs`: it differs from the capture in `changes`.
    - `returns`: the capture parts it from an earlier look at the same text, so that text has come back, in `changes`.
    - `flaps`: as `returns`, but the text came back once too often for a revision.
    """

    kind: Literal["same", "differs", "returns", "flaps"]
    changes: tuple[ChangeKind, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoricalDecision:
    """What a capture of the past means at its place in time.

    `revision` is the number of the known revision that it shows. None means that it makes a revision or, where the decision is
    `incomparable`, that it shows none that could be named. `next` is None where the look after it means what it meant before.
    """

    decision: Decision
    revision: int | None = None
    next: NextLook | None = None


def decide_historical(
    new: State, before: Sequence[int], after: int | None, states: Mapping[int, State]
) -> HistoricalDecision:
    """What a capture of the past with state `new` means between two looks.

    The looks before it showed the revisions `before` (oldest first), the next look showed the revision `after`. An `after` of
    None means that the capture is the latest. `states` has the state of each revision. Those next to the capture are as today's
    extractor reads them, where their bytes are kept.
    """
    last = before[-1] if before else None
    previous = states[last] if last is not None else None
    following = states[after] if after is not None else None
    if previous is not None and same_state(new, previous):
        return HistoricalDecision(Decision("unchanged"), last)
    past = [EarlierRevision(number, states[number]) for number in dict.fromkeys(before)]
    comparable = _is_comparable(new, previous)
    if comparable and following is not None and same_state(new, following):
        return HistoricalDecision(decide(new, previous, past), after, NextLook("same"))
    if not comparable or (previous is None and not _is_comparable(new, following)):
        return HistoricalDecision(Decision("incomparable"))
    decision = decide(new, previous, past)
    shown = past if decision.earlier is not None else [*past, EarlierRevision(0, new)]
    next_look = _next_look(new, following, shown if after == last else None)
    return HistoricalDecision(decision, decision.earlier, next_look)


def _next_look(new: State, following: State | None, shown: Sequence[EarlierRevision] | None) -> NextLook | None:
    """What the next look means, whose state is `following` and differs from that of the capture.

    `shown` has the revisions up to the capture if the next look shows the text from before the capture again, else it is None.
    The answer is None where there is no next look, or none that can be compared.
    """
    if following is None or not _is_comparable(new, following):
        return None
    changes = changed_kinds(following.hashes, new.hashes)
    if shown is None:
        return NextLook("differs", changes)
    returned = decide(following, new, shown)
    return NextLook("flaps" if returned.kind == "flapping" else "returns", changes)


def _is_comparable(new: State, other: State | None) -> bool:
    """Return whether a capture can be compared with its neighbour in time. It can be if there is no neighbour."""
    return other is None or other.comparer == new.comparer
