"""Differences between two revisions: by paragraph, and by word inside paragraphs that were rewritten. Pure.

Scripts written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan) are compared by character.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Literal, Protocol
from unicodedata import category

from archive.model.article import Caption, ClaimedTime

PartOp = Literal["equal", "deleted", "inserted"]
ParagraphOp = Literal["changed", "deleted", "inserted"]
Field = Literal["title", "lead", "body", "authors", "captions", "published"]

ALIKE = 0.3
"""Share of words in common from which a paragraph counts as rewritten; below it, one was deleted and another inserted."""

_EXACT = 1_000_000
"""Old times new items up to which every item is compared; above it difflib leaves out very frequent ones."""
_LARGEST = 64_000_000
"""Old times new items from which nothing is compared: one is replaced by the other."""
_PAIRINGS = 10_000
"""Old times new paragraphs of one replaced block up to which the best pairs are looked for."""
_SAMPLE = 2_000
"""Characters at the start of a paragraph by which likeness is judged."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a paragraph. The equal and deleted parts make the old paragraph, the equal and inserted parts the new one."""

    op: PartOp
    text: str


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """A paragraph that is not the same in both texts.

    `old` and `new` are its numbers there, from 1. A number is None where the text does not have it.
    """

    op: ParagraphOp
    old: int | None
    new: int | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs. Authors and captions are one paragraph each. `published` is the time as exported."""

    field: Field
    changes: tuple[ParagraphChange, ...]


class Comparable(Protocol):
    """What `diff_revisions` reads of a revision."""

    @property
    def title(self) -> str | None: ...
    @property
    def lead(self) -> str | None: ...
    @property
    def body(self) -> str | None: ...
    @property
    def authors(self) -> Sequence[str]: ...
    @property
    def captions(self) -> Sequence[Caption]: ...
    @property
    def published(self) -> ClaimedTime | None: ...


def diff_revisions(old: Comparable, new: Comparable) -> list[FieldChange]:
    """The fields that differ between two revisions, in reading order."""
    fields: tuple[tuple[Field, str | None, str | None], ...] = (
        ("title", old.title, new.title),
        ("lead", old.lead, new.lead),
        ("body", old.body, new.body),
        ("authors", _lines(old.authors), _lines(new.authors)),
        ("captions", _lines(map(_caption, old.captions)), _lines(map(_caption, new.captions))),
    )
    found = [FieldChange(name, tuple(diff_text(before, after))) for name, before, after in fields]
    found.append(FieldChange("published", tuple(_replaced_value(_time(old.published), _time(new.published)))))
    return [field for field in found if field.changes]


def diff_text(old: str | None, new: str | None) -> list[ParagraphChange]:
    """The paragraphs (lines) that differ between two texts, in the order of the new one. None is a text without paragraphs."""
    before, after = _paragraphs(old), _paragraphs(new)
    changes: list[ParagraphChange] = []
    for tag, i1, i2, j1, j2 in _opcodes(before, after):
        if tag != "equal":
            changes.extend(_block(before, after, range(i1, i2), range(j1, j2)))
    return changes


def diff_words(old: str, new: str) -> tuple[Part, ...]:
    """Compare two paragraphs word by word. Very long ones that differ all over come back as replaced in one piece."""
    start, end = _common(old, new)
    head, tail = old[:start], old[len(old) - end :]
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    parts = [Part("equal", head)]
    if (len(middle_old) + 1) * (len(middle_new) + 1) > 16 * _LARGEST:
        parts += _replaced(middle_old, middle_new)
    else:
        a, b = split_words(middle_old), split_words(middle_new)
        for tag, i1, i2, j1, j2 in _opcodes(a, b):
            if tag == "equal":
                parts.append(Part("equal", "".join(a[i1:i2])))
            else:
                gone, come = "".join(a[i1:i2]), "".join(b[j1:j2])
                blank = _common_blank(gone, come)
                parts += [
                    *_replaced(gone[: len(gone) - blank], come[: len(come) - blank]),
                    Part("equal", gone[len(gone) - blank :]),
                ]
    parts.append(Part("equal", tail))
    return tuple(_joined(parts))


def split_words(text: str) -> list[str]:
    """The smallest pieces that a diff distinguishes. Joined they give `text`. White space belongs to the word before it."""
    pieces: list[str] = []
    previous = ""
    for char in text:
        kind = _kind(char)
        joins = kind == "space" or kind == "mark" or (kind == "letter" and previous == "letter")
        if pieces and joins:
            pieces[-1] += char
        else:
            pieces.append(char)
        if kind != "mark":  # a mark belongs to the letter before it and does not end the word
            previous = kind
    return pieces


def as_dicts(changes: Sequence[FieldChange]) -> list[dict[str, Any]]:
    """The changes as JSON holds them."""
    return [asdict(change) for change in changes]


# --- paragraphs


def _paragraphs(text: str | None) -> list[str]:
    return text.split("\n") if text else []


def _block(before: Sequence[str], after: Sequence[str], old: range, new: range) -> Iterator[ParagraphChange]:
    """A replaced stretch: each paragraph is rewritten into its likest counterpart, deleted, or inserted; order is kept."""
    i, j = old.start, new.start
    for left, right in [*_pairs(before, after, old, new), (old.stop, new.stop)]:
        for number in range(i, left):
            yield ParagraphChange("deleted", number + 1, None, (Part("deleted", before[number]),))
        for number in range(j, right):
            yield ParagraphChange("inserted", None, number + 1, (Part("inserted", after[number]),))
        if left < old.stop:
            yield ParagraphChange("changed", left + 1, right + 1, diff_words(before[left], after[right]))
        i, j = left + 1, right + 1


def _pairs(before: Sequence[str], after: Sequence[str], old: range, new: range) -> list[tuple[int, int]]:
    """Which old paragraph became which new one: pairs in order with the greatest likeness in all."""
    if len(old) * len(new) > _PAIRINGS:
        return list(zip(old, new, strict=False))
    bags_old, bags_new = [_bag(before[i]) for i in old], [_bag(after[j]) for j in new]
    rows, columns = len(old), len(new)
    likeness = [[_likeness(a, b) for b in bags_new] for a in bags_old]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            paired = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if likeness[i][j] >= ALIKE and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _bag(paragraph: str) -> Counter[str]:
    words = (word.strip().casefold() for word in split_words(paragraph[:_SAMPLE]))
    return Counter(word for word in words if word and word[0].isalnum())


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    """Words in common over words of both: 1 for the same bag, 0 for nothing in common."""
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 1.0


# --- words


@lru_cache(maxsize=65536)
def _kind(char: str) -> Literal["space", "mark", "letter", "single"]:
    if char.isspace():
        return "space"
    point = ord(char)
    unspaced = (
        0x0E00 <= point <= 0x0FFF  # Thai, Lao, Tibetan
        or 0x1000 <= point <= 0x109F  # Burmese
        or 0x1780 <= point <= 0x17FF  # Khmer
        or 0x2E80 <= point <= 0x31FF  # CJK radicals, Kana, Bopomofo
        or 0x3400 <= point <= 0x9FFF  # CJK ideographs
        or 0xF900 <= point <= 0xFAFF
        or 0xFF66 <= point <= 0xFF9F  # half-width Kana
        or 0x1B000 <= point <= 0x1B16F
        or 0x20000 <= point <= 0x3FFFF
    )
    kind = category(char)
    if kind in ("Mn", "Mc", "Me") or char in "\u200c\u200d":
        return "mark"
    return "letter" if kind[0] in "LN" and not unspaced else "single"


def _common(old: str, new: str) -> tuple[int, int]:
    """How many characters at the start and at the end are the same, both cut back to where a word ends.

    By bisection, because a paragraph of two megabytes is compared in a blink as a slice and not character by character.
    """
    shorter = min(len(old), len(new))
    start = _bisect(shorter, lambda n: old[:n] == new[:n])
    while start and not (_ends(old, start) and _ends(new, start)):
        start -= 1
    rest = shorter - start
    end = _bisect(rest, lambda n: n == 0 or old[-n:] == new[-n:])
    while end and not (_ends(old, len(old) - end) and _ends(new, len(new) - end)):
        end -= 1
    return start, end


def _bisect(most: int, holds: Callable[[int], bool]) -> int:
    """The largest number up to `most` for which `holds` is true; true for 0, and once false always false."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _ends(text: str, at: int) -> bool:
    """Return whether `split_words` would cut `text` at this place."""
    if at in (0, len(text)):
        return True
    after = _kind(text[at])
    return after == "single" or (after == "letter" and _kind(text[at - 1]) in ("space", "single"))


