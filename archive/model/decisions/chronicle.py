"""Chronicle: where a capture of the past stands among the looks at its article, and what it means there. Pure.

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

from archive.model.decisions.decide import Decision, Past, changed_kinds, decide, same_state
from archive.model.revision import ChangeKind, State

Place = tuple[datetime, str, str, int]
"""Where a look stands in time. Of captures of one second the order is that of origin and digest, so that it does not depend on
which was filed first; our own looks stand as they were made."""

_LATER = 1 << 62


def place(at: datetime, origin: str, digest: str | None, row: int = _LATER) -> Place:
    """`row`: key of the look's row; without one it comes after all that have one."""
    return at, origin, "" if origin == "live" else digest or "", row


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of the look after a capture of the past.

    `same`: the capture shows its text already, so that it changes nothing any more. `differs`: it differs from the capture in
    `changes`. `returns`: its text, which the capture parts from the same one before, has come back, in `changes`; `flaps`: as
    before, and once too often for a revision.
    """

    kind: Literal["same", "differs", "returns", "flaps"]
    changes: tuple[ChangeKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a capture of the past means at its place. `revision`: the known one that it shows; None: it makes one, or (where
    the decision is `incomparable`) shows none that we could name."""

    decision: Decision
    revision: int | None = None
    next: Next | None = None


def stand(new: State, before: Sequence[int], after: int | None, states: Mapping[int, State]) -> Standing:
    """What a capture with state `new` means between the looks that showed the revisions `before` (oldest first) and the
    one that shows `after` (None: it is the latest). `states` of the revisions; of those next to it as today's extractor reads
    them, where their bytes are kept."""
    last = before[-1] if before else None
    previous = states[last] if last is not None else None
    following = states[after] if after is not None else None
    if previous is not None and same_state(new, previous):
        return Standing(Decision("unchanged"), last)
    comparable = previous is None or previous.comparer == new.comparer
    past = [Past(number, states[number]) for number in dict.fromkeys(before)]
    if comparable and following is not None and same_state(new, following):
        return Standing(decide(new, previous, past), after, Next("same"))
    if not comparable or (previous is None and following is not None and following.comparer != new.comparer):
        return Standing(Decision("incomparable"))
    decision = decide(new, previous, past)
    revision = decision.earlier
    if following is None or following.comparer != new.comparer:
        return Standing(decision, revision)
    changes = changed_kinds(following.hashes, new.hashes)
    if after != last:
        return Standing(decision, revision, Next("differs", changes))
    returned = decide(following, new, past if revision is not None else [*past, Past(0, new)])
    return Standing(decision, revision, Next("flaps" if returned.kind == "flapping" else "returns", changes))
