"""Whether what differs between two looks changes by itself: the counter and the clock of the site, not the text. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from archive.model.decisions.decide import changed_kinds
from archive.model.revision import FieldHashes, State, rest_of
from archive.model.text.changing_lines import LINE, SENTENCE

MOST_OTHERS = 60
"""Articles of the source that are asked, those found last."""

_LINES = (f"{LINE} ", f"{SENTENCE} ")


@dataclass(frozen=True, slots=True)
class _Proof:
    """How many other articles must bear a line, at least, and which share of them."""

    articles: int
    share: float


_CHANGED = _Proof(2, 0.25)
_APPEARED = _Proof(3, 0.1)
"""A line that was learnt to recur, as it stood at one look, is no longer read of most pages. Few states of that time bear it."""
_SENTENCE = _Proof(5, 0.8)
"""A sentence is the article's own, unless nearly all articles have it: "You have 2 free articles left"."""


def lines_of(hashes: FieldHashes) -> frozenset[str]:
    """The keys of the lines of a state that may change by themselves."""
    return frozenset(key for key in hashes if key.startswith(_LINES))


def lines_apart(new: State, old: State) -> frozenset[str]:
    """The keys of the lines in which two states differ, if they differ in nothing but lines that may change by themselves.

    It is empty where they differ in more, or cannot be compared.
    """
    changes = changed_kinds(new.hashes, old.hashes)
    if new.comparer != old.comparer or not changes or not {"lead", "body"}.issuperset(changes):
        return frozenset()
    keys = lines_of(new.hashes) | lines_of(old.hashes)
    if not keys or rest_of(new.hashes) != rest_of(old.hashes):
        return frozenset()
    return frozenset(key for key in keys if new.hashes.get(key) != old.hashes.get(key))


def change_by_themselves(new: State, old: State, others: Sequence[Collection[str]]) -> bool:
    """Return whether two states differ in nothing but lines of the site that change by themselves.

    `others` has, for each of the source's other articles, the keys of its lines. A line whose number changed is the site's if some
    of them bear it too. More must bear one that appeared or vanished, and nearly all a sentence.
    """
    keys = lines_apart(new, old)
    return bool(keys) and all(_is_borne(key, others, _proof(key, new, old)) for key in keys)


def _proof(key: str, new: State, old: State) -> _Proof:
    if key.startswith(SENTENCE):
        return _SENTENCE
    return _CHANGED if key in new.hashes and key in old.hashes else _APPEARED


def _is_borne(key: str, others: Sequence[Collection[str]], proof: _Proof) -> bool:
    bearing = sum(key in keys for keys in others)
    return bearing >= max(proof.articles, proof.share * len(others))
