"""Texts that an expression may take too long over, made from the expression itself.

An expression takes longer than its text is long where something that repeats can be divided in more than one way, or is begun
again at each place of the text. Both show on texts of one piece repeated: what stands before the repetition, then the piece
many times, then something that fits nowhere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from time import thread_time
from typing import Any

_ENDS = ("", "\0", "!", "<", "x")


def hard_texts(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Texts of about `size` characters, for each repetition of the expression."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    pumps = {(before, piece) for before, piece in _repetitions(list(tree), "") if piece}
    for before, piece in sorted(pumps):
        many = piece * (size // len(piece))
        for end in _ENDS:
            yield before + many + end
        whole = before + piece
        yield whole * (size // len(whole))
        if before:
            yield before * (size // len(before))


def seconds(pattern: re.Pattern[Any], text: str | bytes, tries: int = 3) -> float:
    """The CPU time of a search, the best of some: what else the machine does is not counted."""
    times = []
    for _ in range(tries):
        began = thread_time()
        pattern.search(text)
        times.append(thread_time() - began)
        if times[-1] < 0.001:
            break
    return min(times)


def literals(path: Path) -> Iterator[tuple[int, re.Pattern[Any]]]:
    """The expressions that stand as plain strings in calls of `re` in a Python file, with their lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.args
        ):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                yield node.lineno, re.compile(first.value)


def _repetitions(nodes: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """(what stands before it at the shortest, one piece of it) of each repetition without a small upper bound."""
    for operation, value in nodes:
        match operation:
            case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
                _, most, inner = value
                if most is sre.MAXREPEAT or most > 1_000:
                    for piece in _samples(list(inner)):
                        yield before, piece
                yield from _repetitions(list(inner), before)
            case sre.SUBPATTERN:
                yield from _repetitions(list(value[-1]), before)
            case sre.BRANCH:
                for branch in value[1]:
                    yield from _repetitions(list(branch), before)
            case sre.ASSERT | sre.ASSERT_NOT:
                yield from _repetitions(list(value[1]), before)
            case sre.ATOMIC_GROUP:
                yield from _repetitions(list(value), before)
        before += next(iter(_samples([(operation, value)])), "")


def _samples(nodes: list[Any]) -> list[str]:
    """Some texts that the nodes match, the shortest first."""
    found = [""]
    for operation, value in nodes:
        match operation:
            case sre.LITERAL:
                pieces = [chr(value)]
            case sre.NOT_LITERAL:
                pieces = [_other_than(value)]
            case sre.ANY:
                pieces = ["a", " "]
            case sre.IN:
                pieces = _of_class(value)
            case sre.SUBPATTERN:
                pieces = _samples(list(value[-1]))
            case sre.ATOMIC_GROUP:
                pieces = _samples(list(value))
            case sre.BRANCH:
                pieces = [text for branch in value[1][:6] for text in _samples(list(branch))[:2]]
            case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
                least, most, inner = value
                once = _samples(list(inner))
                pieces = [text * least for text in once] if least else ["", *once] if most else [""]
            case _:
                pieces = [""]
        found = [text + piece for text in found for piece in pieces][:12]
    return list(dict.fromkeys(found))


def _other_than(code: int) -> str:
    return "b" if code == ord("a") else "a"


def _of_class(members: list[Any]) -> list[str]:
    negated = bool(members) and members[0][0] is sre.NEGATE
    given = re.compile("[" + "".join(_written(m) for m in members) + "]")
    wanted = [c for c in " \t\n\xa0a1-_.,;:/A<>\"'=é。年" if given.match(c)]
    if not wanted and not negated:
        wanted = [chr(m[1] if m[0] is sre.LITERAL else m[1][0]) for m in members if m[0] in (sre.LITERAL, sre.RANGE)]
    return wanted[:4] or ["~"]


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _written(member: Any) -> str:
    match member:
        case (sre.NEGATE, _):
            return "^"
        case (sre.LITERAL, code):
            return re.escape(chr(code))
        case (sre.RANGE, (first, last)):
            return f"{re.escape(chr(first))}-{re.escape(chr(last))}"
        case (sre.CATEGORY, name):
            return _CATEGORIES[name]
    raise AssertionError(member)
