"""Names that were probably meant by what was typed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

MOST = 3
ALIKE = 0.6
"""Share of characters in common (difflib's ratio) from which on two words count as alike."""


def closest(word: str, known: Iterable[str]) -> list[str]:
    """The names that are most like `word`, best first.

    First come those that begin with it or have it as a part, then those that are spelt alike. Case does not matter.
    """
    names = list(dict.fromkeys(known))
    wanted = word.strip().lower()
    if not wanted:
        return []
    folded = {name.lower(): name for name in names}
    begin = sorted((low for low in folded if low.startswith(wanted)), key=lambda low: (len(low), low))
    part = sorted((low for low in folded if _is_part(wanted, low)), key=lambda low: (len(low), low))
    alike = get_close_matches(wanted, list(folded), n=MOST, cutoff=ALIKE)
    return [folded[low] for low in dict.fromkeys((*begin, *part, *alike))][:MOST]


def did_you_mean(words: Sequence[str], known: Iterable[str]) -> str:
    """The words ` (did you mean …?)` for names of which none is known, or the empty string."""
    names = list(known)
    meant = list(dict.fromkeys(name for word in words for name in closest(word, names)))[:MOST]
    return f" (did you mean {_listed(meant)}?)" if meant else ""


def _is_part(wanted: str, name: str) -> bool:
    """Return whether all parts of an id that was typed are in the other one: `mofa-kr` in `kr-mofa`."""
    parts = set(wanted.replace("_", "-").split("-"))
    return parts <= set(name.split("-"))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