def _opcodes(a: Sequence[str], b: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """As difflib's, within the limits above: its time grows with old times new items."""
    size = len(a) * len(b)
    if size > _LARGEST:
        start = _prefix(a, b)
        end = _prefix(a[start:][::-1], b[start:][::-1])
        i, j = len(a) - end, len(b) - end
        return [("equal", 0, start, 0, start), ("replace", start, i, start, j), ("equal", i, len(a), j, len(b))]
    return list(SequenceMatcher(None, a, b, autojunk=size > _EXACT).get_opcodes())


def _prefix(a: Sequence[str], b: Sequence[str]) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _common_blank(a: str, b: str) -> int:
    """Length of the white space at the end of both."""
    count = 0
    while count < min(len(a), len(b)) and a[-1 - count] == b[-1 - count] and a[-1 - count].isspace():
        count += 1
    return count


def _replaced(old: str, new: str) -> list[Part]:
    return [Part("deleted", old), Part("inserted", new)]


def _joined(parts: Sequence[Part]) -> Iterator[Part]:
    """Without empty parts; neighbours of one kind in one piece."""
    held: Part | None = None
    for part in parts:
        if not part.text:
            continue
        if held and held.op == part.op:
            held = Part(part.op, held.text + part.text)
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


# --- fields as text


def _lines(items: Iterable[str]) -> str:
    return "\n".join(item.replace("\n", " ") for item in items)


def _caption(caption: Caption) -> str:
    credit = f" ({caption.credit})" if caption.credit else ""
    return f"{caption.text or caption.image_url or ''}{credit}".strip()


def _replaced_value(old: str | None, new: str | None) -> Iterator[ParagraphChange]:
    """A value that is read as a whole: a date with two other digits is another date."""
    if old != new and old is not None:
        yield ParagraphChange("deleted", 1, None, (Part("deleted", old),))
    if old != new and new is not None:
        yield ParagraphChange("inserted", None, 1, (Part("inserted", new),))


def _time(claim: ClaimedTime | None) -> str | None:
    return claim.isoformat() if claim else None
